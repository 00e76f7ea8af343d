//! Life without the brokers, on a real server: events go by HTTP meanwhile, and Kafka is complete in the end.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::{Env, stripe_event};
use crate::port::free_port;
use crate::server::Server;

const PAYMENTS: i64 = 12;
const AMOUNT: i64 = 1_000;

/// An address where nothing answers until the test opens it; what comes then goes on to the broker.
pub(crate) struct Door {
    pub(crate) here: SocketAddr,
    broker: String,
}

impl Door {
    pub(crate) fn closed(broker: String) -> Self {
        Self { here: SocketAddr::from(([127, 0, 0, 1], free_port())), broker }
    }

    pub(crate) fn open(self) {
        let listener = TcpListener::bind(self.here).unwrap();
        std::thread::spawn(move || {
            for incoming in listener.incoming() {
                let (inside, outside) = (incoming.unwrap(), TcpStream::connect(&self.broker).unwrap());
                for (mut from, mut to) in
                    [(inside.try_clone().unwrap(), outside.try_clone().unwrap()), (outside.try_clone().unwrap(), inside)]
                {
                    // A side that closes ends its direction; what the test asserts does not depend on how.
                    std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
                }
            }
        });
    }
}

pub(crate) fn real(server: &Server, brokers: &str) -> Env {
    let place = &server.server;
    let url = format!("postgres://{}@{}:{}/{}", place.user, place.host, place.port, place.name);
    let prefix = format!("{}.", place.name);
    Env::new()
        .with("DATABASE_URL", &url)
        .with("KAFKA_BROKERS", brokers)
        .with("PAYCTL_TOPIC_PREFIX", &prefix)
        .with("PAYCTL_INTERNAL_TOKEN", "internal-token-of-the-fallback-test")
}

pub(crate) async fn paid(env: &Env, order_no: &str) -> String {
    let created = env.create(order_no, AMOUNT).await.expect("created without brokers");
    let payment_no = created["payment_no"].as_str().unwrap().to_owned();
    let event = stripe_event(&format!("evt_{order_no}"), "payment_intent.succeeded", &payment_no, AMOUNT);
    assert_eq!(env.webhook(&event).await, Some(200));
    payment_no
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_brokers_are_away_money_is_booked_and_afterwards_nothing_is_booked_twice() {
    let (Some(server), Some(broker)) = (Server::empty(), crate::kafka::brokers()) else { return };
    let door = Door::closed(broker);
    let env = real(&server, &door.here.to_string());
    let running = env.up().await;
    for number in 0..PAYMENTS {
        paid(&env, &format!("ORD-{number}")).await;
    }
    let booked = async || {
        let balances = env.json(&["ledger", "balances"]);
        let clearing = |account: &&Value| account["account"] == "channel_clearing:stripe";
        let accounts = balances["balances"].as_array().cloned().unwrap_or_default();
        accounts.iter().find(clearing).is_some_and(|account| account["debits"] == PAYMENTS * AMOUNT)
    };
    env.eventually("every payment is booked without the brokers", booked).await;
    let orders_paid = async || env.json(&["orders", "list", "--status", "paid"])["total"] == PAYMENTS;
    env.eventually("every order is paid without the brokers", orders_paid).await;
    assert_eq!(env.log().matches("Kafka unavailable, using HTTP fallback").count(), 1, "{}", env.log());

    door.open();
    env.verify().await;
    assert!(booked().await && orders_paid().await, "the copies by Kafka changed something");
    let parked: i64 = env.json(&["lag"])["groups"].as_array().unwrap().iter().map(|group| group["parked"].as_i64().unwrap()).sum();
    assert_eq!(parked, 0);
    assert_eq!(running.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_platform_itself_may_bring_events() {
    let env = Env::new().with("PAYCTL_INTERNAL_TOKEN", "internal-token-of-the-fallback-test");
    let _running = env.up().await;
    let url = format!("http://127.0.0.1:{}/internal/events", env.port(40004));
    let post = async |token: &str, topic: &str, body: String| {
        let request = env.http().post(&url).header("X-Internal-Token", token).header("X-Payctl-Topic", topic);
        request.body(body).timeout(Duration::from_secs(10)).send().await.unwrap()
    };
    let token = "internal-token-of-the-fallback-test";
    assert_eq!(post("guess", "payment.events", "{}".to_owned()).await.status(), 401);
    assert_eq!(post(token, "payments", "{}".to_owned()).await.status(), 400);
    let unread = post(token, "audit.logs", "{}".to_owned()).await;
    assert_eq!((unread.status().as_u16(), unread.json::<Value>().await.unwrap()["data"].take()), (200, json!({"outcome": "ignored"})));
    let refused = post(token, "payment.events", "{".to_owned()).await;
    assert_eq!(refused.json::<Value>().await.unwrap()["data"], json!({"outcome": "refused"}));
    assert_eq!(env.json(&["lag"])["groups"][0]["parked"], 0, "what came past the log is not parked");
    let early = json!({
        "event_id": "01900000-0000-7000-8000-000000000001", "event_type": "payment.created", "aggregate_type": "payment",
        "aggregate_id": "PY20260102030405AAAAAAAAAA", "timestamp": "2026-01-02T03:04:05Z", "version": "1.0",
        "metadata": {"aggregate_version": 3, "merchant_id": crate::platform::MERCHANT, "correlation_id": "", "causation_id": "", "trace_id": "", "producer": "gateway"},
        "payload": {"payment_no": "PY20260102030405AAAAAAAAAA", "merchant_id": crate::platform::MERCHANT, "order_no": "O", "amount": 1, "currency": "USD",
            "channel": "stripe", "status": "pending", "customer_email": "t@example.com", "created_at": "2026-01-02T03:04:05Z", "fee_bps": 0, "fee_amount": 0, "extra": {}},
    });
    let answer = post(token, "payment.events", early.to_string()).await;
    assert_eq!(answer.status(), 409);
    assert_eq!(answer.json::<Value>().await.unwrap()["details"]["wanted_version"], 1);
}
