//! A payment from create to booked, as its users would take it there.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::platform::{Env, MERCHANT, WEBHOOK_SECRET, missing, payment_body, stripe_event};

/// Today's metrics of the seeded merchant.
async fn metrics(env: &Env) -> Value {
    let today = chrono_today(env).await;
    let url = format!("http://127.0.0.1:{}/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date={today}", env.port(40009));
    // Without a key: the development profile lets loopback read.
    let answer = env.http().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["data"].clone()
}

/// The platform's own UTC date, so that a test at midnight asks for the right day.
async fn chrono_today(env: &Env) -> String {
    let answer = env.http().get(env.gateway("/health/live")).send().await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap().to_owned();
    chrono::DateTime::parse_from_rfc2822(&date).unwrap().format("%Y-%m-%d").to_string()
}

#[tokio::test]
async fn a_payment_goes_from_create_over_the_checkout_page_to_the_books() {
    let env = Env::new();
    let platform = env.up().await;
    let (status, created) = env.post(&env.gateway("/api/v1/payments"), &payment_body("ORD20251024001", 10_000)).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!((&created["code"], &created["message"]), (&json!(0), &json!("success")));
    let data = &created["data"];
    let payment_no = data["payment_no"].as_str().unwrap();
    let page_url = data["payment_url"].as_str().unwrap();

    let page = env.http().get(page_url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers().contains_key("content-security-policy"));
    let text = page.text().await.unwrap();
    assert!(text.contains("100.00") && text.contains("ORD20251024001"), "{text}");
    for _ in 0..2 {
        let paid = env.http().post(format!("{page_url}/pay")).send().await.unwrap();
        assert_eq!(paid.status(), 200, "a second submit shows the state");
    }
    let settled = async || env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    env.eventually("the payment is settled", settled).await;

    let numbers = metrics(&env).await;
    assert_eq!(
        (&numbers["total_payments"], &numbers["success_payments"], &numbers["success_amount"]),
        (&json!(1), &json!(1), &json!(10_000))
    );
    assert!(numbers.to_string().contains("\"success_rate\":100.0"), "{numbers}");
    let (status, order) = env.get(&format!("http://127.0.0.1:{}/api/v1/orders/ORD20251024001", env.port(40004))).await;
    assert_eq!((status, &order["data"]["status"]), (200, &json!("paid")));
    let balances = env.payctl(&["ledger", "balances"]);
    assert!(balances.stdout.contains("98.00") && balances.stdout.contains("2.00"), "{}", balances.stdout);
    let mails = std::fs::read_dir(env.data_dir().join("mail")).unwrap().count();
    assert_eq!(mails, 4, "payment created and paid, order created and paid");
    env.verify().await;
    assert_eq!(platform.terminate(), Some(0));
}

#[tokio::test]
async fn a_webhook_signed_by_another_language_counts_once_and_not_when_a_bit_is_changed() {
    if missing("python3") {
        return;
    }
    let env = Env::new();
    let _platform = env.up().await;
    let payment = env.create("SIGNED-1", 4_200).await.unwrap();
    let payment_no = payment["payment_no"].as_str().unwrap();
    let body = stripe_event("evt_python", "payment_intent.succeeded", payment_no, 4_200);
    let script = "import hmac,hashlib,sys,time\nb=sys.stdin.buffer.read()\nt=str(int(time.time()))\n\
                  print('t='+t+',v1='+hmac.new(sys.argv[1].encode(),t.encode()+b'.'+b,hashlib.sha256).hexdigest(),end='')";
    let mut python =
        Command::new("python3").args(["-c", script, WEBHOOK_SECRET]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(python.stdin.as_mut().unwrap(), body.as_bytes()).unwrap();
    let header = String::from_utf8(python.wait_with_output().unwrap().stdout).unwrap();
    let post = async |body: String| {
        let sent =
            env.http().post(env.gateway("/api/v1/webhooks/stripe")).header("Stripe-Signature", &header).body(body).send().await.unwrap();
        (sent.status().as_u16(), sent.json::<Value>().await.unwrap_or(Value::Null))
    };
    let (status, refused) = post(body.replace("4200", "4201")).await;
    assert_eq!((status, &refused["error"]), (400, &json!("INVALID_SIGNATURE")));
    for _ in 0..5 {
        assert_eq!(post(body.clone()).await.0, 200);
    }
    let paid = async || env.get(&env.gateway(&format!("/api/v1/payments/{payment_no}"))).await.1["data"]["status"] == "success";
    env.eventually("the payment succeeded", paid).await;
    env.verify().await;
    let entries = env.json(&["ledger", "entries", "--payment", payment_no]);
    assert_eq!(entries["entries"].as_array().unwrap().len(), 2, "gross and fee, once: {entries}");
}

#[tokio::test]
async fn a_thousand_parallel_requests_with_one_key_make_one_payment() {
    let env = Env::new();
    let _platform = env.up().await;
    let body = payment_body("KEYED-1", 500);
    let send = async |body: &Value| {
        let request =
            env.http().post(env.gateway("/api/v1/payments")).header("X-API-Key", crate::platform::API_KEY).header("Idempotency-Key", "one");
        let answer = request.json(body).send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotent-replayed");
        (answer.status().as_u16(), replayed, answer.text().await.unwrap())
    };
    let answers = futures_util::future::join_all((0..1000).map(|_| send(&body))).await;
    let created: Vec<_> = answers.iter().filter(|(status, ..)| *status == 201).collect();
    assert!(answers.iter().all(|(status, ..)| matches!(status, 201 | 409)), "replays or conflicts only");
    assert_eq!(created.iter().filter(|(_, replayed, _)| !replayed).count(), 1);
    assert!(created.iter().all(|(_, _, text)| *text == created[0].2), "the first answer byte for byte");
    let (status, _, text) = send(&payment_body("KEYED-1", 501)).await;
    assert_eq!(status, 422, "{text}");
    let (_, list) = env.get(&env.gateway("/api/v1/payments")).await;
    assert_eq!(list["data"]["total"], 1);
}

#[tokio::test]
async fn a_decline_and_a_cancel_on_the_page_leave_the_order_unpaid() {
    let env = Env::new();
    let _platform = env.up().await;
    for (button, status) in [("decline", "failed"), ("cancel", "cancelled")] {
        let payment = env.create(button, 700).await.unwrap();
        let (payment_no, page) = (payment["payment_no"].as_str().unwrap(), payment["payment_url"].as_str().unwrap());
        env.http().get(page).send().await.unwrap();
        env.http().post(format!("{page}/{button}")).send().await.unwrap();
        let ended = async || env.get(&env.gateway(&format!("/api/v1/payments/{payment_no}"))).await.1["data"]["status"] == status;
        env.eventually(&format!("{button} ends in {status}"), ended).await;
        env.http().post(format!("{page}/pay")).send().await.unwrap();
        let text = env.http().get(page).send().await.unwrap().text().await.unwrap();
        assert!(!text.contains(&format!("{page}/pay")) && !text.contains("/pay\""), "no way to pay a finished payment");
        let (_, order) = env.get(&format!("http://127.0.0.1:{}/api/v1/orders/{button}", env.port(40004))).await;
        assert_eq!(order["data"]["status"], "pending");
    }
    env.verify().await;
}
