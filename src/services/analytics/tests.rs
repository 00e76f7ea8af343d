use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::domain::{Currency, Email, MerchantId, OrderStatus, PaymentStatus, Timestamp, parse_timestamp};
use crate::event::{
    Event, EventKind, Extra, Metadata, OrderPayload, Payload, PaymentPayload, RefundPayload, TopicPartition, order_aggregate_id, sha256_hex,
};
use crate::services::{Consumer, FactState, HandleError, Service, Subject, SubjectEvent};
use crate::store::{ApiKey, Class, StoreError};
use crate::testing::TestPlatform;

use super::{build, facts, query};

const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(0x2e42_829e_b6aa_4e63_964d_a45a_49af_106c));
const OTHER: MerchantId = MerchantId(Uuid::from_u128(7));
const CREATED: &str = "2025-10-24T23:59:59.500000Z";
const NEXT_DAY: &str = "2025-10-25T00:00:01.750000Z";

fn time(text: &str) -> Timestamp {
    parse_timestamp(text).unwrap()
}

fn event(id: u128, kind: EventKind, at: &str, payload: Payload) -> Event {
    Event {
        at: TopicPartition { topic: kind.topic(), partition: 0 },
        offset: 1,
        event_id: Uuid::from_u128(id),
        kind,
        aggregate_id: "PY20251024235959AAAAAAAAAA".to_owned(),
        timestamp: time(at),
        metadata: Metadata {
            aggregate_version: 1,
            merchant_id: Some(MERCHANT),
            correlation_id: "c".to_owned(),
            causation_id: String::new(),
            trace_id: String::new(),
            producer: "test".to_owned(),
        },
        payload,
    }
}

fn payment(id: u128, kind: EventKind, at: &str, amount: i64, currency: &str) -> Event {
    let payload = PaymentPayload {
        payment_no: "PY20251024235959AAAAAAAAAA".to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD1".to_owned(),
        amount,
        currency: currency.parse().unwrap(),
        channel: "stripe".to_owned(),
        status: PaymentStatus::Pending,
        customer_email: Email::stored("a@example.com"),
        created_at: time(CREATED),
        paid_at: (kind == EventKind::PaymentSuccess).then(|| time(at)),
        fee_bps: 200,
        fee_amount: amount / 50,
        extra: Extra::new(),
    };
    event(id, kind, at, Payload::Payment(Box::new(payload)))
}

fn order(id: u128, kind: EventKind, at: &str, amount: i64, email: &str) -> Event {
    let payload = OrderPayload {
        order_no: "ORD1".to_owned(),
        merchant_id: MERCHANT,
        payment_no: "PY20251024235959AAAAAAAAAA".to_owned(),
        total_amount: amount,
        fee_amount: (kind == EventKind::OrderPaid).then_some(amount / 50),
        currency: Currency::USD,
        status: OrderStatus::Pending,
        customer_email: Email::stored(email),
        paid_at: None,
        extra: Extra::new(),
    };
    let mut event = event(id, kind, at, Payload::Order(Box::new(payload)));
    event.aggregate_id = order_aggregate_id(MERCHANT, "ORD1");
    event
}

fn refund(id: u128, kind: EventKind, at: &str, amount: i64, fee_returned: i64) -> Event {
    let payload = RefundPayload {
        refund_no: "RF20251024235959AAAAAAAAAA".to_owned(),
        payment_no: "PY20251024235959AAAAAAAAAA".to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD1".to_owned(),
        amount,
        currency: Currency::USD,
        channel: "stripe".to_owned(),
        reason: "requested".to_owned(),
        status: "success".to_owned(),
        fee_returned,
        refunded_at: None,
        extra: Extra::new(),
    };
    event(id, kind, at, Payload::Refund(Box::new(payload)))
}

async fn apply(platform: &TestPlatform, events: &[Event]) -> Result<(), HandleError> {
    let consumer: Arc<dyn Consumer> = build(&platform.context).consumer.unwrap();
    let events = events.to_vec();
    platform.context.store.write(Class::Consumer, async move |tx| consumer.apply(tx, &events).await).await
}

