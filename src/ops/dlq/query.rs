use crate::domain::Timestamp;
use crate::services::Service;
use crate::store::Value;

use super::Selector;

/// Where a dead letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LetterState {
    /// Somebody has to do something about it: failed, held or being replayed.
    #[default]
    Open,
    /// It failed itself.
    Failed,
    /// It waits behind one that failed.
    Held,
    /// The group is asked to try it.
    Replaying,
    /// It took effect after all.
    Resolved,
    /// It was given up.
    Discarded,
    /// Whatever it is.
    All,
}

impl LetterState {
    /// Every state, as an operator may ask for it.
    pub const ALL: [Self; 7] = [Self::Open, Self::Failed, Self::Held, Self::Replaying, Self::Resolved, Self::Discarded, Self::All];

    /// As it is typed and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Replaying => "replaying",
            Self::Resolved => "resolved",
            Self::Discarded => "discarded",
            Self::All => "all",
        }
    }

    const fn condition(self) -> Option<&'static str> {
        Some(match self {
            Self::Open => "d.state IN ('failed', 'blocked', 'replaying')",
            Self::Failed => "d.state = 'failed'",
            Self::Held => "d.state = 'blocked'",
            Self::Replaying => "d.state = 'replaying'",
            Self::Resolved => "d.state = 'resolved'",
            Self::Discarded => "d.state = 'discarded'",
            Self::All => return None,
        })
    }
}

/// Which dead letters are meant.
#[derive(Debug, Clone, Default)]
pub struct LetterQuery {
    /// Any of these; empty means whatever else is asked for.
    pub selectors: Vec<Selector>,
    /// Only of this group.
    pub group: Option<Service>,
    /// Only in this state.
    pub state: LetterState,
    /// Only of this payment.
    pub payment: Option<String>,
    /// Only those that failed last at this time or later.
    pub since: Option<Timestamp>,
}

/// A condition on `dlq AS d`, with what its numbered places stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    pub(super) sql: String,
    pub(super) params: Vec<Value<'static>>,
}

impl Condition {
    fn and(&mut self, sql: &str) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(sql);
    }

    /// Keeps a value and gives the place that stands for it.
    pub(super) fn place(&mut self, value: impl Into<Value<'static>>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }
}

impl LetterQuery {
    /// Whether anything narrows it down.
    pub const fn is_narrow(&self) -> bool {
        !self.selectors.is_empty() || self.group.is_some() || self.payment.is_some()
    }

    /// In words, as it was asked for.
    pub fn words(&self) -> String {
        let mut words: Vec<String> = self.selectors.iter().map(ToString::to_string).collect();
        words.extend(self.group.map(|group| format!("group {}", group.name())));
        words.extend(self.payment.as_ref().map(|payment| format!("payment {payment}")));
        words.join(", ")
    }

    pub(super) fn condition(&self) -> Condition {
        let mut condition = Condition::default();
        condition.and(self.state.condition().unwrap_or("1 = 1"));
        if let Some(group) = self.group.and_then(Service::group) {
            let place = condition.place(group);
            condition.and(&format!("d.grp = {place}"));
        }
        if let Some(payment) = &self.payment {
            let place = condition.place(payment.clone());
            condition.and(&format!("(d.payment_no = {place} OR d.hold_key = {place} OR d.aggregate_id = {place})"));
        }
        if let Some(since) = self.since {
            let place = condition.place(since);
            condition.and(&format!("d.last_failed_at >= {place}"));
        }
        if !self.selectors.is_empty() {
            let named: Vec<String> = self.selectors.iter().map(|selector| named(selector, &mut condition)).collect();
            condition.and(&format!("({})", named.join(" OR ")));
        }
        condition
    }

    /// Whether a letter of this cause is meant; parked by an earlier version it has none in its row.
    pub(super) fn names_cause(&self, cause: &str) -> bool {
        let causes = || self.selectors.iter().filter_map(|selector| if let Selector::Cause(cause) = selector { Some(cause) } else { None });
        causes().next().is_none() || causes().any(|named| named == cause)
    }
}

fn named(selector: &Selector, condition: &mut Condition) -> String {
    match selector {
        Selector::Cause(cause) => {
            let place = condition.place(cause.clone());
            format!("d.cause = {place} OR d.cause IS NULL")
        }
        Selector::Letter(id) => {
            let group = Service::of_group(&id.group).and_then(Service::group).unwrap_or_default();
            let [group, topic] = [group, id.topic.clone()].map(|text| condition.place(text));
            let [partition, offset] = [id.partition, id.offset].map(|number| condition.place(number));
            format!("(d.grp = {group} AND d.topic = {topic} AND d.partition = {partition} AND d.log_offset = {offset})")
        }
    }
}
