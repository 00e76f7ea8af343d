//! I8. State is the fold of the events: rebuilding each payment from its own events gives its row, and each order has the state of
//! its last event (`I08_orders.sql`).
//!
//! Both are read in pages in the order of the payment number and compared as they go by, so that the memory needed does not
//! grow with the number of payments. An event without a payment is a violation too.

use std::collections::VecDeque;

use crate::domain::{MerchantId, PaymentStatus, Timestamp};
use crate::event::EventKind;
use crate::ops::verify::found::Found;
use crate::ops::verify::said::Said;
use crate::store::{Row, StoreError, Tx};

const PAGE: usize = 2000;
/// Sorts behind every payment number.
const END: &str = "\u{10ffff}";

/// What the row of a payment says, or what its events add up to.
#[derive(Debug, PartialEq, Eq)]
struct Figures {
    status: PaymentStatus,
    version: i64,
    captured: i64,
    paid_at: Option<Timestamp>,
    constant: Constant,
}

/// What never changes in the life of a payment.
#[derive(Debug, PartialEq, Eq)]
struct Constant {
    merchant_id: MerchantId,
    order_no: String,
    amount: i64,
    currency: String,
    channel: String,
    fee_bps: i64,
    fee_amount: i64,
    created_at: Timestamp,
}

pub(super) async fn check(tx: &mut Tx) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut from = String::new();
    loop {
        let rows = tx
            .query(
                "SELECT payment_no, status, version, captured, paid_at, merchant_id, order_no, amount, currency, channel, fee_bps, \
                 fee_amount, created_at FROM payments WHERE payment_no > $1 ORDER BY payment_no LIMIT $2",
                &[(&from).into(), i64::try_from(PAGE).unwrap_or(i64::MAX).into()],
            )
            .await?;
        // The last page also takes the events behind the last payment.
        let last = rows.len() < PAGE;
        let to = rows.last().filter(|_| !last).map_or(Ok(END.to_owned()), |row| row.get(0))?;
        compare(tx, &rows, &from, &to, &mut found).await?;
        if last {
            break;
        }
        from = to;
    }
    found.join(Found::by_sql(tx, include_str!("I08_orders.sql"), None).await?);
    Ok(found)
}

/// Compares the payments in `rows` with the events of all payments after `from` up to `to`.
async fn compare(tx: &mut Tx, rows: &[Row], from: &str, to: &str, found: &mut Found) -> Result<(), StoreError> {
    let events = tx
        .query(
            "SELECT aggregate_id, aggregate_version, event_type, value FROM events \
             WHERE aggregate_id > $1 AND aggregate_id <= $2 AND aggregate_type = 'payment' \
             ORDER BY aggregate_id, aggregate_version",
            &[from.into(), to.into()],
        )
        .await?;
    let mut payments: VecDeque<&Row> = rows.iter().collect();
    for history in events.chunk_by(|a, b| a.text(0).ok() == b.text(0).ok()) {
        let Some(first) = history.first() else { continue };
        let id = first.text(0)?;
        let mut matching = None;
        while let Some(row) = payments.front().copied() {
            let payment_no = row.text(0)?;
            if payment_no > id {
                break;
            }
            payments.pop_front();
            if payment_no == id {
                matching = Some(row);
                break;
            }
            judge(payment_no, Some(row), &[], found)?;
        }
        judge(id, matching, history, found)?;
    }
    for row in payments {
        judge(row.text(0)?, Some(row), &[], found)?;
    }
    Ok(())
}

fn judge(id: &str, row: Option<&Row>, history: &[Row], found: &mut Found) -> Result<(), StoreError> {
    let Some(row) = row else {
        found.push(id, format!("has {} events and no row", history.len()));
        return Ok(());
    };
    match fold(history)? {
        Ok(folded) => {
            let row = figures(row)?;
            if row != folded {
                found.push(id, difference(&row, &folded));
            }
        }
        Err(wrong) => found.push(id, wrong),
    }
    Ok(())
}

fn figures(row: &Row) -> Result<Figures, StoreError> {
    Ok(Figures {
        status: PaymentStatus::parse(row.text(1)?).ok_or(StoreError::Column(1))?,
        version: row.get(2)?,
        captured: row.get(3)?,
        paid_at: row.get(4)?,
        constant: Constant {
            merchant_id: row.get(5)?,
            order_no: row.get(6)?,
            amount: row.get(7)?,
            currency: row.get(8)?,
            channel: row.get(9)?,
            fee_bps: row.get(10)?,
            fee_amount: row.get(11)?,
            created_at: row.get(12)?,
        },
    })
}

/// What the events add up to, or why they add up to nothing.
fn fold(history: &[Row]) -> Result<Result<Figures, String>, StoreError> {
    let mut folded: Option<Figures> = None;
    for row in history {
        let (version, kind, value): (i64, _, _) = (row.get(1)?, row.text(2)?, row.bytes(3)?);
        // A type of a newer version changes nothing that this one knows of.
        let Some(known) = EventKind::parse(kind) else { continue };
        let Some(said) = Said::read(value) else {
            return Ok(Err(format!("{kind} (version {version}) cannot be read")));
        };
        let Some(status) = known.payment_status().filter(|status| *status == said.status) else {
            return Ok(Err(format!("{kind} (version {version}) says that it is {}", said.status)));
        };
        let success = status == PaymentStatus::Success;
        let constant = Constant {
            merchant_id: said.merchant_id,
            order_no: said.order_no.into_owned(),
            amount: said.amount,
            currency: said.currency.into_owned(),
            channel: said.channel.into_owned(),
            fee_bps: said.fee_bps,
            fee_amount: said.fee_amount,
            created_at: said.created_at,
        };
        if let Some(before) = folded.as_ref().filter(|before| before.constant != constant) {
            return Ok(Err(format!("{kind} (version {version}) changes {}", changed(&before.constant, &constant))));
        }
        let captured = if success { constant.amount } else { 0 };
        folded = Some(Figures { status, version, captured, paid_at: said.paid_at, constant });
    }
    Ok(folded.ok_or_else(|| "has no event".to_owned()))
}

fn difference(row: &Figures, folded: &Figures) -> String {
    let mut parts = Vec::new();
    if row.status != folded.status {
        parts.push(format!("is {} where its events say {}", row.status, folded.status));
    }
    if row.version != folded.version {
        parts.push(format!("has version {} where its events say {}", row.version, folded.version));
    }
    if row.captured != folded.captured {
        parts.push(format!("has captured {} where its events say {}", row.captured, folded.captured));
    }
    if row.paid_at != folded.paid_at {
        parts.push("was paid at another time than its events say".to_owned());
    }
    if row.constant != folded.constant {
        parts.push(format!("differs from its events in {}", changed(&row.constant, &folded.constant)));
    }
    parts.join("; ")
}

/// The names of the fields in which two differ.
fn changed(one: &Constant, other: &Constant) -> String {
    let fields = [
        ("merchant_id", one.merchant_id == other.merchant_id),
        ("order_no", one.order_no == other.order_no),
        ("amount", one.amount == other.amount),
        ("currency", one.currency == other.currency),
        ("channel", one.channel == other.channel),
        ("fee_bps", one.fee_bps == other.fee_bps),
        ("fee_amount", one.fee_amount == other.fee_amount),
        ("created_at", one.created_at == other.created_at),
    ];
    fields.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}
