use crate::domain::format_timestamp;
use crate::event::EventKind;
use crate::services::{Fact, FactState, Subject};
use crate::store::{StoreError, Tx};

const GROUP: &str = "payctl.analytics";

/// Which of the payment's events are in the counters; the group's marks say so.
pub(super) async fn of_payment(tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
    let mut facts = Vec::new();
    for kind in [EventKind::PaymentCreated, EventKind::PaymentSuccess, EventKind::PaymentFailed] {
        let Some(event) = subject.event(kind) else { continue };
        let day: String = format_timestamp(event.at).chars().take(10).collect();
        let mark = tx
            .query_one(
                "SELECT 1 FROM inbox WHERE grp = $1 AND event_day = $2 AND event_id = $3",
                &[GROUP.into(), day.into(), event.event_id.into()],
            )
            .await?;
        facts.push(Fact {
            service: "analytics",
            at: event.at,
            what: format!("{kind} counted"),
            detail: String::new(),
            state: if mark.is_some() { FactState::Done } else { FactState::Missing },
            event_id: Some(event.event_id),
        });
    }
    Ok(facts)
}
