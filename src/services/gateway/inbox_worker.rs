use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::StreamExt as _;

use crate::config::Ambient;
use crate::store::{Batch, Class, Store, StoreError, Tx};

use super::backoff;
use super::change::save;
use super::client::ChannelClient;
use super::fold::Fold;
use super::inbox::{Bells, Lane};
use super::payment::Payment;
use super::store::{self, Finished, ReceivedWebhook, Review, WebhookState};
use super::stripe_event::{Notice, PAYMENT_FAILED, Says};

const BATCH: i64 = 200;
/// Questions to the channel at a time.
const QUESTIONS: usize = 8;

/// Applies stored webhooks.
pub(super) struct InboxWorker {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) channel: Arc<dyn ChannelClient>,
    pub(super) bells: Arc<Bells>,
    pub(super) lane: Lane,
    /// Money of the channel's test mode is not booked in production.
    pub(super) is_production: bool,
}

impl InboxWorker {
    /// Applies what is stored, then whatever comes; a failing database is tried again for ever.
    pub(super) async fn run(self) {
        backoff::passes("applying webhooks", self.lane.bell(&self.bells), || self.pass()).await;
    }

    /// Applies what is due; how long until a postponed one is.
    async fn pass(&self) -> Result<Duration, StoreError> {
        let but_declines = self.lane == Lane::Others;
        loop {
            let page =
                self.store.read(async move |tx: &mut Tx| store::waiting_webhooks(tx, PAYMENT_FAILED, but_declines, BATCH).await).await?;
            // What is stored after this was read rings again.
            let is_last = i64::try_from(page.len()).unwrap_or(BATCH) < BATCH;
            if !page.is_empty() {
                self.apply_page(page).await?;
            }
            if is_last {
                break;
            }
        }
        let due = self.store.read(async move |tx: &mut Tx| store::next_due(tx, PAYMENT_FAILED, but_declines).await).await?;
        Ok(backoff::until(due, self.ambient.now()))
    }

