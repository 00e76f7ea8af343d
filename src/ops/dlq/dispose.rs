use serde::Serialize;

use crate::ops::amount::{Totals, listed};
use crate::ops::{Amount, OpsError, Reader, Report, Table};
use crate::services::Service;
use crate::store::{DeskAnswer, DeskOrder, StoreError, Tx};

use super::plan::LARGEST_PLAN;
use super::{Desk, Entry, LetterId, LetterQuery, LetterState, entry};

/// What is to become of dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposal {
    /// They are given up.
    Discard,
    /// A discard is taken back.
    Restore,
}

/// What is, or was, decided about dead letters.
#[derive(Debug, Clone, Serialize)]
pub struct Disposed {
    /// What is to become of them.
    pub disposal: Disposal,
    /// Those that are meant.
    pub entries: Vec<Entry>,
    /// Their money, one sum a currency.
    pub money: Vec<Amount>,
    /// Events that wait behind them.
    pub held_behind: i64,
    /// How many were changed; `None` for a plan.
    pub changed: Option<usize>,
    /// Those that were left alone, and why.
    pub refused: Vec<Refused>,
    #[serde(skip)]
    is_ordered: bool,
}

/// A letter that was left alone.
#[derive(Debug, Clone, Serialize)]
pub struct Refused {
    /// Which.
    pub id: LetterId,
    /// Why.
    pub reason: String,
}

/// What is meant, and what its disposal would mean; changes nothing.
pub async fn disposable(reader: &Reader, query: &LetterQuery, disposal: Disposal) -> Result<Disposed, OpsError> {
    if !query.is_narrow() {
        return Err(OpsError::Usage("say which dead letters: a cause (c-…), an id (dlq:…), --payment or --group".to_owned()));
    }
    let state = match disposal {
        Disposal::Discard => LetterState::Failed,
        Disposal::Restore => LetterState::Discarded,
    };
    let wanted = LetterQuery { state, ..query.clone() };
    let reading = async move |tx: &mut Tx| {
        let entries = entry::select(tx, &wanted, LARGEST_PLAN).await?;
        let mut held = 0;
        for group in Service::ALL.iter().filter_map(|service| service.group()) {
            let numbers: Vec<i64> = entries.iter().filter(|entry| entry.group == group).map(|entry| entry.number).collect();
            held += entry::held_behind_all(tx, &numbers).await?;
        }
        Ok::<_, StoreError>((entries, held))
    };
    let (entries, held_behind) = reader.store.read(reading).await?;
    if entries.is_empty() {
        return Err(OpsError::NotFound { what: "dead letter", id: query.words() });
    }
    let mut money = Totals::default();
    entries.iter().filter_map(|entry| entry.money).for_each(|amount| money.add(amount));
    let is_ordered = entries.iter().any(|entry| Service::is_ordered_group(&entry.group));
    Ok(Disposed { disposal, entries, money: money.amounts(), held_behind, changed: None, refused: Vec::new(), is_ordered })
}

/// Does what [`disposable`] has shown, in one transaction with its record in the audit trail.
pub async fn dispose(desk: &Desk, plan: Disposed, actor: &str, reason: &str) -> Result<Disposed, OpsError> {
    let ids = plan.entries.iter().map(|entry| entry.number).collect();
    let (actor, reason) = (actor.to_owned(), reason.to_owned());
    let order = match plan.disposal {
        Disposal::Discard => DeskOrder::Discard { ids, actor, reason },
        Disposal::Restore => DeskOrder::Restore { ids, actor, reason },
    };
    let DeskAnswer { changed, refused } = desk.carry_out(&order).await?;
    let named = |number: i64| plan.entries.iter().find(|entry| entry.number == number).map(|entry| entry.id.clone());
    let refused = refused.into_iter().filter_map(|refusal| Some(Refused { id: named(refusal.id)?, reason: refusal.reason }));
    Ok(Disposed { changed: Some(changed.len()), refused: refused.collect(), ..plan })
}

impl Report for Disposed {
    const LISTS: &'static [&'static str] = &["entries"];
    const NAMES: Option<&'static str> = Some("ids of dead letters");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["ID", "?PAYMENT", "??TYPE", ">AMOUNT", "ERROR"]);
        for entry in &self.entries {
            let refused = self.refused.iter().find(|refused| refused.id == entry.id);
            table.push([
                entry.id.to_string(),
                entry.payment_no.clone().unwrap_or_else(|| "-".to_owned()),
                entry.event_type.clone().unwrap_or_else(|| "-".to_owned()),
                entry.money.map_or_else(|| "-".to_owned(), |money| money.to_string()),
                refused.map_or_else(|| entry.error_code.clone(), |refused| format!("left alone: {}", refused.reason)),
            ]);
        }
        let (count, money) = (self.entries.len(), listed(&self.money));
        table.notes.push(match (self.disposal, self.changed) {
            (Disposal::Discard, None) => format!("{count} would be given up: {money} would never have its effect"),
            (Disposal::Discard, Some(changed)) => format!("{changed} of {count} are given up, and written to audit.logs"),
            (Disposal::Restore, None) => format!("{count} would be failed again, for a replay: {money}"),
            (Disposal::Restore, Some(changed)) => format!("{changed} of {count} are failed again, and written to audit.logs"),
        });
        if self.disposal == Disposal::Discard && self.is_ordered {
            table.notes.push(format!(
                "{} events are held behind them: they are tried next, and take effect without what is given up",
                self.held_behind
            ));
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.entries.iter().map(|entry| entry.id.to_string()).collect()
    }
}
