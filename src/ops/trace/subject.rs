use crate::domain::NumberKind;
use crate::ops::OpsError;
use crate::services::gateway::query::find_subject;
use crate::store::Tx;

/// Why an id cannot be traced by this version, where its form says so.
pub(super) fn untraceable(id: &str) -> Option<OpsError> {
    let what = if NumberKind::Refund.matches(id) {
        "refund"
    } else if NumberKind::Settlement.matches(id) {
        "settlement"
    } else if NumberKind::Withdrawal.matches(id) {
        "withdrawal"
    } else {
        return None;
    };
    Some(OpsError::Refused(format!("{id} is the number of a {what}, and this version makes none; trace the payment instead")))
}

/// The number of the payment that an id leads to, by whatever table has it; every look-up is answered by an index.
pub(super) async fn payment_of(tx: &mut Tx, id: &str) -> Result<String, OpsError> {
    if NumberKind::Transaction.matches(id) {
        let booked = tx.query_one("SELECT related_id FROM transactions WHERE transaction_id = $1", &[id.into()]).await?;
        let Some(row) = booked else { return Err(OpsError::NotFound { what: "transaction", id: id.to_owned() }) };
        return Ok(row.get(0)?);
    }
    if let Some(found) = find_subject(tx, id).await? {
        return Ok(found.payment_no);
    }
    Err(untraceable(id).unwrap_or_else(|| OpsError::NotFound { what: "payment", id: id.to_owned() }))
}
