//! From events to rows, files, answers and facts.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::{Request, StatusCode};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::config::{MailSink, Profile};
use crate::domain::{Currency, Email, MerchantId, OrderStatus, PaymentStatus};
use crate::event::{
    Cause, Decoded, Event, EventKind, Extra, Metadata, NewEvent, OrderPayload, Payload, PaymentPayload, RefundPayload, Topic,
    TopicPartition, decode_value, order_aggregate_id, sha256_hex,
};
use crate::services::{Consumer, FactState, HandleError, Service, Subject, SubjectEvent};
use crate::store::{ApiKey, Class, StoreError};
use crate::testing::TestPlatform;

use super::query::{self, NotificationView};
use super::{build, facts};

const MERCHANT: MerchantId = MerchantId(Uuid::from_u128(7));
const PAYMENT: &str = "PY20260102030405AAAAAAAAAA";

fn payment(platform: &TestPlatform, email: &str) -> Payload {
    Payload::Payment(Box::new(PaymentPayload {
        payment_no: PAYMENT.to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD-1".to_owned(),
        amount: 10_000,
        currency: Currency::USD,
        channel: "stripe".to_owned(),
        status: PaymentStatus::Pending,
        customer_email: Email::stored(email),
        created_at: platform.context.ambient.now(),
        paid_at: None,
        fee_bps: 200,
        fee_amount: 200,
        extra: Extra::new(),
    }))
}

fn order(payment_no: &str, email: &str) -> Payload {
    Payload::Order(Box::new(OrderPayload {
        order_no: "ORD-1".to_owned(),
        merchant_id: MERCHANT,
        payment_no: payment_no.to_owned(),
        total_amount: 10_000,
        fee_amount: None,
        currency: Currency::USD,
        status: OrderStatus::Pending,
        customer_email: Email::stored(email),
        paid_at: None,
        extra: Extra::new(),
    }))
}

fn refund() -> Payload {
    let extra = json!({"customer_email": "customer@example.com", "merchant_email": "merchant@example.com"});
    Payload::Refund(Box::new(RefundPayload {
        refund_no: "RF20260102030405AAAAAAAAAA".to_owned(),
        payment_no: PAYMENT.to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD-1".to_owned(),
        amount: 2_500,
        currency: "JPY".parse().unwrap(),
        channel: "stripe".to_owned(),
        reason: "requested".to_owned(),
        status: "success".to_owned(),
        fee_returned: 0,
        refunded_at: None,
        extra: extra.as_object().unwrap().clone(),
    }))
}

fn event(platform: &TestPlatform, id: u128, kind: EventKind, payload: Payload) -> Event {
    Event {
        at: TopicPartition { topic: kind.topic(), partition: 0 },
        offset: 1,
        event_id: Uuid::from_u128(id),
        kind,
        aggregate_id: PAYMENT.to_owned(),
        timestamp: platform.context.ambient.now(),
        metadata: Metadata {
            aggregate_version: 1,
            merchant_id: Some(MERCHANT),
            correlation_id: "request-1".to_owned(),
            causation_id: String::new(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            producer: "test".to_owned(),
        },
        payload,
    }
}

fn configure(platform: &mut TestPlatform, change: impl Fn(&mut crate::config::Config)) {
    let mut config = (*platform.context.config).clone();
    change(&mut config);
    platform.context.config = Arc::new(config);
}

async fn apply(platform: &TestPlatform, events: Vec<Event>) -> Result<(), HandleError> {
    let consumer: Arc<dyn Consumer> = build(&platform.context).consumer.unwrap();
    platform.context.store.write(Class::Consumer, async move |tx| consumer.apply(tx, &events).await).await
}

async fn rows(platform: &TestPlatform) -> Vec<NotificationView> {
    platform.context.store.read(async move |tx| query::of_payment(tx, PAYMENT).await).await.unwrap()
}

/// What the service published, as the group reads it.
async fn published(platform: &TestPlatform) -> Vec<Event> {
    let values = platform
        .context
        .store
        .read(async move |tx| {
            let rows = tx.query("SELECT topic, value FROM events WHERE event_type = 'notification.requested' ORDER BY seq", &[]).await?;
            rows.iter().map(|row| Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?))).collect::<Result<Vec<_>, StoreError>>()
        })
        .await
        .unwrap();
    let decode = |(topic, value): &(String, Vec<u8>)| {
        let at = TopicPartition { topic: Topic::parse(topic).unwrap(), partition: 0 };
        match decode_value(at, 1, value).unwrap() {
            Decoded::Event(event) => *event,
            Decoded::UnknownType(_) => panic!("unknown type"),
        }
    };
    values.iter().map(decode).collect()
}

