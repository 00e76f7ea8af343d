//! The sender against a mail server that misbehaves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::{Ambient, SmtpConfig, SmtpTls};
use crate::domain::{Email, MerchantId};
use crate::event::{Extra, NotificationPayload};
use crate::store::{Class, StoreError};
use crate::testing::TestPlatform;

use super::fake::{FakeServer, LATE, Turn};
use super::mailer::Mailer;
use super::notice;
use super::post::Post;
use super::query::{self, NotificationView};
use super::sender::Sender;
use super::smtp::{Patience, SmtpMailer};
use super::store::{self, Wanted};

const PAYMENT: &str = "PY20260102030405AAAAAAAAAA";

/// A platform with senders that give their mails to a port of this machine.
struct Office {
    platform: TestPlatform,
    mailer: Arc<SmtpMailer>,
    wake: Arc<Notify>,
    stop: CancellationToken,
    senders: JoinSet<()>,
}

impl Office {
    fn new(port: u16) -> Self {
        Self::with(port, SmtpTls::None, Duration::from_secs(10))
    }

    /// An office that gives up on a server without an answer before [`LATE`].
    fn impatient(port: u16) -> Self {
        Self::with(port, SmtpTls::None, Duration::from_secs(1))
    }

    fn with(port: u16, tls: SmtpTls, answer: Duration) -> Self {
        let platform = TestPlatform::new();
        let smtp = SmtpConfig { port, tls, ..platform.context.config.notification.smtp.clone() };
        let patience = Patience { answer, ..Patience::default() };
        let mailer = Arc::new(SmtpMailer::with_patience("127.0.0.1", &smtp, patience));
        Self { platform, mailer, wake: Arc::default(), stop: CancellationToken::new(), senders: JoinSet::new() }
    }

    /// Asks for `count` mails, each to an address of its own.
    async fn ask(&self, count: u128) {
        self.platform
            .context
            .store
            .write(Class::Consumer, async move |tx| {
                let wanted: Vec<Wanted<'_>> = (1..=count).map(wanted).collect();
                store::insert(tx, &wanted).await
            })
            .await
            .unwrap();
        self.wake.notify_one();
    }

    fn add_sender(&mut self) {
        let post = Post::new(Arc::clone(&self.mailer) as Arc<dyn Mailer>);
        let sender = Sender::new(&self.platform.context, post, Arc::clone(&self.wake));
        let stop = self.stop.clone();
        self.senders.spawn(async move { sender.run(stop).await });
    }

    async fn rows(&self) -> Vec<NotificationView> {
        self.platform.context.store.read(async move |tx| query::of_payment(tx, PAYMENT).await).await.unwrap()
    }

    /// Waits until every row satisfies `wanted`; the rows as they are then.
    async fn until(&self, wanted: impl Fn(&NotificationView) -> bool) -> Vec<NotificationView> {
        for _ in 0..1500 {
            let rows = self.rows().await;
            if !rows.is_empty() && rows.iter().all(&wanted) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("still waiting: {:#?}", self.rows().await);
    }

    /// Lets time pass, for rows that wait for it.
    fn later(&self, by: Duration) {
        self.platform.context.ambient.advance(by);
        self.wake.notify_one();
    }

    async fn close(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.senders.join_next().await {
            ended.unwrap();
        }
    }
}

fn wanted(id: u128) -> Wanted<'static> {
    let variables = serde_json::json!({"payment_no": PAYMENT, "order_no": "ORD-1", "amount": 10_000, "currency": "USD"});
    let job = NotificationPayload {
        source_event_id: Uuid::from_u128(id),
        source_event_type: "payment.created".to_owned(),
        channel: "email".to_owned(),
        template: "payment_created".to_owned(),
        merchant_id: MerchantId(Uuid::from_u128(7)),
        recipient: Email::stored(format!("customer{id}@example.com")),
        subject_id: PAYMENT.to_owned(),
        payment_no: PAYMENT.to_owned(),
        variables: variables.as_object().cloned().unwrap_or_else(Extra::new),
    };
    Wanted { notification_id: Uuid::from_u128(1000 + id), message_id: notice::message_id(&job, "payctl.test"), trace_id: "", job }
}

