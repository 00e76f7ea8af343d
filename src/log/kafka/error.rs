use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::log::LogError;

use super::config::KafkaConfig;
use super::reason::why;

/// The one place where the client library's errors become ours.
pub(super) fn log_error(error: &KafkaError) -> LogError {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownPartition) => {
            LogError::Unsettled("a topic of ours does not exist; create the topics with: payctl topics init".to_owned())
        }
        Some(
            code @ (RDKafkaErrorCode::NotLeaderForPartition
            | RDKafkaErrorCode::LeaderNotAvailable
            | RDKafkaErrorCode::ReplicaNotAvailable
            | RDKafkaErrorCode::FencedLeaderEpoch
            | RDKafkaErrorCode::UnknownLeaderEpoch),
        ) => LogError::Unsettled(code.to_string()),
        Some(
            code @ (RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::InvalidMessageSize
            | RDKafkaErrorCode::MessageBatchTooLarge
            | RDKafkaErrorCode::InvalidTimestamp
            | RDKafkaErrorCode::InvalidRecord),
        ) => LogError::Record(code.to_string()),
        Some(RDKafkaErrorCode::UnsupportedVersion | RDKafkaErrorCode::UnsupportedFeature) => {
            LogError::Refused("the broker does not know this group protocol; use protocol classic, or brokers from 4.0 on".to_owned())
        }
        Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => {
            LogError::Refused("the broker refuses our credentials".to_owned())
        }
        Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::GroupAuthorizationFailed) => {
            LogError::Refused("the broker does not let us use our topics or groups".to_owned())
        }
        Some(code) => LogError::Broker(code.to_string()),
        None => LogError::Broker(error.to_string()),
    }
}

/// The same of a question: brokers that do not answer are named, and what they were asked for.
pub(super) fn unanswered(config: &KafkaConfig, asked: &str, error: &KafkaError) -> LogError {
    match log_error(error) {
        LogError::Broker(said) => LogError::Broker(format!("{} asked for {asked}: {said}", config.brokers)),
        told => told,
    }
}

/// The same where whoever asks may wait for the reason.
pub(super) fn explained(config: &KafkaConfig, asked: &str, error: &KafkaError) -> LogError {
    match unanswered(config, asked, error) {
        LogError::Broker(said) => {
            LogError::Broker(why(config).map_or(said, |reason| format!("{} asked for {asked}: {reason}", config.brokers)))
        }
        told => told,
    }
}

/// Brokers that answer, and do not send what was asked for.
pub(super) fn late(config: &KafkaConfig) -> LogError {
    LogError::Broker(format!("{} did not send records in time", config.brokers))
}

/// Whether the client said that an offset is not in the log.
pub(super) fn is_out_of_range(error: &KafkaError) -> bool {
    matches!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange))
}

/// Whether the client only says that brokers are away: it goes on trying by itself, and a loop that rested would go on later.
pub(super) fn is_outage(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::Resolve)
    )
}
