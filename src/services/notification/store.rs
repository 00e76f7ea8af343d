use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use crate::domain::{Email, Timestamp};
use crate::event::{Extra, NotificationPayload};
use crate::store::{Row, Set, StoreError, Tx, Type, Value};

/// How long a sender has a row for itself. A sender that died gives its rows back when this has passed.
pub(super) const LEASE: Duration = Duration::from_mins(2);

const INSERT: Set = Set {
    sql: "INSERT INTO notifications (notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, \
          subject_id, payment_no, variables, status, next_attempt_at, message_id, trace_id, created_at) \
          SELECT notification_id, source_event_id, source_event_type, channel, template, merchant_id, recipient, \
          subject_id, payment_no, variables, status, created_at, message_id, trace_id, created_at \
          FROM {rows} AS r WHERE NOT EXISTS (SELECT 1 FROM notifications AS n WHERE n.source_event_id = r.source_event_id \
          AND n.channel = r.channel AND n.recipient = r.recipient)",
    columns: &[
        ("notification_id", Type::Uuid),
        ("source_event_id", Type::Uuid),
        ("source_event_type", Type::Text),
        ("channel", Type::Text),
        ("template", Type::Text),
        ("merchant_id", Type::Uuid),
        ("recipient", Type::Text),
        ("subject_id", Type::Text),
        ("payment_no", Type::Text),
        ("variables", Type::Text),
        ("status", Type::Text),
        ("message_id", Type::Text),
        ("trace_id", Type::Text),
        ("created_at", Type::Time),
    ],
};

/// A mail that went out is sent, whoever holds its lease by now.
/// What is pending is named by what it is not: few rows at some times and most at others, it must not be where a plan begins.
const SENT: Set = Set {
    sql: "UPDATE notifications SET status = 'sent', attempts = notifications.attempts + 1, sent_at = done.sent_at, \
          lease_owner = NULL, lease_until = NULL \
          FROM {rows} AS done WHERE notifications.notification_id = done.notification_id AND notifications.status NOT IN ('sent', 'failed', 'skipped')",
    columns: &[("notification_id", Type::Uuid), ("sent_at", Type::Time)],
};

/// What did not go out goes back, unless somebody else has taken it over.
const RETURNED: Set = Set {
    sql: "UPDATE notifications SET status = done.status, attempts = notifications.attempts + done.tries, \
          refusals = notifications.refusals + done.refusals, next_attempt_at = done.next_attempt_at, \
          last_error = coalesce(done.last_error, notifications.last_error), lease_owner = NULL, lease_until = NULL \
          FROM {rows} AS done WHERE notifications.notification_id = done.notification_id \
          AND notifications.lease_owner = done.lease_owner AND notifications.status NOT IN ('sent', 'failed', 'skipped')",
    columns: &[
        ("notification_id", Type::Uuid),
        ("lease_owner", Type::Text),
        ("status", Type::Text),
        ("tries", Type::Int),
        ("refusals", Type::Int),
        ("next_attempt_at", Type::Time),
        ("last_error", Type::Text),
    ],
};

/// The lease is asked for twice: the inner query finds rows, the outer one loses against a sender that was faster.
const TAKE: &str = "UPDATE notifications SET lease_owner = $1, lease_until = $2, next_attempt_at = $2 \
     WHERE notification_id IN (SELECT notification_id FROM notifications \
     WHERE status = 'pending' AND next_attempt_at <= $3 ORDER BY next_attempt_at LIMIT $4) \
     AND (lease_until IS NULL OR lease_until <= $3) \
     RETURNING notification_id, channel, template, recipient, payment_no, variables, message_id, created_at, refusals, \
     trace_id, source_event_id";

/// A row to be made.
pub(super) struct Wanted<'a> {
    pub(super) notification_id: Uuid,
    pub(super) message_id: String,
    pub(super) trace_id: &'a str,
    pub(super) job: NotificationPayload,
}

/// A leased row.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) notification_id: Uuid,
    pub(super) channel: String,
    pub(super) template: String,
    pub(super) recipient: Email,
    pub(super) payment_no: String,
    pub(super) variables: Extra,
    pub(super) message_id: String,
    pub(super) created_at: Timestamp,
    /// How often the server refused it before.
    pub(super) refusals: i64,
    /// The trace of the event that it is about.
    pub(super) trace_id: String,
    /// That event.
    pub(super) source_event_id: Uuid,
}

/// What became of a leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The server has taken it.
    Sent,
    /// Refused, to be tried again after a while.
    Refused(String, Duration),
    /// Refused for good, or out of tries.
    Failed(String),
    /// Nothing was asked to take it: the server is down.
    Unreachable(String),
    /// Never tried.
    Released,
}

