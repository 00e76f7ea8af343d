use crate::event::{Record, TopicPartition};
use crate::store::Store;

use super::kafka::KafkaScan;
use super::{Bounds, LogError, embedded};

/// One partition read forwards from its start to its end as they were, once. Joins no group and commits nothing.
pub struct PartitionScan(Place);

enum Place {
    Embedded {
        store: Store,
        at: TopicPartition,
        rest: Bounds,
    },
    Kafka(Box<KafkaScan>),
    /// Somebody left in the middle of a question.
    Lost,
}

impl PartitionScan {
    pub(super) fn embedded(store: &Store, at: TopicPartition, bounds: Bounds) -> Self {
        Self(Place::Embedded { store: store.clone(), at, rest: bounds })
    }

    pub(super) fn kafka(scan: KafkaScan) -> Self {
        Self(Place::Kafka(Box::new(scan)))
    }

    /// The next records in order, at most `limit`; none at the end.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Record>, LogError> {
        Ok(self.look(limit, (), |(), record| record.take()).await?.0)
    }

    /// Looks at the next records in order, at most `limit`, with what `state` remembers; what was seen in each, which is nothing at
    /// the end. Records are shown one after the other in the same memory. Where somebody stopped waiting for an answer, the next
    /// question is refused, since records would be missing.
    pub async fn look<S, T>(&mut self, limit: u32, mut state: S, look: fn(&mut S, &mut Record) -> T) -> Result<(Vec<T>, S), LogError>
    where
        S: Send + 'static,
        T: Send + 'static,
    {
        match std::mem::replace(&mut self.0, Place::Lost) {
            Place::Embedded { store, at, mut rest } => {
                let mut records = embedded::read(&store, at, rest.start, limit).await?;
                records.truncate(records.partition_point(|record| record.offset < rest.end));
                rest.start = records.last().map_or(rest.end, |last| last.offset.saturating_add(1));
                self.0 = Place::Embedded { store, at, rest };
                let seen = records.iter_mut().map(|record| look(&mut state, record)).collect();
                Ok((seen, state))
            }
            Place::Kafka(mut scan) => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                let reading = tokio::task::spawn_blocking(move || (scan.read(limit, |record| look(&mut state, record)), scan, state));
                let (read, scan, state) = reading.await.map_err(|error| LogError::Broker(error.to_string()))?;
                self.0 = Place::Kafka(scan);
                Ok((read?, state))
            }
            Place::Lost => Err(LogError::Broker("the reading of the partition was broken off".to_owned())),
        }
    }
}
