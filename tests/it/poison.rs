//! An event that no handler can apply, in the middle of live traffic.

use payctl::config::Ambient;
use payctl::event::sha256_hex;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};
use serde_json::Value;

use crate::platform::{Env, stripe_event};

/// The planted event.
const POISON: &str = "01900000-0000-7000-8000-000000000666";

/// Publishes a `payment.processing` that no group can read, as a faulty gateway would.
async fn plant(env: &Env, payment_no: &str) {
    let store = Store::open(&env.data_dir(), &Service::migrations(), &Ambient::system()).unwrap();
    let payment_no = payment_no.to_owned();
    let plant = async move |tx: &mut Tx| {
        let rows = tx.query("SELECT value, headers FROM events WHERE aggregate_id = $1", &[(&payment_no).into()]).await?;
        let mut event: Value = serde_json::from_slice(&rows[0].get::<Vec<u8>>(0)?).unwrap();
        let mut headers: Value = serde_json::from_str(&rows[0].get::<String>(1)?).unwrap();
        for (name, value) in [("event_id", POISON), ("event_type", "payment.processing")] {
            event[name] = value.into();
            headers[name] = value.into();
        }
        event["metadata"]["aggregate_version"] = 2.into();
        headers["aggregate_version"] = "2".into();
        event["payload"]["status"] = "processing".into();
        event["payload"]["customer_email"] = 7.into();
        let value = event.to_string().into_bytes();
        headers["sha256"] = sha256_hex(&value).into();
        let headers = headers.to_string();
        tx.execute(
            "INSERT INTO events (event_id, aggregate_type, aggregate_id, aggregate_version, event_type, merchant_id, topic, partition, key, headers, value, created_at) \
             SELECT $1, aggregate_type, aggregate_id, 2, 'payment.processing', merchant_id, topic, partition, key, $2, $3, created_at FROM events WHERE aggregate_id = $4",
            &[POISON.into(), (&headers).into(), (&value).into(), (&payment_no).into()],
        )
        .await?;
        tx.execute("UPDATE payments SET status = 'processing', version = 2 WHERE payment_no = $1", &[(&payment_no).into()]).await
    };
    store.write::<_, StoreError, _>(Class::Background, plant).await.unwrap();
    store.close();
}

#[tokio::test]
async fn a_poison_event_is_parked_and_everything_else_flows() {
    let env = Env::new();
    let platform = env.up().await;
    let bad = env.create("POISON-1", 5_000).await.unwrap();
    let bad_no = bad["payment_no"].as_str().unwrap();
    assert_eq!(platform.terminate(), Some(0));
    plant(&env, bad_no).await;
    let _platform = env.up().await;
    // A later event of the poisoned payment, and other payments of the same merchant, in the same partition behind the poison.
    assert_eq!(env.webhook(&stripe_event("evt_bad", "payment_intent.succeeded", bad_no, 5_000)).await, Some(200));
    let good = env.create("POISON-2", 6_000).await.unwrap();
    let good_no = good["payment_no"].as_str().unwrap();
    assert_eq!(env.webhook(&stripe_event("evt_good", "payment_intent.succeeded", good_no, 6_000)).await, Some(200));
    let settled = async || env.json(&["trace", good_no])["verdict"]["state"] == "settled";
    env.eventually("the neighbour settles", settled).await;
    let held = async || env.payctl(&["trace", bad_no]).stdout.contains("HELD payment.success held");
    env.eventually("the later event waits", held).await;
    let trace = env.payctl(&["trace", bad_no]);
    assert!(trace.stdout.contains("PARKED payment.processing parked"), "{}", trace.stdout);
    assert_eq!(env.json(&["trace", bad_no])["verdict"]["state"], "stuck");
    let verify = env.payctl(&["verify"]);
    assert_eq!(verify.code, 0, "parked is no violation: {}\n{}", verify.stdout, verify.stderr);
    let said = format!("{}{}", verify.stdout, verify.stderr);
    assert!(said.contains("parked") && said.contains("50.00 USD"), "{said}");
    assert!(env.json(&["ledger", "entries", "--payment", bad_no])["entries"].as_array().unwrap().is_empty());
}
