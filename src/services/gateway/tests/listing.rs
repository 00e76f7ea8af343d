use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use serde_json::{Value, json};

use crate::domain::PaymentStatus;
use crate::event::EventKind;
use crate::services::gateway::facts;
use crate::services::gateway::query::{Part, PaymentFilter, PaymentSort, find_subject, get_payment, list_payments};
use crate::services::{Fact, FactState, Subject, SubjectEvent};
use crate::store::{StoreError, Tx};

use super::{OTHER_KEY, TestGateway, intent_event, merchant, payment};

fn orders(list: &Value) -> Vec<&str> {
    list["data"]["list"].as_array().unwrap().iter().map(|payment| payment["order_no"].as_str().unwrap()).collect()
}

/// Three payments a minute apart: 100.00 USD, 700 JPY of another customer, and 50.00 USD that was cancelled.
async fn three_payments() -> TestGateway {
    let gateway = TestGateway::start().await;
    gateway.pay("ORD-1").await;
    gateway.platform.context.ambient.advance(Duration::from_mins(1));
    let mut yen = payment("ORD-2");
    yen["amount"] = json!(700);
    yen["currency"] = json!("JPY");
    yen["customer_email"] = json!("other@example.com");
    assert_eq!(gateway.create(&yen).await.status, 201);
    gateway.platform.context.ambient.advance(Duration::from_mins(1));
    let mut small = payment("ORD-3");
    small["amount"] = json!(5_000);
    let number = gateway.create(&small).await.data("payment_no").to_owned();
    assert_eq!(gateway.cancel(&number).await.status, 200);
    gateway
}

#[tokio::test]
async fn filters_choose_and_the_newest_come_first() {
    let gateway = three_payments().await;
    for (query, expected) in [
        ("", vec!["ORD-3", "ORD-2", "ORD-1"]),
        ("?status=pending", vec!["ORD-2", "ORD-1"]),
        ("?status=cancelled", vec!["ORD-3"]),
        ("?channel=stripe&currency=JPY", vec!["ORD-2"]),
        ("?customer_email=other%40example.com", vec!["ORD-2"]),
        ("?order_no=ORD-1", vec!["ORD-1"]),
        ("?min_amount=700&max_amount=5000", vec!["ORD-3", "ORD-2"]),
        ("?start_time=2026-01-02T03:05:00Z", vec!["ORD-3", "ORD-2"]),
        ("?end_time=2026-01-02T03:05:00Z", vec!["ORD-1"]),
        ("?start_time=2026-01-02T04:05:00%2B01:00&end_time=2026-01-02T03:06:00Z", vec!["ORD-2"]),
        ("?page_size=2", vec!["ORD-3", "ORD-2"]),
        ("?page=2&page_size=2", vec!["ORD-1"]),
        ("?page=9", vec![]),
    ] {
        let answer = gateway.get(&format!("/api/v1/payments{query}")).await;
        assert_eq!((answer.status, orders(&answer.json)), (200, expected), "{query}");
        assert!(query.contains("page") == (answer.json["data"]["total"] != orders(&answer.json).len()) || query == "?page_size=2");
    }
    let page = gateway.get("/api/v1/payments?page=2&page_size=2").await;
    let data = &page.json["data"];
    assert_eq!((&data["total"], &data["page"], &data["page_size"]), (&json!(3), &json!(2), &json!(2)));
    assert!(data["list"][0]["payment_url"].is_string());
    let request = Request::get("/api/v1/payments").header("x-api-key", OTHER_KEY).body(Body::empty()).unwrap();
    assert_eq!(gateway.send(request).await.json["data"]["total"], 0, "another merchant sees none of them");
}

