use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{Decoded, Event, EventKind, TopicPartition, decode, order_aggregate_id};
use crate::ops::group::{self, Commit, GRACE_MS, Members};
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, OpsError, Reader, dead_letter};
use crate::services::gateway::query::{PaymentView, find_subject, get_payment};
use crate::services::{Fact, FactState, Service, Subject, SubjectEvent};
use crate::store::{StoreError, Tx};

use super::judge;
use super::report::{Trace, Traced};
use super::step::{Read, Step, StepState};

/// Events that one payment can have at most in a trace; far more than its life gives it.
const MAX_EVENTS: i64 = 500;
/// Stands for the offset of an event that the log has not got yet, so that no group seems to be past it.
const NOT_PUBLISHED: i64 = i64::MAX;

/// Everything that is known of a payment, on one snapshot.
pub async fn trace(reader: &Reader, id: &str) -> Result<Trace, OpsError> {
    let wanted = id.to_owned();
    let ambient = reader.ambient.clone();
    reader
        .store
        .read(async move |tx: &mut Tx| {
            let found = find_subject(tx, &wanted).await?;
            let Some(found) = found else { return Err(OpsError::NotFound { what: "payment", id: wanted.clone() }) };
            let Some(payment) = get_payment(tx, &found.payment_no).await? else {
                return Err(OpsError::NotFound { what: "payment", id: wanted.clone() });
            };
            Ok(Gathering::new(tx, payment, ambient.now()).await?.finish(tx).await?)
        })
        .await
}

/// An event of the payment's story with its place and its bytes.
struct Told {
    seq: i64,
    event: Event,
    committed_at: Timestamp,
}

/// What is read before the steps are written.
struct Gathering {
    payment: PaymentView,
    now: Timestamp,
    told: Vec<Told>,
    /// Since when those events wait that are not published yet, by their number.
    waiting: HashMap<i64, Timestamp>,
    parked: Vec<DeadLetter>,
    commits: BTreeMap<(String, TopicPartition), Commit>,
    members: BTreeMap<String, Members>,
}

impl Gathering {
    async fn new(tx: &mut Tx, payment: PaymentView, now: Timestamp) -> Result<Self, StoreError> {
        let told = events(tx, &payment).await?;
        let unplaced: Vec<i64> = told.iter().filter(|told| told.event.offset == NOT_PUBLISHED).map(|told| told.seq).collect();
        let waiting = tx.outbox_waiting(&unplaced).await?;
        let order = order_aggregate_id(payment.merchant_id, &payment.order_no);
        let mut parked = dead_letter::of_aggregate(tx, &payment.payment_no).await?;
        parked.extend(dead_letter::of_aggregate(tx, &order).await?);
        parked.retain(|letter| letter.payment_no.as_deref().is_none_or(|no| no == payment.payment_no) && letter.aggregate_id.is_some());
        let (commits, members) = (group::commits(tx).await?, group::members(tx).await?);
        Ok(Self { payment, now, told, waiting, parked, commits, members })
    }

    async fn finish(self, tx: &mut Tx) -> Result<Trace, StoreError> {
        let mut steps = Vec::new();
        for told in &self.told {
            let step = self.event_step(tx, told).await?;
            steps.push(step);
            steps.extend(self.unread(told));
        }
        steps.extend(self.parked.iter().map(parked_step));
        let subject = self.subject();
        for service in Service::ALL {
            for fact in service.facts(tx, &subject).await? {
                steps.push(self.fact_step(*service, fact));
            }
        }
        let contradictions = self.contradictions(tx).await?;
        steps.extend(contradictions.iter().map(|said| Step::plain(self.now, "books", "contradiction", said.clone(), StepState::Failed)));
        // Stable: what happened at the same moment stays in the order in which it was told.
        steps.sort_by_key(|step| step.at);
        Ok(Trace { payment: Traced::of(&self.payment), verdict: judge::verdict(&steps, &contradictions), steps, at: self.now })
    }

    fn subject(&self) -> Subject {
        let own = |told: &&Told| told.event.aggregate_id == self.payment.payment_no;
        let events = self.told.iter().filter(own).map(|told| SubjectEvent {
            event_id: told.event.event_id,
            kind: told.event.kind,
            at: told.committed_at,
        });
        Subject {
            payment_no: self.payment.payment_no.clone(),
            merchant_id: self.payment.merchant_id,
            order_no: self.payment.order_no.clone(),
            events: events.collect(),
        }
    }

