use std::sync::Arc;

use axum::body::Body;
use futures_util::future::BoxFuture;
use hyper::Request;
use serde_json::{Value, json};

use crate::event::{Decoded, Payload, Topic, TopicPartition, decode_value};
use crate::http::ApiError;
use crate::services::gateway::risk::{RiskCheck, RiskDecision, RiskRequest};

use super::{KEY, MERCHANT, OTHER_MERCHANT, TestGateway, create_request, payment};

#[tokio::test]
async fn a_payment_is_answered_with_its_page_and_is_there_with_its_event() {
    let gateway = TestGateway::start().await;
    let mut body = payment("ORD20251024001");
    body["extra"] = json!({"cart": [1, "two"]});
    body["description"] = json!("Ein Fahrrad, blau");
    body["customer_ip"] = json!("203.0.113.9");
    body["expire_minutes"] = json!(45);
    let answer = gateway.create(&body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!((&answer.json["code"], &answer.json["message"]), (&json!(0), &json!("success")));
    assert_eq!(answer.json["trace_id"].as_str(), answer.headers["x-trace-id"].to_str().ok());
    let number = answer.data("payment_no");
    let data = &answer.json["data"];
    assert_eq!(data["payment_url"], format!("http://127.0.0.1:40005/checkout/{number}"));
    assert_eq!((&data["fee_bps"], &data["fee_amount"], &data["amount"]), (&json!(200), &json!(200), &json!(10_000)));
    assert_eq!((answer.data("status"), answer.data("order_no"), answer.data("merchant_id")), ("pending", "ORD20251024001", MERCHANT));
    assert_eq!(answer.data("expires_at"), "2026-01-02T03:49:05.678901Z");
    assert_eq!(data["extra"], body["extra"]);
    assert!(data.get("description").is_some() && data.get("return_url").is_none());

    let rows = gateway.rows(&format!("SELECT topic, partition, seq, value, key FROM events WHERE aggregate_id = '{number}'")).await;
    assert_eq!(rows.len(), 1);
    let at = TopicPartition { topic: Topic::PaymentEvents, partition: 0 };
    let Ok(Decoded::Event(event)) = decode_value(at, 1, &rows[0].get::<Vec<u8>>(3).unwrap()) else { panic!("not an event") };
    assert_eq!(event.kind.as_str(), "payment.created");
    assert_eq!((event.metadata.correlation_id.as_str(), event.metadata.aggregate_version), (number, 1));
    assert_eq!(Some(event.metadata.trace_id.as_str()), answer.json["trace_id"].as_str());
    assert_eq!(rows[0].get::<String>(4).unwrap(), MERCHANT);
    let Payload::Payment(payload) = event.payload else { panic!("not a payment") };
    assert_eq!((payload.amount, payload.fee_amount, payload.customer_email.expose()), (10_000, 200, "test@example.com"));

    let shown = gateway.get(&format!("/api/v1/payments/{number}")).await;
    assert_eq!(shown.json["data"], answer.json["data"]);
}

#[tokio::test]
async fn an_order_number_is_made_where_none_is_sent() {
    let gateway = TestGateway::start().await;
    let mut body = payment("x");
    body.as_object_mut().unwrap().remove("order_no");
    let answer = gateway.create(&body).await;
    assert!(answer.data("order_no").starts_with("OD20260102030405"), "{}", answer.json);
    assert_eq!(gateway.create(&body).await.status, 201, "another order each time");
}

#[tokio::test]
async fn every_bad_field_is_named_with_its_code_and_nothing_is_written() {
    let gateway = TestGateway::start().await;
    let long = "x".repeat(3000);
    let cases: Vec<(&str, Value, u16, &str)> = vec![
        ("amount", json!(0), 400, "INVALID_AMOUNT"),
        ("amount", json!(-1), 400, "INVALID_AMOUNT"),
        ("amount", json!(1.5), 400, "INVALID_AMOUNT"),
        ("amount", json!(100.0), 400, "INVALID_AMOUNT"),
        ("amount", json!("100"), 400, "INVALID_AMOUNT"),
        ("amount", json!(true), 400, "INVALID_AMOUNT"),
        ("amount", json!([100]), 400, "INVALID_AMOUNT"),
        ("amount", json!(9_007_199_254_740_992_i64), 400, "INVALID_AMOUNT"),
        ("amount", json!(u64::MAX), 400, "INVALID_AMOUNT"),
        ("amount", json!(1e300), 400, "INVALID_AMOUNT"),
        ("amount", Value::Null, 400, "INVALID_REQUEST"),
        ("currency", json!("usd"), 400, "INVALID_CURRENCY"),
        ("currency", json!("ZZZ"), 400, "INVALID_CURRENCY"),
        ("currency", json!("XAU"), 400, "INVALID_CURRENCY"),
        ("currency", json!(""), 400, "INVALID_CURRENCY"),
        ("currency", json!(840), 400, "INVALID_REQUEST"),
        ("channel", json!("paypal"), 400, "CHANNEL_NOT_SUPPORTED"),
        ("channel", json!("Stripe"), 400, "CHANNEL_NOT_SUPPORTED"),
        ("channel", json!(1), 400, "INVALID_REQUEST"),
        ("channel", Value::Null, 400, "INVALID_REQUEST"),
        ("merchant_id", json!("me"), 400, "INVALID_REQUEST"),
        ("merchant_id", json!(7), 400, "INVALID_REQUEST"),
        ("merchant_id", json!(OTHER_MERCHANT), 403, "FORBIDDEN"),
        ("customer_email", json!("nobody"), 400, "INVALID_REQUEST"),
        ("customer_email", json!("a\u{0}@example.com"), 400, "INVALID_REQUEST"),
        ("customer_email", Value::Null, 400, "INVALID_REQUEST"),
        ("customer_ip", json!("300.1.1.1"), 400, "INVALID_REQUEST"),
        ("order_no", json!("a b"), 400, "INVALID_REQUEST"),
        ("order_no", json!(""), 400, "INVALID_REQUEST"),
        ("order_no", json!("x".repeat(65)), 400, "INVALID_REQUEST"),
        ("order_no", json!("nul\u{0}"), 400, "INVALID_REQUEST"),
        ("description", json!(long), 400, "INVALID_REQUEST"),
        ("description", json!("a\u{0}b"), 400, "INVALID_REQUEST"),
        ("description", json!("a\u{7}b"), 400, "INVALID_REQUEST"),
        ("description", json!("card 4242 4242 4242 4242"), 400, "INVALID_REQUEST"),
        ("description", json!({"a": 1}), 400, "INVALID_REQUEST"),
        ("return_url", json!("javascript:alert(1)"), 400, "INVALID_REQUEST"),
        ("return_url", json!(format!("https://shop.example/{long}")), 400, "INVALID_REQUEST"),
        ("notify_url", json!("ftp://shop.example"), 400, "INVALID_REQUEST"),
        ("expire_minutes", json!(0), 400, "INVALID_REQUEST"),
        ("expire_minutes", json!(1.5), 400, "INVALID_REQUEST"),
        ("expire_minutes", json!(1_000_000), 400, "INVALID_REQUEST"),
        ("extra", json!("x"), 400, "INVALID_REQUEST"),
        ("extra", json!([1]), 400, "INVALID_REQUEST"),
        ("extra", json!({"note": {"deep": ["5555555555554444"]}}), 400, "INVALID_REQUEST"),
        ("extra", json!({"note": 4_242_424_242_424_242_i64}), 400, "INVALID_REQUEST"),
        ("extra", json!({"4242424242424242": 1}), 400, "INVALID_REQUEST"),
        ("extra", json!({"note": "nul\u{0}"}), 400, "INVALID_REQUEST"),
        ("extra", json!({"late": true}), 400, "INVALID_REQUEST"),
        ("extra", json!({"long": "x".repeat(9_000)}), 400, "INVALID_REQUEST"),
    ];
    for (field, value, status, error) in cases {
        let mut body = payment("ORD-1");
        body[field] = value.clone();
        let answer = gateway.create(&body).await;
        assert_eq!((answer.status, answer.error()), (status, error), "{field}: {value}");
        assert_eq!(answer.json["details"]["field"], field, "{value}");
        assert!(answer.json["code"].as_i64().unwrap() > 0 && answer.json["message"].is_string() && answer.json["trace_id"].is_string());
    }
    assert_eq!(gateway.count("payments").await + gateway.count("events").await + gateway.count("idempotency").await, 0);
}

#[tokio::test]
async fn amounts_that_stripe_cannot_express_are_refused() {
    let gateway = TestGateway::start().await;
    for (index, (amount, currency, status)) in [
        (1_230, "KWD", 201),
        (1_231, "KWD", 400),
        (5, "BHD", 400),
        (500, "ISK", 201),
        (90_071_992_547_410, "UGX", 400),
        (1_200, "MGA", 201),
        (1_250, "MGA", 400),
        (7, "JPY", 201),
        (9_007_199_254_740_991_i64, "USD", 201),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = payment(&format!("ORD-{index}"));
        body["amount"] = json!(amount);
        body["currency"] = json!(currency);
        let answer = gateway.create(&body).await;
        assert_eq!(answer.status, status, "{amount} {currency}: {}", answer.json);
        if status == 400 {
            assert_eq!(answer.error(), "INVALID_AMOUNT");
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_sound_json_object_are_refused() {
    let gateway = TestGateway::start().await;
    let good = payment("ORD-1").to_string();
    let twice = good.replacen('{', r#"{"amount":1,"#, 1);
    let nan = good.replace("10000", "NaN");
    let huge = good.replace("10000", "1e999");
    let deep = good.replacen('{', &format!(r#"{{"extra":{}{},"#, "[".repeat(500), "]".repeat(500)), 1);
    let array = format!(r#"["{MERCHANT}",10000,"USD","stripe","test@example.com"]"#);
    let cut = &good[..good.len() - 1];
    let tail = format!("{good}x");
    let nul = good.replace("USD", "US\u{0}");
    for text in ["", " ", "null", "1", "[]", "{}", "\"x\"", cut, &tail, &twice, &nan, &huge, &deep, &array, &nul] {
        let answer = gateway.send(create_request(text.to_owned(), None)).await;
        assert_eq!((answer.status, answer.error()), (400, "INVALID_REQUEST"), "{text:.80}");
    }
    let mut not_utf8 = good.clone().into_bytes();
    let place = good.find("test@").unwrap();
    not_utf8[place] = 0xff;
    let answer = gateway.send(create_request(not_utf8, None)).await;
    assert_eq!((answer.status, answer.error()), (400, "INVALID_REQUEST"));
    let giant = good.replacen('{', &format!(r#"{{"description":"{}","#, "x".repeat(70_000)), 1);
    let answer = gateway.send(create_request(giant, None)).await;
    assert_eq!((answer.status, answer.error()), (413, "PAYLOAD_TOO_LARGE"));
    let text = Request::post("/api/v1/payments").header("x-api-key", KEY).header("content-type", "text/plain");
    let answer = gateway.send(text.body(Body::from(good)).unwrap()).await;
    assert_eq!((answer.status, answer.error()), (415, "UNSUPPORTED_MEDIA_TYPE"));
    assert_eq!(gateway.count("payments").await, 0);
}

#[tokio::test]
async fn only_a_known_key_may_create() {
    let gateway = TestGateway::start().await;
    let body = payment("ORD-1").to_string();
    for (key, error) in [(None, "UNAUTHORIZED"), (Some("nonsense"), "INVALID_API_KEY"), (Some(""), "INVALID_API_KEY")] {
        let mut request = Request::post("/api/v1/payments").header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let answer = gateway.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!((answer.status, answer.error()), (401, error), "{key:?}");
    }
}

#[tokio::test]
async fn frozen_and_pending_merchants_take_no_payments() {
    for (status, error) in [("frozen", "MERCHANT_FROZEN"), ("pending", "FORBIDDEN")] {
        let gateway = TestGateway::start().await;
        gateway.execute(&format!("UPDATE gateway_merchants SET status = '{status}' WHERE merchant_id = '{MERCHANT}'")).await;
        let answer = gateway.create(&payment("ORD-1")).await;
        assert_eq!((answer.status, answer.error()), (403, error));
        assert_eq!(gateway.count("payments").await, 0);
    }
}

#[tokio::test]
async fn a_second_payment_for_an_order_is_refused_with_the_first() {
    let gateway = TestGateway::start().await;
    let first = gateway.pay("ORD-1").await;
    let answer = gateway.create(&payment("ORD-1")).await;
    assert_eq!((answer.status, answer.error()), (409, "DUPLICATE_ORDER"));
    assert_eq!(answer.json["details"]["payment_no"], first);
    assert_eq!(gateway.cancel(&first).await.status, 200);
    let second = gateway.pay("ORD-1").await;
    assert_ne!(first, second);
    assert_eq!(gateway.count("events WHERE event_type = 'payment.created'").await, 2);
}

#[tokio::test]
async fn many_payments_at_once_share_commits_and_each_is_there() {
    let gateway = TestGateway::start().await;
    let bodies: Vec<Value> = (0..300).map(|index| payment(&format!("ORD-{}", index % 250))).collect();
    let answers = futures_util::future::join_all(bodies.iter().map(|body| gateway.create(body))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.error() == "DUPLICATE_ORDER").count();
    assert_eq!((made, refused), (250, 50));
    for refusal in answers.iter().filter(|answer| answer.status == 409) {
        let standing = refusal.json["details"]["payment_no"].as_str().unwrap();
        assert!(answers.iter().any(|answer| answer.status == 201 && answer.data("payment_no") == standing));
    }
    assert_eq!((gateway.count("payments").await, gateway.count("events").await), (250, 250));
}

struct Verdict(RiskDecision);

impl RiskCheck for Verdict {
    fn check<'a>(&'a self, _: RiskRequest<'a>) -> BoxFuture<'a, Result<RiskDecision, ApiError>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

#[tokio::test]
async fn risk_refuses_or_flags() {
    let reject = RiskDecision::Reject { score: 95, reasons: vec!["blacklist".to_owned()] };
    let gateway = TestGateway::start_with(Arc::new(Verdict(reject))).await;
    let answer = gateway.create(&payment("ORD-1")).await;
    assert_eq!((answer.status, answer.error()), (403, "RISK_REJECTED"));
    assert_eq!(gateway.count("payments").await, 0);

    let review = RiskDecision::Review { score: 40, reasons: vec!["frequency".to_owned()] };
    let gateway = TestGateway::start_with(Arc::new(Verdict(review))).await;
    let answer = gateway.create(&payment("ORD-1")).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json["data"]["extra"]["risk"], json!({"decision": "review", "score": 40, "reasons": ["frequency"]}));
}
