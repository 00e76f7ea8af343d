use crate::domain::PaymentStatus;

use super::fake::{Answer, FakeGateway, NO, TestSite};

fn has_buttons(page: &Answer) -> bool {
    page.body.contains(&format!("action=\"/checkout/{NO}/pay\""))
}

fn location(answer: &Answer) -> &str {
    answer.headers["location"].to_str().unwrap()
}

#[tokio::test]
async fn opening_the_page_makes_the_intent_and_shows_what_is_paid() {
    let site = TestSite::new(FakeGateway::pending());
    let page = site.page().await;
    assert_eq!(page.status, 200);
    for text in ["100.00 USD", "ORD-7", "Two books", NO, "Pay", "支付", "Decline", "拒付", "Cancel", "取消"] {
        assert!(page.body.contains(text), "{text} is missing");
    }
    assert!(has_buttons(&page));
    assert!(!page.body.contains("<script"));
    assert_eq!(*site.gateway.told.lock().unwrap(), [format!("pi_{NO}")]);
    assert_eq!(site.gateway.status(), PaymentStatus::Processing);
}

#[tokio::test]
async fn paying_leads_back_to_a_page_that_refreshes_until_the_gateway_has_heard_of_it() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    let paid = site.post(&format!("/checkout/{NO}/pay")).await;
    assert_eq!((paid.status.as_u16(), location(&paid)), (303, format!("/checkout/{NO}").as_str()));
    let page = site.page().await;
    assert!(page.body.contains("Processing") && page.body.contains("http-equiv=\"refresh\" content=\"1\""));
    assert!(!has_buttons(&page));
    site.gateway.set_status(PaymentStatus::Success);
    let page = site.page().await;
    assert!(page.body.contains("Paid") && page.body.contains("支付成功"));
    assert!(page.body.contains("href=\"https:&#x2f;&#x2f;shop.example&#x2f;done\""));
    assert!(!page.body.contains("refresh"));
}

#[tokio::test]
async fn a_second_submit_of_any_kind_changes_nothing() {
    for (first, webhook) in
        [("pay", "payment_intent.succeeded"), ("decline", "payment_intent.payment_failed"), ("cancel", "payment_intent.canceled")]
    {
        let site = TestSite::new(FakeGateway::pending());
        site.page().await;
        for act in [first, first, "decline", "pay"] {
            assert_eq!(site.post(&format!("/checkout/{NO}/{act}")).await.status, 303);
        }
        assert_eq!(site.announcements().await, [webhook], "after {first}");
        assert!(!has_buttons(&site.page().await), "after {first}");
    }
}

#[tokio::test]
async fn a_paid_intent_cannot_be_cancelled() {
    let site = TestSite::new(FakeGateway::pending());
    site.post(&format!("/checkout/{NO}/pay")).await;
    assert_eq!(site.post(&format!("/checkout/{NO}/cancel")).await.status, 303);
    assert_eq!(site.announcements().await, ["payment_intent.succeeded"]);
}

#[tokio::test]
async fn two_tabs_at_once_share_one_intent() {
    let site = TestSite::new(FakeGateway::pending());
    let pages = futures_util::future::join_all((0..8).map(|_| site.page())).await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(site.texts("SELECT intent_id FROM channel_intents").await, [format!("pi_{NO}")]);
    futures_util::future::join_all((0..8).map(|_| async { site.post(&format!("/checkout/{NO}/pay")).await })).await;
    assert_eq!(site.announcements().await, ["payment_intent.succeeded"]);
}

