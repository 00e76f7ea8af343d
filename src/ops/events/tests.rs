use uuid::Uuid;

use crate::event::EventKind;
use crate::ops::fixture::{Fixture, MERCHANT};
use crate::ops::{OpsError, Report as _};
use crate::services::Service;

use super::{EventFilter, OnLog, list, show};

fn filter() -> EventFilter {
    EventFilter { limit: 20, ..EventFilter::default() }
}

#[tokio::test]
async fn the_newest_events_that_fit_come_last() {
    let fixture = Fixture::new();
    let start = fixture.now();
    let first = fixture.paid("A").await;
    fixture.wait(3_600_000);
    let hour = fixture.now();
    let second = fixture.paid("B").await;
    let kinds = async |filter: EventFilter| {
        let found = list(&fixture.reader, filter).await.unwrap();
        found.events.iter().map(|line| line.record.event_type.clone().unwrap()).collect::<Vec<_>>()
    };
    let own = EventFilter { aggregate: Some(first.payment_no.clone()), ..filter() };
    assert_eq!(kinds(own).await, ["payment.created", "payment.processing", "payment.success"]);
    let success = EventFilter { kind: Some(EventKind::PaymentSuccess), merchant: Some(MERCHANT), ..filter() };
    let found = list(&fixture.reader, success.clone()).await.unwrap();
    assert_eq!(found.events.iter().map(|line| line.record.event_id.unwrap()).collect::<Vec<_>>(), [first.success, second.success]);
    assert!(!found.has_more);
    let newest = list(&fixture.reader, EventFilter { limit: 1, ..success.clone() }).await.unwrap();
    assert_eq!((newest.events[0].record.event_id, newest.has_more), (Some(second.success), true));
    let later = EventFilter { since: Some(hour), ..success.clone() };
    assert_eq!(list(&fixture.reader, later).await.unwrap().events[0].record.event_id, Some(second.success));
    let earlier = EventFilter { until: Some(hour), since: Some(start), ..success };
    assert_eq!(list(&fixture.reader, earlier).await.unwrap().events[0].record.event_id, Some(first.success));
}

#[tokio::test]
async fn an_event_is_shown_masked_with_its_place_and_with_who_has_applied_it() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    fixture.consume().await;
    let shown = show(&fixture.reader, paid.success).await.unwrap();
    assert!(shown.is_intact && !shown.is_finding());
    for service in [Service::Order, Service::Accounting, Service::Notification, Service::Analytics] {
        assert!(shown.state_at(service).unwrap().starts_with("applied"), "{service}: {shown:?}");
    }
    let text = shown.tables().iter().flat_map(|table| table.rows.clone()).flatten().collect::<Vec<_>>().join("\n");
    assert!(text.contains("payment.success") && text.contains(&paid.payment_no) && !text.contains("test@example.com"), "{text}");
    fixture.park(Service::Accounting, paid.success, "failed").await;
    let parked = show(&fixture.reader, paid.success).await.unwrap();
    assert_eq!(parked.state_at(Service::Accounting), Some("parked"));
    assert!(parked.letter().unwrap().to_string().starts_with("dlq:accounting/payment.events/"));
}

#[tokio::test]
async fn an_event_that_no_group_has_read_waits_and_an_unknown_one_is_said_to_be_unknown() {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    let shown = show(&fixture.reader, paid.created).await.unwrap();
    assert_eq!(shown.state_at(Service::Order), Some("waiting"));
    assert!(matches!(shown.log, OnLog::Same { .. } | OnLog::Unplaced));
    assert!(matches!(show(&fixture.reader, Uuid::nil()).await, Err(OpsError::NotFound { what: "event", .. })));
}
