use super::*;
use crate::ops::fixture::{Fixture, MERCHANT, Paid};
use crate::ops::{Amount, Masking, OpsError, Report};
use crate::services::Service;

const OTHER: &str = "00000000-0000-0000-0000-000000000077";

/// One payment that went all the way, and an hour later one that nobody has paid.
async fn two_payments() -> (Fixture, Paid, String) {
    let fixture = Fixture::new();
    let paid = fixture.paid("A").await;
    fixture.wait(3_600_000);
    let open = fixture.created("B").await;
    fixture.wait(60_000);
    (fixture, paid, open)
}

/// Another merchant, of whom there is nothing.
async fn stranger(fixture: &Fixture, name: &str) {
    let at = "2026-01-01T00:00:00.000000Z";
    fixture
        .run(format!(
            "INSERT INTO gateway_merchants (merchant_id, name, email, status, fee_bps, created_at) \
             VALUES ('{OTHER}', '{name}', 'other@example.com', 'frozen', 35, '{at}')"
        ))
        .await;
}

/// What groups parked of it, as they write it down.
async fn priced(fixture: &Fixture, payment_no: &str) {
    fixture.run(format!("UPDATE dlq SET payment_no = '{payment_no}', amount = 10000, currency = 'USD' WHERE state = 'failed'")).await;
}

fn shown(report: &impl Report) -> String {
    format!("{}{:?}", serde_json::to_string(report).unwrap(), report.tables())
}

#[tokio::test]
async fn a_merchant_is_listed_with_its_day_its_open_payments_and_its_parked_money() {
    let (fixture, paid, open) = two_payments().await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    fixture.park(Service::Analytics, paid.success, "failed").await;
    fixture.park(Service::Order, paid.success, "resolved").await;
    priced(&fixture, &paid.payment_no).await;
    let list = list(&fixture.reader, 1, 20).await.unwrap();
    let merchant = &list.list[0];
    let today = &merchant.today.as_ref().unwrap()[0];
    assert_eq!((today.payments, today.succeeded, today.failed, today.amount), (1, 1, 0, 10_000));
    assert_eq!((merchant.uncounted, merchant.open.count), (1, 1), "analytics has not seen the second one");
    assert_eq!(merchant.open.oldest_payment_no.as_ref(), Some(&open));
    let money = [Amount { amount: 10_000, currency: crate::domain::Currency::USD }];
    assert_eq!((merchant.dead_letters.count, merchant.dead_letters.money.as_slice()), (2, money.as_slice()), "two groups, one payment");
    let table = list.tables().remove(0);
    assert_eq!(table.rows[0][1..], ["Merchant", "active", "2.00%", "1", "100.00 USD", "100.00", "1", "1m00s", "2", "100.00 USD"]);
    assert_eq!(table.notes[0], "1 of 1 merchants, page 1");
    assert_eq!(table.notes[1], "analytics is 1 payments of today behind the gateway; try: payctl lag analytics");
}

#[tokio::test]
async fn what_nobody_knows_is_no_nothing() {
    let (fixture, ..) = two_payments().await;
    stranger(&fixture, "Another").await;
    let before = list(&fixture.reader, 1, 20).await.unwrap();
    assert!(before.list[0].today.is_none(), "analytics has read nothing at all");
    let table = before.tables().remove(0);
    assert_eq!(table.rows[0][1..], ["Another", "frozen", "0.35%", "-", "-", "-", "0", "-", "0", "-"]);
    assert!(
        table.notes.iter().any(|note| note.contains("today from analytics") && note.ends_with("which has read nothing yet")),
        "{:?}",
        table.notes
    );
    fixture.consume_by(Service::Analytics).await;
    let after = list(&fixture.reader, 1, 20).await.unwrap();
    assert_eq!(after.list[0].today.as_ref().unwrap().len(), 0);
    assert_eq!(after.tables()[0].rows[0][4..7], ["0", "-", "-"], "of no payments there is no rate");
    let first = list(&fixture.reader, 1, 1).await.unwrap();
    assert_eq!((first.list.len(), first.total), (1, 2));
    assert_eq!(first.tables()[0].notes[0], "1 of 2 merchants, page 1; more with --page 2");
}

#[tokio::test]
async fn letters_of_no_known_merchant_are_said_to_be_there() {
    let (fixture, paid, _) = two_payments().await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    fixture.run("UPDATE dlq SET merchant_id = NULL").await;
    let list = list(&fixture.reader, 1, 20).await.unwrap();
    assert_eq!((list.list[0].dead_letters.count, list.unowned.count), (0, 1));
    assert!(shown(&list).contains("1 open dead letters (-) are of no known merchant"));
}

#[tokio::test]
async fn a_merchant_is_shown_with_balances_payments_letters_and_keys_but_no_secret() {
    let (fixture, paid, open) = two_payments().await;
    fixture.park(Service::Accounting, paid.success, "failed").await;
    fixture
        .run(format!(
            "INSERT INTO api_keys (key_id, key_hash, merchant_id, label, created_at) \
             VALUES ('key-1', 'hash-of-a-key', '{MERCHANT}', 'shop', '2026-01-01T00:00:00.000000Z')"
        ))
        .await;
    let found = show(&fixture.reader, "mERCHANT", 1, Masking::Masked).await.unwrap();
    assert_eq!((found.merchant.merchant_id, found.total_payments, found.payments.len()), (MERCHANT, 2, 1));
    assert_eq!((found.payments[0].payment_no.as_str(), found.balances[0].pending), (open.as_str(), Some(9_800)));
    assert_eq!((found.balances[0].available, found.balances[0].held), (None, None), "nothing was ever settled");
    assert_eq!((found.dead_letters[0].group.as_str(), found.api_keys[0].label.as_str()), ("accounting", "shop"));
    let text = shown(&found);
    assert!(!text.contains("hash-of-a-key") && !text.contains("merchant@example.com") && !text.contains("test@example.com"), "{text}");
    assert!(text.contains("m***@example.com"), "{text}");
    assert!(text.contains(&format!("1 of 2 payments; more with -n, or payctl payments list --merchant {MERCHANT}")), "{text}");
    let open = show(&fixture.reader, &MERCHANT.to_string(), 5, Masking::Unmasked).await.unwrap();
    assert_eq!((open.email.as_str(), open.payments[0].customer_email.as_str()), ("merchant@example.com", "test@example.com"));
}

#[tokio::test]
async fn a_name_leads_to_one_merchant_or_to_a_question() {
    let (fixture, ..) = two_payments().await;
    assert_eq!(resolve(&fixture.reader, "MERCHANT").await.unwrap(), MERCHANT);
    assert_eq!(resolve(&fixture.reader, OTHER).await.unwrap().to_string(), OTHER, "the books may know more ids than the gateway");
    for wanted in ["nobody", OTHER] {
        let unknown = show(&fixture.reader, wanted, 5, Masking::Masked).await.unwrap_err();
        assert!(matches!(unknown, OpsError::NotFound { what: "merchant", .. }), "{unknown}");
    }
    stranger(&fixture, "merchant").await;
    let asked = resolve(&fixture.reader, "Merchant").await.unwrap_err();
    assert!(matches!(&asked, OpsError::Usage(said) if said.contains(OTHER) && said.contains(&MERCHANT.to_string())), "{asked}");
}
