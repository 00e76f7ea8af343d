use crate::config::Ambient;
use crate::store::{Set, StoreError, Tx, Type, Value};

use super::{CONSOLE, audit_event};

/// What an order needs beside the transaction.
#[derive(Clone)]
pub(super) struct Surroundings<'a> {
    pub(super) ambient: &'a Ambient,
    /// Whether later events of an aggregate wait behind a parked one in the group of this full name.
    pub(super) is_ordered: fn(&str) -> bool,
}

const REMEMBER: Set = Set {
    sql: "INSERT INTO dlq_history (dlq_id, at, action, actor, reason, plan_id) SELECT dlq_id, at, action, actor, reason, plan_id \
          FROM {rows} WHERE true",
    columns: &[
        ("dlq_id", Type::Int),
        ("at", Type::Time),
        ("action", Type::Text),
        ("actor", Type::Text),
        ("reason", Type::Text),
        ("plan_id", Type::Text),
    ],
};

/// Who did what to dead letters, and why.
pub(super) struct Deed<'a> {
    pub(super) action: &'static str,
    pub(super) actor: &'a str,
    pub(super) reason: &'a str,
    pub(super) plan_id: Option<&'a str>,
}

impl Tx {
    /// Keeps what was done with these dead letters.
    pub(super) async fn remember(&mut self, ids: &[i64], deed: &Deed<'_>) -> Result<(), StoreError> {
        let now = self.now();
        let row = |id: &i64| -> Vec<Value<'_>> {
            vec![(*id).into(), now.into(), deed.action.into(), deed.actor.into(), deed.reason.into(), deed.plan_id.into()]
        };
        let rows: Vec<_> = ids.iter().map(row).collect();
        if !rows.is_empty() {
            self.execute_set(&REMEMBER, &rows).await?;
        }
        Ok(())
    }

    /// Says in the audit trail what was done with these dead letters.
    pub(super) async fn audit_letters(&mut self, ids: &[i64], deed: &Deed<'_>, ambient: &Ambient) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let action = format!("dlq.{}", deed.action);
        let target = deed.plan_id.map_or_else(|| "dlq".to_owned(), str::to_owned);
        let after = serde_json::json!({ "count": ids.len(), "ids": ids });
        let event = audit_event((self.now(), ambient), (&action, &target), (deed.actor, deed.reason), (serde_json::Value::Null, after));
        self.publish(&[event]).await
    }
}

/// An actor as it is kept: never empty.
pub(super) fn named(actor: &str) -> &str {
    if actor.trim().is_empty() { CONSOLE } else { actor }
}
