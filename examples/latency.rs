//! Measures create → booked on a running platform, in an open loop: requests start at fixed times whatever became of the ones
//! before, and each latency counts from the time at which its request was due, not from when it could be sent.
//!
//! `latency GATEWAY_URL DATA_DIR API_KEY WEBHOOK_SECRET RATE SECONDS`
//!
//! Each payment is created, and as soon as it is, a signed `payment_intent.succeeded` is posted for it. Booked is the time of
//! the transaction that booked it, read from the database; that transaction is durable one commit later. Where `DATABASE_URL`
//! names a server, that is the database, whatever lies in `DATA_DIR`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "prints what it measured, and what failed")]

#[path = "bench/place.rs"]
mod place;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use hmac::{Hmac, KeyInit as _, Mac as _};
use payctl::config::{Ambient, SEEDED_MERCHANT};
use payctl::domain::Timestamp;
use payctl::store::{Store, StoreError, Tx};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// What the last bookings get to arrive.
const GRACE: Duration = Duration::from_secs(30);
const AMOUNT: i64 = 10_000;

#[derive(Clone)]
struct Platform {
    http: reqwest::Client,
    gateway: String,
    api_key: String,
    webhook_secret: String,
    ambient: Ambient,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [gateway, data_dir, api_key, webhook_secret, rate, seconds] = words.as_slice() else {
        anyhow::bail!("usage: latency GATEWAY_URL DATA_DIR API_KEY WEBHOOK_SECRET RATE SECONDS");
    };
    let (rate, seconds): (u32, u32) = (rate.parse()?, seconds.parse()?);
    // The first provider stays; nothing before this line can have installed another.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let platform = Platform {
        http: reqwest::Client::builder().build()?,
        gateway: gateway.clone(),
        api_key: api_key.clone(),
        webhook_secret: webhook_secret.clone(),
        ambient: Ambient::system(),
    };
    let (due, failed) = offer(&platform, rate, rate.saturating_mul(seconds)).await?;
    println!("failed {failed}");
    let store = place::open_read_only(Path::new(data_dir), &platform.ambient).await?;
    report(&store, &due).await
}

/// Offers payments at their times; the payments' numbers, each with when it was due, and how many requests failed.
async fn offer(platform: &Platform, rate: u32, count: u32) -> anyhow::Result<(HashMap<String, Timestamp>, usize)> {
    let (start, start_wall) = (Instant::now() + Duration::from_millis(100), platform.ambient.now() + Duration::from_millis(100));
    let mut requests = JoinSet::new();
    for number in 0..count {
        let after = Duration::from_secs(1).saturating_mul(number) / rate;
        sleep_until(start + after).await;
        let (platform, due) = (platform.clone(), start_wall + after);
        requests.spawn(async move { platform.pay(number).await.map(|payment_no| (payment_no, due)) });
    }
    let (mut due, mut failed) = (HashMap::new(), 0);
    while let Some(request) = requests.join_next().await {
        match request? {
            Ok(offered) => due.extend([offered]),
            Err(error) => {
                failed += 1;
                eprintln!("{error:#}");
            }
        }
    }
    Ok((due, failed))
}

impl Platform {
    /// Creates a payment and tells that it was paid.
    async fn pay(&self, number: u32) -> anyhow::Result<String> {
        let run = self.ambient.random_u64();
        let body = json!({
            "merchant_id": SEEDED_MERCHANT, "amount": AMOUNT, "currency": "USD", "channel": "stripe",
            "customer_email": "bench@example.com", "order_no": format!("LAT-{run:016x}-{number}"),
        });
        let request = self.http.post(format!("{}/api/v1/payments", self.gateway)).header("X-API-Key", &self.api_key);
        let answer = request.json(&body).send().await.context("failed to create a payment")?;
        ensure!(answer.status() == 201, "create answered {}", answer.status());
        let answer: Value = answer.json().await?;
        let payment_no = answer.pointer("/data/payment_no").and_then(Value::as_str).context("the answer has no payment_no")?.to_owned();
        self.succeed(&payment_no).await?;
        Ok(payment_no)
    }

    async fn succeed(&self, payment_no: &str) -> anyhow::Result<()> {
        let intent = json!({
            "id": format!("pi_{payment_no}"), "object": "payment_intent", "amount": AMOUNT, "amount_received": AMOUNT,
            "currency": "usd", "status": "succeeded", "metadata": {"payment_no": payment_no},
        });
        let now_s = self.ambient.now().timestamp();
        let event = json!({
            "id": format!("evt_{payment_no}"), "object": "event", "type": "payment_intent.succeeded", "created": now_s,
            "livemode": false, "data": {"object": intent},
        });
        let body = event.to_string();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.webhook_secret.as_bytes())?;
        mac.update(format!("{now_s}.{body}").as_bytes());
        let signature = format!("t={now_s},v1={}", hex::encode(mac.finalize().into_bytes()));
        let request = self.http.post(format!("{}/webhooks/stripe", self.gateway)).header("Stripe-Signature", signature);
        let answer = request.header("Content-Type", "application/json").body(body).send().await.context("failed to post a webhook")?;
        ensure!(answer.status().is_success(), "the webhook was answered {}", answer.status());
        Ok(())
    }
}

/// Waits for the bookings and prints `name value` lines, times in milliseconds.
async fn report(store: &Store, due: &HashMap<String, Timestamp>) -> anyhow::Result<()> {
    let patience = Instant::now() + GRACE;
    let mut latencies = measured(store, due).await?;
    while latencies.len() < due.len() && Instant::now() < patience {
        sleep(Duration::from_millis(200)).await;
        latencies = measured(store, due).await?;
    }
    latencies.sort_unstable();
    println!("payments {}", due.len());
    println!("unbooked {}", due.len() - latencies.len());
    for (name, percent) in [("p50_ms", 50), ("p90_ms", 90), ("p99_ms", 99), ("max_ms", 100)] {
        let at = (latencies.len() * percent).div_ceil(100).saturating_sub(1);
        let micros = latencies.get(at).copied().unwrap_or_default();
        println!("{name} {}.{}", micros / 1000, (micros % 1000) / 100);
    }
    Ok(())
}

/// Microseconds from due to booked, of those that are booked.
async fn measured(store: &Store, due: &HashMap<String, Timestamp>) -> Result<Vec<i64>, StoreError> {
    let rows = store.read(async |tx: &mut Tx| tx.query("SELECT related_id, created_at FROM transactions", &[]).await).await?;
    let mut latencies = Vec::new();
    for row in &rows {
        if let Some(due) = due.get(&row.get::<String>(0)?) {
            latencies.push((row.get::<Timestamp>(1)? - due).num_microseconds().unwrap_or(i64::MAX));
        }
    }
    Ok(latencies)
}
