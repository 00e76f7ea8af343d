use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::TopicPartition;

use super::{Set, StoreError, Tx, Type, Value};

const CLAIM: Set = Set {
    sql: "INSERT INTO consumer_offsets (grp, topic, partition, next_offset, epoch, updated_at, cluster_id) \
          SELECT grp, topic, partition, 0, 1, updated_at, cluster_id FROM {rows} WHERE true \
          ON CONFLICT (grp, topic, partition) DO UPDATE SET epoch = consumer_offsets.epoch + 1, updated_at = excluded.updated_at, \
          cluster_id = coalesce(consumer_offsets.cluster_id, excluded.cluster_id) \
          RETURNING topic, partition, next_offset, epoch, last_event_id, cluster_id",
    columns: &[
        ("grp", Type::Text),
        ("topic", Type::Text),
        ("partition", Type::Int),
        ("updated_at", Type::Time),
        ("cluster_id", Type::Text),
    ],
};

/// Where a group goes on in a partition that it has just been given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) at: TopicPartition,
    pub(crate) next_offset: i64,
    pub(crate) epoch: i64,
    /// The event at the last offset that was applied.
    pub(crate) last_event_id: Option<Uuid>,
    /// The log that the group has read, or the one it begins to read now.
    pub(crate) cluster_id: Option<String>,
}

/// A group's step over a slice of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Advance<'a> {
    pub(crate) group: &'a str,
    pub(crate) at: TopicPartition,
    pub(crate) epoch: i64,
    pub(crate) expected: i64,
    pub(crate) next: i64,
    pub(crate) last_event_id: Option<Uuid>,
}

/// What a group did with a slice; tells trace when an offset was processed, and after how many attempts.
#[derive(Debug, Clone)]
pub(crate) struct BatchNote {
    pub(crate) from_offset: i64,
    pub(crate) to_offset: i64,
    pub(crate) events: i64,
    pub(crate) applied: i64,
    pub(crate) skipped: i64,
    pub(crate) parked: i64,
    pub(crate) attempts: i64,
    pub(crate) started_at: Timestamp,
}

impl Tx {
    /// Takes partitions over: the epoch rises, so that whoever held them before can commit nothing more.
    ///
    /// A group that has read nothing yet is remembered to read the log of `cluster_id` from now on.
    pub(crate) async fn claim_partitions(
        &mut self,
        group: &str,
        partitions: &[TopicPartition],
        cluster_id: Option<&str>,
    ) -> Result<Vec<Claim>, StoreError> {
        let now = self.now();
        let rows: Vec<Vec<Value<'_>>> = partitions
            .iter()
            .map(|at| vec![group.into(), at.topic.name().into(), at.partition.into(), now.into(), cluster_id.into()])
            .collect();
        let claimed = self.query_set(&CLAIM, &rows).await?;
        claimed
            .iter()
            .map(|row| {
                Ok(Claim {
                    at: super::events::partition_from(row, 0)?,
                    next_offset: row.get(2)?,
                    epoch: row.get(3)?,
                    last_event_id: row.get(4)?,
                    cluster_id: row.get(5)?,
                })
            })
            .collect()
    }

    /// Moves a group's offset on; `false` when somebody else has taken the partition, and nothing may be kept.
    pub(crate) async fn advance_offset(&mut self, step: &Advance<'_>) -> Result<bool, StoreError> {
        let now = self.now();
        let changed = self
            .execute(
                "UPDATE consumer_offsets SET next_offset = $1, last_event_id = coalesce($2, last_event_id), updated_at = $3 \
                 WHERE grp = $4 AND topic = $5 AND partition = $6 AND epoch = $7 AND next_offset = $8",
                &[
                    step.next.into(),
                    step.last_event_id.into(),
                    now.into(),
                    step.group.into(),
                    step.at.topic.name().into(),
                    step.at.partition.into(),
                    step.epoch.into(),
                    step.expected.into(),
                ],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Holds a group's place in a partition still until the transaction ends, for those who bring it events past the log: so
    /// that whatever a group concludes about one partition, it concludes one transaction after the other.
    pub(crate) async fn hold_partition(&mut self, group: &str, at: TopicPartition) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "UPDATE consumer_offsets SET updated_at = $1 WHERE grp = $2 AND topic = $3 AND partition = $4",
            &[now.into(), group.into(), at.topic.name().into(), at.partition.into()],
        )
        .await?;
        Ok(())
    }

    /// Notes what was done with a slice. Where a group reads again, the first note stands: that one had the effect.
    pub(crate) async fn note_batch(&mut self, group: &str, at: TopicPartition, note: &BatchNote) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "INSERT INTO consumer_batches (grp, topic, partition, from_offset, to_offset, events, applied, skipped, parked, attempts, started_at, ended_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
            &[
                group.into(),
                at.topic.name().into(),
                at.partition.into(),
                note.from_offset.into(),
                note.to_offset.into(),
                note.events.into(),
                note.applied.into(),
                note.skipped.into(),
                note.parked.into(),
                note.attempts.into(),
                note.started_at.into(),
                now.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Says that a member of the group is alive, what it is doing and why.
    pub(crate) async fn beat(&mut self, group: &str, member: &str, state: &str, reason: Option<&str>) -> Result<(), StoreError> {
        let now = self.now();
        self.execute(
            "INSERT INTO group_members (grp, member, state, reason, started_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5) \
             ON CONFLICT (grp, member) DO UPDATE SET state = excluded.state, reason = excluded.reason, seen_at = excluded.seen_at",
            &[group.into(), member.into(), state.into(), reason.into(), now.into()],
        )
        .await?;
        Ok(())
    }

    /// Forgets a member that left in order.
    pub(crate) async fn leave(&mut self, group: &str, member: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM group_members WHERE grp = $1 AND member = $2", &[group.into(), member.into()]).await?;
        Ok(())
    }

    /// Forgets members of the group that were not seen since `before`: processes that were killed.
    pub(crate) async fn forget_members(&mut self, group: &str, before: Timestamp) -> Result<(), StoreError> {
        self.execute("DELETE FROM group_members WHERE grp = $1 AND seen_at < $2", &[group.into(), before.into()]).await?;
        Ok(())
    }
}