#[tokio::test]
async fn a_bad_filter_is_refused_and_not_passed_over() {
    let gateway = TestGateway::start().await;
    for (query, error) in [
        ("status=paid", "INVALID_REQUEST"),
        ("status=", "INVALID_REQUEST"),
        ("channel=paypal", "CHANNEL_NOT_SUPPORTED"),
        ("currency=usd", "INVALID_CURRENCY"),
        ("order_no=a%20b", "INVALID_REQUEST"),
        ("customer_email=", "INVALID_REQUEST"),
        ("start_time=yesterday", "INVALID_REQUEST"),
        ("start_time=2026-01-02T03:04:05", "INVALID_REQUEST"),
        ("start_time=2026-01-03T00:00:00Z&end_time=2026-01-02T00:00:00Z", "INVALID_REQUEST"),
        ("min_amount=1.5", "INVALID_REQUEST"),
        ("min_amount=-1", "INVALID_REQUEST"),
        ("min_amount=2&max_amount=1", "INVALID_REQUEST"),
        ("max_amount=9007199254740992", "INVALID_REQUEST"),
        ("page=0", "INVALID_REQUEST"),
        ("page_size=101", "INVALID_REQUEST"),
        ("page=x", "INVALID_REQUEST"),
        ("colour=red", "INVALID_REQUEST"),
        ("merchant_id=11111111-2222-4333-8444-555555555555", "INVALID_REQUEST"),
        ("status=pending&status=failed", "INVALID_REQUEST"),
    ] {
        let answer = gateway.get(&format!("/api/v1/payments?{query}")).await;
        assert_eq!((answer.status, answer.error()), (400, error), "{query}");
        assert!(answer.json["details"]["field"].is_string(), "{query}");
    }
}

#[tokio::test]
async fn the_console_sees_every_merchants_payments() {
    let gateway = three_payments().await;
    let read: Result<_, StoreError> = gateway
        .platform
        .context
        .store
        .read(async |tx: &mut Tx| {
            let (all, total) = list_payments(tx, &PaymentFilter::default(), &Part { limit: 2, offset: 1, ..Part::default() }).await?;
            let pending = PaymentFilter { status: Some(PaymentStatus::Pending), ..PaymentFilter::default() };
            Ok((all, total, list_payments(tx, &pending, &Part { limit: 10, ..Part::default() }).await?.1))
        })
        .await;
    let (all, total, pending) = read.unwrap();
    assert_eq!((all.len(), total, pending), (2, 3, 2));
    assert_eq!((all[0].order_no.as_str(), all[1].order_no.as_str()), ("ORD-2", "ORD-1"));
    let number = all[0].payment_no.clone();
    let one: Result<_, StoreError> = gateway.platform.context.store.read(async move |tx: &mut Tx| get_payment(tx, &number).await).await;
    assert_eq!(serde_json::to_value(one.unwrap().unwrap()).unwrap()["currency"], "JPY");
}

#[tokio::test]
async fn every_order_of_the_list_goes_on_behind_the_payment_that_was_seen_last() {
    let gateway = three_payments().await;
    for (sort, expected) in [
        (PaymentSort::Newest, ["ORD-3", "ORD-2", "ORD-1"]),
        (PaymentSort::Oldest, ["ORD-1", "ORD-2", "ORD-3"]),
        (PaymentSort::Largest, ["ORD-1", "ORD-3", "ORD-2"]),
        (PaymentSort::Smallest, ["ORD-2", "ORD-3", "ORD-1"]),
    ] {
        let read: Result<Vec<String>, StoreError> = gateway
            .platform
            .context
            .store
            .read(async move |tx: &mut Tx| {
                let (filter, mut seen, mut last) = (PaymentFilter::default(), Vec::new(), None);
                loop {
                    let part = Part { sort, behind: last.as_ref(), limit: 1, offset: 0 };
                    let (found, total) = list_payments(tx, &filter, &part).await?;
                    assert_eq!(total, 3, "what was seen already is one of them as well");
                    let Some(found) = found.into_iter().next() else { return Ok(seen) };
                    seen.push(found.order_no.clone());
                    last = Some(found);
                }
            })
            .await;
        assert_eq!(read.unwrap(), expected, "{sort:?}");
    }
}