/// Every counter of every table, as text.
async fn counters(platform: &TestPlatform) -> Vec<String> {
    platform
        .context
        .store
        .read(async move |tx| {
            let mut all = Vec::new();
            for sql in [
                "SELECT 'payment ' || merchant_id || date || currency || ' ' || total_payments || ' ' || success_payments || ' ' || failed_payments || ' ' || \
                 total_amount || ' ' || success_amount || ' ' || total_refunds || ' ' || total_refund_amount FROM payment_metrics ORDER BY 1",
                "SELECT 'channel ' || channel || date || currency || ' ' || total_transactions || ' ' || success_transactions || ' ' || failed_transactions || \
                 ' ' || total_amount || ' ' || success_amount || ' ' || latency_ms_sum FROM channel_metrics ORDER BY 1",
                "SELECT 'merchant ' || merchant_id || date || currency || ' ' || total_orders || ' ' || completed_orders || ' ' || cancelled_orders || ' ' || \
                 total_revenue || ' ' || total_fees || ' ' || net_revenue || ' ' || new_customers || ' ' || returning_customers FROM merchant_metrics ORDER BY 1",
            ] {
                for row in tx.query(sql, &[]).await? {
                    all.push(row.get::<String>(0)?);
                }
            }
            Ok::<_, StoreError>(all)
        })
        .await
        .unwrap()
}

async fn get(platform: &TestPlatform, uri: &str, key: Option<&str>, peer: Option<&str>) -> (StatusCode, Json, String) {
    let routes = platform.served(Service::Analytics, build(&platform.context).routes);
    let mut request = Request::get(uri);
    if let Some(key) = key {
        request = request.header("x-api-key", key);
    }
    let mut request = request.body(Body::empty()).unwrap();
    if let Some(peer) = peer {
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
    }
    let response = routes.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Json::Null), text)
}