impl Verdict {
    /// The label in metrics.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Refused(..) => "refused",
            Self::Failed(_) => "failed",
            Self::Unreachable(_) => "unreachable",
            Self::Released => "released",
        }
    }
}

/// One row's verdict.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) notification_id: Uuid,
    pub(super) verdict: Verdict,
}

/// What a sender gets for its outcomes.
#[derive(Debug)]
pub(super) struct Exchanged {
    pub(super) letters: Vec<Letter>,
    /// When the next row is due, in the transaction's time from now.
    pub(super) next_in: Option<Duration>,
}

/// Makes rows for mails, once for each event, channel and recipient. Without an address there is nothing to send.
pub(super) async fn insert(tx: &mut Tx, wanted: &[Wanted<'_>]) -> Result<(), StoreError> {
    let now = tx.now();
    let mut seen = HashSet::new();
    let rows: Vec<Vec<Value<'_>>> = wanted
        .iter()
        .filter(|Wanted { job, .. }| seen.insert((job.source_event_id, &job.channel, job.recipient.expose())))
        .map(|Wanted { notification_id, message_id, trace_id, job }| {
            vec![
                (*notification_id).into(),
                job.source_event_id.into(),
                (&job.source_event_type).into(),
                (&job.channel).into(),
                (&job.template).into(),
                job.merchant_id.into(),
                job.recipient.expose().into(),
                (&job.subject_id).into(),
                (&job.payment_no).into(),
                serde_json::Value::Object(job.variables.clone()).to_string().into(),
                if job.recipient.expose().is_empty() { "skipped" } else { "pending" }.into(),
                message_id.into(),
                (*trace_id).into(),
                now.into(),
            ]
        })
        .collect();
    tx.execute_set(&INSERT, &rows).await?;
    Ok(())
}

/// Records what a sender did and leases up to `room` rows to it, in one transaction.
pub(super) async fn exchange(tx: &mut Tx, owner: &str, outcomes: &[Outcome], room: i64) -> Result<Exchanged, StoreError> {
    let now = tx.now();
    let sent = outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Sent);
    let sent: Vec<_> = sent.map(|outcome| vec![outcome.notification_id.into(), now.into()]).collect();
    tx.execute_set(&SENT, &sent).await?;
    let returned: Vec<_> = outcomes.iter().filter_map(|outcome| returned(outcome, owner, now)).collect();
    tx.execute_set(&RETURNED, &returned).await?;
    let letters = if room > 0 {
        let rows = tx.query(TAKE, &[owner.into(), (now + LEASE).into(), now.into(), room.into()]).await?;
        rows.iter().map(letter_from).collect::<Result<_, _>>()?
    } else {
        Vec::new()
    };
    let next = tx.query_one("SELECT min(next_attempt_at) FROM notifications WHERE status = 'pending'", &[]).await?;
    let next: Option<Timestamp> = next.map(|row| row.get::<Option<Timestamp>>(0)).transpose()?.flatten();
    Ok(Exchanged { letters, next_in: next.map(|next| (next - now).to_std().unwrap_or_default()) })
}

fn returned<'a>(outcome: &'a Outcome, owner: &'a str, now: Timestamp) -> Option<Vec<Value<'a>>> {
    let (status, tries, refusals, next, error) = match &outcome.verdict {
        Verdict::Sent => return None,
        Verdict::Refused(error, delay) => ("pending", 1, 1, now + *delay, Some(error)),
        Verdict::Failed(error) => ("failed", 1, 1, now, Some(error)),
        Verdict::Unreachable(error) => ("pending", 1, 0, now, Some(error)),
        Verdict::Released => ("pending", 0, 0, now, None),
    };
    let (tries, refusals) = (Value::Int(tries), Value::Int(refusals));
    Some(vec![outcome.notification_id.into(), owner.into(), status.into(), tries, refusals, next.into(), error.into()])
}

fn letter_from(row: &Row) -> Result<Letter, StoreError> {
    Ok(Letter {
        notification_id: row.get(0)?,
        channel: row.get(1)?,
        template: row.get(2)?,
        recipient: Email::stored(row.get::<String>(3)?),
        payment_no: row.get(4)?,
        // A row that cannot be read must not stop the others; its mail fails for want of variables.
        variables: serde_json::from_str(&row.get::<String>(5)?).unwrap_or_default(),
        message_id: row.get(6)?,
        created_at: row.get(7)?,
        refusals: row.get(8)?,
        trace_id: row.get(9)?,
        source_event_id: row.get(10)?,
    })
}
