//! Whatever is sent: the right refusal, nothing written, no panic, nothing of it in the log.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::{API_KEY, Env, payment_body};

/// A text that must not show up in any log.
const CANARY: &str = "canary-4242424242424242";

#[tokio::test]
async fn every_bad_request_is_refused_and_changes_nothing() {
    let env = Env::new();
    let _platform = env.up().await;
    let valid = payment_body("BAD-1", 100).to_string();
    let amount = |text: &str| valid.replace("\"amount\":100", &format!("\"amount\":{text}"));
    let set = |name: &str, value: Value| {
        let mut body = payment_body("BAD-1", 100);
        body[name] = value;
        body.to_string()
    };
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let cases: Vec<(String, u16, &str)> = vec![
        (String::new(), 400, "INVALID_REQUEST"),
        ("{".to_owned(), 400, "INVALID_REQUEST"),
        (deep, 400, "INVALID_REQUEST"),
        (valid.replacen('{', "{\"amount\":1,", 1), 400, "INVALID_REQUEST"),
        (format!("{{\"x\":\"{CANARY}\""), 400, "INVALID_REQUEST"),
        (amount("0"), 400, "INVALID_AMOUNT"),
        (amount("-1"), 400, "INVALID_AMOUNT"),
        (amount("1.5"), 400, "INVALID_AMOUNT"),
        (amount("100.0"), 400, "INVALID_AMOUNT"),
        (amount("\"100\""), 400, "INVALID_AMOUNT"),
        (amount("9007199254740992"), 400, "INVALID_AMOUNT"),
        (amount("1e400"), 400, "INVALID_REQUEST"),
        (amount("null"), 400, "INVALID_REQUEST"),
        (amount("NaN"), 400, "INVALID_REQUEST"),
        (set("currency", json!("usd")), 400, "INVALID_CURRENCY"),
        (set("currency", json!("XAU")), 400, "INVALID_CURRENCY"),
        (set("currency", json!("KWD")).replace("\"amount\":100", "\"amount\":101"), 400, "INVALID_AMOUNT"),
        (set("channel", json!("paypal")), 400, "CHANNEL_NOT_SUPPORTED"),
        (set("merchant_id", json!("00000000-0000-4000-8000-000000000000")), 403, "FORBIDDEN"),
        (set("merchant_id", json!(CANARY)), 400, "INVALID_REQUEST"),
        (set("customer_email", json!(CANARY)), 400, "INVALID_REQUEST"),
        (set("order_no", json!("a/b")), 400, "INVALID_REQUEST"),
        (set("order_no", json!(7)), 400, "INVALID_REQUEST"),
        (set("description", json!("nul\u{0}")), 400, "INVALID_REQUEST"),
        (set("description", json!("card 4242 4242 4242 4242")), 400, "INVALID_REQUEST"),
        (set("return_url", json!("javascript:alert(1)")), 400, "INVALID_REQUEST"),
        (set("expire_minutes", json!(0)), 400, "INVALID_REQUEST"),
    ];
    for (body, status, code) in cases {
        let shown: String = body.chars().take(120).collect();
        let (found, answer) = send(&env, "POST", "/api/v1/payments", Some("application/json"), body.into()).await;
        assert_eq!((found, answer["error"].as_str()), (status, Some(code)), "{shown}\n{answer}");
        assert!(!answer.to_string().contains(CANARY) && answer["code"] != 0 && answer["trace_id"].is_string());
    }
    let mut broken = valid.clone().into_bytes();
    broken.extend([0xff, 0xfe]);
    assert_eq!(send(&env, "POST", "/api/v1/payments", Some("application/json"), broken).await.0, 400);
    assert_eq!(send(&env, "POST", "/api/v1/payments", Some("text/plain"), valid.clone().into()).await.0, 415);
    assert_eq!(send(&env, "POST", "/api/v1/payments", None, valid.clone().into()).await.0, 415);
    assert_eq!(send(&env, "POST", "/api/v1/payments", Some("application/json"), vec![b' '; 70_000]).await.0, 413);
    assert_eq!(send(&env, "DELETE", "/api/v1/payments", None, Vec::new()).await.0, 405);
    assert_eq!(send(&env, "GET", "/api/v1/nothing", None, Vec::new()).await.1["error"], "ROUTE_NOT_FOUND");
    assert_eq!(send(&env, "GET", "/api/v1/payments/PY0", None, Vec::new()).await.1["error"], "PAYMENT_NOT_FOUND");
    for query in ["status=paid", "page=0", "page_size=101", "start_time=yesterday", "min_amount=x", "colour=red"] {
        assert_eq!(send(&env, "GET", &format!("/api/v1/payments?{query}"), None, Vec::new()).await.0, 400, "{query}");
    }
    for key in [None, Some("wrong-key")] {
        let mut request = env.http().post(env.gateway("/api/v1/payments")).json(&payment_body("BAD-1", 100));
        if let Some(key) = key {
            request = request.header("X-API-Key", key);
        }
        assert_eq!(request.send().await.unwrap().status(), 401);
    }
    let (_, list) = env.get(&env.gateway("/api/v1/payments")).await;
    assert_eq!(list["data"]["total"], 0, "nothing was written");
    let log = env.log();
    assert!(!log.contains(CANARY) && !log.contains("panicked") && !log.contains(API_KEY), "{log}");
}

#[tokio::test]
async fn slow_endless_and_oversized_requests_are_cut_off() {
    let env = Env::new();
    let platform = env.up().await;
    let endless = raw(&env, |stream| {
        stream.write_all(b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nX-API-Key: test-key\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        for _ in 0..200 {
            stream.write_all(b"400\r\n")?;
            stream.write_all(&[b' '; 1024])?;
            stream.write_all(b"\r\n")?;
        }
        Ok(())
    });
    assert!(endless.starts_with("HTTP/1.1 413"), "{endless}");
    let many = raw(&env, |stream| {
        stream.write_all(b"GET /api/v1/payments HTTP/1.1\r\nHost: x\r\n")?;
        for number in 0..80 {
            stream.write_all(format!("X-Header-{number}: 1\r\n").as_bytes())?;
        }
        stream.write_all(b"\r\n")
    });
    assert!(many.starts_with("HTTP/1.1 431"), "{many}");
    let garbage = raw(&env, |stream| stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"));
    assert!(garbage.is_empty() || garbage.starts_with("HTTP/1.1 400"), "{garbage}");
    // Connections that only ever send a byte must not keep others out.
    let idle: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(("127.0.0.1", env.port(40003))).unwrap()).collect();
    assert!(env.create("AFTER-1", 100).await.is_some());
    drop(idle);
    assert_eq!(platform.terminate(), Some(0));
    assert!(!env.log().contains("panicked"), "{}", env.log());
}

async fn send(env: &Env, method: &str, path: &str, content_type: Option<&str>, body: Vec<u8>) -> (u16, Value) {
    let mut request = env.http().request(method.parse().unwrap(), env.gateway(path)).header("X-API-Key", API_KEY).body(body);
    if let Some(content_type) = content_type {
        request = request.header("Content-Type", content_type);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// Writes bytes as they are and reads what comes back until the platform closes or is silent.
fn raw(env: &Env, write: impl Fn(&mut TcpStream) -> std::io::Result<()>) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", env.port(40003))).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // The platform may answer and close before everything is written; that is the point.
    let _ = write(&mut stream);
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}