async fn add_key(platform: &TestPlatform, key: &'static str, merchant_id: MerchantId) {
    platform
        .context
        .store
        .write(Class::Ingress, async move |tx| {
            let id = ApiKey { key_id: key.to_owned(), merchant_id };
            tx.add_api_key(&id, &sha256_hex(key.as_bytes()), "test").await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_paid_payment_reads_exactly_as_the_contract_says() {
    let platform = TestPlatform::new();
    add_key(&platform, "k1", MERCHANT).await;
    apply(
        &platform,
        &[
            payment(1, EventKind::PaymentCreated, CREATED, 10_000, "USD"),
            payment(2, EventKind::PaymentProcessing, CREATED, 10_000, "USD"),
            payment(3, EventKind::PaymentSuccess, NEXT_DAY, 10_000, "USD"),
        ],
    )
    .await
    .unwrap();
    let uri = format!("/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date=2025-10-24");
    let (status, _, text) = get(&platform, &uri, Some("k1"), None).await;
    assert_eq!(status, StatusCode::OK);
    let data = concat!(
        r#""data":{"merchant_id":"2e42829e-b6aa-4e63-964d-a45a49af106c","date":"2025-10-24","currency":"USD","#,
        r#""total_payments":1,"success_payments":1,"failed_payments":0,"total_amount":10000,"success_amount":10000,"#,
        r#""total_refunds":0,"total_refund_amount":0,"success_rate":100.00,"average_amount":10000},"#
    );
    assert!(text.starts_with(r#"{"code":0,"#) && text.contains(data), "{text}");
}

#[tokio::test]
async fn payments_count_on_the_day_they_were_created_and_the_rest_on_its_own() {
    let platform = TestPlatform::new();
    apply(
        &platform,
        &[
            payment(1, EventKind::PaymentCreated, CREATED, 10_000, "USD"),
            payment(2, EventKind::PaymentSuccess, NEXT_DAY, 10_000, "USD"),
            payment(3, EventKind::PaymentCreated, CREATED, 500, "JPY"),
            payment(4, EventKind::PaymentFailed, NEXT_DAY, 500, "JPY"),
            order(5, EventKind::OrderCreated, CREATED, 10_000, "a@example.com"),
            order(6, EventKind::OrderPaid, NEXT_DAY, 10_000, "a@example.com"),
            refund(7, EventKind::RefundSuccess, NEXT_DAY, 4_000, 80),
            refund(8, EventKind::RefundReversed, NEXT_DAY, 1_000, 20),
        ],
    )
    .await
    .unwrap();
    let mut found = counters(&platform).await;
    found.sort();
    assert_eq!(
        found,
        [
            "channel stripe2025-10-24JPY 1 0 1 0 0 0".to_owned(),
            "channel stripe2025-10-24USD 1 1 0 10000 10000 2250".to_owned(),
            format!("merchant {MERCHANT}2025-10-24USD 1 0 0 0 0 0 0 0"),
            format!("merchant {MERCHANT}2025-10-25USD 0 1 0 10000 200 6860 1 0"),
            format!("payment {MERCHANT}2025-10-24JPY 1 0 1 0 0 0 0"),
            format!("payment {MERCHANT}2025-10-24USD 1 1 0 10000 10000 0 0"),
            format!("payment {MERCHANT}2025-10-25USD 0 0 0 0 0 1 4000"),
        ]
    );
}

#[tokio::test]
async fn each_changed_row_is_told_once_a_batch_with_its_own_version() {
    let platform = TestPlatform::new();
    let batch = |from: u128| {
        [payment(from, EventKind::PaymentCreated, CREATED, 100, "USD"), payment(from + 1, EventKind::PaymentCreated, CREATED, 100, "USD")]
    };
    apply(&platform, &batch(1)).await.unwrap();
    apply(&platform, &batch(3)).await.unwrap();
    let told = platform
        .context
        .store
        .read(async move |tx| {
            let rows = tx.query("SELECT aggregate_id, aggregate_version, key, merchant_id, value FROM events ORDER BY seq", &[]).await?;
            rows.iter()
                .map(|row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?, row.get(3)?, row.get::<Vec<u8>>(4)?)))
                .collect::<Result<Vec<(_, _, _, Option<MerchantId>, _)>, StoreError>>()
        })
        .await
        .unwrap();
    let names: Vec<_> = told.iter().map(|(id, version, key, merchant, _)| (id.clone(), *version, key.clone(), *merchant)).collect();
    let (ours, channel) = (format!("payment/{MERCHANT}/2025-10-24/USD"), "channel/stripe/2025-10-24/USD".to_owned());
    assert_eq!(
        names,
        [
            (ours.clone(), 1, MERCHANT.to_string(), Some(MERCHANT)),
            (channel.clone(), 1, "stripe".to_owned(), None),
            (ours, 2, MERCHANT.to_string(), Some(MERCHANT)),
            (channel, 2, "stripe".to_owned(), None),
        ]
    );
    let value: Json = serde_json::from_slice(&told[2].4).unwrap();
    assert_eq!(value["payload"]["values"]["total_payments"], json!(4));
    assert_eq!(value["metadata"]["causation_id"], json!(Uuid::from_u128(4).to_string()));
}

#[tokio::test]
async fn a_customer_is_new_once_even_within_one_batch_and_nobody_without_address_is_counted() {
    let platform = TestPlatform::new();
    let paid = |id, email| order(id, EventKind::OrderPaid, CREATED, 100, email);
    apply(&platform, &[paid(1, "a@example.com"), paid(2, "a@example.com"), paid(3, "b@example.com"), paid(4, "")]).await.unwrap();
    apply(&platform, &[paid(5, "b@example.com"), paid(6, "c@example.com")]).await.unwrap();
    assert_eq!(counters(&platform).await, [format!("merchant {MERCHANT}2025-10-24USD 0 6 0 600 12 588 3 2")]);
}

#[tokio::test]
async fn a_sum_beyond_64_bits_is_poison_and_changes_nothing() {
    let platform = TestPlatform::new();
    let half = payment(1, EventKind::PaymentSuccess, CREATED, i64::MAX / 2 + 1, "USD");
    let other = payment(2, EventKind::PaymentSuccess, CREATED, i64::MAX / 2 + 1, "USD");
    let in_memory = apply(&platform, &[half.clone(), other.clone()]).await;
    assert!(matches!(in_memory, Err(HandleError::Poison { code: "COUNTER_OVERFLOW", .. })), "{in_memory:?}");
    apply(&platform, &[half]).await.unwrap();
    let before = counters(&platform).await;
    let in_the_table = apply(&platform, &[other]).await;
    assert!(matches!(in_the_table, Err(HandleError::Poison { .. })), "{in_the_table:?}");
    assert_eq!(counters(&platform).await, before);
}

#[tokio::test]
async fn a_day_without_payments_is_all_zeros() {
    let platform = TestPlatform::new();
    let peer = Some("127.0.0.1:5000");
    let uri = format!("/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date=2025-01-01");
    let (status, body, text) = get(&platform, &uri, None, peer).await;
    assert_eq!((status, &body["data"]["currency"], &body["data"]["total_payments"]), (StatusCode::OK, &json!("USD"), &json!(0)));
    assert!(text.contains(r#""success_rate":0.00"#), "{text}");
    apply(&platform, &[payment(1, EventKind::PaymentCreated, CREATED, 500, "JPY")]).await.unwrap();
    let (_, body, _) = get(&platform, &uri, None, peer).await;
    assert_eq!(body["data"]["currency"], json!("JPY"), "the only currency that the merchant ever used");
}

#[tokio::test]
async fn a_day_with_two_currencies_needs_one_of_them_named() {
    let platform = TestPlatform::new();
    let peer = Some("[::1]:5000");
    apply(
        &platform,
        &[payment(1, EventKind::PaymentCreated, CREATED, 500, "JPY"), payment(2, EventKind::PaymentCreated, CREATED, 500, "USD")],
    )
    .await
    .unwrap();
    let uri = format!("/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date=2025-10-24");
    let (status, body, _) = get(&platform, &uri, None, peer).await;
    assert_eq!((status, &body["error"]), (StatusCode::BAD_REQUEST, &json!("INVALID_REQUEST")));
    assert_eq!(body["details"]["currencies"], json!(["JPY", "USD"]));
    let (status, body, _) = get(&platform, &format!("{uri}&currency=JPY"), None, peer).await;
    assert_eq!((status, &body["data"]["total_payments"]), (StatusCode::OK, &json!(1)));
}

#[tokio::test]
async fn a_range_answers_with_pages_of_one_object_a_day_and_currency() {
    let platform = TestPlatform::new();
    apply(
        &platform,
        &[
            order(1, EventKind::OrderCreated, CREATED, 500, "a@example.com"),
            order(2, EventKind::OrderCancelled, NEXT_DAY, 500, "a@example.com"),
            payment(3, EventKind::PaymentCreated, CREATED, 500, "USD"),
        ],
    )
    .await
    .unwrap();
    let peer = Some("127.0.0.1:5000");
    let range = "start_date=2025-10-01&end_date=2025-10-31";
    let (_, body, _) =
        get(&platform, &format!("/api/v1/analytics/merchant-metrics?merchant_id={MERCHANT}&{range}&page_size=1&page=2"), None, peer).await;
    assert_eq!((&body["data"]["total"], &body["data"]["list"][0]["date"]), (&json!(2), &json!("2025-10-25")));
    assert_eq!(body["data"]["list"][0]["cancelled_orders"], json!(1));
    let (_, body, _) = get(&platform, &format!("/api/v1/analytics/channel-metrics?channel=stripe&{range}"), None, peer).await;
    assert_eq!(body["data"]["list"][0]["total_transactions"], json!(1));
}

#[tokio::test]
async fn bad_questions_are_refused_with_the_field_that_is_wrong() {
    let platform = TestPlatform::new();
    let base = format!("/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}");
    for (uri, field) in [
        (format!("{base}&date=2025-02-30"), "date"),
        (format!("{base}&date=20250101"), "date"),
        (base.clone(), "date"),
        (format!("{base}&date=2025-01-01&start_date=2025-01-01"), "date"),
        (format!("{base}&start_date=2025-01-02&end_date=2025-01-01"), "end_date"),
        (format!("{base}&start_date=2024-01-01&end_date=2025-01-01"), "end_date"),
        (format!("{base}&start_date=2025-01-01&end_date=2025-01-02&page_size=101"), "page_size"),
        (format!("{base}&date=2025-01-01&currency=usd"), "currency"),
        ("/api/v1/analytics/payment-metrics?merchant_id=x&date=2025-01-01".to_owned(), "merchant_id"),
        ("/api/v1/analytics/payment-metrics?date=2025-01-01".to_owned(), "merchant_id"),
        ("/api/v1/analytics/channel-metrics?date=2025-01-01".to_owned(), "channel"),
    ] {
        let (status, body, text) = get(&platform, &uri, None, Some("127.0.0.1:5000")).await;
        assert_eq!((status, &body["details"]["field"]), (StatusCode::BAD_REQUEST, &json!(field)), "{uri}: {text}");
    }
    let year = format!("{base}&start_date=2024-01-01&end_date=2024-12-31");
    assert_eq!(get(&platform, &year, None, Some("127.0.0.1:5000")).await.0, StatusCode::OK, "366 days fit");
}

#[tokio::test]
async fn only_the_merchant_itself_reads_its_metrics_and_only_loopback_in_development_needs_no_key() {
    let mut platform = TestPlatform::new();
    add_key(&platform, "k1", MERCHANT).await;
    add_key(&platform, "k2", OTHER).await;
    let ours = format!("/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date=2025-01-01");
    let channel = "/api/v1/analytics/channel-metrics?channel=stripe&date=2025-01-01";
    let status = async |platform: &TestPlatform, uri: &str, key: Option<&str>, peer: Option<&str>| get(platform, uri, key, peer).await.0;
    assert_eq!(status(&platform, &ours, Some("k1"), None).await, StatusCode::OK);
    assert_eq!(status(&platform, &ours, Some("k2"), Some("127.0.0.1:1")).await, StatusCode::FORBIDDEN);
    assert_eq!(status(&platform, &ours, Some("nonsense"), Some("127.0.0.1:1")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&platform, &ours, None, Some("127.0.0.1:1")).await, StatusCode::OK);
    assert_eq!(status(&platform, &ours, None, Some("[::ffff:127.0.0.1]:1")).await, StatusCode::OK);
    assert_eq!(status(&platform, &ours, None, Some("192.0.2.7:1")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&platform, &ours, None, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&platform, channel, Some("k2"), None).await, StatusCode::OK);
    assert_eq!(status(&platform, channel, None, None).await, StatusCode::UNAUTHORIZED);
    let mut config = (*platform.context.config).clone();
    config.profile = crate::config::Profile::Production;
    platform.context.config = Arc::new(config);
    assert_eq!(status(&platform, &ours, None, Some("127.0.0.1:1")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&platform, channel, None, Some("127.0.0.1:1")).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_not_in_the_counters_is_named_as_missing() {
    let platform = TestPlatform::new();
    let subject = Subject {
        payment_no: "PY1".to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD1".to_owned(),
        events: [(1, EventKind::PaymentCreated), (2, EventKind::PaymentSuccess)]
            .map(|(id, kind)| SubjectEvent { event_id: Uuid::from_u128(id), kind, at: time(CREATED) })
            .to_vec(),
    };
    platform
        .context
        .store
        .write(Class::Consumer, async move |tx| {
            let id = Uuid::from_u128(1);
            tx.execute("INSERT INTO inbox (grp, event_day, event_id) VALUES ('payctl.analytics', '2025-10-24', $1)", &[id.into()]).await
        })
        .await
        .unwrap();
    let found = platform.context.store.read(async move |tx| facts(tx, &subject).await).await.unwrap();
    let told: Vec<_> = found.iter().map(|fact| (fact.what.as_str(), fact.state)).collect();
    assert_eq!(told, [("payment.created counted", FactState::Done), ("payment.success counted", FactState::Missing)]);
}

/// An event by a number: kind, day, amount and customer vary with it.
fn any_event(id: u128, seed: u32) -> Event {
    let at = if seed.is_multiple_of(2) { CREATED } else { NEXT_DAY };
    let (amount, email) = (i64::from(seed % 977) + 50, ["a@example.com", "b@example.com", "c@example.com", ""][(seed / 16 % 4) as usize]);
    match seed % 8 {
        0 => payment(id, EventKind::PaymentCreated, at, amount, "USD"),
        1 => payment(id, EventKind::PaymentSuccess, at, amount, "JPY"),
        2 => payment(id, EventKind::PaymentFailed, at, amount, "USD"),
        3 => order(id, EventKind::OrderCreated, at, amount, email),
        4 | 5 => order(id, EventKind::OrderPaid, at, amount, email),
        6 => refund(id, EventKind::RefundSuccess, at, amount, amount / 50),
        _ => refund(id, EventKind::RefundReversed, at, amount, amount / 50),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn however_events_are_cut_into_batches_the_counters_are_the_same(
        seeds in proptest::collection::vec(any::<u32>(), 1..40),
        cuts in proptest::collection::vec(1usize..8, 40),
    ) {
        let events: Vec<Event> = seeds.iter().zip(1..).map(|(seed, id)| any_event(id, *seed)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (whole, single, cut) = runtime.block_on(async {
            let (whole, single, cut) = (TestPlatform::new(), TestPlatform::new(), TestPlatform::new());
            apply(&whole, &events).await.unwrap();
            for event in &events {
                apply(&single, std::slice::from_ref(event)).await.unwrap();
            }
            let mut rest = events.as_slice();
            for size in cuts.iter().cycle() {
                let (batch, later) = rest.split_at((*size).min(rest.len()));
                if batch.is_empty() { break; }
                apply(&cut, batch).await.unwrap();
                rest = later;
            }
            (counters(&whole).await, counters(&single).await, counters(&cut).await)
        });
        prop_assert_eq!(&whole, &single);
        prop_assert_eq!(&whole, &cut);
        let paid = seeds.iter().filter(|seed| matches!(*seed % 8, 4 | 5) && *seed / 16 % 4 != 3).count();
        let customers: usize = whole.iter().filter(|row| row.starts_with("merchant")).map(|row| {
            row.rsplit(' ').take(2).map(|count| count.parse::<usize>().unwrap()).sum::<usize>()
        }).sum();
        prop_assert_eq!(customers, paid, "each paid order has a new or a returning customer");
    }
}

#[tokio::test]
async fn metrics_are_read_as_structs_too() {
    let platform = TestPlatform::new();
    apply(
        &platform,
        &[
            payment(1, EventKind::PaymentCreated, CREATED, 100, "USD"),
            payment(2, EventKind::PaymentCreated, CREATED, 100, "USD"),
            payment(3, EventKind::PaymentCreated, CREATED, 100, "USD"),
            payment(4, EventKind::PaymentSuccess, NEXT_DAY, 101, "USD"),
            payment(5, EventKind::PaymentSuccess, NEXT_DAY, 104, "USD"),
        ],
    )
    .await
    .unwrap();
    let (payments, channels) = platform
        .context
        .store
        .read(async move |tx| {
            let day = "2025-10-24".parse().unwrap();
            let payments = query::payment_metrics(tx, MERCHANT, day, day).await?;
            Ok::<_, StoreError>((payments, query::channel_metrics(tx, "stripe", day, day).await?))
        })
        .await
        .unwrap();
    assert_eq!((payments[0].success_rate.to_string(), payments[0].average_amount), ("66.67".to_owned(), 102));
    assert_eq!((channels[0].average_latency_ms, channels[0].total_amount), (2250, 205));
}
