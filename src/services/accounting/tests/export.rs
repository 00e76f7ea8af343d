use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::books::{Books, OTHER, Payment};
use crate::services::accounting::{ExportFormat, ExportSummary, export};

/// Three currencies of 0, 2 and 3 decimals, and an order number that would break a careless format.
async fn books() -> Books {
    let books = Books::new();
    for (amount, fee, currency) in [(10_000, 200, "USD"), (700, 14, "JPY"), (1_005, 20, "KWD"), (1, 0, "KWD")] {
        let payment = Payment { currency: currency.parse().unwrap(), ..Payment::success(amount, fee) };
        books.book(vec![payment.clone(), Payment { merchant: OTHER, ..payment }]).await;
        books.platform.context.ambient.advance(std::time::Duration::from_hours(20));
    }
    books.book(vec![Payment { order_no: "a;b|c\"d\\e\n  assets:x  1 USD".to_owned(), ..Payment::success(5, 1) }]).await;
    books
}

async fn exported(books: &Books, format: ExportFormat) -> (String, ExportSummary) {
    let out: Arc<Mutex<Vec<u8>>> = Arc::default();
    let sink = Arc::clone(&out);
    let summary = books
        .platform
        .context
        .store
        .read(async move |tx| {
            let mut text = Vec::new();
            let summary = export(tx, format, &mut text).await;
            *sink.lock().unwrap() = text;
            summary
        })
        .await
        .unwrap();
    let text = out.lock().unwrap().clone();
    (String::from_utf8(text).unwrap(), summary)
}

/// Feeds `text` to an outside checker; `None` where it is not installed.
fn checked(program: &str, arguments: &[&str], text: &str) -> Option<Result<(), String>> {
    let spawned = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: {program} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some(if output.status.success() { Ok(()) } else { Err(said) })
}

#[tokio::test]
async fn hledger_agrees_with_the_books_strictly() {
    let (text, summary) = exported(&books().await, ExportFormat::Hledger).await;
    assert_eq!(summary, ExportSummary { transactions: 9, balances: 12 });
    let Some(verdict) = checked("hledger", &["-f", "-", "check", "-s"], &text) else { return };
    assert_eq!(verdict, Ok(()), "{text}");
    let forged = text.replacen("1.005 KWD", "1.006 KWD", 2);
    assert!(checked("hledger", &["-f", "-", "check", "-s"], &forged).unwrap().is_err(), "the assertions catch a changed amount");
}

#[tokio::test]
async fn empty_books_export_to_a_valid_file() {
    let (text, summary) = exported(&Books::new(), ExportFormat::Hledger).await;
    assert_eq!(summary, ExportSummary::default());
    if let Some(verdict) = checked("hledger", &["-f", "-", "check", "-s"], &text) {
        assert_eq!(verdict, Ok(()), "{text}");
    }
}

#[tokio::test]
async fn beancount_agrees_with_the_books() {
    let (text, _) = exported(&books().await, ExportFormat::Beancount).await;
    let verdict = |text: &str| {
        let file = tempfile::NamedTempFile::with_suffix(".beancount").unwrap();
        std::fs::write(file.path(), text).unwrap();
        checked("bean-check", &["--no-cache", &file.path().display().to_string()], "")
    };
    let Some(agreed) = verdict(&text) else { return };
    assert_eq!(agreed, Ok(()), "{text}");
    let forged = text.replace("1.005 KWD", "1.006 KWD");
    assert!(verdict(&forged).unwrap().is_err(), "the assertions catch a changed amount");
}

#[tokio::test]
async fn an_export_longer_than_a_page_is_whole() {
    let books = Books::new();
    let payments = (1..=1_100).map(|amount| Payment::success(amount, amount / 50)).collect();
    books.book(payments).await;
    let (text, summary) = exported(&books, ExportFormat::Hledger).await;
    assert_eq!((summary.transactions, summary.balances), (1_100, 3));
    if let Some(verdict) = checked("hledger", &["-f", "-", "check", "-s"], &text) {
        assert_eq!(verdict, Ok(()));
    }
}
