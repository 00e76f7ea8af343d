use crate::event::{Encoded, EncodedEvent, NewEvent, Record, Topic, TopicPartition, encode};

use super::{Row, Set, SetRows, StoreError, Tx, Type, Value, outbox};

const APPEND: Set = Set {
    sql: "INSERT INTO events (event_id, aggregate_type, aggregate_id, aggregate_version, event_type, merchant_id, topic, partition, key, headers, value, created_at) \
          SELECT event_id, aggregate_type, aggregate_id, aggregate_version, event_type, merchant_id, topic, partition, key, headers, value, created_at \
          FROM {rows} WHERE true",
    columns: &[
        ("event_id", Type::Uuid),
        ("aggregate_type", Type::Text),
        ("aggregate_id", Type::Text),
        ("aggregate_version", Type::Int),
        ("event_type", Type::Text),
        ("merchant_id", Type::Uuid),
        ("topic", Type::Text),
        ("partition", Type::Int),
        ("key", Type::Text),
        ("headers", Type::Text),
        ("value", Type::Blob),
        ("created_at", Type::Time),
    ],
};

impl Tx {
    /// Publishes events with the transaction: they are in the log exactly when it commits.
    ///
    /// Refuses an event id, or an aggregate version, that is already there.
    pub async fn publish(&mut self, events: &[NewEvent]) -> Result<(), StoreError> {
        let encoded = events.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        self.append(Vec::new(), &events.iter().zip(&encoded).collect::<Vec<_>>()).await
    }

    /// Publishes events that were written down before the transaction began, so that it is not kept open for that.
    pub async fn publish_encoded(&mut self, events: &[&EncodedEvent]) -> Result<(), StoreError> {
        self.publish_behind(Vec::new(), events).await
    }

    /// The same, and writes these rows before, all in one way to the server and back.
    pub async fn publish_behind(&mut self, before: Vec<SetRows<'_>>, events: &[&EncodedEvent]) -> Result<(), StoreError> {
        self.append(before, &events.iter().map(|event| (&event.event, &event.encoded)).collect::<Vec<_>>()).await
    }

    async fn append(&mut self, before: Vec<SetRows<'_>>, events: &[(&NewEvent, &Encoded)]) -> Result<(), StoreError> {
        if events.is_empty() {
            self.query_sets(&before).await?;
            return Ok(());
        }
        let now = self.now();
        let rows: Vec<Vec<Value<'_>>> = events
            .iter()
            .map(|(event, encoded)| {
                vec![
                    event.event_id.into(),
                    event.kind.aggregate_type().as_str().into(),
                    (&event.aggregate_id).into(),
                    event.aggregate_version.into(),
                    event.kind.as_str().into(),
                    event.merchant_id.into(),
                    encoded.at.topic.name().into(),
                    encoded.at.partition.into(),
                    (&event.key).into(),
                    (&encoded.headers).into(),
                    (&encoded.value).into(),
                    now.into(),
                ]
            })
            .collect();
        if self.engine.server().is_some() {
            return outbox::append(self, before, events, rows).await;
        }
        self.query_sets(&before).await?;
        self.execute_set(&APPEND, &rows).await?;
        // The one writer numbers rows one after the other, and asking once costs less than RETURNING for each.
        let last = self.query_one("SELECT max(seq) FROM events", &[]).await?.map_or(Ok(0), |row| row.get::<i64>(0))?;
        self.appended.extend(events.iter().rev().zip(0..).map(|((_, encoded), before)| (encoded.at, last - before)));
        Ok(())
    }

    /// Records of one partition from `from` on, at most `limit`, in order.
    pub(crate) async fn read_partition(&mut self, at: TopicPartition, from: i64, limit: i64) -> Result<Vec<Record>, StoreError> {
        let rows = self
            .query(
                "SELECT seq, topic, partition, key, headers, value, created_at FROM events \
                 WHERE topic = $1 AND partition = $2 AND seq >= $3 ORDER BY seq LIMIT $4",
                &[at.topic.name().into(), at.partition.into(), from.into(), limit.into()],
            )
            .await?;
        rows.iter().map(record_from).collect()
    }

    /// The first offset of a partition and the one after its last; equal when it is empty.
    pub(crate) async fn partition_bounds(&mut self, at: TopicPartition) -> Result<(i64, i64), StoreError> {
        let row = self
            .query_one(
                "SELECT min(log_offset), max(log_offset) + 1 FROM event_places WHERE topic = $1 AND partition = $2",
                &[at.topic.name().into(), at.partition.into()],
            )
            .await?;
        let bounds = row.map(|row| Ok::<_, StoreError>((row.get::<Option<i64>>(0)?, row.get::<Option<i64>>(1)?))).transpose()?;
        Ok(match bounds {
            Some((Some(start), Some(end))) => (start, end),
            _ => (1, 1),
        })
    }
}

/// A record from the columns seq, topic, partition, key, headers, value, `created_at`.
pub(crate) fn record_from(row: &Row) -> Result<Record, StoreError> {
    Ok(Record {
        at: partition_from(row, 1)?,
        offset: row.get(0)?,
        key: row.get(3)?,
        headers: row.get(4)?,
        value: row.get(5)?,
        is_tombstone: false,
        created_at: row.get(6)?,
    })
}

pub(super) fn partition_from(row: &Row, first: usize) -> Result<TopicPartition, StoreError> {
    let topic = Topic::parse(&row.get::<String>(first)?).ok_or(StoreError::Column(first))?;
    let partition = u16::try_from(row.get::<i64>(first + 1)?).map_err(|_| StoreError::Column(first + 1))?;
    Ok(TopicPartition { topic, partition })
}
