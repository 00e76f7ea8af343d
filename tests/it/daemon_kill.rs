//! Kill -9 under load, again and again: what was acknowledged is there, every event has its one effect, the books balance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::platform::{Env, stripe_event};

/// How often the platform is killed.
const ROUNDS: u64 = 20;
const CLIENTS: u64 = 8;
/// The longest life of a platform in this test.
const LONGEST_MS: u64 = 900;

/// What the clients were told.
#[derive(Default)]
struct Acked {
    created: BTreeMap<String, i64>,
    paid: BTreeMap<String, i64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "clients are tasks of the test's own")]
async fn whatever_was_acknowledged_survives_kill_9_with_one_effect_each() {
    let env = Arc::new(Env::new().with("PAYCTL_MAIL_SINK", "null"));
    let acked = Arc::new(Mutex::new(Acked::default()));
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..ROUNDS {
        let platform = env.up().await;
        let clients: Vec<_> = (0..CLIENTS).map(|client| tokio::spawn(shop(Arc::clone(&env), Arc::clone(&acked), round, client))).collect();
        seed = next(seed);
        tokio::time::sleep(Duration::from_millis(20 + seed % LONGEST_MS)).await;
        platform.kill();
        for client in clients {
            client.await.unwrap();
        }
    }
    let platform = env.up().await;
    env.verify().await;
    let (created, paid) = {
        let acked = acked.lock().unwrap();
        (acked.created.clone(), acked.paid.clone())
    };
    assert!(created.len() > 100 && paid.len() > 50, "the load was too small to prove anything: {} {}", created.len(), paid.len());
    for (payment_no, amount) in &created {
        let (status, answer) = env.get(&env.gateway(&format!("/api/v1/payments/{payment_no}"))).await;
        assert_eq!((status, &answer["data"]["amount"]), (200, &(*amount).into()), "{payment_no} was acknowledged");
        if paid.contains_key(payment_no) {
            assert_eq!(answer["data"]["status"], "success", "{payment_no} was paid");
        }
    }
    assert_eq!(platform.terminate(), Some(0));
}

/// Creates payments and pays every second one by webhook until the platform is gone.
async fn shop(env: Arc<Env>, acked: Arc<Mutex<Acked>>, round: u64, client: u64) {
    for number in 0..10_000_u32 {
        let amount = 100 + i64::from(number);
        let Some(payment) = env.create(&format!("R{round}-{client}-{number}"), amount).await else { return };
        let payment_no = payment["payment_no"].as_str().unwrap().to_owned();
        acked.lock().unwrap().created.insert(payment_no.clone(), amount);
        if number % 2 == 0 {
            let body = stripe_event(&format!("evt_{payment_no}"), "payment_intent.succeeded", &payment_no, amount);
            if env.webhook(&body).await != Some(200) {
                return;
            }
            acked.lock().unwrap().paid.insert(payment_no, amount);
        }
    }
}

/// xorshift64: the moments differ from round to round and are the same in every run.
const fn next(mut seed: u64) -> u64 {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^ (seed << 17)
}
