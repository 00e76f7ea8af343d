//! A platform of its own for each test: a data directory, ports that nobody else has, and the real binary.

use std::net::TcpListener;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) const MERCHANT: &str = "2e42829e-b6aa-4e63-964d-a45a49af106c";
pub(crate) const API_KEY: &str = "test-api-key-123";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_of_the_integration_tests";
const PATIENCE: Duration = Duration::from_mins(1);

/// The services' ports lie in 40003..=40016; offsets are this far apart.
const OFFSETS: Range<u16> = 21_000..25_000;
const OFFSET_STEP: u16 = 20;
static NEXT_SLOT: AtomicU16 = AtomicU16::new(0);

/// Where a test's platform lives, whether it runs or not.
pub(crate) struct Env {
    dir: tempfile::TempDir,
    pub(crate) offset: u16,
    pub(crate) vars: Vec<(String, String)>,
    client: reqwest::Client,
}

/// A running platform; killed when dropped.
pub(crate) struct Running {
    child: Child,
}

impl Env {
    pub(crate) fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).pool_idle_timeout(Duration::from_secs(2)).build().unwrap();
        Self {
            dir: tempfile::tempdir().unwrap(),
            offset: free_offset(),
            vars: vec![("STRIPE_WEBHOOK_SECRET".to_owned(), WEBHOOK_SECRET.to_owned())],
            client,
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.vars.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn port(&self, base: u16) -> u16 {
        base + self.offset
    }

    pub(crate) fn gateway(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port(40003))
    }

    /// The binary with nothing of this process's environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_payctl"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PAYCTL_DATA_DIR", self.data_dir())
            .env("PAYCTL_PORT_OFFSET", self.offset.to_string())
            .envs(self.vars.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .current_dir(self.home())
            .args(args)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn payctl(&self, args: &[&str]) -> Finished {
        Finished::of(self.command(args).output().unwrap())
    }

    /// Runs a command that must answer, be it with a finding, and reads its JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let done = self.payctl(&[args, &["-o", "json"]].concat());
        assert!(matches!(done.code, 0 | 3 | 5), "{args:?}: {}\n{}", done.stdout, done.stderr);
        serde_json::from_str(&done.stdout).unwrap_or_else(|error| panic!("{args:?} is not JSON: {error}\n{}", done.stdout))
    }

    /// Starts `payctl up` and waits until every service is ready.
    pub(crate) async fn up(&self) -> Running {
        let running = self.spawn(&["up"]);
        self.ready(&[40003, 40004, 40005, 40007, 40008, 40009]).await;
        running
    }

    pub(crate) fn spawn(&self, args: &[&str]) -> Running {
        self.spawn_with(args, &[])
    }

    /// Starts the binary with some more in its environment.
    pub(crate) fn spawn_with(&self, args: &[&str], vars: &[(&str, &str)]) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.home().join("log")).unwrap();
        let child = self.command(args).envs(vars.iter().copied()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        Running { child }
    }

    pub(crate) async fn ready(&self, ports: &[u16]) {
        for port in ports {
            let url = format!("http://127.0.0.1:{}/health/ready", self.port(*port));
            let answers = async || self.client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
            self.eventually(&format!("{url} is ready"), answers).await;
        }
    }

    /// Waits for a condition, with the platform's log in the failure.
    pub(crate) async fn eventually(&self, what: &str, holds: impl AsyncFn() -> bool) {
        let started = Instant::now();
        while !holds().await {
            assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home().join("log")).unwrap_or_default()
    }

    pub(crate) async fn get(&self, url: &str) -> (u16, Value) {
        answer(self.client.get(url).header("X-API-Key", API_KEY).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, url: &str, body: &Value) -> (u16, Value) {
        answer(self.client.post(url).header("X-API-Key", API_KEY).json(body).send().await.unwrap()).await
    }

    pub(crate) const fn http(&self) -> &reqwest::Client {
        &self.client
    }

    /// Creates a payment; `None` when the platform did not answer with 201.
    pub(crate) async fn create(&self, order_no: &str, amount: i64) -> Option<Value> {
        let body = payment_body(order_no, amount);
        let sent = self.client.post(self.gateway("/api/v1/payments")).header("X-API-Key", API_KEY).json(&body).send().await.ok()?;
        if sent.status().as_u16() != 201 {
            return None;
        }
        Some(sent.json::<Value>().await.ok()?["data"].clone())
    }

    /// Posts a webhook as Stripe would; the status of the answer.
    pub(crate) async fn webhook(&self, body: &str) -> Option<u16> {
        let now = u64::try_from(payctl::config::Ambient::system().now().timestamp()).unwrap();
        let signature = sign(WEBHOOK_SECRET, now, body);
        let sent =
            self.client.post(self.gateway("/webhooks/stripe")).header("Stripe-Signature", signature).body(body.to_owned()).send().await;
        Some(sent.ok()?.status().as_u16())
    }

    /// Whether every group has read everything and every mail is out. Brokers that are just coming back know nothing yet.
    pub(crate) fn drained(&self) -> bool {
        let told = self.payctl(&["lag", "-o", "json"]);
        let Ok(groups) = serde_json::from_str::<Value>(&told.stdout) else { return false };
        let published = groups["outbox"].is_null() || groups["outbox"]["waiting"] == 0;
        published && groups["groups"].as_array().is_some_and(|groups| groups.iter().all(|group| group["lag"] == 0))
    }

    /// Waits for the groups, then proves the books.
    pub(crate) async fn verify(&self) {
        self.eventually("every group has caught up", async || self.drained()).await;
        let done = self.payctl(&["verify"]);
        assert_eq!(done.code, 0, "{}\n{}\n{}", done.stdout, done.stderr, self.log());
    }
}

