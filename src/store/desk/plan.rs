use serde_json::json;

use crate::store::{Set, StoreError, Tx, Type, Value};

use super::deed::{Deed, Surroundings, named};
use super::{DeskAnswer, LeftAlone, NewPlan, Noted, Outcome, PlanState, audit_event};

const ENTRIES: Set = Set {
    sql: "INSERT INTO replay_entries (plan_id, position, dlq_id, verdict) SELECT plan_id, position, dlq_id, verdict FROM {rows} WHERE true",
    columns: &[("plan_id", Type::Text), ("position", Type::Int), ("dlq_id", Type::Int), ("verdict", Type::Text)],
};

const WANTED: Set = Set {
    sql: "SELECT e.position, e.dlq_id, d.state, d.attempts FROM {rows} AS r \
          JOIN replay_entries AS e ON e.plan_id = r.plan_id AND e.position = r.position JOIN dlq AS d ON d.id = e.dlq_id \
          WHERE e.sent_at IS NULL AND e.outcome IS NULL",
    columns: &[("plan_id", Type::Text), ("position", Type::Int)],
};

/// The group's own process takes it from here, by its heartbeat.
const MARK: Set = Set {
    sql: "UPDATE dlq SET state = 'replaying' WHERE state = 'failed' AND id IN (SELECT r.id FROM {rows} AS r)",
    columns: &[("id", Type::Int)],
};

const SENT: Set = Set {
    sql: "UPDATE replay_entries SET sent_at = r.sent_at, attempts_before = r.attempts FROM {rows} AS r \
          WHERE replay_entries.plan_id = r.plan_id AND replay_entries.position = r.position",
    columns: &[("plan_id", Type::Text), ("position", Type::Int), ("sent_at", Type::Time), ("attempts", Type::Int)],
};

const NOTED: Set = Set {
    sql: "UPDATE replay_entries SET outcome = r.outcome, detail = r.detail FROM {rows} AS r \
          WHERE replay_entries.plan_id = r.plan_id AND replay_entries.position = r.position",
    columns: &[("plan_id", Type::Text), ("position", Type::Int), ("outcome", Type::Text), ("detail", Type::Text)],
};

pub(super) async fn keep(tx: &mut Tx, plan: &NewPlan) -> Result<DeskAnswer, StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO replay_plans (plan_id, selector, grp, state, canary, rate, stop_on_fail, actor, reason, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            (&plan.plan_id).into(),
            (&plan.selector).into(),
            (&plan.group).into(),
            PlanState::Planned.as_str().into(),
            plan.canary.into(),
            plan.rate.into(),
            plan.stop_on_fail.into(),
            named(&plan.actor).into(),
            (&plan.reason).into(),
            now.into(),
        ],
    )
    .await?;
    let row = |(position, entry): (i64, &super::PlannedEntry)| -> Vec<Value<'_>> {
        vec![(&plan.plan_id).into(), position.into(), entry.id.into(), entry.verdict.as_str().into()]
    };
    let rows: Vec<_> = (0..).zip(&plan.entries).map(row).collect();
    if !rows.is_empty() {
        tx.execute_set(&ENTRIES, &rows).await?;
    }
    Ok(DeskAnswer { changed: plan.entries.iter().map(|entry| entry.id).collect(), refused: Vec::new() })
}

pub(super) async fn begin(
    tx: &mut Tx,
    plan_id: &str,
    (actor, reason): (&str, &str),
    around: &Surroundings<'_>,
) -> Result<DeskAnswer, StoreError> {
    let now = tx.now();
    let began = tx
        .execute(
            "UPDATE replay_plans SET state = 'running', started_at = COALESCE(started_at, $1), ended_at = NULL, note = NULL WHERE plan_id = $2",
            &[now.into(), plan_id.into()],
        )
        .await?;
    if began == 0 {
        return Ok(DeskAnswer {
            refused: vec![LeftAlone { id: 0, reason: format!("there is no plan {plan_id}") }],
            ..DeskAnswer::default()
        });
    }
    let counted = tx.query_one("SELECT count(*) FROM replay_entries WHERE plan_id = $1 AND sent_at IS NULL", &[plan_id.into()]).await?;
    let unsent: i64 = counted.map(|row| row.get(0)).transpose()?.unwrap_or(0);
    let after = json!({ "entries_not_sent_before": unsent });
    let event = audit_event((now, around.ambient), ("dlq.replay", plan_id), (named(actor), reason), (serde_json::Value::Null, after));
    tx.publish(&[event]).await?;
    Ok(DeskAnswer::default())
}

/// Marks those that are still failed; what somebody has closed meanwhile is noted instead. What was sent is not sent again.
pub(super) async fn send(tx: &mut Tx, plan_id: &str, positions: &[i64], (actor, reason): (&str, &str)) -> Result<DeskAnswer, StoreError> {
    let now = tx.now();
    let rows: Vec<Vec<Value<'_>>> = positions.iter().map(|position| vec![plan_id.into(), (*position).into()]).collect();
    let (mut ids, mut sent, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for row in tx.query_set(&WANTED, &rows).await? {
        let (position, id, state, attempts): (i64, i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        if state == "failed" {
            ids.push(id);
            sent.push(vec![plan_id.into(), position.into(), now.into(), attempts.into()]);
        } else {
            closed.push(Noted { position, outcome: Outcome::NotSent, detail: format!("it was {state} before") });
        }
    }
    if !ids.is_empty() {
        tx.hold_letters(&ids).await?;
        let rows: Vec<Vec<Value<'_>>> = ids.iter().map(|id| vec![(*id).into()]).collect();
        tx.execute_set(&MARK, &rows).await?;
        tx.execute_set(&SENT, &sent).await?;
        tx.remember(&ids, &Deed { action: "replayed", actor: named(actor), reason, plan_id: Some(plan_id) }).await?;
    }
    note_entries(tx, plan_id, &closed).await?;
    let refused = closed.into_iter().map(|noted| LeftAlone { id: noted.position, reason: noted.detail }).collect();
    Ok(DeskAnswer { changed: ids, refused })
}

pub(super) async fn note(
    tx: &mut Tx,
    plan_id: &str,
    outcomes: &[Noted],
    state: PlanState,
    note: Option<&str>,
) -> Result<DeskAnswer, StoreError> {
    note_entries(tx, plan_id, outcomes).await?;
    let ended = Some(tx.now()).filter(|_| state != PlanState::Running);
    tx.execute(
        "UPDATE replay_plans SET state = $1, note = $2, ended_at = $3 WHERE plan_id = $4",
        &[state.as_str().into(), note.into(), ended.into(), plan_id.into()],
    )
    .await?;
    Ok(DeskAnswer::default())
}

async fn note_entries(tx: &mut Tx, plan_id: &str, outcomes: &[Noted]) -> Result<(), StoreError> {
    let row = |noted: &Noted| -> Vec<Value<'static>> {
        vec![plan_id.to_owned().into(), noted.position.into(), noted.outcome.as_str().into(), noted.detail.clone().into()]
    };
    let rows: Vec<_> = outcomes.iter().map(row).collect();
    if !rows.is_empty() {
        tx.execute_set(&NOTED, &rows).await?;
    }
    Ok(())
}
