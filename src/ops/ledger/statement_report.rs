use crate::domain::{Currency, Timestamp, format_timestamp};
use crate::ops::span::clock;
use crate::ops::{Report, Table};

use super::balances::major;
use super::statement::{AccountStatement, Statement, StatementLine};

const NARROW: &[&str] = &["BOOKED", "?KIND", "??COUNTER-ACCOUNT", "?PAYMENT", ">DEBIT", ">CREDIT", ">BALANCE"];
/// The same cells, then these.
const WIDE: &[&str] = &[
    "BOOKED",
    "KIND",
    "COUNTER-ACCOUNT",
    "PAYMENT",
    ">DEBIT",
    ">CREDIT",
    ">BALANCE",
    ">NO",
    "TRANSACTION",
    "EVENT-TYPE",
    "EVENT",
    "OCCURRED",
];

impl Report for Statement {
    const LISTS: &'static [&'static str] = &["statements"];

    fn tables(&self) -> Vec<Table> {
        self.set(NARROW)
    }

    fn wide(&self) -> Vec<Table> {
        self.set(WIDE)
    }
}

impl Statement {
    fn set(&self, headers: &'static [&'static str]) -> Vec<Table> {
        let mut tables: Vec<Table> = self.statements.iter().map(|one| one.table(headers, self)).collect();
        if tables.is_empty() {
            let mut nothing = Table::new(headers);
            nothing.notes.push(format!("nothing was ever booked on {}", self.holder));
            tables.push(nothing);
        }
        if let Some(last) = tables.last_mut() {
            last.notes.push(format!("transfers and accounts from one snapshot of the database at {}", clock(self.at, self.at)));
        }
        tables
    }
}

impl AccountStatement {
    fn table(&self, headers: &'static [&'static str], whole: &Statement) -> Table {
        let mut table = Table::new(headers);
        table.title = format!("{} {} ({})", self.account, self.currency, self.kind.as_str());
        let passed = self.moved.transfers.saturating_sub(self.not_shown).saturating_sub(count(self.lines.len()));
        let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| clock(time, whole.at));
        let full = |cells: Vec<String>| cells.into_iter().chain(std::iter::repeat("-".to_owned())).take(headers.len());
        let edge = |at: Option<Timestamp>, what: &str, sides: [String; 2], balance: i64| {
            let [debit, credit] = sides;
            let dash = || "-".to_owned();
            full(vec![time(at), what.to_owned(), dash(), dash(), debit, credit, major(balance, self.currency)])
        };
        let nothing = || ["-".to_owned(), "-".to_owned()];
        table.push(edge(whole.from, "opening balance", nothing(), self.opening_balance));
        if passed > 0 {
            table.push(edge(None, &format!("{passed} passed over"), nothing(), self.brought_forward));
        }
        for line in &self.lines {
            table.push(line.cells(self.currency, whole.at).into_iter().take(headers.len()));
        }
        if self.not_shown > 0 {
            let carried = self.lines.last().map_or(self.brought_forward, |line| line.balance);
            table.push(edge(None, &format!("{} not shown", self.not_shown), nothing(), carried));
        }
        let sides = [self.moved.debits, self.moved.credits].map(|minor| major(minor, self.currency));
        table.push(edge(whole.to, "closing balance", sides, self.closing_balance));
        table.notes = self.remarks();
        table
    }

    /// What is left out, and whether the account's row agrees.
    fn remarks(&self) -> Vec<String> {
        let name = format!("{} {}", self.account, self.currency);
        let mut remarks = Vec::new();
        let shown = count(self.lines.len());
        remarks.push(match self.next {
            Some(after) => {
                let next = format!("payctl ledger statement {} --currency {} --after {after}", self.account, self.currency);
                format!("{name}: {shown} shown of {} transfers; there are more: {next} (and the same times), or -n", self.moved.transfers)
            }
            None if shown < self.moved.transfers => format!("{name}: the last {shown} of {} transfers", self.moved.transfers),
            None => format!("{name}: all {shown} transfers"),
        });
        let later = match self.later.transfers {
            0 => String::new(),
            later => format!(" and {later} later transfers"),
        };
        let closing = major(self.closing_balance, self.currency);
        remarks.push(match (&self.difference, &self.account_row) {
            (None, _) if later.is_empty() => format!("{name}: the closing balance {closing} is what the account's row says"),
            (None, row) => {
                let says = major(row.as_ref().map_or(0, |row| row.balance), self.currency);
                format!("{name}: the closing balance {closing}{later} are what the account's row says, {says}")
            }
            (Some(_), None) => format!("{name}: NO ROW for the account, although it has transfers; try: payctl verify --id I20"),
            (Some(difference), Some(row)) => format!(
                "{name}: DIFFERENCE {}: the account's row says {}, its transfers say otherwise (debits {:+}, credits {:+} minor units); \
                 try: payctl verify --id I20",
                major(difference.balance, self.currency),
                major(row.balance, self.currency),
                difference.debits,
                difference.credits
            ),
        });
        remarks
    }
}

impl StatementLine {
    fn cells(&self, currency: Currency, now: Timestamp) -> [String; 12] {
        let dash = || "-".to_owned();
        let amount = major(self.amount, currency);
        let (debit, credit) = if self.is_debit { (amount, dash()) } else { (dash(), amount) };
        [
            clock(self.booked_at, now),
            self.kind.clone(),
            self.counter_account.clone(),
            self.payment_no.clone().unwrap_or_else(dash),
            debit,
            credit,
            major(self.balance, currency),
            self.id.to_string(),
            self.transaction_id.clone(),
            self.event_type.clone().unwrap_or_else(dash),
            self.event_id.clone(),
            self.occurred_at.map_or_else(dash, format_timestamp),
        ]
    }
}

fn count(lines: usize) -> i64 {
    i64::try_from(lines).unwrap_or(i64::MAX)
}
