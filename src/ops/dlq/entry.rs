use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::domain::{Currency, Timestamp};
use crate::ops::span::millis_between;
use crate::ops::{Amount, OpsError, Reader, Report, Table, short_group, short_span};
use crate::store::{Row, Set, StoreError, Tx, Type, Value, cause_of};

use super::{LetterId, LetterQuery};

macro_rules! columns {
    () => {
        "d.id, d.grp, d.topic, d.partition, d.log_offset, d.event_id, d.event_type, d.aggregate_id, d.hold_key, d.version, d.state, \
         d.attempts, d.error_code, d.error_message, d.retryable, d.cause, d.payment_no, d.amount, d.currency, d.first_failed_at, \
         d.last_failed_at, d.reason, d.disposed_by, d.disposed_at"
    };
}

const COLUMNS: &str = columns!();

const BY_NUMBER: Set =
    Set { sql: concat!("SELECT ", columns!(), " FROM {rows} AS r JOIN dlq AS d ON d.id = r.id"), columns: &[("id", Type::Int)] };

const HELD: Set = Set {
    sql: "SELECT b.id FROM {rows} AS r JOIN dlq AS d ON d.id = r.id JOIN dlq AS b ON b.grp = d.grp AND b.hold_key = d.hold_key \
          WHERE b.state = 'blocked'",
    columns: &[("id", Type::Int)],
};

/// One dead letter without its bytes.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// `dlq:…`
    pub id: LetterId,
    /// Its number in the table of dead letters.
    #[serde(skip)]
    pub number: i64,
    /// The group's full name.
    #[serde(skip)]
    pub group: String,
    /// `c-…`
    pub cause: String,
    /// failed, blocked, replaying, resolved or discarded.
    pub state: String,
    /// Unknown where the record could not be read at all.
    pub event_id: Option<uuid::Uuid>,
    /// `payment.success` and the like.
    pub event_type: Option<String>,
    /// The aggregate it happened to.
    pub aggregate_id: Option<String>,
    /// Under what later events are held.
    pub hold_key: Option<String>,
    /// The aggregate's version.
    pub version: Option<i64>,
    /// The payment that it speaks of.
    pub payment_no: Option<String>,
    /// The money that it speaks of.
    pub money: Option<Amount>,
    /// How often it was tried.
    pub attempts: i64,
    /// A stable name.
    pub error_code: String,
    /// What is wrong.
    pub error_message: String,
    /// Whether the group took the failure for one that passes by itself.
    pub retryable: bool,
    /// When it failed first.
    pub first_failed_at: Timestamp,
    /// When it failed last; of what is resolved: when that was.
    pub last_failed_at: Timestamp,
    /// Why it was discarded.
    pub reason: Option<String>,
    /// Who discarded it.
    pub disposed_by: Option<String>,
    /// When it was discarded.
    pub disposed_at: Option<Timestamp>,
}

/// Dead letters, oldest first.
#[derive(Debug, Clone, Serialize)]
pub struct EntryList {
    /// When it was read.
    pub at: Timestamp,
    /// At most as many as were asked for.
    pub entries: Vec<Entry>,
    /// How many there are.
    pub total: i64,
}

impl Entry {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let group: String = row.get(1)?;
        let id = LetterId { group: short_group(&group).to_owned(), topic: row.get(2)?, partition: row.get(3)?, offset: row.get(4)? };
        let (code, message): (String, String) = (row.get(12)?, row.get(13)?);
        let money = row.get::<Option<i64>>(17)?.zip(row.get::<Option<Currency>>(18)?);
        let aggregate_id: Option<String> = row.get(7)?;
        let is_payment = |id: &String| crate::domain::NumberKind::Payment.matches(id);
        Ok(Self {
            id,
            number: row.get(0)?,
            cause: row.get::<Option<String>>(15)?.unwrap_or_else(|| cause_of(&group, &code, &message)),
            group,
            state: row.get(10)?,
            event_id: row.get(5)?,
            event_type: row.get(6)?,
            payment_no: row.get::<Option<String>>(16)?.or_else(|| aggregate_id.clone().filter(is_payment)),
            aggregate_id,
            hold_key: row.get(8)?,
            version: row.get(9)?,
            money: money.map(|(amount, currency)| Amount { amount, currency }),
            attempts: row.get(11)?,
            error_code: code,
            error_message: message,
            retryable: row.get(14)?,
            first_failed_at: row.get(19)?,
            last_failed_at: row.get(20)?,
            reason: row.get(21)?,
            disposed_by: row.get(22)?,
            disposed_at: row.get(23)?,
        })
    }
}

/// What is meant, oldest first, at most `limit`.
pub async fn entries(reader: &Reader, query: &LetterQuery, limit: i64) -> Result<EntryList, OpsError> {
    let wanted = query.clone();
    let reading = async move |tx: &mut Tx| {
        let total = counted(tx, &wanted).await?;
        Ok::<_, StoreError>(EntryList { at: tx.now(), entries: select(tx, &wanted, limit).await?, total })
    };
    Ok(reader.store.read(reading).await?)
}

