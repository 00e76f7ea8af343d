//! A payment as its events alone tell it: what it was at a time, and how it came there.

use serde::Serialize;

use crate::domain::{Money, Timestamp, format_timestamp};
use crate::event::{Decoded, Event, decode};
use crate::services::gateway::history::{PaymentState, PaymentStep};
use crate::store::{StoreError, Tx, record_from};

use super::span::clock;
use super::{Masking, OpsError, Reader, Report, Table};

/// A payment folded from its events.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentHistory {
    /// What its events add up to.
    pub payment: PaymentState,
    /// Masked unless asked for otherwise.
    pub customer_email: String,
    /// Each event, oldest first.
    pub history: Vec<PaymentStep>,
    /// Only events that were stored at this time or before count.
    pub as_of: Option<Timestamp>,
    /// Events that were stored later and do not count.
    pub later: usize,
    /// Whether people want to see each step.
    #[serde(skip)]
    pub shows_steps: bool,
    #[serde(skip)]
    now: Timestamp,
}

/// The payment of this number from its events alone, as it stood at `as_of`.
pub async fn history(reader: &Reader, payment_no: &str, as_of: Option<Timestamp>, masking: Masking) -> Result<PaymentHistory, OpsError> {
    let wanted = payment_no.to_owned();
    let (events, now) = reader.store.read(async move |tx: &mut Tx| Ok::<_, OpsError>((events(tx, &wanted).await?, tx.now()))).await?;
    let Some((_, first_at)) = events.first() else { return Err(OpsError::NotFound { what: "payment", id: payment_no.to_owned() }) };
    let first_at = *first_at;
    let counts = |at: Timestamp| as_of.is_none_or(|until| at <= until);
    let later = events.iter().filter(|(_, at)| !counts(*at)).count();
    let folded = PaymentState::fold(events.iter().filter(|(_, at)| counts(*at)).map(|(event, _)| event));
    match folded {
        Ok(Some((payment, history))) => {
            let customer_email = masking.address(&payment.customer_email);
            Ok(PaymentHistory { payment, customer_email, history, as_of, later, shows_steps: false, now })
        }
        Ok(None) => Err(OpsError::Refused(format!("{payment_no} was not made before {}", format_timestamp(first_at)))),
        Err(wrong) => Err(OpsError::Refused(format!("the events of {payment_no} do not add up: {wrong}"))),
    }
}

/// The payment's own events in their order, each with the time at which it was stored.
async fn events(tx: &mut Tx, payment_no: &str) -> Result<Vec<(Event, Timestamp)>, OpsError> {
    let sql = "SELECT seq, topic, partition, key, headers, value, created_at FROM events \
               WHERE aggregate_id = $1 AND aggregate_type = 'payment' ORDER BY aggregate_version";
    let rows = tx.query(sql, &[payment_no.into()]).await?;
    rows.iter()
        .map(|row| {
            let (record, at) = (record_from(row)?, row.get::<Timestamp>(6)?);
            match decode(&record) {
                Ok(Decoded::Event(event)) => Ok((*event, at)),
                Ok(Decoded::UnknownType(envelope)) => {
                    Err(OpsError::Refused(format!("{payment_no} has a {}, which this version does not know", envelope.event_type)))
                }
                Err(error) => Err(OpsError::Refused(format!("an event of {payment_no} cannot be read: {error}"))),
            }
        })
        .collect::<Result<_, OpsError>>()
        .map_err(|error| {
            if let OpsError::Store(StoreError::Column(_)) = error { OpsError::Refused("an event cannot be read".to_owned()) } else { error }
        })
}

impl Report for PaymentHistory {
    const NAMES: Option<&'static str> = Some("payment numbers");

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.state()];
        if self.shows_steps {
            tables.push(self.steps());
        }
        let later = if self.later > 0 { format!("; {} later events do not count", self.later) } else { String::new() };
        let until = self.as_of.map_or_else(String::new, |time| format!(" up to {}", format_timestamp(time)));
        if let Some(table) = tables.last_mut() {
            table.notes.push(format!("-- folded from {} events of the event store{until}{later}", self.history.len()));
        }
        tables
    }

    fn names(&self) -> Vec<String> {
        vec![self.payment.payment_no.clone()]
    }
}

impl PaymentHistory {
    fn state(&self) -> Table {
        let payment = &self.payment;
        let money = |minor| Money::new(minor, payment.currency).to_string();
        let mut table = Table::new(&["PAYMENT", ""]);
        let rows = [
            ("payment_no", Some(payment.payment_no.clone())),
            ("status", Some(payment.status.to_string())),
            ("amount", Some(money(payment.amount))),
            ("fee", Some(money(payment.fee_amount))),
            ("captured", Some(money(payment.captured))),
            ("order_no", Some(payment.order_no.clone())),
            ("merchant_id", Some(payment.merchant_id.to_string())),
            ("channel", Some(payment.channel.clone())),
            ("customer_email", Some(self.customer_email.clone())),
            ("version", Some(payment.version.to_string())),
            ("created_at", Some(format_timestamp(payment.created_at))),
            ("paid_at", payment.paid_at.map(format_timestamp)),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                table.push([name.to_owned(), value]);
            }
        }
        table
    }

    fn steps(&self) -> Table {
        let mut table = Table::new(&["TIME", ">V", "EVENT", "FROM", "TO", "?EVENT-ID"]);
        for step in &self.history {
            table.push([
                clock(step.at, self.now),
                step.version.to_string(),
                step.event_type.to_owned(),
                step.from.map_or_else(|| "-".to_owned(), |from| from.to_string()),
                step.to.to_string(),
                step.event_id.to_string(),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PaymentStatus;
    use crate::event::EventKind;
    use crate::ops::fixture::Fixture;

    #[tokio::test]
    async fn a_payment_is_shown_as_it_stood_at_a_time_and_how_it_came_there() {
        let fixture = Fixture::new();
        let payment_no = fixture.created("ORDER-1").await;
        let created = fixture.now();
        for (kind, version) in [(EventKind::PaymentProcessing, 2), (EventKind::PaymentSuccess, 3)] {
            fixture.wait(60_000);
            let mut event = fixture.payment_event(kind, &payment_no, "ORDER-1", version);
            if let crate::event::Payload::Payment(payload) = &mut event.payload {
                payload.created_at = created;
            }
            fixture.publish(vec![event]).await;
        }
        let at = async |as_of| history(&fixture.reader, &payment_no, as_of, Masking::Masked).await;
        let now = at(None).await.unwrap();
        assert_eq!((now.payment.status, now.payment.captured, now.history.len(), now.later), (PaymentStatus::Success, 10_000, 3, 0));
        let before = at(Some(fixture.now() - chrono::TimeDelta::seconds(1))).await.unwrap();
        assert_eq!((before.payment.status, before.payment.captured, before.later), (PaymentStatus::Processing, 0, 1));
        let shown = PaymentHistory { shows_steps: true, ..now }.tables();
        assert_eq!(shown[1].rows[2][1..5], ["3", "payment.success", "processing", "success"]);
        assert!(!format!("{shown:?}").contains("test@example.com"));
        let early = at(Some(created - chrono::TimeDelta::seconds(1))).await.unwrap_err();
        assert!(early.to_string().contains("was not made before 2026-01-02T03:04:05.678901Z"), "{early}");
        assert!(matches!(history(&fixture.reader, "PY1", None, Masking::Masked).await, Err(OpsError::NotFound { .. })));
    }
}
