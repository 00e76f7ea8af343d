use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::config::Ambient;
use crate::domain::MerchantId;
use crate::event::Event;
use crate::services::accounting::{PostedLeg, Posting, posting_of};
use crate::store::{Row, Set, StoreError, Tx, Type, Value};

use super::difference::{Differences, shown};

const PAGE: i64 = 2000;

const TRANSACTIONS: Set = Set {
    sql: "SELECT t.source_event_id, t.transaction_id, t.merchant_id, t.currency, t.related_id FROM {rows} AS r \
          JOIN transactions AS t ON t.source_event_id = r.event_id",
    columns: &[("event_id", Type::Uuid)],
};
const TRANSFERS: Set = Set {
    sql: "SELECT t.source_event_id, t.leg, t.debit, t.credit, t.amount, t.currency FROM {rows} AS r \
          JOIN transfers AS t ON t.source_event_id = r.event_id",
    columns: &[("event_id", Type::Uuid)],
};

/// The books as events make them: transfers are compared as the events go by, balances at the end.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// Debits and credits by account and currency.
    balances: BTreeMap<(String, String), (i128, i128)>,
    /// Transfers that some event explains.
    explained: u64,
}

impl Books {
    /// Books these events beside the tables and compares what the tables have of them.
    pub(super) async fn add(
        &mut self,
        tx: &mut Tx,
        events: &[&Event],
        ambient: &Ambient,
        found: &mut Differences,
    ) -> Result<(), StoreError> {
        let mut postings: Vec<(&Event, Posting)> = Vec::new();
        for event in events {
            found.events += 1;
            match posting_of(event, ambient) {
                Ok(Some(posting)) => postings.push((event, posting)),
                Ok(None) => {}
                Err(error) => found.push(&event.event_id.to_string(), "row", Some(format!("the books refuse it: {error}")), None),
            }
        }
        if postings.is_empty() {
            return Ok(());
        }
        let rows: Vec<Vec<Value<'_>>> = postings.iter().map(|(event, _)| vec![event.event_id.into()]).collect();
        let mut transactions: HashMap<Uuid, Row> = HashMap::new();
        for row in tx.query_set(&TRANSACTIONS, &rows).await? {
            transactions.insert(row.get(0)?, row);
        }
        let mut transfers: HashMap<Uuid, Vec<Row>> = HashMap::new();
        for row in tx.query_set(&TRANSFERS, &rows).await? {
            transfers.entry(row.get(0)?).or_default().push(row);
        }
        for (event, posting) in &postings {
            let legs = transfers.remove(&event.event_id).unwrap_or_default();
            self.judge(event, posting, transactions.get(&event.event_id), &legs, found)?;
        }
        Ok(())
    }

    fn judge(
        &mut self,
        event: &Event,
        posting: &Posting,
        booked: Option<&Row>,
        legs: &[Row],
        found: &mut Differences,
    ) -> Result<(), StoreError> {
        found.rows += 1;
        let currency = posting.currency.to_string();
        for leg in &posting.legs {
            let amount = i128::from(leg.amount);
            self.balances.entry((leg.debit.clone(), currency.clone())).or_default().0 += amount;
            self.balances.entry((leg.credit.clone(), currency.clone())).or_default().1 += amount;
        }
        let Some(booked) = booked else {
            found.push(&posting.related_id, "row", Some(format!("a transaction for {} {}", event.kind, event.event_id)), None);
            return Ok(());
        };
        let transaction: String = booked.get(1)?;
        let fields = [
            ("merchant_id", posting.merchant.to_string(), shown(booked.get::<Option<MerchantId>>(2)?)),
            ("currency", currency.clone(), booked.get(3)?),
            ("related_id", posting.related_id.clone(), booked.get(4)?),
        ];
        found.compare(&transaction, fields);
        let mut live: HashMap<String, &Row> = legs.iter().map(|row| Ok((row.get(1)?, row))).collect::<Result<_, StoreError>>()?;
        for leg in &posting.legs {
            let row = live.remove(leg.leg);
            self.explained += u64::from(row.is_some());
            compare_leg(&transaction, leg, &currency, row, found)?;
        }
        for leg in live.into_keys() {
            self.explained += 1;
            found.push(&transaction, "leg", None, Some(leg));
        }
        Ok(())
    }

    /// What is in the books and follows from no event, and the balances of all accounts.
    pub(super) async fn close(self, tx: &mut Tx, found: &mut Differences) -> Result<(), StoreError> {
        let counted = tx.query_one("SELECT count(*) FROM transfers", &[]).await?;
        let transfers = counted.map_or(Ok(0), |row| row.get::<i64>(0))?;
        if u64::try_from(transfers).unwrap_or(0) != self.explained {
            unexplained(tx, found).await?;
        }
        let mut expected = self.balances;
        for row in tx.query("SELECT account, currency, debits_posted, credits_posted FROM accounts ORDER BY account, currency", &[]).await?
        {
            let (account, currency): (String, String) = (row.get(0)?, row.get(1)?);
            let (debits, credits) = expected.remove(&(account.clone(), currency.clone())).unwrap_or_default();
            found.rows += 1;
            let name = format!("{account}/{currency}");
            let fields = [
                ("debits_posted", debits.to_string(), row.get::<i64>(2)?.to_string()),
                ("credits_posted", credits.to_string(), row.get::<i64>(3)?.to_string()),
            ];
            found.compare(&name, fields);
        }
        for ((account, currency), (debits, credits)) in expected {
            found.push(&format!("{account}/{currency}"), "row", Some(format!("debits {debits}, credits {credits}")), None);
        }
        Ok(())
    }
}

fn compare_leg(transaction: &str, leg: &PostedLeg, currency: &str, row: Option<&Row>, found: &mut Differences) -> Result<(), StoreError> {
    let said = || format!("{}: debit {} credit {} {} {currency}", leg.leg, leg.debit, leg.credit, leg.amount);
    let Some(row) = row else {
        found.push(transaction, "leg", Some(said()), None);
        return Ok(());
    };
    let (debit, credit, amount, live): (String, String, i64, String) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
    found.compare(transaction, [("leg", said(), format!("{}: debit {debit} credit {credit} {amount} {live}", leg.leg))]);
    Ok(())
}

/// Names the transfers whose source is no event that accounting has applied.
async fn unexplained(tx: &mut Tx, found: &mut Differences) -> Result<(), StoreError> {
    let mut after = 0_i64;
    loop {
        let rows = tx
            .query(
                "SELECT t.id, t.transaction_id, t.leg, t.amount, t.currency, t.source_event_id FROM transfers t WHERE t.id > $1 AND \
                 (NOT EXISTS (SELECT 1 FROM events e JOIN applied_version a ON a.grp = 'payctl.accounting' AND a.aggregate_id = e.aggregate_id \
                  AND a.version >= e.aggregate_version WHERE e.event_id = t.source_event_id) \
                  OR EXISTS (SELECT 1 FROM dlq d WHERE d.grp = 'payctl.accounting' AND d.event_id = t.source_event_id AND d.state <> 'resolved')) \
                 ORDER BY t.id LIMIT $2",
                &[after.into(), PAGE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.get(0)?;
        for row in &rows {
            let (leg, amount, currency): (String, i64, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let said = format!("{leg} {amount} {currency} for {}, which no applied event explains", row.get::<Uuid>(5)?);
            found.push(&row.get::<String>(1)?, "leg", None, Some(said));
        }
    }
}
