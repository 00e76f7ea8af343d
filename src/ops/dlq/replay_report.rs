use serde::Serialize;

use crate::domain::{Currency, Timestamp};
use crate::ops::amount::{Totals, listed};
use crate::ops::{Amount, Report, Table, short_group};
use crate::store::{Noted, Outcome, PlanState, Row, StoreError, Tx, Verdict};

use super::{LetterId, judge};

/// Entries that a report names one by one.
const NAMED: usize = 20;

/// How an execution ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It is not known to, or has not begun.
    Open,
    /// Everything was sent.
    Finished,
    /// Failures ended it.
    Stopped,
    /// The operator ended it.
    Interrupted,
}

/// A plan, and what has become of it.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayReport {
    /// `rp-…`
    pub plan_id: String,
    /// What was asked for.
    pub selector: String,
    /// The one group that sees it, by its short name.
    pub group: String,
    /// How far it has come: planned, running, stopped, done.
    pub state: PlanState,
    /// How many are sent first.
    pub canary: i64,
    /// How many are sent a second at most.
    pub rate: i64,
    /// Failures among those sent, in percent, from which on nothing more is sent.
    pub stop_on_fail: i64,
    /// Who made it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Why it stopped.
    pub note: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the plan found.
    pub verdicts: Vec<Tally>,
    /// What became of what was sent.
    pub outcomes: Vec<Tally>,
    /// How many can be sent.
    pub sendable: i64,
    /// How many were sent.
    pub sent: i64,
    /// How many of those nobody knows about yet.
    pub in_flight: i64,
    /// Events that wait behind entries of the plan.
    pub held_behind: i64,
    /// Whether more is meant than a plan may hold.
    pub is_cut: bool,
    /// How the execution ended, in the process that executed it.
    pub ended: Ended,
    /// The entries that need somebody's attention, the first of them.
    pub attention: Vec<EntryOutcome>,
    #[serde(skip)]
    pub(super) positions: Vec<i64>,
}

/// How many have one fate, and their money.
#[derive(Debug, Clone, Serialize)]
pub struct Tally {
    /// The verdict or the outcome.
    pub name: &'static str,
    /// How many.
    pub count: i64,
    /// What they speak of, one sum a currency.
    pub money: Vec<Amount>,
}

/// What became of one entry.
#[derive(Debug, Clone, Serialize)]
pub struct EntryOutcome {
    /// Which dead letter.
    pub id: LetterId,
    /// What became of it.
    pub outcome: Outcome,
    /// By what that is known.
    pub detail: String,
}

struct Line {
    position: i64,
    id: LetterId,
    verdict: Verdict,
    is_sent: bool,
    outcome: Option<Outcome>,
    detail: String,
    money: Option<Amount>,
}

impl Line {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let money = row.get::<Option<i64>>(5)?.zip(row.get::<Option<Currency>>(6)?);
        let group: String = row.get(7)?;
        let verdict = Verdict::parse(&row.get::<String>(1)?).ok_or(StoreError::Column(1))?;
        Ok(Self {
            position: row.get(0)?,
            verdict,
            is_sent: row.get::<Option<Timestamp>>(2)?.is_some(),
            outcome: row.get::<Option<String>>(3)?.and_then(|text| Outcome::parse(&text)),
            detail: row.get::<Option<String>>(4)?.unwrap_or_default(),
            money: money.map(|(amount, currency)| Amount { amount, currency }),
            id: LetterId { group: short_group(&group).to_owned(), topic: row.get(8)?, partition: row.get(9)?, offset: row.get(10)? },
        })
    }

    const fn is_sendable(&self) -> bool {
        matches!(self.verdict, Verdict::Ready | Verdict::Applied | Verdict::Superseded)
    }
}