impl Running {
    /// The process disappears, as after a power cut.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM and waits for the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub(crate) fn payment_body(order_no: &str, amount: i64) -> Value {
    json!({"merchant_id": MERCHANT, "amount": amount, "currency": "USD", "channel": "stripe", "customer_email": "test@example.com", "order_no": order_no})
}

/// A Stripe event of this type about a payment.
pub(crate) fn stripe_event(id: &str, kind: &str, payment_no: &str, amount: i64) -> String {
    let status = if kind.ends_with("succeeded") { "succeeded" } else { "requires_payment_method" };
    json!({
        "id": id, "object": "event", "api_version": "2025-09-30.clover", "created": 1_767_323_045, "livemode": false, "type": kind,
        "data": {"object": {
            "id": format!("pi_{payment_no}"), "object": "payment_intent", "amount": amount, "amount_received": amount, "currency": "usd",
            "livemode": false, "status": status, "metadata": {"payment_no": payment_no},
        }},
    })
    .to_string()
}

/// The header `Stripe-Signature` of the documented scheme.
pub(crate) fn sign(secret: &str, timestamp: u64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{body}").as_bytes());
    format!("t={timestamp},v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// Prints why a test is skipped; for checkers that are not installed.
pub(crate) fn missing(program: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status().unwrap().success();
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    !found
}

async fn answer(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

/// An offset whose ports are all free; processes that test at the same time start at different places. They lie above the ports
/// that the system gives to clients: a service that is killed and started again finds its port as it left it.
fn free_offset() -> u16 {
    let slots = (OFFSETS.end - OFFSETS.start) / OFFSET_STEP;
    let first = u16::try_from(std::process::id() % u32::from(slots)).unwrap();
    for _ in 0..1000 {
        let offset = OFFSETS.start + (first + NEXT_SLOT.fetch_add(1, Ordering::Relaxed)) % slots * OFFSET_STEP;
        if (40003..=40016).all(|port| TcpListener::bind(("127.0.0.1", port + offset)).is_ok()) {
            return offset;
        }
    }
    panic!("no free ports");
}
