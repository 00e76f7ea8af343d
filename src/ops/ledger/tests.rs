use super::*;
use crate::domain::MerchantId;
use crate::ops::Report as _;
use crate::ops::fixture::{Fixture, MERCHANT, Paid};
use crate::services::accounting::query::StatementSpan;

/// Two payments of 100.00 less 2.00, an hour apart; the second one at the fixture's present.
async fn two_payments() -> (Fixture, Paid, Paid) {
    let fixture = Fixture::new();
    let first = fixture.paid("A").await;
    fixture.wait(3_600_000);
    let second = fixture.paid("B").await;
    (fixture, first, second)
}

fn wanted(holder: Holder) -> StatementQuery {
    StatementQuery { holder, span: StatementSpan::default(), currency: None, after: None, limit: 100 }
}

fn account(name: &str) -> Holder {
    Holder::Account(name.parse().unwrap())
}

fn pending() -> String {
    format!("merchant_pending:{MERCHANT}")
}

async fn only(fixture: &Fixture, wanted: StatementQuery) -> AccountStatement {
    let mut told = statement(&fixture.reader, wanted).await.unwrap();
    assert_eq!(told.statements.len(), 1, "{told:?}");
    told.statements.remove(0)
}

#[tokio::test]
async fn the_trial_balance_says_plainly_that_debits_equal_credits() {
    let (fixture, ..) = two_payments().await;
    let books = trial_balance(&fixture.reader, None).await.unwrap();
    assert!(books.balanced);
    assert_eq!((books.totals[0].debits, books.totals[0].credits), (20_400, 20_400));
    let table = books.tables().remove(0);
    assert_eq!(table.rows[0], ["channel_clearing:stripe", "asset", "200.00", "0.00", "200.00", "USD"]);
    assert_eq!(table.rows[2], [pending().as_str(), "liability", "4.00", "200.00", "196.00", "USD"]);
    assert_eq!(table.rows[3], ["TOTAL", "debits = credits", "204.00", "204.00", "0.00", "USD"]);
    assert_eq!(table.notes, ["USD: debits 204.00 = credits 204.00, balanced", "from the accounts' own rows at 04:04:05.678"]);
}

#[tokio::test]
async fn an_earlier_trial_balance_has_only_what_was_booked_by_then() {
    let (fixture, ..) = two_payments().await;
    let now = fixture.now();
    for (minutes, clearing) in [(61, None), (60, Some(10_000)), (1, Some(10_000)), (0, Some(20_000))] {
        let as_of = now - chrono::TimeDelta::minutes(minutes);
        let books = trial_balance(&fixture.reader, Some(as_of)).await.unwrap();
        assert_eq!((books.balanced, books.accounts.first().map(|account| account.debits)), (true, clearing), "{minutes} minutes ago");
    }
    let then = trial_balance(&fixture.reader, Some(now)).await.unwrap();
    assert_eq!(then.accounts, trial_balance(&fixture.reader, None).await.unwrap().accounts);
    assert_eq!(
        trial_balance(&fixture.reader, Some(now - chrono::TimeDelta::days(1))).await.unwrap().tables()[0].notes[0],
        "nothing is booked"
    );
}

#[tokio::test]
async fn books_out_of_balance_are_a_finding_with_the_next_command() {
    let (fixture, ..) = two_payments().await;
    fixture.run("UPDATE accounts SET debits_posted = debits_posted + 1 WHERE account = 'fee_income'").await;
    let books = trial_balance(&fixture.reader, None).await.unwrap();
    assert!(!books.balanced);
    let table = books.tables().remove(0);
    assert_eq!(table.rows[3][1..5], ["DEBITS <> CREDITS", "204.01", "204.00", "0.01"]);
    assert_eq!(table.notes[0], "USD: debits 204.01, credits 204.00: NOT BALANCED; try: payctl verify --id I19");
}

#[tokio::test]
async fn a_statement_runs_from_the_opening_to_the_closing_balance_and_names_each_payment() {
    let (fixture, first, second) = two_payments().await;
    let own = only(&fixture, wanted(Holder::Merchant(MERCHANT))).await;
    assert_eq!((own.account.as_str(), own.opening_balance, own.closing_balance), (pending().as_str(), 0, 19_600));
    let lines: Vec<_> = own.lines.iter().map(|line| (line.kind.as_str(), line.is_debit, line.amount, line.balance)).collect();
    let expected = [
        ("payment_gross", false, 10_000, 10_000),
        ("payment_fee", true, 200, 9_800),
        ("payment_gross", false, 10_000, 19_800),
        ("payment_fee", true, 200, 19_600),
    ];
    assert_eq!(lines, expected);
    let (line, last) = (&own.lines[0], &own.lines[3]);
    assert_eq!((line.counter_account.as_str(), last.counter_account.as_str()), ("channel_clearing:stripe", "fee_income"));
    assert_eq!(line.payment_no.as_deref(), Some(first.payment_no.as_str()));
    assert_eq!(last.payment_no.as_deref(), Some(second.payment_no.as_str()));
    assert_eq!((line.event_id.clone(), line.event_type.as_deref()), (first.success.to_string(), Some("payment.success")));
    assert_eq!(own.account_row.unwrap().balance, own.closing_balance);
    assert_eq!((own.difference, own.next, own.not_shown), (None, None, 0));
}

