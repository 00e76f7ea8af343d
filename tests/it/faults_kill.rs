//! The production backbone as separate processes: what they do together, and what kill -9 of each of them changes.

use std::time::Duration;

use payctl::config::Ambient;
use serde_json::json;

use crate::platform::{API_KEY, MERCHANT, stripe_event};
use crate::real::{PROCESSES, Real, SECOND};

/// Requests a second while something dies: unoptimised code shares two cores with its servers.
const RATE: &str = "40/s";
/// The longest time between two deaths.
const LONGEST_MS: u64 = 900;
const ACCOUNTING: &str = "payctl.accounting";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn separate_processes_take_a_payment_all_the_way_and_answer_as_one_does() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    real.spawn(SECOND, &[]);
    let body = json!({"merchant_id": MERCHANT, "amount": 10_000, "currency": "USD", "channel": "stripe",
        "customer_email": "test@example.com", "order_no": "ORD20251024001"});
    let env = &real.env;
    let (status, answer) = env.post(&env.gateway("/api/v1/payments"), &body).await;
    assert_eq!((status, &answer["code"], &answer["data"]["status"]), (201, &json!(0), &json!("pending")), "{answer:#}");
    let payment_no = answer["data"]["payment_no"].as_str().unwrap();
    let page = env.http().get(answer["data"]["payment_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200, "the page is served by another service");
    assert_eq!(env.webhook(&stripe_event("evt_separate", "payment_intent.succeeded", payment_no, 10_000)).await, Some(200));
    let settled = async || env.json(&["trace", payment_no])["verdict"]["state"] == "settled";
    real.eventually("the payment is settled", settled).await;
    let today = Ambient::system().now().format("%Y-%m-%d").to_string();
    let port = env.port(40009);
    let metrics = format!("http://127.0.0.1:{port}/api/v1/analytics/payment-metrics?merchant_id={MERCHANT}&date={today}");
    let counted = env.http().get(&metrics).header("X-API-Key", API_KEY).send().await.unwrap().json::<serde_json::Value>().await.unwrap();
    assert_eq!(
        (&counted["data"]["success_payments"], &counted["data"]["success_amount"], &counted["data"]["success_rate"]),
        (&json!(1), &json!(10_000), &json!(100.0)),
        "{counted:#}"
    );
    real.drained().await;
    for group in ["payctl.order", "payctl.accounting", "payctl.notification", "payctl.analytics"] {
        let is_mirrored = async || crate::kafka::committed(real.kafka(), group).await > 0;
        real.eventually(&format!("Kafka has offsets of {group}"), is_mirrored).await;
    }
    real.verify();
    real.terminate_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_process_is_killed_under_load_nothing_acknowledged_is_lost_or_doubled() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..2 {
        for (name, ..) in PROCESSES {
            seed = next(seed);
            tokio::time::sleep(Duration::from_millis(seed % LONGEST_MS)).await;
            real.kill(name);
            real.spawn(name, &[]);
            real.ready(name).await;
        }
        real.more(&load, 20).await;
    }
    real.prove(load).await;
    real.terminate_all();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_joins_and_leaves_in_a_row_book_nothing_twice() {
    let Some(mut real) = Real::found() else { return };
    real.up().await;
    let load = real.load(RATE).await;
    let seats = ["accounting", SECOND];
    for number in 0..10 {
        let (old, new) = (seats[number % 2], seats[(number + 1) % 2]);
        let before = real.claims(ACCOUNTING);
        real.spawn(new, &[]);
        real.eventually("who joins gets its share", async || real.claims(ACCOUNTING) > before).await;
        let before = real.claims(ACCOUNTING);
        // Who dies is missed only after its session, so most of them leave.
        if number % 5 == 4 {
            real.kill(old);
        } else {
            real.terminate(old);
        }
        real.eventually("who stays gets the rest", async || real.claims(ACCOUNTING) > before).await;
    }
    real.prove(load).await;
    real.terminate_all();
}

/// xorshift64: the moments differ from death to death and are the same in every run.
const fn next(mut seed: u64) -> u64 {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^ (seed << 17)
}
