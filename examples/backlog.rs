//! Fills a data directory with paid payments as events that nobody has read, and times how groups work them off. Where
//! `DATABASE_URL` and `KAFKA_BROKERS` name servers, the events are there instead, in the outbox at first.
//!
//! `backlog fill DIR PAYMENTS` publishes created, processing and success of each payment.
//! `backlog drain DIR PAYCTL PORT_OFFSET SERVICE…` runs `PAYCTL serve SERVICE…` until everything is read and every mail sent.
//! `backlog relay DIR PAYCTL PORT_OFFSET` runs `PAYCTL serve relay` until the outbox is empty.
//! `backlog produce PAYMENTS` hands the same records to a bare producer, on topics that are there already.
//! `backlog wait DIR SERVICE…` waits until the groups of a platform that runs already have read everything.

#![expect(clippy::print_stdout, reason = "prints what it measured")]
#![expect(clippy::disallowed_methods, reason = "a program of its own: there is no configuration to read the environment")]

#[path = "bench/place.rs"]
mod place;
#[path = "bench/produce.rs"]
mod produce;

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use payctl::config::{Ambient, KafkaConfig};
use payctl::domain::{Currency, Email, MerchantId, NumberKind, PaymentStatus, fee_amount};
use payctl::event::{Cause, EncodedEvent, EventKind, Extra, NewEvent, Payload, PaymentPayload};
use payctl::log::EventLog;
use payctl::services::Service;
use payctl::store::{Class, Store, StoreError, Tx};

/// Enough merchants that every partition has its share.
const MERCHANTS: u128 = 24;
/// Payments published in one transaction.
const CHUNK: usize = 500;
const FEE_BPS: i64 = 200;
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// A group that has not finished by then has stopped.
const PATIENCE: Duration = Duration::from_mins(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fill", dir, payments] => fill(Path::new(dir), payments.parse()?).await,
        ["drain", dir, payctl, port_offset, services @ ..] => drain(Path::new(dir), payctl, port_offset, services).await,
        ["relay", dir, payctl, port_offset] => relay(Path::new(dir), payctl, port_offset).await,
        ["produce", payments] => produce(payments.parse()?),
        ["wait", dir, services @ ..] => {
            let waited = wait(&open(Path::new(dir)).await?, &parsed(services)?, None).await?;
            println!("seconds {:.2}", waited.as_secs_f64());
            Ok(())
        }
        _ => bail!(
            "usage: backlog fill DIR PAYMENTS | drain DIR PAYCTL PORT_OFFSET SERVICE… | relay DIR PAYCTL PORT_OFFSET | \
             produce PAYMENTS | wait DIR SERVICE…"
        ),
    }
}

async fn fill(dir: &Path, payments: usize) -> anyhow::Result<()> {
    let ambient = Ambient::system();
    let store = match place::server()? {
        Some(server) => Store::connect(&server, &Service::migrations(), &ambient).await?,
        None => Store::open(dir, &Service::migrations(), &ambient)?,
    };
    let started = Instant::now();
    for first in (0..payments).step_by(CHUNK) {
        let events: Vec<NewEvent> = (first..payments.min(first + CHUNK)).flat_map(|number| life(&ambient, number)).collect();
        store.write(Class::Background, async move |tx: &mut Tx| tx.publish(&events).await).await?;
    }
    print_rate(payments * 3, started.elapsed());
    tokio::task::spawn_blocking(move || store.close()).await.context("failed to close the database")
}

/// The events of a payment that was paid at once.
fn life(ambient: &Ambient, number: usize) -> [NewEvent; 3] {
    let merchant_id = MerchantId(uuid::Uuid::from_u128(0x0bac_1060 + number as u128 % MERCHANTS));
    let (payment_no, now) = (ambient.number(NumberKind::Payment), ambient.now());
    let event = |kind: EventKind, status: PaymentStatus, version: i64| NewEvent {
        event_id: ambient.uuid(),
        kind,
        topic: kind.topic(),
        aggregate_id: payment_no.clone(),
        aggregate_version: version,
        merchant_id: Some(merchant_id),
        key: merchant_id.to_string(),
        timestamp: now,
        cause: Cause { correlation_id: payment_no.clone(), ..Cause::default() },
        producer: Service::Gateway.name(),
        payload: Payload::Payment(Box::new(PaymentPayload {
            payment_no: payment_no.clone(),
            merchant_id,
            order_no: format!("BACKLOG-{number}"),
            amount: 10_000,
            currency: Currency::USD,
            channel: "stripe".to_owned(),
            status,
            customer_email: Email::stored(format!("customer-{}@example.com", number % 5000)),
            created_at: now,
            paid_at: (status == PaymentStatus::Success).then_some(now),
            fee_bps: FEE_BPS,
            fee_amount: fee_amount(10_000, FEE_BPS),
            extra: Extra::new(),
        })),
    };
    [
        event(EventKind::PaymentCreated, PaymentStatus::Pending, 1),
        event(EventKind::PaymentProcessing, PaymentStatus::Processing, 2),
        event(EventKind::PaymentSuccess, PaymentStatus::Success, 3),
    ]
}

async fn drain(dir: &Path, payctl: &str, port_offset: &str, services: &[&str]) -> anyhow::Result<()> {
    let wanted = parsed(services)?;
    let store = open(dir).await?;
    let started = Instant::now();
    let mut serve = serve(dir, payctl, port_offset, services)?;
    let drained = wait(&store, &wanted, Some(&mut serve)).await;
    let took = started.elapsed();
    stop(serve)?;
    drained?;
    let mut events = 0;
    for service in &wanted {
        events += read_by(&store, *service).await?;
    }
    print_rate(events, took);
    Ok(())
}

