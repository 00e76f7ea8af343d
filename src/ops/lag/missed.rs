use crate::event::TopicPartition;
use crate::ops::group::Commit;
use crate::store::{StoreError, Tx};

/// How many offsets of a partition a group has never read because they were gone when it began; none where it began at the
/// first, and none once what lay there is published again.
pub(super) async fn missed(tx: &mut Tx, group: &str, at: TopicPartition, commit: Option<Commit>, start: i64) -> Result<i64, StoreError> {
    if commit.is_none_or(|commit| commit.next_offset == 0) {
        return Ok(start);
    }
    let place = [group.into(), at.topic.name().into(), at.partition.into()];
    let first = tx
        .query_one(
            "SELECT from_offset FROM consumer_batches WHERE grp = $1 AND topic = $2 AND partition = $3 ORDER BY to_offset LIMIT 1",
            &place,
        )
        .await?;
    let Some(first) = first.map(|row| row.get::<i64>(0)).transpose()?.filter(|first| *first > 0) else { return Ok(0) };
    let counted = tx
        .query_one(
            "SELECT count(*) FROM event_places WHERE topic = $1 AND partition = $2 AND log_offset < $3",
            &[at.topic.name().into(), at.partition.into(), first.into()],
        )
        .await?;
    counted.map_or(Ok(0), |row| row.get(0))
}
