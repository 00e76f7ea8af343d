use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;

use crate::domain::{Currency, Timestamp};
use crate::event::Topic;
use crate::ops::amount::{Totals, listed};
use crate::ops::span::millis_between;
use crate::ops::{Amount, OpsError, Reader, Report, Table, short_group, short_span};
use crate::store::{StoreError, Tx, cause_of};

use super::query::Condition;
use super::{LetterQuery, LetterState};

/// Dead letters that failed for the same reason.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// `c-…`, which follows from group, code and message.
    pub cause: String,
    /// The group that failed, by its short name.
    pub group: String,
    /// The topics that they were read from.
    pub origins: Vec<String>,
    /// A stable name.
    pub error_code: String,
    /// One of their messages.
    pub error_message: String,
    /// How many there are.
    pub count: i64,
    /// Events that wait behind them.
    pub held: i64,
    /// Those that a replay did not cure.
    pub failed_again: i64,
    /// Those that are being tried just now.
    pub replaying: i64,
    /// The money that they speak of, one sum a currency.
    pub money: Vec<Amount>,
    /// When the first failed first.
    pub first_at: Timestamp,
    /// When the last failed last.
    pub last_at: Timestamp,
    /// When the first record leaves its topic; `None` where the log keeps everything. The dead letter itself stays.
    pub expires_at: Option<Timestamp>,
    /// Whether the group took the failure for one that passes by itself.
    pub retryable: bool,
}

/// Dead letters by cause.
#[derive(Debug, Clone, Serialize)]
pub struct CauseList {
    /// When it was read.
    pub at: Timestamp,
    /// The most first.
    pub causes: Vec<Cause>,
    /// All their money, one sum a currency.
    pub money: Vec<Amount>,
}

/// The causes of what is meant, aggregated where the rows are.
pub async fn causes(reader: &Reader, query: &LetterQuery) -> Result<CauseList, OpsError> {
    let (wanted, is_permanent) = (query.clone(), reader.log.has_gaps());
    let (at, found) = reader
        .store
        .read(async move |tx: &mut Tx| {
            let condition = wanted.condition();
            let mut found = gathered(tx, &wanted, &condition).await?;
            if wanted.state == LetterState::Open {
                add_held(tx, &mut found).await?;
            }
            Ok::<_, StoreError>((tx.now(), found))
        })
        .await?;
    let mut all = Totals::default();
    let mut causes: Vec<Cause> = Vec::new();
    for (cause, sums) in found {
        causes.push(sums.into_cause(cause, is_permanent, &mut all));
    }
    causes.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.first_at.cmp(&other.first_at)));
    Ok(CauseList { at, causes, money: all.amounts() })
}

/// What one cause adds up to.
struct Sums {
    group: String,
    origins: BTreeMap<String, Timestamp>,
    code: String,
    message: String,
    count: i64,
    held: i64,
    failed_again: i64,
    replaying: i64,
    money: Vec<Amount>,
    first_at: Timestamp,
    last_at: Timestamp,
    retryable: bool,
}

impl Sums {
    fn into_cause(self, cause: String, is_permanent: bool, all: &mut Totals) -> Cause {
        let mut own = Totals::default();
        for amount in &self.money {
            own.add(*amount);
            all.add(*amount);
        }
        let end = |(topic, first): (&String, &Timestamp)| {
            let days = Topic::parse(topic)?.retention_days();
            first.checked_add_signed(TimeDelta::days(days.into()))
        };
        Cause {
            cause,
            group: short_group(&self.group).to_owned(),
            expires_at: self.origins.iter().filter_map(end).min().filter(|_| !is_permanent),
            origins: self.origins.into_keys().collect(),
            error_code: self.code,
            error_message: self.message,
            count: self.count,
            held: self.held,
            failed_again: self.failed_again,
            replaying: self.replaying,
            money: own.amounts(),
            first_at: self.first_at,
            last_at: self.last_at,
            retryable: self.retryable,
        }
    }
}

