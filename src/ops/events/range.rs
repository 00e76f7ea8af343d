use crate::domain::Timestamp;
use crate::store::{StoreError, Tx};

/// Numbers are taken before they are committed, so neighbours may be so far out of order.
const DISORDER: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// A number below which no event is as young as `time`. Times rise with numbers and have no index, so this halves the range
/// again and again: one look-up by number each.
pub(super) async fn first_since(tx: &mut Tx, time: Timestamp) -> Result<i64, StoreError> {
    let time = time.checked_sub_signed(DISORDER).unwrap_or(time);
    let ends = tx.query_one("SELECT min(seq), max(seq) FROM events", &[]).await?;
    let ends = ends.map(|row| Ok::<_, StoreError>((row.get::<Option<i64>>(0)?, row.get::<Option<i64>>(1)?))).transpose()?;
    let Some((Some(mut low), Some(mut high))) = ends else { return Ok(0) };
    while low < high {
        let middle = low.midpoint(high);
        let row = tx.query_one("SELECT created_at FROM events WHERE seq >= $1 ORDER BY seq LIMIT 1", &[middle.into()]).await?;
        match row {
            Some(row) if row.get::<Timestamp>(0)? < time => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}