    async fn event_step(&self, tx: &mut Tx, told: &Told) -> Result<Step, StoreError> {
        let event = &told.event;
        let mut reads = Vec::new();
        for group in readers(event) {
            if self.letter(&group, event.event_id).is_none() && self.has_passed(&group, event) {
                reads.push(read_of(tx, &group, told).await?);
            }
        }
        let said: Vec<String> = reads
            .iter()
            .map(|read| match (read.after_ms, read.attempts) {
                (Some(after), Some(attempts)) if attempts > 1 => format!("{} {after}ms (try {attempts})", read.group),
                (Some(after), _) => format!("{} {after}ms", read.group),
                (None, _) => read.group.clone(),
            })
            .collect();
        let detail = if said.is_empty() { String::new() } else { format!("read by {}", said.join(", ")) };
        let what = format!("{} v{}", event.kind, event.metadata.aggregate_version);
        let mut step = Step::plain(told.committed_at, &event.metadata.producer, what, detail, StepState::Done);
        step.place = (event.offset < NOT_PUBLISHED).then(|| format!("{}/{}@{}", event.at.topic, event.at.partition, event.offset));
        step.outbox_since = self.waiting.get(&told.seq).copied();
        step.event_id = Some(event.event_id);
        step.reads = reads;
        Ok(step)
    }

    /// The groups that have not come to the event yet.
    fn unread(&self, told: &Told) -> Vec<Step> {
        let event = &told.event;
        readers(event)
            .filter(|group| !self.has_passed(group, event))
            .map(|group| {
                let service = short(&group);
                let mut step =
                    Step::plain(told.committed_at, service, format!("read {}", event.kind), self.why(&group), StepState::Missing);
                step.event_id = Some(event.event_id);
                self.ripen(step, Some(&group))
            })
            .collect()
    }

    fn why(&self, group: &str) -> String {
        let Some(members) = self.members.get(group) else { return format!("no {} is running", short(group)) };
        if members.alive(self.now) == 0 {
            return format!("no {} is running", short(group));
        }
        members.reason(self.now).unwrap_or_else(|| "the group is behind".to_owned())
    }

    fn fact_step(&self, service: Service, fact: Fact) -> Step {
        let is_parked = |group: &String| fact.event_id.is_some_and(|id| self.letter(group, id).is_some());
        let state = match fact.state {
            // Why it is missing is told by the dead letter's own step.
            FactState::Missing if service.group().as_ref().is_some_and(is_parked) => StepState::Held,
            state => state.into(),
        };
        let mut step = Step::plain(fact.at, fact.service, fact.what, fact.detail, state);
        step.event_id = fact.event_id;
        self.ripen(step, service.group().as_deref())
    }

    /// Says how long a step has been due; what a living process has had no time for is not missing yet.
    fn ripen(&self, mut step: Step, group: Option<&str>) -> Step {
        if step.is_done() {
            return step;
        }
        let due = millis_between(step.at, self.now);
        let is_alive = group.is_none_or(|group| self.members.get(group).is_some_and(|members| members.alive(self.now) > 0));
        if step.state == StepState::Missing && due < GRACE_MS && is_alive {
            step.state = StepState::Waiting;
        }
        step.due_ms = Some(due);
        step
    }

    fn letter(&self, group: &str, event_id: Uuid) -> Option<&DeadLetter> {
        self.parked.iter().find(|letter| letter.group == short(group) && letter.event_id == Some(event_id) && letter.is_open())
    }

    fn has_passed(&self, group: &str, event: &Event) -> bool {
        self.commits.get(&(group.to_owned(), event.at)).is_some_and(|commit| commit.next_offset > event.offset)
    }

    /// Facts that cannot both be true.
    async fn contradictions(&self, tx: &mut Tx) -> Result<Vec<String>, StoreError> {
        let payment = &self.payment;
        let mut found = Vec::new();
        let own = self.told.iter().rfind(|told| told.event.aggregate_id == payment.payment_no);
        if let Some(last) = own
            && last.event.kind.as_str() != format!("payment.{}", created_or(payment.status.as_str()))
        {
            found.push(format!("the payment is {} but its last event is {}", payment.status, last.event.kind));
        }
        let booked = tx
            .query(
                "SELECT source_event_id, sum(amount) FROM transfers WHERE leg = 'payment_gross' AND transaction_id IN \
                 (SELECT transaction_id FROM transactions WHERE related_id = $1) GROUP BY source_event_id",
                &[(&payment.payment_no).into()],
            )
            .await?;
        let success = self.told.iter().find(|told| told.event.kind == EventKind::PaymentSuccess);
        for row in &booked {
            let (source, amount) = (row.get::<Uuid>(0)?, row.get::<i64>(1)?);
            if success.is_none_or(|told| told.event.event_id != source) {
                found.push("the books hold a booking that no payment.success explains".to_owned());
            } else if amount != payment.amount {
                found.push(format!("the books hold {amount} minor units for a payment of {}", payment.amount));
            }
        }
        Ok(found)
    }
}

