//! An outside bookkeeper reads our books.

use std::process::{Command, Stdio};

use crate::platform::{Env, missing, stripe_event};

#[tokio::test]
async fn hledger_accepts_the_export_with_its_balance_assertions() {
    if missing("hledger") {
        return;
    }
    let env = Env::new();
    let _platform = env.up().await;
    for number in 0..30_i64 {
        let payment = env.create(&format!("BOOK-{number}"), 333 * (number + 1)).await.unwrap();
        let payment_no = payment["payment_no"].as_str().unwrap();
        let body = stripe_event(&format!("evt_{number}"), "payment_intent.succeeded", payment_no, 333 * (number + 1));
        assert_eq!(env.webhook(&body).await, Some(200));
    }
    let booked = async || env.json(&["ledger", "entries", "-n", "100"])["entries"].as_array().is_some_and(|entries| entries.len() == 60);
    env.eventually("sixty legs are booked", booked).await;
    let export = env.payctl(&["ledger", "export", "--format", "hledger"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    assert!(export.stdout.contains('='), "without assertions it proves nothing");
    let check = |text: &str| {
        let mut child = Command::new("hledger")
            .args(["-f", "-", "check", "-s"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let done = check(&export.stdout);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let forged = export.stdout.replacen("3.33", "3.34", 1);
    assert_ne!(forged, export.stdout);
    assert!(!check(&forged).status.success(), "a changed amount must be noticed");
    env.verify().await;
}
