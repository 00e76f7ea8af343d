use crate::domain::format_timestamp;
use crate::event::{Decoded, Record, Topic, TopicPartition, decode};
use crate::store::{Parked, ParkedState, StoreError, Tx};

use super::deed::{Deed, Surroundings, named};
use super::{DeskAnswer, Imported, LeftAlone};

/// Parks dead letters from elsewhere, so that the group can be asked to try them; one that is there already stays as it is.
pub(super) async fn take_in(
    tx: &mut Tx,
    letters: &[Imported],
    (actor, reason): (&str, &str),
    around: &Surroundings<'_>,
) -> Result<DeskAnswer, StoreError> {
    tx.hold_imported(letters).await?;
    let mut answer = DeskAnswer::default();
    for (number, letter) in (1..).zip(letters) {
        match take_one(tx, letter, around).await? {
            Ok(id) => answer.changed.push(id),
            Err(reason) => answer.refused.push(LeftAlone { id: number, reason }),
        }
    }
    let deed = Deed { action: "imported", actor: named(actor), reason, plan_id: None };
    tx.remember(&answer.changed, &deed).await?;
    tx.audit_letters(&answer.changed, &deed, around.ambient).await?;
    Ok(answer)
}

async fn take_one(tx: &mut Tx, letter: &Imported, around: &Surroundings<'_>) -> Result<Result<i64, String>, StoreError> {
    let Some(topic) = Topic::parse(&letter.topic).filter(|topic| !topic.is_dead_letter()) else {
        return Ok(Err(format!("{} is no topic that groups read", letter.topic)));
    };
    let Ok(value) = hex::decode(&letter.value_hex) else { return Ok(Err("its value is not in hex".to_owned())) };
    let now = tx.now();
    let record = Record {
        at: TopicPartition { topic, partition: letter.partition },
        offset: letter.offset,
        key: letter.key.clone(),
        headers: letter.headers.clone(),
        value,
        is_tombstone: false,
        created_at: format_timestamp(now),
    };
    let event = match decode(&record) {
        Ok(Decoded::Event(event)) => event,
        Ok(Decoded::UnknownType(_)) => return Ok(Err("it is of a type that nobody here knows".to_owned())),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let (version, aggregate) = (event.metadata.aggregate_version, event.aggregate_id.as_str());
    if (around.is_ordered)(&letter.group) {
        let applied = tx.applied_versions(&letter.group, &std::collections::HashSet::from([aggregate])).await?;
        let done = applied.get(aggregate).copied().unwrap_or(0);
        if version <= done {
            return Ok(Err("the group is done with it".to_owned()));
        }
        if version > done + 1 {
            return Ok(Err(format!("version {} of its aggregate must come first", done + 1)));
        }
    }
    let parked = Parked {
        record: &record,
        event_id: Some(event.event_id.to_string()),
        event_type: Some(event.kind.as_str().to_owned()),
        aggregate_id: Some(aggregate.to_owned()),
        hold_key: Some(event.hold_key().to_owned()),
        version: Some(version),
        merchant_id: event.metadata.merchant_id.map(|id| id.to_string()),
        state: ParkedState::Failed,
        attempts: letter.attempts,
        code: letter.error_code.clone(),
        message: letter.error_message.clone(),
        retryable: false,
    };
    Ok(tx.park(&letter.group, &[parked]).await?.first().copied().ok_or_else(|| "it is among the dead letters already".to_owned()))
}