/// Carries what waits in the outbox to the brokers.
async fn relay(dir: &Path, payctl: &str, port_offset: &str) -> anyhow::Result<()> {
    let store = open(dir).await?;
    let events = count(&store, "SELECT count(*) FROM outbox").await?;
    let started = Instant::now();
    let serve = serve(dir, payctl, port_offset, &["relay"])?;
    while count(&store, "SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 1) AS waiting").await? > 0 {
        ensure!(started.elapsed() < PATIENCE, "still behind after {} s", PATIENCE.as_secs());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let took = started.elapsed();
    stop(serve)?;
    print_rate(events, took);
    Ok(())
}

/// What the relay's records cost without a relay.
fn produce(payments: usize) -> anyhow::Result<()> {
    let ambient = Ambient::system();
    let encoded = (0..payments).flat_map(|number| life(&ambient, number)).map(EncodedEvent::new);
    let records = encoded.collect::<Result<Vec<_>, _>>()?;
    print_rate(records.len(), produce::all(&brokers(), &records)?);
    Ok(())
}

fn serve(dir: &Path, payctl: &str, port_offset: &str, services: &[&str]) -> anyhow::Result<Child> {
    Command::new(payctl)
        .arg("--data-dir")
        .arg(dir)
        .args(["--port-offset", port_offset, "--profile", "development", "--quiet", "serve"])
        .args(services)
        .env("PAYCTL_MAIL_SINK", "null")
        .env("PAYCTL_LOG", "warn")
        .spawn()
        .with_context(|| format!("failed to run {payctl}"))
}

/// Asks it to stop, as an operator would; it then closes the database.
fn stop(mut serve: Child) -> anyhow::Result<()> {
    let stopped = Command::new("kill").arg(serve.id().to_string()).status();
    if !stopped.is_ok_and(|status| status.success()) {
        serve.kill().context("failed to stop the services")?;
    }
    serve.wait().context("failed to wait for the services")?;
    Ok(())
}

fn print_rate(events: usize, took: Duration) {
    let seconds = took.as_secs_f64();
    println!("events {events}");
    println!("seconds {seconds:.2}");
    println!("rate {}", (events as u128 * 1000).checked_div(took.as_millis()).unwrap_or(0));
}

async fn open(dir: &Path) -> anyhow::Result<Store> {
    place::open_read_only(dir, &Ambient::system()).await
}

/// The brokers that the environment names; none means the embedded log.
fn brokers() -> KafkaConfig {
    let text = |name: &str| std::env::var(name).unwrap_or_default();
    let brokers = text("KAFKA_BROKERS").split(',').filter(|broker| !broker.is_empty()).map(str::to_owned).collect();
    KafkaConfig { brokers, topic_prefix: text("PAYCTL_TOPIC_PREFIX"), ..KafkaConfig::default() }
}

fn parsed(services: &[&str]) -> anyhow::Result<Vec<Service>> {
    services.iter().map(|name| Service::parse(name).with_context(|| format!("there is no service {name}"))).collect()
}

/// Waits until every group has read its topics to the end and no mail is waiting.
async fn wait(store: &Store, services: &[Service], mut serve: Option<&mut Child>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let log = EventLog::open(&brokers(), store)?;
    loop {
        let mut behind = 0;
        for service in services {
            behind += behind_of(store, &log, *service).await?;
        }
        if services.contains(&Service::Notification) {
            behind += count(store, "SELECT count(*) FROM notifications WHERE status = 'pending'").await?;
        }
        if behind == 0 {
            return Ok(started.elapsed());
        }
        ensure!(started.elapsed() < PATIENCE, "still behind after {} s", PATIENCE.as_secs());
        if let Some(serve) = serve.as_deref_mut()
            && let Some(status) = serve.try_wait()?
        {
            bail!("the services ended early: {status}");
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Partitions that the service's group has not read to the end.
async fn behind_of(store: &Store, log: &EventLog, service: Service) -> anyhow::Result<usize> {
    let Some(group) = service.group() else { return Ok(0) };
    let rows = store
        .read(async move |tx: &mut Tx| {
            tx.query("SELECT topic, partition, next_offset FROM consumer_offsets WHERE grp = $1", &[(&group).into()]).await
        })
        .await?;
    let next = rows.iter().map(|row| Ok(((row.get::<String>(0)?, row.get::<i64>(1)?), row.get::<i64>(2)?)));
    let next = next.collect::<Result<HashMap<_, _>, StoreError>>()?;
    let mut behind = 0;
    for topic in service.topics() {
        let bounds = log.bounds(*topic).await?;
        let unread = |partition: u16| next.get(&(topic.name().to_owned(), i64::from(partition))).copied().unwrap_or(0);
        behind += bounds.iter().filter(|(partition, bounds)| bounds.start < bounds.end && unread(**partition) < bounds.end).count();
    }
    Ok(behind)
}

/// Events on the topics of the service's group.
async fn read_by(store: &Store, service: Service) -> anyhow::Result<usize> {
    let mut events = 0;
    for topic in service.topics() {
        // The name comes from the catalogue.
        events += count(store, &format!("SELECT count(*) FROM events WHERE topic = '{}'", topic.name())).await?;
    }
    Ok(events)
}

async fn count(store: &Store, sql: &str) -> anyhow::Result<usize> {
    let sql = sql.to_owned();
    let row = store.read(async move |tx: &mut Tx| tx.query_one(&sql, &[]).await).await?;
    Ok(usize::try_from(row.context("a count has a row")?.get::<i64>(0)?)?)
}