#[tokio::test]
async fn an_event_becomes_a_job_and_the_job_one_row_however_often_it_comes() {
    let platform = TestPlatform::new();
    let source = event(&platform, 1, EventKind::PaymentCreated, payment(&platform, "customer@example.com"));
    apply(&platform, vec![source, event(&platform, 2, EventKind::PaymentProcessing, payment(&platform, "customer@example.com"))])
        .await
        .unwrap();
    assert!(rows(&platform).await.is_empty(), "the row comes with the job");
    let [job] = published(&platform).await.try_into().unwrap();
    assert_eq!((job.at.topic, job.metadata.aggregate_version), (Topic::NotificationsEmail, 1));
    assert_eq!((job.metadata.causation_id.clone(), job.metadata.correlation_id.as_str()), (Uuid::from_u128(1).to_string(), "request-1"));
    assert_eq!(Uuid::parse_str(&job.aggregate_id).unwrap().get_version_num(), 7);
    let Payload::Notification(payload) = &job.payload else { panic!("{:?}", job.payload) };
    let expected = json!({"payment_no": PAYMENT, "order_no": "ORD-1", "amount": 10_000, "currency": "USD"});
    assert_eq!(Json::Object(payload.variables.clone()), expected);
    apply(&platform, vec![job.clone(), job.clone()]).await.unwrap();
    apply(&platform, vec![job]).await.unwrap();
    let [row] = rows(&platform).await.try_into().unwrap();
    assert_eq!((row.status.as_str(), row.template.as_str(), row.recipient.as_str()), ("pending", "payment_created", "c***@example.com"));
    assert_eq!(row.source_event_id, Uuid::from_u128(1));
}

#[tokio::test]
async fn without_the_topic_in_between_the_row_is_made_at_once_and_the_same() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| config.notification.enable_async = false);
    let source = event(&platform, 1, EventKind::OrderPaid, order(PAYMENT, "customer@example.com"));
    apply(&platform, vec![source.clone()]).await.unwrap();
    assert!(published(&platform).await.is_empty());
    let direct = rows(&platform).await.remove(0);
    let through_topic = TestPlatform::new();
    apply(&through_topic, vec![source]).await.unwrap();
    let jobs = published(&through_topic).await;
    apply(&through_topic, jobs).await.unwrap();
    let [row] = rows(&through_topic).await.try_into().unwrap();
    assert_eq!((row.message_id, row.template, row.subject_id), (direct.message_id, direct.template, direct.subject_id));
}

#[tokio::test]
async fn a_refund_is_told_to_the_customer_and_its_failure_to_the_merchant() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| config.notification.enable_async = false);
    apply(&platform, vec![event(&platform, 1, EventKind::RefundSuccess, refund()), event(&platform, 2, EventKind::RefundFailed, refund())])
        .await
        .unwrap();
    let told: Vec<_> = rows(&platform).await.into_iter().map(|row| (row.template, row.recipient)).collect();
    let expected = [("refund_success", "c***@example.com"), ("refund_failed", "m***@example.com")];
    assert_eq!(told, expected.map(|(template, to)| (template.to_owned(), to.to_owned())));
}

#[tokio::test]
async fn an_event_without_an_address_is_skipped_and_stays_visible() {
    let platform = TestPlatform::new();
    apply(&platform, vec![event(&platform, 1, EventKind::PaymentCreated, payment(&platform, ""))]).await.unwrap();
    let jobs = published(&platform).await;
    apply(&platform, jobs).await.unwrap();
    let [row] = rows(&platform).await.try_into().unwrap();
    assert_eq!((row.status.as_str(), row.recipient.as_str(), row.next_attempt_at), ("skipped", "", None));
    let counts = platform.context.store.read(async move |tx| query::counts(tx).await).await.unwrap();
    assert_eq!(counts, query::StatusCounts { skipped: 1, ..Default::default() });
}

#[tokio::test]
async fn a_job_for_an_unknown_channel_is_poison() {
    let platform = TestPlatform::new();
    apply(&platform, vec![event(&platform, 1, EventKind::PaymentCreated, payment(&platform, "a@example.com"))]).await.unwrap();
    let mut job = published(&platform).await.remove(0);
    if let Payload::Notification(payload) = &mut job.payload {
        payload.channel = "pigeon".to_owned();
    }
    let refused = apply(&platform, vec![job]).await;
    assert!(matches!(refused, Err(HandleError::Poison { code: "UNKNOWN_CHANNEL", .. })), "{refused:?}");
}