/// A pending payment's last event is its first.
fn created_or(status: &str) -> &str {
    if status == "pending" { "created" } else { status }
}

fn short(group: &str) -> &str {
    crate::ops::short_group(group)
}

/// The groups that read an event's topic.
fn readers(event: &Event) -> impl Iterator<Item = String> {
    let topic = event.at.topic;
    Service::ALL.iter().filter(move |service| service.topics().contains(&topic)).filter_map(|service| service.group())
}

async fn read_of(tx: &mut Tx, group: &str, told: &Told) -> Result<Read, StoreError> {
    let event = &told.event;
    let row = tx
        .query_one(
            "SELECT from_offset, ended_at, attempts FROM consumer_batches \
             WHERE grp = $1 AND topic = $2 AND partition = $3 AND to_offset >= $4 ORDER BY to_offset LIMIT 1",
            &[group.into(), event.at.topic.name().into(), event.at.partition.into(), event.offset.into()],
        )
        .await?;
    let mut read = Read { group: short(group).to_owned(), at: None, after_ms: None, attempts: None };
    if let Some(row) = row
        && row.get::<i64>(0)? <= event.offset
    {
        let at: Timestamp = row.get(1)?;
        read = Read { at: Some(at), after_ms: Some(millis_between(told.committed_at, at)), attempts: Some(row.get(2)?), ..read };
    }
    Ok(read)
}

/// The payment's own events, those of its order that speak of it, its bookings' and its mails'.
async fn events(tx: &mut Tx, payment: &PaymentView) -> Result<Vec<Told>, StoreError> {
    let order = order_aggregate_id(payment.merchant_id, &payment.order_no);
    let sql = "SELECT coalesce(l.log_offset, 9223372036854775807), e.topic, e.partition, e.key, e.headers, e.value, e.created_at, e.seq \
               FROM events e LEFT JOIN event_places l ON l.seq = e.seq WHERE e.seq IN (\
               SELECT seq FROM events WHERE aggregate_id = $1 AND aggregate_type = 'payment' \
               UNION SELECT seq FROM events WHERE aggregate_id = $2 AND aggregate_type = 'order' \
               UNION SELECT e.seq FROM transactions AS t JOIN events AS e ON e.aggregate_id = t.transaction_id AND e.aggregate_type = 'transaction' \
                     WHERE t.related_id = $1) \
               ORDER BY e.seq LIMIT $3";
    let rows = tx.query(sql, &[(&payment.payment_no).into(), order.into(), MAX_EVENTS.into()]).await?;
    let mut told = Vec::new();
    for row in &rows {
        let record = crate::store::record_from(row)?;
        let Ok(Decoded::Event(event)) = decode(&record) else { continue };
        let Some(committed_at) = crate::domain::parse_timestamp(&record.created_at) else { continue };
        // An order may be tried with several payments; only this one's part of its story is told.
        if event.payload.payment_no().is_none_or(|no| no == payment.payment_no) {
            told.push(Told { seq: row.get(7)?, event: *event, committed_at });
        }
    }
    Ok(told)
}

fn parked_step(letter: &DeadLetter) -> Step {
    let event = letter.event_type.as_deref().unwrap_or("an unreadable event");
    let (what, state) = match letter.state.as_str() {
        "failed" => (format!("{event} parked"), StepState::Parked),
        "blocked" => (format!("{event} held"), StepState::Held),
        "replaying" => (format!("{event} is being replayed"), StepState::Waiting),
        "discarded" => (format!("{event} discarded"), StepState::Done),
        state => (format!("{event} {state}"), StepState::Done),
    };
    let detail = format!("{}: {} (tries {})", letter.error_code, letter.error_message, letter.attempts);
    let mut step = Step::plain(letter.last_failed_at, &letter.group, what, detail, state);
    step.place = Some(letter.place());
    step.event_id = letter.event_id;
    step
}