fn sent(view: &NotificationView) -> bool {
    view.status == "sent"
}

/// How many copies of each mail arrived.
fn copies(server: &FakeServer) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for mail in server.arrived() {
        *copies.entry(format!("{} {}", mail.to, mail.header("Message-ID"))).or_insert(0) += 1;
    }
    copies
}

#[tokio::test]
async fn a_mail_arrives_once_in_both_languages_with_its_own_name_and_date() {
    let server = FakeServer::start(&[]).await;
    let mut office = Office::new(server.port);
    office.add_sender();
    office.ask(1).await;
    let rows = office.until(sent).await;
    let [mail] = server.arrived().try_into().unwrap();
    assert_eq!((mail.to.as_str(), mail.header("To")), ("customer1@example.com", "customer1@example.com"));
    assert_eq!(mail.header("Message-ID"), rows[0].message_id);
    assert_eq!(mail.header("Date"), "Fri, 02 Jan 2026 03:04:05 +0000");
    assert_eq!(mail.header("From"), "payctl <no-reply@payctl.localhost>");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Content-Type").starts_with("multipart/alternative"), "{}", mail.data);
    assert!(mail.data.contains("Subject: =?utf-8?b?"), "{}", mail.data);
    assert!(mail.data.contains("text/plain; charset=utf-8") && mail.data.contains("text/html; charset=utf-8"), "{}", mail.data);
    let [text, html] = mail.bodies().try_into().unwrap();
    for body in [&text, &html] {
        assert!(body.contains("支付已创建") && body.contains("Payment Created") && body.contains("100.00 USD"), "{body}");
    }
    assert!(!text.contains("<html") && html.contains("<html"), "plain text first, so that the better form comes last");
    assert_eq!((rows[0].attempts, rows[0].last_error.clone()), (1, None));
    office.close().await;
}

#[tokio::test]
async fn a_mail_that_is_put_off_waits_and_arrives_later_once() {
    let server = FakeServer::start(&[Turn::AtRecipient("451 4.7.1 come back later"), Turn::AtEnd("452 4.3.1 full")]).await;
    let mut office = Office::new(server.port);
    office.add_sender();
    office.ask(1).await;
    let rows = office.until(|row| row.attempts == 1).await;
    assert_eq!((rows[0].status.as_str(), rows[0].last_error.as_deref()), ("pending", Some("451 4.7.1 come back later at RCPT TO")));
    assert!(rows[0].next_attempt_at.unwrap() > office.platform.context.ambient.now());
    office.later(Duration::from_secs(2));
    let rows = office.until(|row| row.attempts == 2).await;
    assert_eq!(rows[0].last_error.as_deref(), Some("452 4.3.1 full at the end of the mail"));
    office.later(Duration::from_secs(4));
    office.until(sent).await;
    assert_eq!(copies(&server).into_values().collect::<Vec<_>>(), [1]);
    assert_eq!(server.sessions(), 1, "a refusal does not cost the session");
    office.close().await;
}