/// Runs the whole service until no row is pending.
async fn send_all(platform: &TestPlatform) {
    let running = build(&platform.context);
    let stop = CancellationToken::new();
    let mut workers = JoinSet::new();
    for worker in running.workers {
        workers.spawn((worker.run)(stop.clone()));
    }
    running.consumer.unwrap().committed();
    for _ in 0..1000 {
        if rows(platform).await.iter().all(|row| row.status != "pending") {
            stop.cancel();
            while workers.join_next().await.is_some() {}
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("mails still wait: {:#?}", rows(platform).await);
}

#[tokio::test]
async fn without_a_mail_server_each_mail_is_one_file_and_a_copy_replaces_it() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| config.notification.enable_async = false);
    let dir = platform.context.config.data_dir.join("mail");
    apply(&platform, vec![event(&platform, 1, EventKind::OrderShipped, order(PAYMENT, "customer@example.com"))]).await.unwrap();
    send_all(&platform).await;
    let files = || std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let [file] = files().try_into().unwrap();
    let first = std::fs::read_to_string(&file).unwrap();
    assert!(first.contains("To: customer@example.com") && first.contains("Message-ID: <00000000-"), "{first}");
    assert!(first.contains("您的订单已发货。") && first.contains("Your order is on its way."), "readable as it lies there: {first}");
    assert_eq!(file.extension().unwrap(), "eml");
    platform
        .context
        .store
        .write(Class::Ingress, async move |tx| {
            tx.execute("UPDATE notifications SET status = 'pending', next_attempt_at = created_at", &[]).await
        })
        .await
        .unwrap();
    send_all(&platform).await;
    assert_eq!((files().len(), std::fs::read_to_string(&file).unwrap()), (1, first), "the same mail, byte for byte");
    assert!((build(&platform.context).dependencies)().is_empty(), "files depend on nobody");
}

#[tokio::test]
async fn a_value_too_long_for_a_line_changes_the_encoding_and_not_the_mail() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| config.notification.enable_async = false);
    let mut long = order(PAYMENT, "customer@example.com");
    if let Payload::Order(order) = &mut long {
        order.order_no = "9".repeat(2000);
    }
    apply(&platform, vec![event(&platform, 1, EventKind::OrderShipped, long)]).await.unwrap();
    send_all(&platform).await;
    assert_eq!(rows(&platform).await[0].status, "sent");
}

#[tokio::test]
async fn a_text_message_goes_to_its_provider_and_not_to_the_mailer() {
    let platform = TestPlatform::new();
    apply(&platform, vec![event(&platform, 1, EventKind::OrderShipped, order(PAYMENT, "customer@example.com"))]).await.unwrap();
    let mut job = published(&platform).await.remove(0);
    if let Payload::Notification(payload) = &mut job.payload {
        payload.channel = "sms".to_owned();
        payload.recipient = Email::stored("+491234567");
    }
    apply(&platform, vec![job]).await.unwrap();
    send_all(&platform).await;
    let [row] = rows(&platform).await.try_into().unwrap();
    assert_eq!((row.status.as_str(), row.channel.as_str(), row.recipient.as_str()), ("sent", "sms", "***"));
    assert!(!platform.context.config.data_dir.join("mail").exists());
}

#[tokio::test]
async fn the_null_sink_marks_mails_sent_and_a_configured_server_is_an_optional_dependency() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| {
        config.notification.enable_async = false;
        config.notification.mail_sink = MailSink::Null;
    });
    apply(&platform, vec![event(&platform, 1, EventKind::OrderCancelled, order(PAYMENT, "customer@example.com"))]).await.unwrap();
    send_all(&platform).await;
    assert_eq!(rows(&platform).await[0].status, "sent");
    assert!(!platform.context.config.data_dir.join("mail").exists());
    configure(&mut platform, |config| {
        config.profile = Profile::Production;
        config.notification.mail_sink = MailSink::Files;
        config.notification.smtp.host = Some("127.0.0.1".to_owned());
        config.notification.smtp.ca_file = Some("/nonexistent/ca.pem".into());
    });
    let dependencies = (build(&platform.context).dependencies)();
    let told = (dependencies[0].name, dependencies[0].optional, dependencies[0].fault.as_deref());
    assert_eq!(told, ("smtp", true, Some("/nonexistent/ca.pem cannot be read: entity not found")));
}

async fn get(platform: &TestPlatform, uri: &str, key: &str) -> (StatusCode, Json) {
    let routes = platform.served(Service::Notification, build(&platform.context).routes);
    let request = Request::get(uri).header("x-api-key", key).body(Body::empty()).unwrap();
    let response = routes.oneshot(request).await.unwrap();
    let status = response.status();
    (status, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap())
}

