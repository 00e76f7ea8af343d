//! The books: balances, entries, and the export for other programs.

use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use serde::Serialize;
use tokio::sync::mpsc;

use crate::domain::{Account, MerchantId, Money, Timestamp};
use crate::services::accounting::query::{self, BalanceView, EntryFilter, EntryView, TrialTotal};
use crate::services::accounting::{self, ExportError, ExportFormat, ExportSummary};

use super::span::clock;
use super::{OpsError, Reader, Report, Table};

/// Text of an export goes over in pieces of this size, so that neither side holds the whole books.
const PIECE_BYTES: usize = 64 * 1024;

/// What is in every account.
#[derive(Debug, Clone, Serialize)]
pub struct Balances {
    /// By account and currency.
    pub balances: Vec<BalanceView>,
    /// Debits and credits of all accounts together, by currency; absent where only one merchant's were asked for.
    pub totals: Vec<TrialTotal>,
}

/// The balances of one merchant's accounts, or of all accounts with their totals.
pub async fn balances(reader: &Reader, merchant: Option<MerchantId>) -> Result<Balances, OpsError> {
    reader
        .store
        .read(async move |tx| match merchant {
            Some(merchant) => Ok(Balances { balances: query::balances_of(tx, merchant).await?, totals: Vec::new() }),
            None => Ok(Balances { balances: query::balances(tx).await?, totals: query::trial_balance(tx).await?.totals }),
        })
        .await
}

impl Report for Balances {
    const LISTS: &'static [&'static str] = &["balances"];
    const NAMES: Option<&'static str> = Some("accounts");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["ACCOUNT", "??KIND", "?>DEBITS", "?>CREDITS", ">BALANCE", "CURRENCY"]);
        for row in &self.balances {
            let major = |minor| Money::new(minor, row.currency).major();
            table.push([
                row.account.clone(),
                row.kind.as_str().to_owned(),
                major(row.debits),
                major(row.credits),
                major(row.balance),
                row.currency.to_string(),
            ]);
        }
        for total in &self.totals {
            let major = |minor: i128| Money::new(i64::try_from(minor).unwrap_or(i64::MAX), total.currency).major();
            let (debits, credits) = (major(total.debits), major(total.credits));
            table.notes.push(if total.balanced {
                format!("{}: debits {debits} = credits {credits}, balanced", total.currency)
            } else {
                format!("{}: debits {debits}, credits {credits}: NOT BALANCED; try: payctl verify --id I19", total.currency)
            });
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.balances.iter().map(|row| row.account.clone()).collect()
    }
}

/// Entries of the books.
#[derive(Debug, Clone, Serialize)]
pub struct Entries {
    /// Newest first.
    pub entries: Vec<EntryView>,
    #[serde(skip)]
    now: Timestamp,
}

/// The newest entries that match.
pub async fn entries(reader: &Reader, filter: EntryFilter) -> Result<Entries, OpsError> {
    reader.store.read(async move |tx| Ok(Entries { entries: query::entries(tx, &filter).await?, now: tx.now() })).await
}

impl Report for Entries {
    const LISTS: &'static [&'static str] = &["entries"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["TIME", "??TRANSACTION", "??LEG", "DEBIT", "CREDIT", ">AMOUNT", "?PAYMENT"]);
        for row in &self.entries {
            table.push([
                clock(row.created_at, self.now),
                row.transaction_id.clone(),
                row.leg.clone(),
                row.debit.clone(),
                row.credit.clone(),
                Money::new(row.amount, row.currency).to_string(),
                row.related_id.clone(),
            ]);
        }
        vec![table]
    }
}

/// The account of this name, where the chart of accounts has it.
pub fn parse_account(name: &str) -> Option<String> {
    name.parse::<Account>().ok().map(|account| account.to_string())
}

/// Writes the whole books, from one snapshot, into `pieces`; nobody reading them any more ends it early.
pub async fn export(reader: &Reader, format: ExportFormat, pieces: mpsc::Sender<Vec<u8>>) -> Result<ExportSummary, ExportError> {
    reader
        .store
        .read(async move |tx| {
            let mut out = io::BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces.clone()));
            accounting::export(tx, format, &mut out).await
        })
        .await
}

/// Wakes a thread that waits.
struct Unpark(std::thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits on the database's own thread, be there a runtime on it or not.
fn wait_here<F: Future>(future: F) -> F::Output {
    // What a runtime lets a task do before it must yield is never given again while the thread stays here.
    let mut future = pin!(tokio::task::unconstrained(future));
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Hands text from the database's thread to whoever prints it; waits while they are busy.
struct Pieces(mpsc::Sender<Vec<u8>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        wait_here(self.0.send(bytes.to_vec())).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