    async fn apply_page(&self, page: Vec<ReceivedWebhook>) -> Result<(), StoreError> {
        let mut notices = Vec::with_capacity(page.len());
        for webhook in page {
            match Notice::parse(&webhook.evt_id, &webhook.event_type, &webhook.raw) {
                Ok(notice) => notices.push((notice, webhook.attempts)),
                Err(reason) => self.set_aside(webhook.evt_id, webhook.payment_no, "unreadable", reason.to_owned()).await?,
            }
        }
        if self.lane == Lane::Declines {
            notices = self.ask_channel(notices).await?;
        }
        let mut parts = vec![Batch::from(notices.into_iter().map(|(notice, _)| notice).collect::<Vec<_>>())];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let (job, ambient, is_production) = (part.clone(), self.ambient.clone(), self.is_production);
            let work = async move |tx: &mut Tx| apply(tx, &job, &ambient, is_production).await;
            // It writes the payments that it goes by, and whether an order is free a unique key decides.
            let applied = self.store.write_by_keys(Class::Consumer, work).await;
            match applied {
                Ok(()) => {}
                Err(error) if error.is_infrastructure() => return Err(error),
                Err(error) => match part.first() {
                    Some(only) if part.len() == 1 => {
                        self.set_aside(only.evt_id.clone(), only.payment_no.clone(), "failed", error.to_string()).await?;
                    }
                    _ => {
                        let (first, second) = part.halves();
                        parts.extend([second, first]);
                    }
                },
            }
        }
        Ok(())
    }

    /// Has the channel close the intents of declined payments, so that none can be paid after it has failed.
    ///
    /// What the channel does not answer is postponed, and not returned.
    async fn ask_channel(&self, notices: Vec<(Notice, i64)>) -> Result<Vec<(Notice, i64)>, StoreError> {
        let keys: Vec<Key> = notices.iter().map(|(notice, _)| Key::of(notice)).collect();
        let payments = self.store.read(async move |tx: &mut Tx| read_payments(tx, &keys).await).await?;
        let fold = Fold::new(payments, self.ambient.now(), &self.ambient, self.is_production);
        let asked = futures_util::stream::iter(notices.into_iter().map(|(notice, attempts)| {
            let payment_no = fold.to_be_failed(&notice).map(|payment| payment.payment_no.clone());
            async move {
                let answer = match payment_no {
                    Some(payment_no) => Some(self.channel.cancel(&payment_no).await),
                    None => None,
                };
                (notice, attempts, answer)
            }
        }));
        let answered: Vec<_> = asked.buffered(QUESTIONS).collect().await;
        let mut ready = Vec::with_capacity(answered.len());
        let mut postponed = Vec::new();
        for (mut notice, attempts, answer) in answered {
            match answer.transpose() {
                Ok(state) => {
                    notice.says = Says::Failed(state);
                    ready.push((notice, attempts));
                }
                Err(error) => {
                    let wait = TimeDelta::from_std(backoff::delay(attempts + 1)).unwrap_or_default();
                    postponed.push((notice.evt_id, self.ambient.now() + wait, error.to_string()));
                }
            }
        }
        if let Some((_, _, reason)) = postponed.first() {
            tracing::warn!(%reason, webhooks = postponed.len(), "declined payments wait for the channel");
            self.store.write(Class::Background, async move |tx: &mut Tx| store::postpone_webhooks(tx, &postponed).await).await?;
        }
        Ok(ready)
    }

    /// Puts a webhook that cannot be applied up for review, so that the others go on.
    async fn set_aside(&self, evt_id: String, payment_no: Option<String>, kind: &'static str, reason: String) -> Result<(), StoreError> {
        tracing::error!(evt_id, reason, "a webhook cannot be applied and was put up for review");
        let ambient = self.ambient.clone();
        self.store
            .write(Class::Consumer, async move |tx: &mut Tx| {
                let review = Review {
                    id: ambient.uuid(),
                    source_id: evt_id.clone(),
                    payment_no: payment_no.clone(),
                    merchant_id: None,
                    kind,
                    detail: reason.clone(),
                };
                store::insert_reviews(tx, &[review]).await?;
                let finished =
                    Finished { evt_id: evt_id.clone(), state: WebhookState::Review, payment_no: None, note: Some(reason.clone()) };
                store::finish_webhooks(tx, &[finished]).await
            })
            .await
    }
}

/// By what the payments of a notice are found.
struct Key {
    intent_id: Option<String>,
    payment_no: Option<String>,
}

impl Key {
    fn of(notice: &Notice) -> Self {
        Self { intent_id: notice.intent_id.clone(), payment_no: notice.payment_no.clone() }
    }
}

/// Applies a batch: payments, their events, reviews and the webhooks' own states commit together.
async fn apply(tx: &mut Tx, notices: &[Notice], ambient: &Ambient, is_production: bool) -> Result<(), StoreError> {
    let keys: Vec<Key> = notices.iter().map(Key::of).collect();
    let payments = read_payments(tx, &keys).await?;
    let mut fold = Fold::new(payments, tx.now(), ambient, is_production);
    let taken = store::standing_payments(tx, &fold.dormant_orders()).await?;
    fold.take(taken);
    for notice in notices {
        fold.apply(notice);
    }
    save(tx, &fold.changes).await?;
    store::insert_reviews(tx, &fold.reviews).await?;
    tx.publish(&fold.audits).await?;
    store::finish_webhooks(tx, &fold.finished).await
}

async fn read_payments(tx: &mut Tx, keys: &[Key]) -> Result<Vec<Payment>, StoreError> {
    let mut intents: Vec<&str> = keys.iter().filter_map(|key| key.intent_id.as_deref()).collect();
    let mut numbers: Vec<&str> = keys.iter().filter_map(|key| key.payment_no.as_deref()).collect();
    for wanted in [&mut intents, &mut numbers] {
        wanted.sort_unstable();
        wanted.dedup();
    }
    let mut payments = store::find_by_intents(tx, &intents).await?;
    payments.extend(store::find_by_numbers(tx, &numbers).await?);
    Ok(payments)
}
