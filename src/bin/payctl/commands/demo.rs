use std::collections::HashSet;
use std::time::{Duration, Instant};

use payctl::config::{Config, SEEDED_MERCHANT};
use payctl::domain::utc_date;
use payctl::ops::metrics::MetricsQuery;
use payctl::ops::trace::{Step, StepState, Trace, VerdictState};
use payctl::ops::verify::INVARIANTS;
use payctl::ops::{Choice, Client, ClientError, NewPayment, Reader, ledger, metrics, trace, verify};

use crate::console::Console;
use crate::error::Failure;
use crate::output::Growing;

const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at a payment on its way: mails and books wake nobody outside their services.
const LOOK: Duration = Duration::from_millis(25);

/// Takes one payment all the way and shows what came of it.
pub(super) async fn show(console: &Console, config: &Config, reader: &Reader) -> Result<(), Failure> {
    let out = &console.out;
    let client = Client::new(config).map_err(|error| failed(&error))?;
    let now = console.ambient.now();
    let order_no = format!("DEMO-{}", now.format("%Y%m%d%H%M%S%3f"));
    let wanted = NewPayment {
        merchant_id: SEEDED_MERCHANT.to_owned(),
        amount: 10_000,
        currency: "USD".to_owned(),
        channel: "stripe".to_owned(),
        customer_email: "test@example.com".to_owned(),
        order_no: Some(order_no.clone()),
        description: Some("The demo's payment".to_owned()),
        expire_minutes: None,
    };
    out.note(&format!("\ncreating a payment of 100.00 USD for order {order_no} and paying it on its checkout page\n"));
    let created = client.create_payment(&wanted, &format!("demo-{order_no}")).await.map_err(|error| failed(&error))?;
    let payment_no = created.get("payment_no").and_then(|no| no.as_str()).unwrap_or_default().to_owned();
    let (paid, followed) = tokio::join!(client.choose(&payment_no, Choice::Pay), follow(console, reader, &payment_no));
    paid.map_err(|error| failed(&error))?;
    let found = followed?;
    out.note("");
    out.report(&Judged(found))?;
    out.note("\nwhat analytics counted today\n");
    let today = utc_date(console.ambient.now());
    let merchant = SEEDED_MERCHANT.parse().map_err(|_| Failure::failed("the seeded merchant has no id", "payctl config show"))?;
    let query = MetricsQuery { merchant, channel: None, start: today, end: today };
    out.report(&metrics::metrics(reader, query).await.map_err(|error| console.unread(error))?)?;
    out.note("\nthe books\n");
    out.report(&ledger::balances(reader, None).await.map_err(|error| console.unread(error))?)?;
    out.note("\nthe invariants\n");
    let every: Vec<_> = INVARIANTS.iter().collect();
    out.report(&verify::verify(reader, &every, None).await.map_err(|error| console.unread(error))?)?;
    out.note(&next(console, &payment_no));
    Ok(())
}

/// Prints each step of the payment as it is done, until nothing is left to wait for.
async fn follow(console: &Console, reader: &Reader, payment_no: &str) -> Result<Trace, Failure> {
    let started = Instant::now();
    let (mut shown, mut growing) = (HashSet::new(), Growing::default());
    loop {
        let found = trace::trace(reader, payment_no).await.map_err(|error| console.unread(error))?;
        // What came of an event may be there before the relay has noted where it lies.
        let is_noted = found.steps.iter().all(|step| step.outbox_since.is_none());
        let is_last = (found.verdict.state == VerdictState::Settled && is_noted) || started.elapsed() > PATIENCE;
        let is_new = |step: &Step| (is_last || is_ripe(step)) && !shown.contains(&key(step));
        let table = found.timeline(is_new);
        shown.extend(found.steps.iter().filter(|step| is_last || is_ripe(step)).map(key));
        if !table.rows.is_empty() {
            console.out.grow(&table, &mut growing)?;
        }
        if is_last {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Done, in the log where it is an event, and read by every group that will read it.
fn is_ripe(step: &Step) -> bool {
    step.state == StepState::Done && step.outbox_since.is_none() && (step.place.is_none() || !step.reads.is_empty())
}

fn key(step: &Step) -> (String, String) {
    (step.service.clone(), step.what.clone())
}

fn next(console: &Console, payment_no: &str) -> String {
    let open = console.again("payments create --amount 2500 --currency USD");
    let look = console.again(&format!("trace {payment_no}"));
    let tail = console.again("topics tail payment.events -f");
    format!(
        "\nthe platform stays up; Ctrl-C ends it. Three things to try in another terminal:\n  {open}\n      and open its payment_url in a browser\n  \
         {look}\n      the same story again, or -o json\n  {tail}\n      and watch events come in\n"
    )
}

fn failed(error: &ClientError) -> Failure {
    Failure::failed(error.to_string(), "payctl up")
}

/// Only the end of a trace whose steps were shown as they came.
#[derive(serde::Serialize)]
struct Judged(Trace);

impl payctl::ops::Report for Judged {
    fn tables(&self) -> Vec<payctl::ops::Table> {
        vec![self.0.judged()]
    }
}
