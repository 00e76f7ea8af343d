use payctl::ops::{payment_history, payments};

use crate::commands::unmask::Unmask;
use crate::commands::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Show one payment, whether a platform runs or not
///
/// With --as-of or --history it is folded from its own events alone, which are kept for ever: what it was at a time, and each
/// step with its event.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl payments get PY20260102030405ABCDEFGHJK
  payctl payments get PY20260102030405ABCDEFGHJK --history
  payctl payments get PY20260102030405ABCDEFGHJK --as-of 10m")]
pub(crate) struct GetArgs {
    /// The number that `payments create` printed
    #[arg(value_parser = value::payment_no)]
    payment_no: String,
    /// As it stood at this time: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    as_of: Option<Moment>,
    /// Each step: when, by which event, from where to where
    #[arg(long)]
    history: bool,
    #[command(flatten)]
    pub(crate) unmask: Unmask,
}

impl GetArgs {
    /// Whether it is told from its events.
    pub(crate) const fn is_folded(&self) -> bool {
        self.history || self.as_of.is_some()
    }
}

pub(super) async fn run(console: &mut Console, args: GetArgs) -> Result<Exit, Failure> {
    let masking = args.unmask.masking(console, "payments get", &args.payment_no).await?;
    let reader = console.reader().await?;
    if args.history || args.as_of.is_some() {
        let as_of = args.as_of.map(|moment| moment.before(console.ambient.now()));
        let told = payment_history::history(&reader, &args.payment_no, as_of, masking).await;
        let mut history = told.map_err(|error| console.unread(error))?;
        history.shows_steps = args.history;
        console.out.report(&history)?;
        return Ok(Exit::Ok);
    }
    let payment = payments::get(&reader, &args.payment_no, masking).await.map_err(|error| console.unread(error))?;
    console.out.report(&payment)?;
    Ok(Exit::Ok)
}
