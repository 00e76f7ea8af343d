use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::domain::{Timestamp, format_timestamp};
use crate::event::{Decoded, Event, decode};
use crate::services::gateway::history::PaymentState;
use crate::store::{Row, StoreError, Tx, record_from};

use super::difference::{Differences, shown};

const PAGE: i64 = 1000;
/// Sorts behind every payment number.
const END: &str = "\u{10ffff}";

/// Folds every payment from its events and holds it against its row, page by page in the order of their numbers.
pub(super) async fn compare(tx: &mut Tx, found: &mut Differences) -> Result<(), StoreError> {
    let mut from = String::new();
    loop {
        let rows = tx
            .query(
                "SELECT payment_no, status, version, captured, paid_at, merchant_id, order_no, amount, currency, channel, fee_bps, \
                 fee_amount, created_at, customer_email FROM payments WHERE payment_no > $1 ORDER BY payment_no LIMIT $2",
                &[(&from).into(), PAGE.into()],
            )
            .await?;
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE;
        // The last page also takes the events behind the last payment.
        let to = rows.last().filter(|_| !is_last).map_or(Ok(END.to_owned()), |row| row.get(0))?;
        let events = tx
            .query(
                "SELECT seq, topic, partition, key, headers, value, created_at, aggregate_id FROM events \
                 WHERE aggregate_id > $1 AND aggregate_id <= $2 AND aggregate_type = 'payment' ORDER BY aggregate_id, aggregate_version",
                &[(&from).into(), (&to).into()],
            )
            .await?;
        page(&rows, &events, found)?;
        if is_last {
            return Ok(());
        }
        from = to;
    }
}

fn page(rows: &[Row], events: &[Row], found: &mut Differences) -> Result<(), StoreError> {
    let mut live: VecDeque<(String, &Row)> = rows.iter().map(|row| Ok((row.get(0)?, row))).collect::<Result<_, StoreError>>()?;
    for history in events.chunk_by(|a, b| a.get::<String>(7).ok() == b.get::<String>(7).ok()) {
        let Some(id) = history.first().map(|row| row.get::<String>(7)).transpose()? else { continue };
        let mut matching = None;
        while let Some((payment_no, row)) = live.pop_front() {
            match payment_no.cmp(&id) {
                Ordering::Less => found.push(&payment_no, "row", None, Some("a payment without an event".to_owned())),
                Ordering::Equal => {
                    matching = Some(row);
                    break;
                }
                Ordering::Greater => {
                    live.push_front((payment_no, row));
                    break;
                }
            }
        }
        judge(&id, history, matching, found)?;
    }
    for (payment_no, _) in live {
        found.push(&payment_no, "row", None, Some("a payment without an event".to_owned()));
    }
    Ok(())
}

fn judge(id: &str, history: &[Row], row: Option<&Row>, found: &mut Differences) -> Result<(), StoreError> {
    let mut events: Vec<Event> = Vec::with_capacity(history.len());
    for row in history {
        match decode(&record_from(row)?) {
            Ok(Decoded::Event(event)) => events.push(*event),
            // A type of a newer version changes nothing that this one knows of.
            Ok(Decoded::UnknownType(_)) => {}
            Err(error) => {
                found.push(id, "events", Some(format!("unreadable: {error}")), None);
                return Ok(());
            }
        }
    }
    found.events += events.len() as u64;
    let state = match PaymentState::fold(&events) {
        Ok(Some((state, _))) => state,
        Ok(None) => return Ok(()),
        Err(wrong) => {
            found.push(id, "events", Some(wrong.to_string()), None);
            return Ok(());
        }
    };
    found.rows += 1;
    let Some(row) = row else {
        found.push(id, "row", Some(format!("{} of {} {}", state.status, state.amount, state.currency)), None);
        return Ok(());
    };
    let text = |column: usize| row.get::<String>(column);
    let number = |column: usize| row.get::<i64>(column).map(|number| number.to_string());
    let email = crate::domain::Email::stored(row.get::<String>(13)?);
    let fields = [
        ("status", state.status.to_string(), text(1)?),
        ("version", state.version.to_string(), number(2)?),
        ("captured", state.captured.to_string(), number(3)?),
        ("paid_at", shown(state.paid_at.map(format_timestamp)), shown(row.get::<Option<Timestamp>>(4)?.map(format_timestamp))),
        ("merchant_id", state.merchant_id.to_string(), text(5)?),
        ("order_no", state.order_no.clone(), text(6)?),
        ("amount", state.amount.to_string(), number(7)?),
        ("currency", state.currency.to_string(), text(8)?),
        ("channel", state.channel.clone(), text(9)?),
        ("fee_bps", state.fee_bps.to_string(), number(10)?),
        ("fee_amount", state.fee_amount.to_string(), number(11)?),
        ("created_at", format_timestamp(state.created_at), format_timestamp(row.get(12)?)),
    ];
    found.compare(id, fields);
    if email != state.customer_email {
        found.push(id, "customer_email", Some(state.customer_email.masked()), Some(email.masked()));
    }
    Ok(())
}