/// Reads on where rows without a cause, of an earlier version, turn out to be of another one than is meant.
pub(super) async fn select(tx: &mut Tx, query: &LetterQuery, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let most = usize::try_from(limit).unwrap_or(0);
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let mut condition = query.condition();
        let [after_place, limit_place] = [after, limit].map(|number: i64| condition.place(number));
        let sql =
            format!("SELECT {COLUMNS} FROM dlq AS d WHERE {} AND d.id > {after_place} ORDER BY d.id LIMIT {limit_place}", condition.sql);
        let page: Result<Vec<Entry>, StoreError> = tx.query(&sql, &condition.params).await?.iter().map(Entry::from_row).collect();
        let page = page?;
        let (is_last, last) = (page.len() < most, page.last().map(|entry| entry.number));
        found.extend(page.into_iter().filter(|entry| query.names_cause(&entry.cause) || names_it(query, &entry.id)));
        let Some(last) = last.filter(|_| !is_last && found.len() < most) else { break };
        after = last;
    }
    found.truncate(most);
    Ok(found)
}

/// How many are meant; what an earlier version parked without its cause is counted one by one.
async fn counted(tx: &mut Tx, query: &LetterQuery) -> Result<i64, StoreError> {
    let condition = query.condition();
    let sql = format!(
        "SELECT d.cause, d.grp, d.error_code, d.error_message, d.topic, d.partition, d.log_offset FROM dlq AS d WHERE {} AND d.cause IS NULL",
        condition.sql
    );
    let mut count: i64 = 0;
    for row in tx.query(&sql, &condition.params).await? {
        let group: String = row.get(1)?;
        let id = LetterId { group: short_group(&group).to_owned(), topic: row.get(4)?, partition: row.get(5)?, offset: row.get(6)? };
        let cause = cause_of(&group, &row.get::<String>(2)?, &row.get::<String>(3)?);
        count += i64::from(query.names_cause(&cause) || names_it(query, &id));
    }
    let sql = format!("SELECT count(*) FROM dlq AS d WHERE {} AND d.cause IS NOT NULL", condition.sql);
    let known = tx.query_one(&sql, &condition.params).await?;
    Ok(count + known.map(|row| row.get::<i64>(0)).transpose()?.unwrap_or(0))
}

fn names_it(query: &LetterQuery, id: &LetterId) -> bool {
    query.selectors.iter().any(|selector| matches!(selector, super::Selector::Letter(named) if named == id))
}

/// The letters of these numbers, by number.
pub(super) async fn by_number(tx: &mut Tx, numbers: &[i64]) -> Result<HashMap<i64, Entry>, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = numbers.iter().map(|number| vec![(*number).into()]).collect();
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let found = tx.query_set(&BY_NUMBER, &rows).await?;
    found.iter().map(|row| Entry::from_row(row).map(|entry| (entry.number, entry))).collect()
}

/// The events of the same key that wait behind this one.
pub(super) async fn held_behind(tx: &mut Tx, entry: &Entry, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let Some(key) = &entry.hold_key else { return Ok(Vec::new()) };
    let sql = format!("SELECT {COLUMNS} FROM dlq AS d WHERE d.grp = $1 AND d.hold_key = $2 AND d.state = 'blocked' ORDER BY d.id LIMIT $3");
    let params: [Value<'_>; 3] = [(&entry.group).into(), key.into(), limit.into()];
    tx.query(&sql, &params).await?.iter().map(Entry::from_row).collect()
}

/// How many events wait behind any of these, which are of one group.
pub(super) async fn held_behind_all(tx: &mut Tx, numbers: &[i64]) -> Result<i64, StoreError> {
    let rows: Vec<Vec<Value<'_>>> = numbers.iter().map(|number| vec![(*number).into()]).collect();
    if rows.is_empty() {
        return Ok(0);
    }
    let found: Result<HashSet<i64>, StoreError> = tx.query_set(&HELD, &rows).await?.iter().map(|row| row.get(0)).collect();
    Ok(i64::try_from(found?.len()).unwrap_or(i64::MAX))
}

impl Report for EntryList {
    const LISTS: &'static [&'static str] = &["entries"];
    const NAMES: Option<&'static str> = Some("ids of dead letters");

    fn tables(&self) -> Vec<Table> {
        let mut table =
            Table::new(&["ID", "STATE", "?PAYMENT", "??TYPE", ">AMOUNT", "??>ATTEMPTS", "?CAUSE", "??>FIRST", "?>LAST", "ERROR"]);
        let age = |at: Timestamp| short_span(millis_between(at, self.at));
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        for entry in &self.entries {
            table.push([
                entry.id.to_string(),
                entry.state.clone(),
                or_dash(&entry.payment_no),
                or_dash(&entry.event_type),
                entry.money.map_or_else(|| "-".to_owned(), |money| money.to_string()),
                entry.attempts.to_string(),
                entry.cause.clone(),
                age(entry.first_failed_at),
                age(entry.last_failed_at),
                entry.reason.as_ref().map_or_else(
                    || format!("{}: {}", entry.error_code, entry.error_message),
                    |reason| format!("discarded by {}: {reason}", entry.disposed_by.as_deref().unwrap_or("somebody")),
                ),
            ]);
        }
        table.notes.push(format!("{} shown of {}", self.entries.len(), self.total));
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.id.to_string()).collect()
    }
}