#[tokio::test]
async fn a_server_that_hangs_or_vanishes_holds_up_no_other_mail() {
    let server = FakeServer::start(&[Turn::Hang, Turn::Vanish]).await;
    let mut office = Office::impatient(server.port);
    office.add_sender();
    office.ask(20).await;
    let rows = office.until(|row| row.attempts == 1).await;
    let waiting: Vec<_> = rows.iter().filter(|row| !sent(row)).collect();
    assert_eq!(waiting.len(), 2, "{waiting:#?}");
    office.later(Duration::from_secs(2));
    office.until(sent).await;
    let copies = copies(&server);
    assert_eq!(copies.len(), 20);
    // What the server took without a word came once more, under the same name.
    assert_eq!((copies.values().max(), copies.values().sum::<usize>()), (Some(&2), 21));
    office.close().await;
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_next_mail_s() {
    let server = FakeServer::start(&[Turn::Late, Turn::AtEnd("554 5.7.1 no")]).await;
    let mut office = Office::impatient(server.port);
    office.add_sender();
    office.ask(1).await;
    office.until(|row| row.attempts == 1).await;
    tokio::time::sleep(LATE).await;
    office.later(Duration::from_secs(2));
    let rows = office.until(|row| row.attempts == 2).await;
    assert_eq!(rows[0].last_error.as_deref(), Some("554 5.7.1 no at the end of the mail"));
    assert_eq!(server.sessions(), 2, "the session that gave no answer is not used again");
    office.close().await;
}

#[tokio::test]
async fn two_senders_send_nothing_twice() {
    let server = FakeServer::start(&[]).await;
    let mut office = Office::new(server.port);
    office.add_sender();
    office.add_sender();
    office.ask(150).await;
    office.wake.notify_one();
    office.until(sent).await;
    let copies = copies(&server);
    assert_eq!((copies.len(), copies.values().max()), (150, Some(&1)));
    office.close().await;
}

#[tokio::test]
async fn while_the_server_is_down_mails_wait_together_and_then_arrive_once() {
    let port = FakeServer::start(&[]).await.port;
    let mut office = Office::new(port);
    office.add_sender();
    office.ask(40).await;
    let told = |office: &Office| office.mailer.dependency().unwrap().1;
    for _ in 0..500 {
        if told(&office).is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(told(&office).unwrap().starts_with("the mail server cannot be reached: "), "{:?}", told(&office));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let rows = office.rows().await;
    assert!(rows.iter().all(|row| row.status == "pending"));
    assert!(rows.iter().filter(|row| row.attempts > 0).count() <= 8, "the others were not tried in vain");
    let server = FakeServer::start_on(port, &[]).await;
    office.until(sent).await;
    let copies = copies(&server);
    assert_eq!((copies.len(), copies.values().max()), (40, Some(&1)));
    assert_eq!(told(&office), None);
    office.close().await;
}

#[tokio::test]
async fn a_recipient_that_does_not_exist_is_given_up_after_three_tries_without_being_named() {
    let refusal = Turn::AtRecipient("550 5.1.1 <customer1@example.com>: user customer1 unknown");
    let server = FakeServer::start(&[refusal, refusal, refusal, refusal]).await;
    let mut office = Office::new(server.port);
    office.add_sender();
    office.ask(1).await;
    for attempts in 1..=3 {
        office.until(|row| row.attempts == attempts).await;
        office.later(Duration::from_mins(13));
    }
    let rows = office.until(|row| row.status == "failed").await;
    assert_eq!((rows[0].attempts, rows[0].last_error.as_deref()), (3, Some("550 5.1.1 … user … unknown at RCPT TO")));
    office.close().await;
}

#[tokio::test]
async fn without_starttls_no_mail_leaves_in_clear() {
    let server = FakeServer::start(&[]).await;
    let mut office = Office::with(server.port, SmtpTls::Required, Duration::from_secs(10));
    office.add_sender();
    office.ask(1).await;
    let rows = office.until(|row| row.attempts > 0).await;
    assert_eq!(rows[0].last_error.as_deref(), Some("STARTTLS failed: STARTTLS is not supported on this server"));
    assert!(server.arrived().is_empty());
    office.close().await;
}

#[tokio::test]
async fn the_rows_of_a_dead_sender_come_back_when_its_lease_ends() {
    let server = FakeServer::start(&[]).await;
    let mut office = Office::new(server.port);
    office.ask(3).await;
    let dead = office.platform.context.store.write(Class::Background, async move |tx| store::exchange(tx, "dead", &[], 10).await).await;
    assert_eq!(dead.unwrap().letters.len(), 3);
    office.add_sender();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(server.arrived().is_empty(), "the lease is respected");
    office.later(store::LEASE);
    office.until(sent).await;
    assert_eq!(copies(&server).into_values().collect::<Vec<_>>(), [1, 1, 1]);
    office.close().await;
}

#[tokio::test]
async fn a_sender_that_stops_records_what_it_did_and_gives_back_the_rest() {
    let server = FakeServer::start(&[Turn::Hang; 8]).await;
    let mut office = Office::impatient(server.port);
    office.add_sender();
    office.ask(30).await;
    while server.sessions() < 8 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let store = office.platform.context.store.clone();
    let ambient: Ambient = office.platform.context.ambient.clone();
    let Office { platform, stop, mut senders, .. } = office;
    stop.cancel();
    senders.join_next().await.unwrap().unwrap();
    let rows = store.read(async move |tx| query::of_payment(tx, PAYMENT).await).await.unwrap();
    assert!(rows.iter().all(|row| row.lease_until.is_none()), "{rows:#?}");
    let tried: Vec<_> = rows.iter().filter(|row| row.attempts == 1).collect();
    assert!(tried.len() >= 8 && tried.iter().all(|row| row.last_error.is_some() || sent(row)), "{tried:#?}");
    let untouched = rows.iter().filter(|row| row.attempts == 0);
    assert!(untouched.clone().count() > 0 && untouched.into_iter().all(|row| row.next_attempt_at.unwrap() <= ambient.now()));
    drop(platform);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_is_given_up_at_once_and_stops_no_other() {
    let server = FakeServer::start(&[]).await;
    let mut office = Office::new(server.port);
    office.add_sender();
    office
        .platform
        .context
        .store
        .write(Class::Consumer, async move |tx| {
            let (mut unknown, mut empty, good) = (wanted(1), wanted(2), wanted(3));
            unknown.job.template = "payment_teleported".to_owned();
            empty.job.variables.clear();
            store::insert(tx, &[unknown, empty, good]).await
        })
        .await
        .unwrap();
    office.wake.notify_one();
    let rows = office.until(|row| row.status != "pending").await;
    let told: Vec<_> = rows.iter().map(|row| (row.status.as_str(), row.last_error.as_deref().unwrap_or_default())).collect();
    assert_eq!(told[0], ("failed", "no such template"));
    assert!(told[1].0 == "failed" && told[1].1.starts_with("the template cannot be filled"), "{told:?}");
    assert_eq!(told[2], ("sent", ""));
    assert_eq!(server.arrived().len(), 1);
    office.close().await;
}

#[tokio::test]
async fn a_backlog_is_worked_off_and_leaves_no_lease_behind() {
    let platform = TestPlatform::new();
    let mut config = (*platform.context.config).clone();
    config.notification.mail_sink = crate::config::MailSink::Null;
    let (wake, stop) = (Arc::new(Notify::new()), CancellationToken::new());
    let sender = Sender::new(&platform.context, Post::new(super::post::choose(&config)), Arc::clone(&wake));
    let store = &platform.context.store;
    store.write(Class::Consumer, async move |tx| store::insert(tx, &(1..=1000).map(wanted).collect::<Vec<_>>()).await).await.unwrap();
    let mut senders = JoinSet::new();
    let token = stop.clone();
    senders.spawn(async move { sender.run(token).await });
    loop {
        let counts = store.read(async move |tx| query::counts(tx).await).await.unwrap();
        if counts.sent == 1000 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let leased = store
        .read(async move |tx| Ok::<_, StoreError>(tx.query("SELECT 1 FROM notifications WHERE lease_owner IS NOT NULL", &[]).await?.len()))
        .await
        .unwrap();
    assert_eq!(leased, 0);
    stop.cancel();
    senders.join_next().await.unwrap().unwrap();
}
