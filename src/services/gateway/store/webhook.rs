use std::collections::HashSet;

use crate::domain::Timestamp;
use crate::store::{Set, StoreError, Tx, Type, Value};

/// A webhook that waits to be applied.
pub(in super::super) struct ReceivedWebhook {
    pub(in super::super) evt_id: String,
    pub(in super::super) event_type: String,
    pub(in super::super) raw: Vec<u8>,
    pub(in super::super) payment_no: Option<String>,
    pub(in super::super) attempts: i64,
}

/// A webhook about to be stored.
pub(in super::super) struct NewWebhook<'a> {
    pub(in super::super) evt_id: &'a str,
    pub(in super::super) provider: &'a str,
    pub(in super::super) event_type: &'a str,
    pub(in super::super) payment_no: Option<&'a str>,
    pub(in super::super) raw: &'a [u8],
}

/// A webhook as an operator sees it.
pub(in super::super) struct StoredWebhook {
    pub(in super::super) evt_id: String,
    pub(in super::super) event_type: String,
    pub(in super::super) state: String,
    pub(in super::super) note: Option<String>,
    pub(in super::super) received_at: Timestamp,
    pub(in super::super) applied_at: Option<Timestamp>,
}

/// What became of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum WebhookState {
    /// It changed its payment.
    Applied,
    /// There was nothing to change.
    Ignored,
    /// A person has to look at it.
    Review,
}

impl WebhookState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Review => "review",
        }
    }
}

/// A webhook that is done with.
pub(in super::super) struct Finished {
    pub(in super::super) evt_id: String,
    pub(in super::super) state: WebhookState,
    pub(in super::super) payment_no: Option<String>,
    pub(in super::super) note: Option<String>,
}

const INSERT: Set = Set {
    sql: "INSERT INTO webhook_in (evt_id, provider, event_type, payment_no, raw, state, received_at, due_at) \
          SELECT evt_id, provider, event_type, payment_no, raw, 'received', received_at, received_at FROM {rows} AS r \
          WHERE NOT EXISTS (SELECT 1 FROM webhook_in AS w WHERE w.evt_id = r.evt_id) RETURNING evt_id",
    columns: &[
        ("evt_id", Type::Text),
        ("provider", Type::Text),
        ("event_type", Type::Text),
        ("payment_no", Type::Text),
        ("raw", Type::Blob),
        ("received_at", Type::Time),
    ],
};

/// What waits is named by what it is not: few rows at some times and most at others, it must not be where a plan begins.
const FINISH: Set = Set {
    sql: "UPDATE webhook_in SET state = r.state, payment_no = coalesce(r.payment_no, webhook_in.payment_no), note = r.note, attempts = attempts + 1, \
          applied_at = r.applied_at FROM {rows} AS r WHERE webhook_in.evt_id = r.wanted AND webhook_in.state NOT IN ('applied', 'ignored', 'review')",
    columns: &[("wanted", Type::Text), ("state", Type::Text), ("payment_no", Type::Text), ("note", Type::Text), ("applied_at", Type::Time)],
};

const POSTPONE: Set = Set {
    sql: "UPDATE webhook_in SET attempts = attempts + 1, due_at = r.due_at, note = r.note FROM {rows} AS r \
          WHERE webhook_in.evt_id = r.wanted AND webhook_in.state NOT IN ('applied', 'ignored', 'review')",
    columns: &[("wanted", Type::Text), ("due_at", Type::Time), ("note", Type::Text)],
};

