use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use crate::domain::Timestamp;
use crate::event::{Event, TopicPartition};
use crate::ops::group::{self, Commit, GRACE_MS, Members};
use crate::ops::span::millis_between;
use crate::ops::{DeadLetter, OpsError, Reader};
use crate::services::gateway::query::{PaymentView, get_payment};
use crate::services::{Fact, FactState, Service, Subject, SubjectEvent};
use crate::store::{Refusal, StoreError, Tx};

use super::contradiction::contradictions;
use super::report::Traced;
use super::source::Source;
use super::step::{Read, Step, StepState};
use super::story::Story;
use super::told::{self, Events, NOT_PUBLISHED, Told, readers};
use super::{subject, visit};

/// Everything that the database knows of a payment, on one snapshot.
pub(super) async fn story(reader: &Reader, id: &str) -> Result<Story, OpsError> {
    let wanted = id.to_owned();
    let ambient = reader.ambient.clone();
    let is_log = reader.log.has_gaps();
    reader
        .store
        .read(async move |tx: &mut Tx| {
            let payment_no = subject::payment_of(tx, &wanted).await?;
            let found = get_payment(tx, &payment_no).await?;
            let Some(payment) = found else { return Err(OpsError::NotFound { what: "payment", id: wanted.clone() }) };
            let mut story = Gathering::new(tx, payment, ambient.now()).await?.finish(tx).await?;
            story.sources.push(Source::used("database", if is_log { "one snapshot; the log is in it" } else { "one snapshot" }));
            Ok(story)
        })
        .await
}

/// What is read before the steps are written.
struct Gathering {
    payment: PaymentView,
    now: Timestamp,
    told: Vec<Told>,
    /// Whether every event could be read; what the others add up to is then not known.
    is_whole: bool,
    applied: HashSet<(Service, Uuid)>,
    /// Since when those events wait that are not published yet, by their number.
    waiting: HashMap<i64, Timestamp>,
    refusals: Vec<Refusal>,
    letters: Vec<DeadLetter>,
    commits: BTreeMap<(String, TopicPartition), Commit>,
    members: BTreeMap<String, Members>,
}

impl Gathering {
    async fn new(tx: &mut Tx, payment: PaymentView, now: Timestamp) -> Result<Self, StoreError> {
        let Events { told, is_whole } = told::events(tx, &payment).await?;
        let unplaced: Vec<i64> = told.iter().filter(|told| !told.is_published()).map(|told| told.seq).collect();
        let waiting = tx.outbox_waiting(&unplaced).await?;
        let refusals = if waiting.is_empty() { Vec::new() } else { tx.refusals().await? };
        let letters = visit::letters(tx, &payment).await?;
        let applied = told::applied(tx, &told).await?;
        let (commits, members) = (group::commits(tx).await?, group::members(tx).await?);
        Ok(Self { payment, now, told, is_whole, applied, waiting, refusals, letters, commits, members })
    }

    async fn finish(self, tx: &mut Tx) -> Result<Story, StoreError> {
        let (mut steps, mut wrong) = (Vec::new(), contradictions(tx, &self.payment, &self.told, self.is_whole).await?);
        for told in &self.told {
            steps.push(self.event_step(tx, told).await?);
            steps.extend(self.unpublished(told));
            steps.extend(self.unread(told));
            wrong.extend(self.skipped(told));
        }
        for letter in &self.letters {
            steps.extend(visit::visit(tx, letter).await?);
        }
        let subject = self.subject();
        for service in Service::ALL {
            for fact in service.facts(tx, &subject).await? {
                steps.push(self.fact_step(*service, fact));
            }
        }
        Ok(Story { payment: Traced::of(&self.payment), steps, contradictions: wrong, sources: Vec::new(), now: self.now })
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
        for service in readers(event).filter(|service| self.has_applied(*service, event)) {
            reads.push(self.read_of(tx, service, told).await?);
        }
        let said: Vec<String> = reads.iter().map(Read::words).collect();
        let detail = if said.is_empty() { String::new() } else { format!("read by {}", said.join(", ")) };
        let what = format!("{} v{}", event.kind, event.metadata.aggregate_version);
        let mut step = Step::plain(told.committed_at, &event.metadata.producer, what, detail, StepState::Done);
        if told.is_published() {
            step = step.lying(event.at, event.offset);
        }
        step.outbox_since = self.waiting.get(&told.seq).copied();
        step.event_id = Some(event.event_id);
        step.reads = reads;
        Ok(step)
    }

