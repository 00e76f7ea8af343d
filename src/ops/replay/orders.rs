use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::domain::{MerchantId, OrderStatus, Timestamp, format_timestamp};
use crate::event::{Decoded, OrderPayload, Payload, decode, order_aggregate_id};
use crate::store::{Row, StoreError, Tx, record_from};

use super::difference::{Differences, shown};

const PAGE: i64 = 1000;
/// Sorts behind every merchant.
const END: &str = "g";

/// Rebuilds every order from its events and holds it against its row, page by page in the order of merchant and number.
pub(super) async fn compare(tx: &mut Tx, found: &mut Differences) -> Result<(), StoreError> {
    let mut from: Option<(MerchantId, String)> = None;
    loop {
        let columns = "SELECT merchant_id, order_no, status, version, total_amount, currency, fee_amount, paid_at, payment_no, \
                       customer_email FROM orders";
        let rows = match &from {
            Some((merchant, order_no)) => {
                let sql = format!("{columns} WHERE (merchant_id, order_no) > ($1, $2) ORDER BY merchant_id, order_no LIMIT $3");
                tx.query(&sql, &[(*merchant).into(), order_no.into(), PAGE.into()]).await?
            }
            None => tx.query(&format!("{columns} ORDER BY merchant_id, order_no LIMIT $1"), &[PAGE.into()]).await?,
        };
        let is_last = i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE;
        let last = rows.last().map(|row| Ok::<_, StoreError>((row.get(0)?, row.get(1)?))).transpose()?;
        let name = |place: &(MerchantId, String)| order_aggregate_id(place.0, &place.1);
        let low = from.as_ref().map(name).unwrap_or_default();
        let high = last.as_ref().filter(|_| !is_last).map_or_else(|| END.to_owned(), name);
        let events = tx
            .query(
                "SELECT seq, topic, partition, key, headers, value, created_at, aggregate_id, aggregate_version FROM events \
                 WHERE aggregate_id > $1 AND aggregate_id <= $2 AND aggregate_type = 'order' ORDER BY aggregate_id, aggregate_version",
                &[low.into(), high.into()],
            )
            .await?;
        page(&rows, &events, found)?;
        if is_last {
            return Ok(());
        }
        from = last;
    }
}

fn page(rows: &[Row], events: &[Row], found: &mut Differences) -> Result<(), StoreError> {
    let named = |row| Ok::<_, StoreError>((order_aggregate_id(Row::get(row, 0)?, &row.get::<String>(1)?), row));
    let mut live: VecDeque<(String, &Row)> = rows.iter().map(named).collect::<Result<_, StoreError>>()?;
    for history in events.chunk_by(|a, b| a.get::<String>(7).ok() == b.get::<String>(7).ok()) {
        let Some(id) = history.first().map(|row| row.get::<String>(7)).transpose()? else { continue };
        let mut matching = None;
        while let Some((name, row)) = live.pop_front() {
            match name.cmp(&id) {
                Ordering::Less => found.push(&name, "row", None, Some("an order without an event".to_owned())),
                Ordering::Equal => {
                    matching = Some(row);
                    break;
                }
                Ordering::Greater => {
                    live.push_front((name, row));
                    break;
                }
            }
        }
        judge(&id, history, matching, found)?;
    }
    for (name, _) in live {
        found.push(&name, "row", None, Some("an order without an event".to_owned()));
    }
    Ok(())
}

fn judge(id: &str, history: &[Row], row: Option<&Row>, found: &mut Differences) -> Result<(), StoreError> {
    let mut last: Option<(Box<OrderPayload>, i64)> = None;
    for row in history {
        let version: i64 = row.get(8)?;
        let expected = last.as_ref().map_or(1, |(_, version)| version.saturating_add(1));
        match decode(&record_from(row)?) {
            Ok(Decoded::Event(event)) if version == expected => {
                if let Payload::Order(order) = event.payload {
                    found.events += 1;
                    last = Some((order, version));
                }
            }
            Ok(Decoded::Event(_)) => {
                found.push(id, "events", Some(format!("version {version} where {expected} is expected")), None);
                return Ok(());
            }
            Ok(Decoded::UnknownType(_)) => {}
            Err(error) => {
                found.push(id, "events", Some(format!("unreadable: {error}")), None);
                return Ok(());
            }
        }
    }
    let Some((order, version)) = last else { return Ok(()) };
    found.rows += 1;
    let Some(row) = row else {
        found.push(id, "row", Some(format!("{} of {} {}", order.status, order.total_amount, order.currency)), None);
        return Ok(());
    };
    let text = |column: usize| row.get::<String>(column);
    let number = |column: usize| row.get::<i64>(column).map(|number| number.to_string());
    let fields = [
        ("status", order.status.to_string(), text(2)?),
        ("version", version.to_string(), number(3)?),
        ("total_amount", order.total_amount.to_string(), number(4)?),
        ("currency", order.currency.to_string(), text(5)?),
        ("fee_amount", shown(order.fee_amount), shown(row.get::<Option<i64>>(6)?)),
        ("paid_at", shown(order.paid_at.map(format_timestamp)), shown(row.get::<Option<Timestamp>>(7)?.map(format_timestamp))),
    ];
    found.compare(id, fields);
    // Which payment tries to pay a pending order is told by that payment's events and by none of the order's.
    if order.status != OrderStatus::Pending {
        found.compare(id, [("payment_no", order.payment_no.clone(), text(8)?)]);
    }
    let email = crate::domain::Email::stored(text(9)?);
    if email != order.customer_email {
        found.push(id, "customer_email", Some(order.customer_email.masked()), Some(email.masked()));
    }
    Ok(())
}
