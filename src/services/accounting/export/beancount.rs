use std::io::{self, Write};

use chrono::NaiveDate;

use crate::domain::{Account, AccountKind, Currency, Money};

use super::transaction::Transaction;

pub(super) fn head(out: &mut dyn Write, first: NaiveDate, currencies: &[Currency]) -> io::Result<()> {
    writeln!(out, "; The books of payctl. Check them: bean-check FILE")?;
    for currency in currencies {
        writeln!(out, "{first} commodity {currency}")?;
    }
    Ok(())
}

pub(super) fn account(out: &mut dyn Write, first: NaiveDate, account: &Account) -> io::Result<()> {
    writeln!(out, "{first} open {}", name(account))
}

pub(super) fn transaction(out: &mut dyn Write, transaction: &Transaction) -> io::Result<()> {
    let Transaction { date, number, source_event_id, description, .. } = transaction;
    writeln!(out, "\n{date} * \"{}\"", escaped(description))?;
    writeln!(out, "  code: \"{number}\"\n  event: \"{source_event_id}\"")?;
    for (account, amount) in transaction.postings() {
        writeln!(out, "  {}  {amount}", name(account))?;
    }
    Ok(())
}

pub(super) fn assertion(out: &mut dyn Write, date: NaiveDate, account: &Account, balance: Money) -> io::Result<()> {
    // A tolerance is guessed from the decimals unless one is given.
    writeln!(out, "{date} balance {}  {} ~ 0 {}", name(account), balance.major(), balance.currency)
}

/// Each part of a name starts with a capital or a digit and has no underscore: `channel_clearing:stripe` becomes
/// `Assets:ChannelClearing:Stripe`.
fn name(account: &Account) -> String {
    let root = match account.kind() {
        AccountKind::Asset => "Assets",
        AccountKind::Liability => "Liabilities",
        AccountKind::Income => "Income",
        AccountKind::Expense => "Expenses",
    };
    let text = account.to_string();
    let (what, of) = text.split_once(':').unwrap_or((&text, ""));
    let mut name = format!("{root}:{}", what.split('_').map(capitalised).collect::<String>());
    if !of.is_empty() {
        name.push(':');
        name.push_str(&if account.merchant().is_some() { of.to_uppercase() } else { capitalised(of) });
    }
    name
}

fn capitalised(word: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let mut letters = word.chars().map(plain);
    let first = letters.next().filter(|c| *c != '-').unwrap_or('X').to_ascii_uppercase();
    std::iter::once(first).chain(letters).collect()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => safe.extend(['\\', c]),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MerchantId;

    #[test]
    fn names_have_the_form_that_beancount_asks_for() {
        let merchant = MerchantId(uuid::Uuid::from_u128(0xabcd));
        for (account, expected) in [
            (Account::ChannelClearing("stripe".to_owned()), "Assets:ChannelClearing:Stripe"),
            (Account::ChannelFees("é x".to_owned()), "Expenses:ChannelFees:X-x"),
            (Account::MerchantPending(merchant), "Liabilities:MerchantPending:00000000-0000-0000-0000-00000000ABCD"),
            (Account::FeeIncome, "Income:FeeIncome"),
            (Account::Bank, "Assets:Bank"),
        ] {
            assert_eq!(name(&account), expected);
        }
    }

    #[test]
    fn a_quote_in_a_description_stays_inside_it() {
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c ");
    }
}
