use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset;

use crate::event::{Record, TopicPartition};
use crate::log::{Bounds, LogError};

use super::config::Shared;
use super::context::Plain;
use super::error::{is_outage, late, log_error};
use super::reader::list;
use super::record::{blank, put, record_from};

/// How long the brokers may take for the next record.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the next record may take where there are some to hand over already.
const PAUSE: Duration = Duration::from_millis(2);

/// One partition read forwards, once, by a consumer that it shares with the others of its scan; the client fetches ahead meanwhile.
pub(in crate::log) struct KafkaScan {
    config: Shared,
    at: TopicPartition,
    queue: PartitionQueue<Plain>,
    /// What came before the partition had a queue of its own.
    early: VecDeque<Record>,
    /// The memory of the record that is looked at.
    present: Record,
    next: i64,
    end: i64,
}

/// Begins to read these partitions, each from its start to its end. Blocks.
pub(in crate::log) fn scan(config: &Shared, ranges: &[(TopicPartition, Bounds)]) -> Result<Vec<KafkaScan>, LogError> {
    let consumer: BaseConsumer<Plain> = config.scanner(ranges.len()).create_with_context(Plain).map_err(|error| log_error(&error))?;
    let consumer = Arc::new(consumer);
    let places = list(config, ranges.iter().map(|(at, bounds)| (*at, Offset::Offset(bounds.start))))?;
    consumer.assign(&places).map_err(|error| log_error(&error))?;
    let part = |(at, bounds): &(TopicPartition, Bounds)| {
        let queue = consumer.split_partition_queue(&config.topic_name(at.topic), i32::from(at.partition));
        let queue = queue.ok_or_else(|| LogError::Broker(format!("the client has no queue for {at}")))?;
        let (next, end) = (bounds.start, bounds.end);
        Ok(KafkaScan { config: Arc::clone(config), at: *at, queue, early: VecDeque::new(), present: blank(*at), next, end })
    };
    let mut scans = ranges.iter().map(part).collect::<Result<Vec<_>, LogError>>()?;
    // From here on nothing more gets into the common queue, but the first answers may have been faster.
    while let Some(told) = consumer.poll(Duration::ZERO) {
        let Some(record) = told.ok().and_then(|message| record_from(config, &message)) else { continue };
        if let Some(scan) = scans.iter_mut().find(|scan| scan.at == record.at) {
            scan.early.push_back(record);
        }
    }
    Ok(scans)
}

impl KafkaScan {
    /// Shows the next records, at most `limit`, and what was seen in each; nothing at the end. Blocks until there is one.
    pub(in crate::log) fn read<T>(&mut self, limit: usize, mut look: impl FnMut(&mut Record) -> T) -> Result<Vec<T>, LogError> {
        let mut records = Vec::with_capacity(limit);
        let until = Instant::now() + self.config.waits(PATIENCE);
        while records.len() < limit && self.next < self.end {
            let told = match self.early.pop_front() {
                Some(record) => {
                    self.present = record;
                    Some(Ok(()))
                }
                // Mostly the next one is here already; then nobody need look at a clock.
                None => self
                    .poll(Duration::ZERO)
                    .or_else(|| self.poll(if records.is_empty() { until.saturating_duration_since(Instant::now()) } else { PAUSE })),
            };
            match told {
                Some(Ok(())) => {
                    self.next = self.present.offset.saturating_add(1);
                    if self.present.offset < self.end {
                        records.push(look(&mut self.present));
                    }
                }
                // What lies between here and the end, such as the mark of a transaction, is no record.
                Some(Err(KafkaError::PartitionEOF(_))) => self.next = self.end,
                Some(Err(error)) if !is_outage(&error) => return Err(log_error(&error)),
                Some(Err(_)) | None if !records.is_empty() => break,
                Some(Err(_)) | None if Instant::now() < until => {}
                Some(Err(_)) | None => return Err(late(&self.config)),
            }
        }
        Ok(records)
    }

    /// Takes the next record, which is then the present one.
    fn poll(&mut self, wait: Duration) -> Option<Result<(), KafkaError>> {
        let told = self.queue.poll(wait)?;
        Some(told.map(|message| put(&mut self.present, &message)))
    }
}
