use std::io::{self, Write};

use chrono::NaiveDate;

use crate::domain::{Account, Currency, Money};

use super::transaction::Transaction;

pub(super) fn head(out: &mut dyn Write, currencies: &[Currency]) -> io::Result<()> {
    writeln!(out, "; The books of payctl. Check them: hledger -f - check -s")?;
    writeln!(out, "decimal-mark .")?;
    for currency in currencies {
        // The point must stand even where no decimals follow it.
        let point = if currency.exponent() == 0 { "." } else { "" };
        writeln!(out, "commodity {}{point} {currency}", Money::new(currency.minor_per_major(), *currency).major())?;
    }
    Ok(())
}

pub(super) fn account(out: &mut dyn Write, account: &Account) -> io::Result<()> {
    writeln!(out, "account {}", name(account))
}

pub(super) fn transaction(out: &mut dyn Write, transaction: &Transaction) -> io::Result<()> {
    let Transaction { date, number, source_event_id, description, .. } = transaction;
    writeln!(out, "\n{date} ({number}) {}  ; event: {source_event_id}", escaped(description))?;
    for (account, amount) in transaction.postings() {
        writeln!(out, "    {}  {amount}", name(account))?;
    }
    Ok(())
}

pub(super) fn assertions_head(out: &mut dyn Write, last: NaiveDate) -> io::Result<()> {
    writeln!(out, "\n{last} balances as the accounts hold them")
}

pub(super) fn assertion(out: &mut dyn Write, account: &Account, balance: Money) -> io::Result<()> {
    writeln!(out, "    {}  {} = {balance}", name(account), Money::new(0, balance.currency))
}

/// The kind comes first: that is how hledger tells assets from liabilities.
fn name(account: &Account) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-' | '.') { c } else { '_' };
    format!("{}:{}", account.kind().as_str(), account.to_string().chars().map(plain).collect::<String>())
}

/// A description ends at a semicolon or at the end of the line, and a bar splits it; there is no way to quote them.
fn escaped(text: &str) -> String {
    let plain = |c: char| match c {
        ';' => ',',
        '|' => '/',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_description_can_end_it() {
        assert_eq!(escaped("a;b|c\nd"), "a,b/c d");
    }

    #[test]
    fn an_account_name_has_no_space_in_it() {
        assert_eq!(name(&Account::ChannelClearing("my  channel".to_owned())), "asset:channel_clearing:my__channel");
    }
}