#[tokio::test]
async fn paying_without_having_opened_the_page_makes_the_intent_first() {
    let site = TestSite::new(FakeGateway::pending());
    assert_eq!(site.post(&format!("/checkout/{NO}/pay")).await.status, 303);
    assert_eq!(site.announcements().await, ["payment_intent.succeeded"]);
    assert_eq!(site.gateway.told.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn finished_payments_show_how_they_ended_and_take_no_money() {
    for (status, text) in [
        (PaymentStatus::Success, "支付成功"),
        (PaymentStatus::Failed, "Declined"),
        (PaymentStatus::Cancelled, "已取消"),
        (PaymentStatus::Expired, "已过期"),
    ] {
        let site = TestSite::new(FakeGateway::with_payment(|payment| payment.status = status));
        let page = site.page().await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(text) && !has_buttons(&page), "{status}");
        assert_eq!(site.post(&format!("/checkout/{NO}/pay")).await.status, 303);
        assert!(site.announcements().await.is_empty(), "{status}");
    }
}

#[tokio::test]
async fn after_its_expiry_no_intent_is_made_even_before_the_gateway_notices() {
    let site = TestSite::new(FakeGateway::with_payment(|payment| payment.expires_at -= chrono::TimeDelta::hours(1)));
    let page = site.page().await;
    assert!(page.body.contains("Expired") && !has_buttons(&page));
    assert!(site.texts("SELECT intent_id FROM channel_intents").await.is_empty());
}

#[tokio::test]
async fn an_unknown_number_is_a_page_that_says_so() {
    let site = TestSite::new(FakeGateway::pending());
    for path in ["/checkout/PY202601020304059999999999", "/checkout/nonsense", "/checkout/%ff", "/checkout/PY202601020304050000000001%27"] {
        let page = site.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("Payment not found"), "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(site.post(&format!("{path}/pay")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_silent_gateway_is_a_page_that_tries_again() {
    let site = TestSite::new(FakeGateway::pending());
    *site.gateway.failures.lock().unwrap() = 1;
    let page = site.page().await;
    assert_eq!(page.status, 503);
    assert_eq!(page.headers["retry-after"], "5");
    assert!(page.body.contains("Temporarily unavailable") && page.body.contains("暂时无法使用"));
    assert!(has_buttons(&site.page().await));
}

#[tokio::test]
async fn an_intent_that_the_gateway_was_not_told_of_is_told_when_the_page_opens_again() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    {
        let mut payments = site.gateway.payments.lock().unwrap();
        let payment = payments.get_mut(NO).unwrap();
        (payment.status, payment.intent_id) = (PaymentStatus::Pending, None);
    }
    assert!(has_buttons(&site.page().await));
    assert_eq!(*site.gateway.told.lock().unwrap(), [format!("pi_{NO}"), format!("pi_{NO}")]);
}

#[tokio::test]
async fn an_intent_that_the_gateway_does_not_take_is_closed() {
    let site = TestSite::new(FakeGateway::pending());
    *site.gateway.refuses_intents.lock().unwrap() = true;
    let page = site.page().await;
    assert!(!has_buttons(&page));
    assert_eq!(site.texts("SELECT status FROM channel_intents").await, ["canceled"]);
    assert_eq!(site.announcements().await, ["payment_intent.canceled"]);
}

#[tokio::test]
async fn a_refusal_of_an_intent_that_the_gateway_holds_already_closes_nothing() {
    let site = TestSite::new(FakeGateway::pending());
    site.page().await;
    // This tab read the payment before the other one told of the intent.
    *site.gateway.stale_reads.lock().unwrap() = 1;
    *site.gateway.refuses_intents.lock().unwrap() = true;
    let page = site.page().await;
    assert!(has_buttons(&page));
    assert_eq!(site.texts("SELECT status FROM channel_intents").await, ["requires_payment_method"]);
}

#[tokio::test]
async fn what_the_merchant_wrote_is_shown_as_text() {
    let site = TestSite::new(FakeGateway::with_payment(|payment| {
        payment.description = Some("</dd><script>alert('1')</script>\" onload=x &amp; {{ 7*7 }}".to_owned());
        payment.status = PaymentStatus::Success;
        payment.return_url = Some("javascript:alert(1)".to_owned());
    }));
    let page = site.page().await;
    assert!(!page.body.contains("<script") && !page.body.contains("javascript:"));
    assert!(page.body.contains("&lt;&#x2f;dd&gt;&lt;script&gt;") && page.body.contains("{{ 7*7 }}"));
}

#[tokio::test]
async fn every_page_forbids_scripts_frames_and_caches() {
    let site = TestSite::new(FakeGateway::pending());
    for page in [site.page().await, site.get("/checkout/nonsense").await] {
        let header = |name: &str| page.headers[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "strict-origin");
    }
}

#[tokio::test]
async fn the_style_sheet_is_the_one_that_the_policy_names() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let site = TestSite::new(FakeGateway::pending());
    let page = site.page().await;
    let (_, rest) = page.body.split_once("<style>").unwrap();
    let (css, _) = rest.split_once("</style>").unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(css.as_bytes()));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains(&format!("'sha256-{hash}'")));
    assert!(!page.body.contains(" style="), "an inline style would be blocked");
}

#[tokio::test]
async fn the_address_of_a_form_leads_back_to_the_page() {
    let site = TestSite::new(FakeGateway::pending());
    for act in ["pay", "decline", "cancel"] {
        let answer = site.get(&format!("/checkout/{NO}/{act}")).await;
        assert_eq!((answer.status.as_u16(), location(&answer)), (303, format!("/checkout/{NO}").as_str()));
    }
    assert!(site.announcements().await.is_empty());
}
