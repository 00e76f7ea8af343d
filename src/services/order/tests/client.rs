use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::config::Secret;
use crate::domain::PaymentStatus;
use crate::http::ErrorCode;
use crate::services::order::client::{GatewayClient as _, HttpGateway, OnBehalf};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn caller() -> OnBehalf {
    OnBehalf { api_key: Secret::new("own"), trace_id: TRACE.to_owned() }
}

/// Answers one request with `status` and `body`; what it was asked comes back when it is joined.
fn answering(status: &'static str, body: &'static str) -> (HttpGateway, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let read = stream.read(&mut chunk).unwrap();
            request.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&request);
            let length = text.to_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            if let Some((_, sent)) = text.split_once("\r\n\r\n")
                && sent.len() >= length.unwrap_or(0)
            {
                break;
            }
        }
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        String::from_utf8(request).unwrap()
    });
    (HttpGateway::new(base), served)
}

#[tokio::test]
async fn the_callers_key_and_trace_go_along() {
    let body = r#"{"code":0,"data":{"payment_no":"PY1","status":"pending","payment_url":"http://x/PY1","more":1}}"#;
    let (gateway, served) = answering("201 Created", body);
    let made = gateway.create(&caller(), &serde_json::json!({"amount": 5})).await.unwrap();
    assert_eq!((made.payment_no.as_str(), made.status, made.payment_url.as_str()), ("PY1", PaymentStatus::Pending, "http://x/PY1"));
    let request = served.join().unwrap();
    assert!(request.starts_with("POST /api/v1/payments HTTP/1.1"), "{request}");
    assert!(request.contains("x-api-key: own"), "{request}");
    assert!(request.contains(&format!("traceparent: 00-{TRACE}-")), "{request}");
    assert!(request.ends_with(r#"{"amount":5}"#), "{request}");
}

#[tokio::test]
async fn payments_are_asked_for_by_order() {
    let body = r#"{"code":0,"data":{"list":[{"payment_no":"PY1","status":"failed","payment_url":""}],"total":1,"page":1,"page_size":100}}"#;
    let (gateway, served) = answering("200 OK", body);
    let payments = gateway.payments_of(&caller(), "A.b-1").await.unwrap();
    assert_eq!(payments[0].status, PaymentStatus::Failed);
    assert!(served.join().unwrap().starts_with("GET /api/v1/payments?order_no=A.b-1&page_size=100 "));
}

#[tokio::test]
async fn a_refusal_is_passed_on_and_a_failure_is_not() {
    let refusal = r#"{"code":40904,"error":"PAYMENT_STATUS_INVALID","message":"paid","details":{"status":"success"},"trace_id":"t"}"#;
    let (gateway, _served) = answering("409 Conflict", refusal);
    let error = gateway.cancel(&caller(), "PY1").await.unwrap_err();
    assert_eq!(
        (error.code, error.message.as_str(), &error.details["status"]),
        (ErrorCode::PaymentStatusInvalid, "paid", &"success".into())
    );
    for (status, body) in [("500 Internal Server Error", "oops"), ("404 Not Found", "<html>"), ("200 OK", "{}"), ("302 Found", "")] {
        let (gateway, _served) = answering(status, body);
        assert_eq!(gateway.cancel(&caller(), "PY1").await.unwrap_err().code, ErrorCode::Overloaded, "{status}");
    }
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_a_503() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = HttpGateway::new(format!("http://{free}")).payments_of(&caller(), "A").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Overloaded);
}
