use std::time::{Duration, Instant};

use payctl::config::{Config, Profile, SEEDED_MERCHANT};
use payctl::domain::{Currency, Email, MerchantId};
use payctl::ops::trace::{self, Trace, VerdictState};
use payctl::ops::{Choice, Client, ClientError, NewPayment, Reader};

use super::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Who pays in development.
const DEVELOPMENT_PAYER: &str = "test@example.com";
/// In the currency's minor unit.
const AMOUNT: i64 = 100;
/// How often the payment is looked at: it is written by other processes, which ring no bell here.
const LOOK: Duration = Duration::from_millis(200);

/// Send a marked payment through the platform and follow it until everything that should happen has
///
/// Its order number begins with CANARY. In development it is paid and followed to the books. In production, where only a payer
/// pays, it is made for the merchant that you name, cancelled at once and followed until every group has had it; that is refused
/// without --i-know. Exit 3 where it is late, stuck or inconsistent.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl verify canary
  payctl verify canary --wait 10s -o json")]
pub(crate) struct CanaryArgs {
    /// How long to follow it
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = value::span)]
    wait: Duration,
    /// Whose payment it is; in development the seeded merchant
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Who is told by mail; in development test@example.com
    #[arg(long, value_parser = value::email, value_name = "ADDRESS")]
    email: Option<Email>,
    /// In production: that a payment of its own is meant
    #[arg(long)]
    i_know: bool,
}

pub(super) async fn run(console: &mut Console, args: &CanaryArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let is_development = config.profile == Profile::Development;
    if !is_development && !args.i_know {
        let message = "a canary is a payment like any other, and this is production: say --i-know, if that is meant";
        return Err(Failure::usage(message, console.again("verify canary --help")));
    }
    let id = console.ambient.uuid().simple().to_string().to_uppercase();
    let order_no = format!("CANARY-{}", id.get(..12).unwrap_or(&id));
    let wanted = wanted(args, &config, &order_no)?;
    let reader = console.reader().await?;
    let refused = |error: ClientError| console.refused(&error, "verify canary", None);
    let client = Client::new(&config).map_err(refused)?;
    let started = Instant::now();
    let created = client.create_payment(&wanted, &order_no).await.map_err(refused)?;
    let payment_no = created.get("payment_no").and_then(|no| no.as_str()).unwrap_or_default().to_owned();
    let done = if is_development { client.choose(&payment_no, Choice::Pay).await } else { client.cancel_payment(&payment_no).await };
    done.map_err(refused)?;
    let found = follow(console, &reader, &payment_no, started, args.wait).await?;
    console.out.report(&found)?;
    let took = started.elapsed().as_millis();
    Ok(if found.verdict.state == VerdictState::Settled {
        console.out.note(&format!("the canary {payment_no} is settled after {took} ms"));
        Exit::Ok
    } else {
        console.out.note(&format!("! the canary {payment_no} is {} after {took} ms", found.verdict.state.as_str()));
        Exit::Finding
    })
}

fn wanted(args: &CanaryArgs, config: &Config, order_no: &str) -> Result<NewPayment, Failure> {
    let is_development = config.profile == Profile::Development;
    let missing = |flag: &str| Failure::usage(format!("{flag} is needed outside the development profile"), "payctl verify canary --help");
    let merchant = match args.merchant {
        Some(merchant) => merchant.to_string(),
        None if is_development => SEEDED_MERCHANT.to_owned(),
        None => return Err(missing("--merchant")),
    };
    let email = match &args.email {
        Some(email) => email.expose(),
        None if is_development => DEVELOPMENT_PAYER,
        None => return Err(missing("--email")),
    };
    Ok(NewPayment {
        merchant_id: merchant,
        amount: AMOUNT,
        currency: Currency::USD.to_string(),
        channel: "stripe".to_owned(),
        customer_email: email.to_owned(),
        order_no: Some(order_no.to_owned()),
        description: Some("a canary of payctl verify".to_owned()),
        expire_minutes: None,
    })
}

/// Looks until it is settled, or for as long as is allowed.
async fn follow(console: &Console, reader: &Reader, payment_no: &str, started: Instant, timeout: Duration) -> Result<Trace, Failure> {
    loop {
        let found = trace::trace(reader, payment_no).await.map_err(|error| console.unread(error))?;
        if found.verdict.state == VerdictState::Settled || started.elapsed() >= timeout {
            return Ok(found);
        }
        tokio::time::sleep(LOOK).await;
    }
}
