use payctl::config::{Config, Profile, SEEDED_MERCHANT};
use payctl::domain::{Currency, Email, MerchantId};
use payctl::ops::{Client, ClientError, NewPayment};

use super::view::PaymentView;
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Who pays in development, where nobody is named.
const DEVELOPMENT_PAYER: &str = "test@example.com";

/// Create a payment and print its number and the page that takes the money
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl payments create --amount 10000
  payctl payments create --amount 10000 --currency USD --email test@example.com --order-no ORD-1
  payctl payments create --amount 500 --currency JPY --output json")]
pub(crate) struct CreateArgs {
    /// In the currency's minor unit: 100.00 USD is 10000, 500 JPY is 500
    #[arg(long, value_name = "MINOR", allow_hyphen_values = true)]
    amount: String,
    /// Its code of ISO 4217
    #[arg(long, default_value = "USD", value_parser = value::currency, value_name = "CODE")]
    currency: Currency,
    /// Who pays; in development test@example.com
    #[arg(long, value_parser = value::email, value_name = "ADDRESS")]
    email: Option<Email>,
    /// Your own number for the order; made when absent
    #[arg(long, value_parser = value::order_no, value_name = "NO")]
    order_no: Option<String>,
    /// Who takes the money
    #[arg(long, default_value = "stripe")]
    channel: String,
    /// What it is for, as the payer reads it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The same key and payment again answer the first payment; made when absent
    #[arg(long, value_parser = value::idempotency_key, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Whose payment it is; in development the seeded merchant
    #[arg(long, value_parser = value::merchant, value_name = "ID")]
    merchant: Option<MerchantId>,
    /// Minutes until it expires unpaid
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    expire_minutes: Option<u32>,
}

pub(super) async fn run(console: &mut Console, args: CreateArgs) -> Result<Exit, Failure> {
    let config = console.config()?;
    let key = args.idempotency_key.clone().unwrap_or_else(|| format!("console-{}", console.ambient.uuid()));
    let made_key = args.idempotency_key.is_none();
    let payment = body(args, &config)?;
    let client = Client::new(&config).map_err(|error: ClientError| console.refused(&error, "payments", None))?;
    let created = client.create_payment(&payment, &key).await.map_err(|error| match error {
        ClientError::NoAnswer { .. } if made_key => {
            Failure::unreachable(error.to_string(), format!("the same command with --idempotency-key {key}, which pays once at most"))
        }
        error => console.refused(&error, "payments create", None),
    })?;
    let view = PaymentView::new(created);
    console.out.report(&view)?;
    if config.profile == Profile::Development {
        console.out.note(&format!("pay it: {}", console.again(&format!("payments pay {}", view.payment_no()))));
    }
    Ok(Exit::Ok)
}

fn body(args: CreateArgs, config: &Config) -> Result<NewPayment, Failure> {
    let development = config.profile == Profile::Development;
    let missing = |flag: &str| Failure::usage(format!("{flag} is needed outside the development profile"), "payctl payments create --help");
    let amount = value::amount_minor(&args.amount, args.currency).map_err(|expected| {
        Failure::usage(format!("--amount {}: {expected}", args.amount.escape_debug()), "payctl payments create --help")
    })?;
    let merchant = match args.merchant {
        Some(merchant) => merchant.to_string(),
        None if development => SEEDED_MERCHANT.to_owned(),
        None => return Err(missing("--merchant")),
    };
    let email = match &args.email {
        Some(email) => email.expose(),
        None if development => DEVELOPMENT_PAYER,
        None => return Err(missing("--email")),
    };
    Ok(NewPayment {
        merchant_id: merchant,
        amount,
        currency: args.currency.to_string(),
        channel: args.channel,
        customer_email: email.to_owned(),
        order_no: args.order_no,
        description: args.description,
        expire_minutes: args.expire_minutes,
    })
}