async fn gathered(tx: &mut Tx, query: &LetterQuery, condition: &Condition) -> Result<BTreeMap<String, Sums>, StoreError> {
    // What waits behind a failed one is counted there; what waits for something that never came has a cause of its own.
    let alone = if query.state == LetterState::Open {
        " AND (d.state <> 'blocked' OR NOT EXISTS (SELECT 1 FROM dlq AS f WHERE f.grp = d.grp AND f.hold_key = d.hold_key \
         AND f.state IN ('failed', 'replaying')))"
    } else {
        ""
    };
    let sql = format!(
        "SELECT d.cause, d.grp, d.topic, d.error_code, min(d.error_message), d.currency, count(*), sum(d.amount), max(d.retryable), \
         min(d.first_failed_at), max(d.last_failed_at), sum(CASE WHEN d.state = 'replaying' THEN 1 ELSE 0 END), \
         sum(CASE WHEN d.state = 'failed' AND d.id IN (SELECT h.dlq_id FROM dlq_history AS h WHERE h.action = 'replayed') THEN 1 ELSE 0 END) \
         FROM dlq AS d WHERE {}{alone} \
         GROUP BY d.cause, d.grp, d.topic, d.error_code, d.currency, CASE WHEN d.cause IS NULL THEN d.error_message END",
        condition.sql
    );
    let mut found: BTreeMap<String, Sums> = BTreeMap::new();
    for row in tx.query(&sql, &condition.params).await? {
        let (group, topic, code, message): (String, String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        let cause = row.get::<Option<String>>(0)?.unwrap_or_else(|| cause_of(&group, &code, &message));
        if !query.names_cause(&cause) {
            continue;
        }
        let (first_at, last_at): (Timestamp, Timestamp) = (row.get(9)?, row.get(10)?);
        let money = row.get::<Option<i64>>(7)?.zip(row.get::<Option<Currency>>(5)?);
        let sums = found.entry(cause).or_insert_with(|| Sums {
            group,
            origins: BTreeMap::new(),
            code,
            message,
            count: 0,
            held: 0,
            failed_again: 0,
            replaying: 0,
            money: Vec::new(),
            first_at,
            last_at,
            retryable: true,
        });
        let origin = sums.origins.entry(topic).or_insert(first_at);
        *origin = (*origin).min(first_at);
        sums.count += row.get::<i64>(6)?;
        sums.replaying += row.get::<i64>(11)?;
        sums.failed_again += row.get::<i64>(12)?;
        sums.money.extend(money.map(|(amount, currency)| Amount { amount, currency }));
        sums.first_at = sums.first_at.min(first_at);
        sums.last_at = sums.last_at.max(last_at);
        sums.retryable &= row.get::<bool>(8)?;
    }
    Ok(found)
}

/// Counts what waits at the cause of the oldest letter ahead of it.
async fn add_held(tx: &mut Tx, found: &mut BTreeMap<String, Sums>) -> Result<(), StoreError> {
    let sql = "SELECT f.cause, f.grp, f.error_code, min(f.error_message), count(*) FROM dlq AS b \
               JOIN (SELECT grp, hold_key, min(id) AS id FROM dlq WHERE state IN ('failed', 'replaying') AND hold_key IS NOT NULL \
               GROUP BY grp, hold_key) AS k ON k.grp = b.grp AND k.hold_key = b.hold_key JOIN dlq AS f ON f.id = k.id \
               WHERE b.state = 'blocked' GROUP BY f.cause, f.grp, f.error_code, CASE WHEN f.cause IS NULL THEN f.error_message END";
    for row in tx.query(sql, &[]).await? {
        let (group, code, message): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let cause = row.get::<Option<String>>(0)?.unwrap_or_else(|| cause_of(&group, &code, &message));
        if let Some(sums) = found.get_mut(&cause) {
            sums.held += row.get::<i64>(4)?;
        }
    }
    Ok(())
}

impl Report for CauseList {
    const LISTS: &'static [&'static str] = &["causes"];
    const NAMES: Option<&'static str> = Some("causes");

    fn tables(&self) -> Vec<Table> {
        let headers = [
            "CAUSE",
            "GROUP",
            "??ORIGIN",
            ">OPEN",
            "?>HELD",
            "?>FAILED-AGAIN",
            "MONEY",
            "??>FIRST",
            ">LAST",
            "??>EXPIRES",
            "?RETRYABLE",
            "ERROR",
        ];
        let mut table = Table::new(&headers);
        let age = |at: Timestamp| short_span(millis_between(at, self.at));
        for cause in &self.causes {
            table.push([
                cause.cause.clone(),
                cause.group.clone(),
                cause.origins.join(", "),
                cause.count.to_string(),
                cause.held.to_string(),
                cause.failed_again.to_string(),
                listed(&cause.money),
                age(cause.first_at),
                age(cause.last_at),
                cause.expires_at.map_or_else(|| "never".to_owned(), |at| short_span(millis_between(self.at, at))),
                if cause.retryable { "yes" } else { "after fix" }.to_owned(),
                format!("{}: {}", cause.error_code, cause.error_message),
            ]);
        }
        table.notes.push(match self.causes.first() {
            None => "no dead letters of this kind".to_owned(),
            Some(first) => format!("{} in all; payctl dlq show {} tells what a replay would do", listed(&self.money), first.cause),
        });
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.causes.iter().map(|cause| cause.cause.clone()).collect()
    }
}
