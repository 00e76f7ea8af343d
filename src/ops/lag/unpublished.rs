use crate::domain::Timestamp;
use crate::ops::Amount;
use crate::ops::span::millis_between;
use crate::services::Service;
use crate::store::{StoreError, Tx};

use super::partition::late_before;

/// Events that wait in the outbox for the brokers, and that a group has not processed in some other way.
#[derive(Debug, Clone, Default)]
pub(super) struct Unpublished {
    pub(super) events: i64,
    pub(super) oldest_ms: Option<i64>,
    pub(super) at_risk: Vec<Amount>,
    pub(super) payments: i64,
    /// Those among them that wait for longer than a relay takes.
    pub(super) late: i64,
}

/// An ordered group marks the version of an aggregate.
const APPLIED: &str =
    "SELECT 1 FROM applied_version a WHERE a.grp = $1 AND a.aggregate_id = e.aggregate_id AND a.version >= e.aggregate_version";
/// The others mark each event, under the day that it names.
const MARKED: &str = "SELECT 1 FROM inbox i WHERE i.grp = $1 AND i.event_id = e.event_id \
     AND i.event_day IN (substr(e.created_at, 1, 10), substr(e.headers, instr(e.headers, '\"timestamp\":\"') + 13, 10))";

/// What of the outbox is still to come for the group of this service. An event may have come past the brokers, or may have
/// been read before and be published again; what is parked is counted where dead letters are.
pub(super) async fn unpublished(tx: &mut Tx, service: Service, group: &str, now: Timestamp) -> Result<Unpublished, StoreError> {
    let done = if service.is_ordered() { APPLIED } else { MARKED };
    // The names come from the catalogue.
    let topics: Vec<String> = service.topics().iter().map(|topic| format!("'{topic}'")).collect();
    let sql = format!(
        "SELECT p.currency, coalesce(sum(p.amount), 0), count(*), min(o.created_at), \
         count(CASE WHEN o.created_at < $2 THEN 1 END) FROM outbox o JOIN events e ON e.seq = o.seq \
         LEFT JOIN payments p ON e.event_type = 'payment.success' AND e.topic = 'payment.events' AND p.payment_no = e.aggregate_id \
         WHERE o.kind = 'event' AND o.topic IN ({}) AND NOT EXISTS ({done}) \
         AND NOT EXISTS (SELECT 1 FROM dlq d WHERE d.grp = $1 AND d.event_id = e.event_id) GROUP BY p.currency ORDER BY p.currency",
        topics.join(", ")
    );
    let mut found = Unpublished::default();
    for row in tx.query(&sql, &[group.into(), late_before(now).into()]).await? {
        let events: i64 = row.get(2)?;
        found.events += events;
        found.oldest_ms = found.oldest_ms.max(Some(millis_between(row.get(3)?, now)));
        if row.get::<Option<String>>(0)?.is_some() {
            found.at_risk.push(Amount { currency: row.get(0)?, amount: row.get(1)? });
            found.payments += events;
            found.late += row.get::<i64>(4)?;
        }
    }
    Ok(found)
}