/// Stores webhooks as they came, each event once; those that were not there already.
pub(in super::super) async fn insert_webhooks(tx: &mut Tx, webhooks: &[NewWebhook<'_>]) -> Result<HashSet<String>, StoreError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = webhooks
        .iter()
        .map(|webhook| {
            vec![
                webhook.evt_id.into(),
                webhook.provider.into(),
                webhook.event_type.into(),
                webhook.payment_no.into(),
                webhook.raw.into(),
                now.into(),
            ]
        })
        .collect();
    tx.query_set(&INSERT, &rows).await?.iter().map(|row| row.get(0)).collect()
}

/// Webhooks that are due, oldest first: those of `event_type`, or with `but` all others.
pub(in super::super) async fn waiting_webhooks(
    tx: &mut Tx,
    event_type: &str,
    but: bool,
    limit: i64,
) -> Result<Vec<ReceivedWebhook>, StoreError> {
    let now = tx.now();
    let rows = tx
        .query(
            "SELECT evt_id, event_type, raw, payment_no, attempts FROM webhook_in \
             WHERE state = 'received' AND due_at <= $1 AND (event_type <> $2) = ($3 = 1) ORDER BY due_at, evt_id LIMIT $4",
            &[now.into(), event_type.into(), but.into(), limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ReceivedWebhook {
                evt_id: row.get(0)?,
                event_type: row.get(1)?,
                raw: row.get(2)?,
                payment_no: row.get(3)?,
                attempts: row.get(4)?,
            })
        })
        .collect()
}

/// When the next webhook of that kind is due.
pub(in super::super) async fn next_due(tx: &mut Tx, event_type: &str, but: bool) -> Result<Option<Timestamp>, StoreError> {
    let row = tx
        .query_one(
            "SELECT min(due_at) FROM webhook_in WHERE state = 'received' AND (event_type <> $1) = ($2 = 1)",
            &[event_type.into(), but.into()],
        )
        .await?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// The webhooks that speak of a payment, oldest first.
pub(in super::super) async fn webhooks_of(tx: &mut Tx, payment_no: &str) -> Result<Vec<StoredWebhook>, StoreError> {
    let rows = tx
        .query(
            "SELECT evt_id, event_type, state, note, received_at, applied_at FROM webhook_in \
             WHERE payment_no = $1 ORDER BY received_at, evt_id",
            &[payment_no.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(StoredWebhook {
                evt_id: row.get(0)?,
                event_type: row.get(1)?,
                state: row.get(2)?,
                note: row.get(3)?,
                received_at: row.get(4)?,
                applied_at: row.get(5)?,
            })
        })
        .collect()
}

/// Notes what became of webhooks; fails when another process was at one of them at the same time.
pub(in super::super) async fn finish_webhooks(tx: &mut Tx, finished: &[Finished]) -> Result<(), StoreError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = finished
        .iter()
        .map(|webhook| {
            vec![
                (&webhook.evt_id).into(),
                webhook.state.as_str().into(),
                webhook.payment_no.as_deref().into(),
                webhook.note.as_deref().into(),
                now.into(),
            ]
        })
        .collect();
    let noted = tx.execute_set(&FINISH, &rows).await?;
    if noted == rows.len() as u64 { Ok(()) } else { Err(StoreError::Unavailable("a webhook was applied at the same time".to_owned())) }
}

/// Puts webhooks off until the time beside each, with the reason.
pub(in super::super) async fn postpone_webhooks(tx: &mut Tx, postponed: &[(String, Timestamp, String)]) -> Result<(), StoreError> {
    let rows: Vec<Vec<Value<'_>>> =
        postponed.iter().map(|(evt_id, due_at, note)| vec![evt_id.into(), (*due_at).into(), note.into()]).collect();
    tx.execute_set(&POSTPONE, &rows).await?;
    Ok(())
}

/// Deletes up to `limit` webhooks that came before `cutoff` and are done with; how many there were.
pub(in super::super) async fn purge_webhooks(tx: &mut Tx, cutoff: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM webhook_in WHERE evt_id IN (SELECT evt_id FROM webhook_in \
         WHERE state IN ('applied', 'ignored') AND received_at < $1 ORDER BY received_at LIMIT $2)",
        &[cutoff.into(), limit.into()],
    )
    .await
}