/// The plan of this id, on one snapshot; what was sent and not noted is judged anew.
pub(super) async fn read(tx: &mut Tx, plan_id: &str) -> Result<Option<ReplayReport>, StoreError> {
    let head =
        "SELECT selector, grp, state, canary, rate, stop_on_fail, actor, reason, note, created_at FROM replay_plans WHERE plan_id = $1";
    let Some(head) = tx.query_one(head, &[plan_id.into()]).await? else { return Ok(None) };
    let lines = "SELECT e.position, e.verdict, e.sent_at, e.outcome, e.detail, d.amount, d.currency, d.grp, d.topic, d.partition, d.log_offset \
                 FROM replay_entries AS e JOIN dlq AS d ON d.id = e.dlq_id WHERE e.plan_id = $1 ORDER BY e.position";
    let lines: Result<Vec<Line>, StoreError> = tx.query(lines, &[plan_id.into()]).await?.iter().map(Line::from_row).collect();
    let mut lines = lines?;
    let sent = judge::in_flight(tx, plan_id).await?;
    for Noted { position, outcome, detail } in judge::judged(tx, &sent).await? {
        if let Some(line) = at(&mut lines, position) {
            (line.outcome, line.detail) = (Some(outcome), detail);
        }
    }
    for one in sent {
        if let Some(line) = at(&mut lines, one.position).filter(|line| line.outcome.is_none()) {
            line.detail = format!("it is {} after {} attempts", one.entry.state, one.entry.attempts);
        }
    }
    let group: String = head.get(1)?;
    let waiting = "SELECT count(*) FROM dlq AS b WHERE b.grp = $1 AND b.state = 'blocked' AND b.hold_key IN \
                (SELECT d.hold_key FROM replay_entries AS e JOIN dlq AS d ON d.id = e.dlq_id WHERE e.plan_id = $2 AND d.state <> 'blocked')";
    let waiting = tx.query_one(waiting, &[(&group).into(), plan_id.into()]).await?.map(|row| row.get(0)).transpose()?.unwrap_or(0);
    let mut report = ReplayReport {
        plan_id: plan_id.to_owned(),
        selector: head.get(0)?,
        group: short_group(&group).to_owned(),
        state: PlanState::parse(&head.get::<String>(2)?).ok_or(StoreError::Column(2))?,
        canary: head.get(3)?,
        rate: head.get(4)?,
        stop_on_fail: head.get(5)?,
        actor: head.get(6)?,
        reason: head.get(7)?,
        note: head.get(8)?,
        created_at: head.get(9)?,
        verdicts: Vec::new(),
        outcomes: Vec::new(),
        sendable: 0,
        sent: 0,
        in_flight: 0,
        held_behind: waiting,
        is_cut: false,
        ended: Ended::Open,
        attention: Vec::new(),
        positions: Vec::new(),
    };
    report.add_up(&lines);
    Ok(Some(report))
}

/// The line at this position; they are in order.
fn at(lines: &mut [Line], position: i64) -> Option<&mut Line> {
    let found = lines.binary_search_by_key(&position, |line| line.position).ok()?;
    lines.get_mut(found)
}

impl ReplayReport {
    fn add_up(&mut self, lines: &[Line]) {
        let count = |wanted: &dyn Fn(&Line) -> bool| i64::try_from(lines.iter().filter(|line| wanted(line)).count()).unwrap_or(i64::MAX);
        self.sendable = count(&|line| line.is_sendable());
        self.sent = count(&|line| line.is_sent);
        self.in_flight = count(&|line| line.is_sent && line.outcome.is_none());
        self.positions = lines.iter().filter(|l| l.is_sendable() && !l.is_sent && l.outcome.is_none()).map(|line| line.position).collect();
        for verdict in [Verdict::Ready, Verdict::Applied, Verdict::Superseded, Verdict::Undecodable, Verdict::Held, Verdict::Capped] {
            self.verdicts.extend(tally(verdict.as_str(), lines, |line| line.verdict == verdict));
        }
        let fate = |line: &Line| line.outcome.or(line.is_sent.then_some(Outcome::Unconfirmed));
        for outcome in
            [Outcome::Verified, Outcome::AlreadyApplied, Outcome::Superseded, Outcome::FailedAgain, Outcome::Unconfirmed, Outcome::NotSent]
        {
            self.outcomes.extend(tally(outcome.as_str(), lines, |line| fate(line) == Some(outcome)));
        }
        let needs = |line: &&Line| matches!(fate(line), Some(Outcome::FailedAgain | Outcome::Unconfirmed));
        let named = lines
            .iter()
            .filter(needs)
            .take(NAMED)
            .filter_map(|line| Some(EntryOutcome { id: line.id.clone(), outcome: fate(line)?, detail: line.detail.clone() }));
        self.attention = named.collect();
    }