#[tokio::test]
async fn any_id_of_a_payment_leads_to_it() {
    let gateway = TestGateway::start().await;
    let answer = gateway.create_keyed(&payment("ORD-1"), "key-1").await;
    let number = answer.data("payment_no").to_owned();
    gateway.post_intent(&number, "pi_1").await;
    gateway.pay("ORD-2").await;
    let event_id = gateway.text(&format!("SELECT event_id FROM events WHERE aggregate_id = '{number}' AND aggregate_version = 2")).await;
    let trace_id = answer.json["trace_id"].as_str().unwrap().to_owned();
    for id in [number.clone(), "ORD-1".to_owned(), "key-1".to_owned(), "pi_1".to_owned(), trace_id, event_id] {
        let wanted = id.clone();
        let found: Result<_, StoreError> =
            gateway.platform.context.store.read(async move |tx: &mut Tx| find_subject(tx, &wanted).await).await;
        let found = found.unwrap().unwrap_or_else(|| panic!("{id} leads nowhere"));
        assert_eq!((found.payment_no, found.order_no.as_str()), (number.clone(), "ORD-1"), "{id}");
    }
    for id in ["ORD-9", "PY20260102030405ABCDEFGHJK", "00000000-0000-7000-8000-000000000000", ""] {
        let found: Result<_, StoreError> = gateway.platform.context.store.read(async move |tx: &mut Tx| find_subject(tx, id).await).await;
        assert_eq!(found.unwrap(), None, "{id}");
    }
}

async fn facts_of(gateway: &TestGateway, payment_no: &str) -> Vec<Fact> {
    let created = SubjectEvent {
        event_id: gateway.platform.context.ambient.uuid(),
        kind: EventKind::PaymentCreated,
        at: gateway.platform.context.ambient.now(),
    };
    let subject = Subject {
        payment_no: payment_no.to_owned(),
        merchant_id: merchant(super::MERCHANT),
        order_no: "ORD-1".to_owned(),
        events: vec![created],
    };
    let told: Result<_, StoreError> = gateway.platform.context.store.read(async move |tx: &mut Tx| facts(tx, &subject).await).await;
    told.unwrap()
}

fn states(facts: &[Fact]) -> Vec<(&str, FactState)> {
    facts.iter().map(|fact| (fact.what.as_str(), fact.state)).collect()
}

#[tokio::test]
async fn a_trace_is_told_what_the_payment_waits_for() {
    let gateway = TestGateway::start().await;
    let number = gateway.create_keyed(&payment("ORD-1"), "key-1").await.data("payment_no").to_owned();
    let told = facts_of(&gateway, &number).await;
    assert_eq!(states(&told), [("payment taken", FactState::Done), ("waiting for the payer", FactState::Waiting)]);
    assert!(told[0].detail.contains("key-1") && told[0].event_id.is_some(), "{}", told[0].detail);

    gateway.post_intent(&number, "pi_1").await;
    let mut wrong = intent_event("evt_1", "payment_intent.succeeded", "pi_1", &number);
    wrong["data"]["object"]["amount_received"] = json!(9_999);
    gateway.webhook(&wrong).await;
    gateway.until_applied().await;
    let told = facts_of(&gateway, &number).await;
    let expected = [
        ("payment taken", FactState::Done),
        ("waiting for the payer", FactState::Waiting),
        ("webhook payment_intent.succeeded put up for review", FactState::Failed),
        ("review amount_mismatch open", FactState::Failed),
    ];
    assert_eq!(states(&told), expected);

    gateway.webhook(&intent_event("evt_2", "payment_intent.succeeded", "pi_1", &number)).await;
    gateway.until_status(&number, "success").await;
    gateway.execute("UPDATE reviews SET resolved_at = created_at").await;
    gateway.execute("UPDATE webhook_in SET state = 'received', applied_at = NULL WHERE evt_id = 'evt_1'").await;
    let told = facts_of(&gateway, &number).await;
    let expected = [
        ("payment taken", FactState::Done),
        ("webhook payment_intent.succeeded to be applied", FactState::Missing),
        ("webhook payment_intent.succeeded applied", FactState::Done),
        ("review amount_mismatch resolved", FactState::Done),
    ];
    assert_eq!(states(&told), expected);
}