    /// When a group applied an event; where it did so past the log nobody noted the batch.
    async fn read_of(&self, tx: &mut Tx, service: Service, told: &Told) -> Result<Read, StoreError> {
        let (event, group) = (&told.event, service.group().unwrap_or_default());
        let past_the_log = !self.has_passed(service, event);
        let mut read = Read { group: service.name().to_owned(), at: None, after_ms: None, attempts: None, past_the_log };
        if past_the_log {
            return Ok(read);
        }
        let row = tx
            .query_one(
                "SELECT from_offset, ended_at, attempts FROM consumer_batches \
                 WHERE grp = $1 AND topic = $2 AND partition = $3 AND to_offset >= $4 ORDER BY to_offset LIMIT 1",
                &[group.into(), event.at.topic.name().into(), event.at.partition.into(), event.offset.into()],
            )
            .await?;
        if let Some(row) = row
            && row.get::<i64>(0)? <= event.offset
        {
            let at: Timestamp = row.get(1)?;
            read = Read { at: Some(at), after_ms: Some(millis_between(told.committed_at, at)), attempts: Some(row.get(2)?), ..read };
        }
        Ok(read)
    }

    /// What the brokers have not got yet; it only waits where it has had its effects without them.
    fn unpublished(&self, told: &Told) -> Option<Step> {
        let since = *self.waiting.get(&told.seq)?;
        let event = &told.event;
        let refusal = self.refusals.iter().find(|refusal| refusal.event_id == Some(event.event_id));
        let (state, detail) = match refusal {
            Some(refusal) => (StepState::Failed, format!("the brokers refuse it: {}", refusal.reason)),
            None if readers(event).all(|service| self.has_applied(service, event)) => {
                (StepState::Waiting, "every group has it past the log".to_owned())
            }
            None => (StepState::Missing, "no relay has carried it to the brokers".to_owned()),
        };
        let mut step = Step::plain(since, "relay", format!("publish {}", event.kind), detail, state);
        step.event_id = Some(event.event_id);
        let due = millis_between(since, self.now);
        if step.state == StepState::Missing && due < GRACE_MS {
            step.state = StepState::Waiting;
        }
        step.due_ms = Some(due);
        Some(step)
    }

    /// The groups that have not come to the event yet.
    fn unread(&self, told: &Told) -> Vec<Step> {
        let event = &told.event;
        readers(event)
            .filter(|service| !self.has_applied(*service, event) && !self.has_passed(*service, event))
            .map(|service| {
                let (what, why) = (format!("read {}", event.kind), self.why(service, told));
                let mut step = Step::plain(told.committed_at, service.name(), what, why, StepState::Missing);
                step.event_id = Some(event.event_id);
                self.ripen(step, service)
            })
            .collect()
    }

    /// A group's place and its marks move together, so an event that it is past and has not marked is lost to it.
    fn skipped(&self, told: &Told) -> Vec<String> {
        let event = &told.event;
        let is_parked =
            |service: Service| self.letters.iter().any(|letter| letter.group == service.name() && letter.event_id == Some(event.event_id));
        readers(event)
            .filter(|service| self.has_passed(*service, event) && !self.has_applied(*service, event) && !is_parked(*service))
            .map(|service| format!("{service} is past {} and has not applied it", event.kind))
            .collect()
    }

    fn why(&self, service: Service, told: &Told) -> String {
        let members = service.group().and_then(|group| self.members.get(&group));
        let Some(members) = members.filter(|members| members.alive(self.now) > 0) else { return format!("no {service} is running") };
        let is_behind = || if told.is_published() { "the group is behind" } else { "it is not in the log yet" };
        members.reason(self.now).unwrap_or_else(|| is_behind().to_owned())
    }

    fn fact_step(&self, service: Service, fact: Fact) -> Step {
        let is_parked = fact.event_id.is_some_and(|id| self.open_letter(service, id).is_some());
        let state = match fact.state {
            // Why it is missing is told by the dead letter's own step.
            FactState::Missing if is_parked => StepState::Held,
            state => state.into(),
        };
        let mut step = Step::plain(fact.at, fact.service, fact.what, fact.detail, state);
        step.event_id = fact.event_id;
        self.ripen(step, service)
    }

    /// Says how long a step has been due; what a living process has had no time for is not missing yet.
    fn ripen(&self, mut step: Step, service: Service) -> Step {
        if step.is_done() {
            return step;
        }
        let due = millis_between(step.at, self.now);
        let is_alive = service.group().is_none_or(|group| self.members.get(&group).is_some_and(|members| members.alive(self.now) > 0));
        if step.state == StepState::Missing && due < GRACE_MS && is_alive {
            step.state = StepState::Waiting;
        }
        step.due_ms = Some(due);
        step
    }

    fn open_letter(&self, service: Service, event_id: Uuid) -> Option<&DeadLetter> {
        self.letters.iter().find(|letter| letter.group == service.name() && letter.event_id == Some(event_id) && letter.is_open())
    }

    /// Whether the event has had its effects there: an open dead letter has not, though an import may have marked it.
    fn has_applied(&self, service: Service, event: &Event) -> bool {
        self.applied.contains(&(service, event.event_id)) && self.open_letter(service, event.event_id).is_none()
    }

    fn has_passed(&self, service: Service, event: &Event) -> bool {
        let Some(group) = service.group() else { return false };
        event.offset < NOT_PUBLISHED && self.commits.get(&(group, event.at)).is_some_and(|commit| commit.next_offset > event.offset)
    }
}
