use std::path::PathBuf;
use std::time::Duration;

use crate::config::{Ambient, Config, Secret};
use crate::ops::{ClientError, DeskClient, OpsError};
use crate::services::Service;
use crate::store::{Class, DeskAnswer, DeskOrder, Store, StoreError, Tx};

/// How often a directory is asked for that somebody holds who does not answer: another console, or a platform that is starting.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(300);

/// How a change of the operator's gets into the database.
pub struct Desk(Way);

enum Way {
    /// A server takes changes from any process.
    Server(Store, Ambient),
    /// One process holds the file: a running platform, which is asked, or else this one for a moment.
    File(Box<FileWay>),
}

struct FileWay {
    data_dir: PathBuf,
    services: Vec<String>,
    /// None where a platform has never run.
    client: Option<DeskClient>,
    ambient: Ambient,
}

impl Desk {
    /// The desk for a database on a server, open for changing it.
    pub const fn of_server(store: Store, ambient: Ambient) -> Self {
        Self(Way::Server(store, ambient))
    }

    /// The desk for the file in the configured directory; `token` is what the platform's services show each other.
    pub fn of_file(config: &Config, token: Option<Secret>, ambient: &Ambient) -> Result<Self, ClientError> {
        Ok(Self(Way::File(Box::new(FileWay {
            data_dir: config.data_dir.clone(),
            services: Service::ALL.iter().map(|service| service.url(config)).collect(),
            client: token.map(DeskClient::new).transpose()?,
            ambient: ambient.clone(),
        }))))
    }

    /// Has an order carried out, in one transaction with its record in the audit trail.
    pub async fn carry_out(&self, order: &DeskOrder) -> Result<DeskAnswer, OpsError> {
        match &self.0 {
            Way::Server(store, ambient) => Ok(in_store(store, order, ambient).await?),
            Way::File(way) => way.carry_out(order).await,
        }
    }
}

async fn in_store(store: &Store, order: &DeskOrder, ambient: &Ambient) -> Result<DeskAnswer, StoreError> {
    let (order, ambient) = (order.clone(), ambient.clone());
    store.write(Class::Background, async move |tx: &mut Tx| tx.at_desk(&order, &ambient, Service::is_ordered_group).await).await
}

impl FileWay {
    async fn carry_out(&self, order: &DeskOrder) -> Result<DeskAnswer, OpsError> {
        let mut last = String::new();
        for _ in 0..TRIES {
            match Store::open(&self.data_dir, &Service::migrations(), &self.ambient) {
                Ok(store) => {
                    let done = in_store(&store, order, &self.ambient).await;
                    store.close();
                    return Ok(done?);
                }
                Err(StoreError::Held(_)) => {}
                Err(error) => return Err(error.into()),
            }
            match self.ask(order).await {
                Ok(answer) => return Ok(answer),
                Err(error @ (ClientError::Unreachable { .. } | ClientError::Refused { status: 409 | 404, .. })) => last = error.to_string(),
                Err(error) => return Err(OpsError::Unreachable(error.to_string())),
            }
            // Whoever holds the directory for a moment tells nobody when it lets go.
            tokio::time::sleep(PAUSE).await;
        }
        let held = StoreError::Held(self.data_dir.display().to_string());
        Err(OpsError::Unreachable(format!("{held}, and it cannot be asked: {last}")))
    }

    /// Asks whichever service of the running platform answers.
    async fn ask(&self, order: &DeskOrder) -> Result<DeskAnswer, ClientError> {
        let Some(client) = &self.client else {
            return Err(ClientError::Broken("PAYCTL_INTERNAL_TOKEN is not set, by which a running platform knows its operator".to_owned()));
        };
        let mut last = ClientError::Unreachable { url: String::new() };
        for base in &self.services {
            match client.carry_out(base, &self.data_dir, order).await {
                Err(error @ (ClientError::Unreachable { .. } | ClientError::Refused { status: 409 | 404, .. })) => last = error,
                done => return done,
            }
        }
        Err(last)
    }
}
