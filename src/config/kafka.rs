use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// Where the log is, when it is not a table of the one file.
#[derive(Debug, Clone, Default)]
pub struct KafkaConfig {
    /// `host:port` of each broker to begin with (`KAFKA_BROKERS`); none means the embedded log.
    pub brokers: Vec<String>,
    /// Goes before the name of every topic and group (`PAYCTL_TOPIC_PREFIX`), so that platforms may share brokers.
    pub topic_prefix: String,
    /// How members of a group share its partitions.
    pub protocol: GroupProtocol,
    /// How connections are protected.
    pub security: Security,
    /// A file of certificates to trust, where it is not the system's.
    pub ca_file: Option<PathBuf>,
    /// How we say who we are, where the broker asks.
    pub sasl_mechanism: String,
    /// Who we are there.
    pub sasl_username: Option<String>,
    /// The password for it.
    pub sasl_password: Option<Secret>,
    /// Copies of a topic that is created; 0 leaves it to the brokers.
    pub replication: u16,
    /// Copies that must have a record before it counts; 0 leaves it to the brokers.
    pub min_insync: u16,
    /// How long whoever asks waits for an answer; where nobody says, as long as the question may take. Of the console only.
    pub patience: Option<Duration>,
}

impl KafkaConfig {
    /// Who we are, where both halves of it are set.
    pub fn sasl(&self) -> Option<Sasl> {
        let (username, password) = (self.sasl_username.clone()?, self.sasl_password.clone()?);
        Some(Sasl { mechanism: self.sasl_mechanism.clone(), username, password })
    }
}

/// Which of Kafka's two protocols tells a group's members what is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GroupProtocol {
    /// KIP-848: the broker assigns; needs brokers from 4.0 on.
    #[default]
    Consumer,
    /// The older protocol, cooperative-sticky.
    Classic,
}

/// How the connection to a broker is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are those of Kafka's security.protocol")]
pub enum Security {
    #[default]
    Plaintext,
    Ssl,
    SaslPlaintext,
    SaslSsl,
}

impl Security {
    /// As Kafka's own settings have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Ssl => "ssl",
            Self::SaslPlaintext => "sasl_plaintext",
            Self::SaslSsl => "sasl_ssl",
        }
    }

    /// Whether a build with TLS is needed; SCRAM needs the same library.
    pub const fn needs_tls_build(self) -> bool {
        !matches!(self, Self::Plaintext)
    }
}

/// Who we are to a broker that asks.
#[derive(Debug, Clone)]
pub struct Sasl {
    /// `SCRAM-SHA-512`, `SCRAM-SHA-256` or `PLAIN`.
    pub mechanism: String,
    /// The user.
    pub username: String,
    /// The password.
    pub password: Secret,
}
