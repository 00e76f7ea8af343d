use crate::ops::fixture::{Fixture, Paid};
use crate::ops::{OpsError, Report as _};
use crate::services::Service;

use super::{StepState, VerdictState, from_log, trace};

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
    stop(&fixture, Service::Analytics).await;
    fixture.wait(252_000);
    let trace = trace(&fixture.reader, &paid.order_no).await.unwrap();
    assert_eq!((trace.verdict.state, trace.verdict.at.as_deref()), (VerdictState::Stuck, Some("analytics")));
    let text = words(&trace);
    assert!(text.contains("MISSING read payment.success") && text.contains("for 4m12s"), "{text}");
    assert!(trace.verdict.reason.contains("no analytics is running"), "{}", trace.verdict.reason);
}

/// Takes back what a group has done, as if it had never run.
async fn stop(fixture: &Fixture, service: Service) {
    let group = service.group().unwrap();
    for table in ["consumer_offsets", "group_members", "consumer_batches", "inbox", "applied_version"] {
        fixture.run(format!("DELETE FROM {table} WHERE grp = '{group}'")).await;
    }
}

#[tokio::test]
async fn each_group_that_is_stopped_is_the_one_that_is_named() {
    for service in [Service::Order, Service::Accounting, Service::Notification, Service::Analytics] {
        let fixture = Fixture::new();
        let paid = settled(&fixture).await;
        stop(&fixture, service).await;
        fixture.wait(60_000);
        for other in Service::ALL.iter().filter(|other| other.group().is_some() && **other != service) {
            fixture.member(*other).await;
        }
        let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
        assert_eq!((trace.verdict.state, trace.verdict.at.as_deref()), (VerdictState::Stuck, Some(service.name())), "{}", words(&trace));
        let missing: Vec<&str> =
            trace.steps.iter().filter(|step| step.state == StepState::Missing).map(|step| step.service.as_str()).collect();
        assert!(missing.iter().all(|name| *name == service.name()), "{service}: {missing:?}");
        assert!(trace.verdict.reason.contains(&format!("no {service} is running")), "{}", trace.verdict.reason);
    }
}

#[tokio::test]
async fn an_event_that_came_past_the_log_is_not_missed() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.run("UPDATE consumer_offsets SET next_offset = 0 WHERE grp = 'payctl.accounting' AND topic = 'payment.events'").await;
    fixture.wait(60_000);
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    let text = words(&trace);
    assert_eq!(trace.verdict.state, VerdictState::Settled, "{text}");
    assert!(text.contains("accounting past the log"), "{text}");
}

#[tokio::test]
async fn a_group_that_is_past_an_event_without_its_mark_has_lost_it() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.run(format!("DELETE FROM inbox WHERE grp = 'payctl.analytics' AND event_id = '{}'", paid.success)).await;
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    assert_eq!(trace.verdict.state, VerdictState::Inconsistent);
    assert_eq!(trace.verdict.reason, "analytics is past payment.success and has not applied it");
}

#[tokio::test]
async fn any_number_of_the_payment_leads_to_it_and_a_refunds_says_that_there_are_none() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    let order = format!("{}/{}", crate::ops::fixture::MERCHANT, paid.order_no);
    let key = format!("key-{}", paid.order_no);
    for id in [paid.transaction_id.as_str(), &order, &key, crate::ops::fixture::TRACE_ID, &paid.created.to_string()] {
        assert_eq!(trace(&fixture.reader, id).await.unwrap().payment.payment_no, paid.payment_no, "{id}");
    }
    let refund = trace(&fixture.reader, &paid.payment_no.replace("PY", "RF")).await.unwrap_err();
    assert!(refund.to_string().contains("is the number of a refund, and this version makes none"), "{refund}");
}

#[tokio::test]
async fn without_a_database_the_events_alone_tell_what_is_owed() {
    let fixture = Fixture::new();
    let paid = fixture.paid("ORDER-1").await;
    let unpaid = fixture.created("ORDER-2").await;
    let ambient = fixture.reader.ambient.clone();
    let ask = async |id: &str| from_log(&fixture.reader.log, &ambient, id, "planted", std::time::Duration::from_mins(1)).await;
    if !fixture.reader.log.has_gaps() {
        println!("skip: on a server the log is the brokers', and tests/it/trace.rs asks them");
        return;
    }
    for id in [paid.payment_no.as_str(), "ORDER-1", &paid.success.to_string()] {
        let told = ask(id).await.unwrap();
        let text = words(&told);
        assert_eq!((told.verdict.state, told.payment.payment_no.as_str()), (VerdictState::Settled, paid.payment_no.as_str()), "{text}");
        assert!(told.is_partial() && text.contains("payment.success v3") && text.contains("accounting.transaction.created v1"), "{text}");
    }
    let waiting = ask(&unpaid).await.unwrap();
    assert_eq!((waiting.verdict.state, waiting.verdict.at.as_deref()), (VerdictState::InProgress, Some("gateway")));
    let lonely = fixture.payment_event(crate::event::EventKind::PaymentSuccess, &unpaid, "ORDER-2", 2);
    fixture.publish(vec![lonely]).await;
    fixture.wait(60_000);
    let stuck = ask("ORDER-2").await.unwrap();
    assert_eq!((stuck.verdict.state, stuck.verdict.at.as_deref()), (VerdictState::Stuck, Some("order")));
    assert!(stuck.steps.iter().any(|step| step.service == "accounting" && step.state == StepState::Missing));
    let unknown = ask("key-ORDER-1").await.unwrap_err();
    assert!(matches!(&unknown, OpsError::Unreachable(said) if said.contains("idempotency key")), "{unknown}");
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
    assert!(trace.verdict.reason.contains("look: payctl dlq show dlq:accounting/payment.events/"), "{}", trace.verdict.reason);
}

#[tokio::test]
async fn books_that_disagree_with_the_payment_are_inconsistent() {
    let fixture = Fixture::new();
    let paid = settled(&fixture).await;
    fixture.unguarded().await;
    fixture.run("UPDATE transfers SET amount = amount + 1 WHERE leg = 'payment_gross'").await;
    let trace = trace(&fixture.reader, &paid.payment_no).await.unwrap();
    assert_eq!(trace.verdict.state, VerdictState::Inconsistent);
    assert!(trace.verdict.reason.contains("hold 100.01 USD for a payment of 100.00 USD"), "{}", trace.verdict.reason);
}
