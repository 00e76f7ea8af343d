use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::log::{ForeignPage, ForeignRecord, LogError};

use super::config::Shared;
use super::context::Plain;
use super::error::{log_error, unanswered};

/// How long the brokers may take for an answer, and for the next record.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first `limit` records of any topic of the brokers, whoever writes it; joins no group. Blocks.
pub(in crate::log) fn read(config: &Shared, topic: &str, limit: usize) -> Result<ForeignPage, LogError> {
    let consumer: BaseConsumer<Plain> = config.reader().create_with_context(Plain).map_err(|error| log_error(&error))?;
    let mut ends = ends(config, &consumer, topic)?;
    let mut places = TopicPartitionList::new();
    for (partition, (start, _)) in &ends {
        places.add_partition_offset(topic, *partition, Offset::Offset(*start)).map_err(|error| log_error(&error))?;
    }
    consumer.assign(&places).map_err(|error| log_error(&error))?;
    let mut page = ForeignPage { records: Vec::new(), is_complete: true };
    let mut until = Instant::now() + config.waits(PATIENCE);
    while !ends.is_empty() {
        let left = until.saturating_duration_since(Instant::now());
        if page.records.len() >= limit || left.is_zero() {
            page.is_complete = false;
            break;
        }
        let Some(message) = consumer.poll(left) else { continue };
        let message = message.map_err(|error| log_error(&error))?;
        if ends.get(&message.partition()).is_some_and(|(_, end)| message.offset() + 1 >= *end) {
            ends.remove(&message.partition());
        }
        page.records.push(record(&message));
        until = Instant::now() + config.waits(PATIENCE);
    }
    Ok(page)
}

/// Begin and end of each partition that holds anything.
fn ends(config: &Shared, consumer: &BaseConsumer<Plain>, topic: &str) -> Result<BTreeMap<i32, (i64, i64)>, LogError> {
    let metadata = consumer.fetch_metadata(Some(topic), config.waits(PATIENCE)).map_err(|error| unanswered(config, "a topic", &error))?;
    let found = metadata.topics().iter().find(|found| found.name() == topic && found.error().is_none());
    let found = found.filter(|found| !found.partitions().is_empty());
    let found = found.ok_or_else(|| LogError::Refused(format!("the brokers have no topic {topic}")))?;
    let mut ends = BTreeMap::new();
    for partition in found.partitions() {
        let found = consumer.fetch_watermarks(topic, partition.id(), config.waits(PATIENCE));
        let (start, end) = found.map_err(|error| unanswered(config, "offsets", &error))?;
        if start < end {
            ends.insert(partition.id(), (start, end));
        }
    }
    Ok(ends)
}

fn record(message: &BorrowedMessage<'_>) -> ForeignRecord {
    let headers = message
        .headers()
        .map(|headers| headers.iter().map(|header| (header.key.to_owned(), header.value.unwrap_or_default().to_vec())).collect::<Vec<_>>());
    ForeignRecord {
        partition: message.partition(),
        offset: message.offset(),
        key: message.key().unwrap_or_default().to_vec(),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(<[u8]>::to_vec),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rdkafka::message::{Header, OwnedHeaders};
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

    use super::super::KafkaConfig;
    use super::*;

    #[test]
    fn a_topic_of_somebody_else_is_read_with_its_binary_headers_and_tombstones() {
        let brokers = MockCluster::<DefaultProducerContext>::new(1).unwrap();
        brokers.create_topic("orders-dlt", 2, 1).unwrap();
        let config = Arc::new(KafkaConfig { brokers: brokers.bootstrap_servers(), replication: 1, ..KafkaConfig::default() });
        let producer: BaseProducer = config.client().create().unwrap();
        let partition = 3_i32.to_be_bytes();
        let headers = OwnedHeaders::new().insert(Header { key: "kafka_dlt-original-partition", value: Some(&partition[..]) });
        producer
            .send(BaseRecord::to("orders-dlt").partition(0).key("k").payload("v").headers(headers))
            .map_err(|(error, _)| error)
            .unwrap();
        producer.send(BaseRecord::<str, str>::to("orders-dlt").partition(1).key("gone")).map_err(|(error, _)| error).unwrap();
        producer.flush(PATIENCE).unwrap();
        let page = read(&config, "orders-dlt", 10).unwrap();
        assert!(page.is_complete);
        let first = page.records.iter().find(|record| record.partition == 0).unwrap();
        assert_eq!(first.headers, [("kafka_dlt-original-partition".to_owned(), partition.to_vec())]);
        let other = page.records.iter().find(|record| record.partition == 1).unwrap();
        assert_eq!((other.key.as_slice(), &other.value, page.records.len()), (&b"gone"[..], &None, 2));
        assert!(!read(&config, "orders-dlt", 1).unwrap().is_complete);
    }
}