#[tokio::test]
async fn a_merchant_sees_its_own_mails_and_no_address() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| config.notification.enable_async = false);
    apply(
        &platform,
        vec![
            event(&platform, 1, EventKind::PaymentCreated, payment(&platform, "customer@example.com")),
            event(&platform, 2, EventKind::OrderCreated, order("", "customer@example.com")),
        ],
    )
    .await
    .unwrap();
    for (key, merchant_id) in [("ours", MERCHANT), ("theirs", MerchantId(Uuid::from_u128(8)))] {
        let add = async move |tx: &mut crate::store::Tx| {
            let id = ApiKey { key_id: key.to_owned(), merchant_id };
            tx.add_api_key(&id, &sha256_hex(key.as_bytes()), "test").await
        };
        platform.context.store.write(Class::Ingress, add).await.unwrap();
    }
    let (status, body) = get(&platform, "/api/v1/notifications?page_size=1", "ours").await;
    assert_eq!((status, &body["data"]["total"], body["data"]["list"].as_array().unwrap().len()), (StatusCode::OK, &json!(2), 1));
    let (_, body) = get(&platform, &format!("/api/v1/notifications?payment_no={PAYMENT}"), "ours").await;
    assert_eq!((&body["data"]["total"], &body["data"]["list"][0]["recipient"]), (&json!(1), &json!("c***@example.com")));
    assert!(!body.to_string().contains("customer@"), "{body}");
    let (_, body) = get(&platform, &format!("/api/v1/notifications?payment_no={PAYMENT}"), "theirs").await;
    assert_eq!(body["data"]["total"], json!(0));
    let (status, body) = get(&platform, "/api/v1/notifications?payment_no=1'%20OR%201=1", "ours").await;
    assert_eq!((status, &body["details"]["field"]), (StatusCode::BAD_REQUEST, &json!("payment_no")));
}

/// Publishes an order event of the payment, as the order service would.
async fn publish(platform: &TestPlatform, id: u128, version: i64, kind: EventKind, payload: Payload) {
    platform
        .context
        .store
        .write(Class::Ingress, async move |tx| {
            let event = NewEvent {
                event_id: Uuid::from_u128(id),
                kind,
                topic: kind.topic(),
                aggregate_id: order_aggregate_id(MERCHANT, "ORD-1"),
                aggregate_version: version,
                merchant_id: Some(MERCHANT),
                key: MERCHANT.to_string(),
                timestamp: tx.now(),
                cause: Cause::default(),
                producer: "order",
                payload: payload.clone(),
            };
            tx.publish(&[event]).await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_trace_tells_each_mail_and_names_those_that_never_came() {
    let mut platform = TestPlatform::new();
    configure(&mut platform, |config| {
        config.notification.enable_async = false;
        config.notification.mail_sink = MailSink::Null;
    });
    publish(&platform, 10, 1, EventKind::OrderCreated, order(PAYMENT, "customer@example.com")).await;
    publish(&platform, 11, 2, EventKind::OrderPaid, order("PY20260102030405BBBBBBBBBB", "customer@example.com")).await;
    apply(&platform, vec![event(&platform, 1, EventKind::PaymentCreated, payment(&platform, "customer@example.com"))]).await.unwrap();
    send_all(&platform).await;
    apply(&platform, vec![event(&platform, 2, EventKind::PaymentSuccess, payment(&platform, "customer@example.com"))]).await.unwrap();
    let at = platform.context.ambient.now();
    let subject = Subject {
        payment_no: PAYMENT.to_owned(),
        merchant_id: MERCHANT,
        order_no: "ORD-1".to_owned(),
        events: [(1, EventKind::PaymentCreated), (2, EventKind::PaymentSuccess), (3, EventKind::PaymentProcessing)]
            .map(|(id, kind)| SubjectEvent { event_id: Uuid::from_u128(id), kind, at })
            .to_vec(),
    };
    let told = async |subject: Subject| {
        let facts = platform.context.store.read(async move |tx| facts(tx, &subject).await).await.unwrap();
        facts.into_iter().map(|fact| (fact.what, fact.state)).collect::<Vec<_>>()
    };
    let sent = ("mail payment_created sent".to_owned(), FactState::Done);
    let waiting = ("mail payment_success waiting".to_owned(), FactState::Waiting);
    assert_eq!(
        told(subject.clone()).await,
        [sent.clone(), waiting.clone(), ("mail order_created".to_owned(), FactState::Waiting)],
        "another payment's order.paid asks for no mail here, and what is only just due is not missing yet"
    );
    platform.context.ambient.advance(Duration::from_secs(6));
    assert_eq!(told(subject).await, [sent, waiting, ("mail order_created".to_owned(), FactState::Missing)]);
}