    /// The entries that can be sent and were not, in their order.
    pub(super) fn unsent(&self) -> Vec<i64> {
        self.positions.clone()
    }

    /// How many have this outcome.
    pub fn count(&self, outcome: Outcome) -> i64 {
        self.outcomes.iter().find(|tally| tally.name == outcome.as_str()).map_or(0, |tally| tally.count)
    }

    /// Whether everything that could be sent has its effect.
    pub fn is_complete(&self) -> bool {
        self.positions.is_empty() && self.count(Outcome::FailedAgain) == 0 && self.in_flight == 0
    }

    fn plan_table(&self) -> Table {
        let mut table = Table::new(&["VERDICT", ">ENTRIES", "MONEY", "THEN"]);
        let total: i64 = self.verdicts.iter().map(|tally| tally.count).sum();
        let money = listed(&money_of(&self.verdicts));
        table.title = format!("PLAN {}  {}  {total} entries  {money}  target {} only", self.plan_id, self.selector, self.group);
        for tally in &self.verdicts {
            let then = match Verdict::parse(tally.name) {
                Some(Verdict::Ready) => "sent",
                Some(Verdict::Applied) => "sent: no second effect, closes it",
                Some(Verdict::Superseded) => "sent: no effect any more, closes it",
                Some(Verdict::Undecodable) => "skipped: this version cannot read it",
                Some(Verdict::Held) => "skipped: follows when what is ahead of it has succeeded",
                _ => "skipped: replayed three times or more; name it by its id",
            };
            table.push([tally.name.to_owned(), tally.count.to_string(), listed(&tally.money), then.to_owned()]);
        }
        let canary =
            if self.canary > 0 { format!("canary {}, then a pause until it is VERIFIED", self.canary) } else { "no canary".to_owned() };
        let seconds = self.sendable.saturating_sub(1) / self.rate.max(1) + 1;
        table.notes.push(format!(
            "oldest first per key · {}/s, about {seconds} s · {canary} · stops above {} % failures",
            self.rate, self.stop_on_fail
        ));
        if self.held_behind > 0 {
            table.notes.push(format!("{} events are held behind them and follow by themselves", self.held_behind));
        }
        if self.is_cut {
            table.notes.push("there are more of them than --max lets into one plan".to_owned());
        }
        table
    }

    fn result_table(&self) -> Table {
        let mut table = Table::new(&["OUTCOME", ">ENTRIES", "MONEY"]);
        table.title = format!("RESULT {}  sent {}/{}  {}", self.plan_id, self.sent, self.sendable, self.state.as_str());
        for tally in &self.outcomes {
            table.push([tally.name.to_owned(), tally.count.to_string(), listed(&tally.money)]);
        }
        table.notes.extend(self.note.clone());
        if self.sent < self.sendable {
            table.notes.push(format!("{} were not sent", self.positions.len()));
        }
        if self.in_flight > 0 {
            table.notes.push(format!("{} are in flight: payctl dlq status {} looks again", self.in_flight, self.plan_id));
        }
        table
    }
}

fn money_of(tallies: &[Tally]) -> Vec<Amount> {
    let mut totals = Totals::default();
    tallies.iter().flat_map(|tally| &tally.money).for_each(|amount| totals.add(*amount));
    totals.amounts()
}

fn tally(name: &'static str, lines: &[Line], wanted: impl Fn(&Line) -> bool) -> Option<Tally> {
    let mut totals = Totals::default();
    let mut count = 0;
    for line in lines.iter().filter(|line| wanted(line)) {
        count += 1;
        line.money.into_iter().for_each(|money| totals.add(money));
    }
    (count > 0).then(|| Tally { name, count, money: totals.amounts() })
}

impl Report for ReplayReport {
    const NAMES: Option<&'static str> = Some("plans");

    fn tables(&self) -> Vec<Table> {
        if self.state == PlanState::Planned {
            return vec![self.plan_table()];
        }
        let mut tables = vec![self.result_table()];
        if !self.attention.is_empty() {
            let mut table = Table::new(&["ID", "OUTCOME", "DETAIL"]);
            for one in &self.attention {
                table.push([one.id.to_string(), one.outcome.as_str().to_owned(), one.detail.clone()]);
            }
            tables.push(table);
        }
        tables
    }

    fn names(&self) -> Vec<String> {
        vec![self.plan_id.clone()]
    }
}