#[tokio::test]
async fn what_lies_outside_the_time_is_in_the_opening_balance_and_in_the_check() {
    let (fixture, ..) = two_payments().await;
    let middle = fixture.now() - chrono::TimeDelta::minutes(30);
    let mut late = wanted(account(&pending()));
    late.span.from = Some(middle);
    let own = only(&fixture, late).await;
    assert_eq!((own.opening_balance, own.lines.len(), own.closing_balance, own.later.transfers), (9_800, 2, 19_600, 0));
    let mut early = wanted(account(&pending()));
    early.span.to = Some(middle);
    let told = statement(&fixture.reader, early).await.unwrap();
    let own = &told.statements[0];
    assert_eq!((own.opening_balance, own.lines.len(), own.closing_balance, own.later.transfers), (0, 2, 9_800, 2));
    assert!(told.agrees);
    let notes = &told.tables()[0].notes;
    let says = format!("{} USD: the closing balance 98.00 and 2 later transfers are what the account's row says, 196.00", pending());
    assert_eq!(notes[1], says);
}

#[tokio::test]
async fn a_statement_in_parts_says_what_is_missing_and_adds_up_to_the_same() {
    let (fixture, ..) = two_payments().await;
    let (mut after, mut balances) = (None, Vec::new());
    for part in 0..4 {
        let own = only(&fixture, StatementQuery { after, limit: 1, ..wanted(account(&pending())) }).await;
        assert_eq!((own.lines.len(), own.not_shown, own.closing_balance), (1, 3 - part, 19_600));
        assert_eq!(own.brought_forward, balances.last().copied().unwrap_or(0));
        assert_eq!((own.moved.transfers, own.next.is_some()), (4, part < 3));
        balances.push(own.lines[0].balance);
        after = Some(own.lines[0].id);
    }
    assert_eq!(balances, [10_000, 9_800, 19_800, 19_600]);
    let told = statement(&fixture.reader, StatementQuery { limit: 3, ..wanted(account(&pending())) }).await.unwrap();
    let table = told.tables().remove(0);
    let what: Vec<&str> = table.rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(what, ["opening balance", "payment_gross", "payment_fee", "payment_gross", "1 not shown", "closing balance"]);
    assert!(table.notes[0].contains("3 shown of 4 transfers; there are more: payctl ledger statement"), "{:?}", table.notes);
    assert_eq!(told.wide()[0].rows[1].len(), told.wide()[0].columns.len());
}

#[tokio::test]
async fn a_row_that_says_otherwise_than_its_transfers_is_named_with_the_difference() {
    let (fixture, ..) = two_payments().await;
    fixture.run(format!("UPDATE accounts SET credits_posted = credits_posted + 7 WHERE account = '{}'", pending())).await;
    let told = statement(&fixture.reader, wanted(account(&pending()))).await.unwrap();
    assert!(!told.agrees);
    assert_eq!(told.statements[0].difference, Some(Difference { debits: 0, credits: 7, balance: 7 }));
    let notes = told.tables()[0].notes.join("\n");
    assert!(notes.contains("DIFFERENCE 0.07: the account's row says 196.07") && notes.contains("credits +7 minor"), "{notes}");
    assert!(statement(&fixture.reader, wanted(account("fee_income"))).await.unwrap().agrees);
    fixture.run(format!("DELETE FROM accounts WHERE account = '{}'", pending())).await;
    let told = statement(&fixture.reader, wanted(Holder::Merchant(MERCHANT))).await.unwrap();
    assert!(!told.agrees && told.tables()[0].notes.join("\n").contains("NO ROW"), "{told:?}");
}

#[tokio::test]
async fn an_account_on_which_nothing_was_booked_is_said_to_be_one() {
    let (fixture, ..) = two_payments().await;
    let yen = StatementQuery { currency: Some("JPY".parse().unwrap()), ..wanted(account("fee_income")) };
    for wanted in [wanted(account("bank")), wanted(Holder::Merchant(MerchantId(uuid::Uuid::nil()))), yen] {
        let told = statement(&fixture.reader, wanted).await.unwrap();
        assert!(told.agrees && told.statements.is_empty());
        assert!(told.tables()[0].notes[0].starts_with("nothing was ever booked on "), "{:?}", told.tables()[0].notes);
    }
}
