use crate::ops::fixture::{Fixture, Paid};
use crate::ops::{OpsError, Report as _};
use crate::services::Service;

use super::{StepState, VerdictState, trace};

/// The words of the timeline, for assertions on what a person reads.
fn words(trace: &super::Trace) -> String {
    trace.tables().iter().flat_map(|table| table.rows.iter().map(|row| row.join("  "))).collect::<Vec<_>>().join("\n")
}

/// A payment that went all the way, and whose every mail is out.
async fn settled(fixture: &Fixture) -> Paid {
    let paid = fixture.paid("ORDER-1").await;
    fixture.consume().await;
    fixture
        .run(format!(
            "INSERT INTO notifications (notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, \
             subject_id, payment_no, variables, status, next_attempt_at, message_id, trace_id, created_at, sent_at) \
             SELECT event_id, event_id, event_type, 'email', replace(event_type, '.', '_'), merchant_id, 'test@example.com', \
             aggregate_id, '{}', '{{}}', 'sent', created_at, '<' || event_id || '>', '', created_at, created_at FROM events \
             WHERE event_type IN ('payment.created', 'payment.success', 'order.created', 'order.paid') ON CONFLICT DO NOTHING",
            paid.payment_no
        ))
        .await;
    paid
}

#[tokio::test]
async fn an_unknown_id_is_said_to_be_unknown() {
    let fixture = Fixture::new();
    assert!(matches!(trace(&fixture.reader, "PY0").await, Err(OpsError::NotFound { .. })));
}

#[tokio::test]
async fn a_payment_that_went_all_the_way_is_settled_and_every_group_is_named() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    let text = words(&trace);
    assert_eq!(trace.verdict.state, VerdictState::Settled, "{text}");
    let success = trace.steps.iter().find(|step| step.event_id == Some(paid.success)).unwrap();
    let readers: Vec<&str> = success.reads.iter().map(|read| read.group.as_str()).collect();
    assert_eq!(readers, ["order", "accounting", "notification", "analytics"]);
    assert!(text.contains(&format!("booked {}", paid.transaction_id)), "{text}");
}

#[tokio::test]
async fn the_group_that_has_not_read_is_named_with_how_long_it_is_due() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.run("DELETE FROM group_members").await;
    fixture.run("UPDATE consumer_offsets SET next_offset = 0 WHERE grp = 'payctl.analytics' AND topic = 'payment.events'").await;
    fixture.wait(252_000);
    let trace = trace(&fixture.reader, &paid.order_no).await.unwrap();
    assert_eq!((trace.verdict.state, trace.verdict.at.as_deref()), (VerdictState::Stuck, Some("analytics")));
    let text = words(&trace);
    assert!(text.contains("MISSING read payment.success") && text.contains("due for 4m12s"), "{text}");
}

#[tokio::test]
async fn a_parked_event_is_told_once_with_what_waits_behind_it() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    let text = words(&trace);
    assert_eq!((trace.verdict.state, trace.verdict.at.as_deref()), (VerdictState::Stuck, Some("accounting")), "{text}");
    assert_eq!(trace.steps.iter().filter(|step| step.state == StepState::Parked).count(), 1);
    assert!(text.contains("PARKED payment.success parked") && text.contains("ACCOUNT_NOT_FOUND"), "{text}");
}

#[tokio::test]
async fn books_that_disagree_with_the_payment_are_inconsistent() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.unguarded().await;
    fixture.run("UPDATE transfers SET amount = amount + 1 WHERE leg = 'payment_gross'").await;
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    assert_eq!(trace.verdict.state, VerdictState::Inconsistent);
    assert!(trace.verdict.reason.contains("10001"), "{}", trace.verdict.reason);
}
