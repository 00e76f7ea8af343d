use crate::domain::MerchantId;
use crate::ops::{OpsError, Reader};
use crate::services::gateway::query::{self, MerchantView};
use crate::store::Tx;

/// Merchants of one name that are told apart in an error.
const MOST_NAMED: i64 = 5;

/// The merchant of this id or name, as far as its id: an id that the gateway does not know may still be in the books.
pub async fn resolve(reader: &Reader, wanted: &str) -> Result<MerchantId, OpsError> {
    if let Ok(id) = wanted.parse() {
        return Ok(id);
    }
    let name = wanted.to_owned();
    reader.store.read(async move |tx| Ok(named(tx, &name).await?.merchant_id)).await
}

/// The merchant of this id or name.
pub(super) async fn find(tx: &mut Tx, wanted: &str) -> Result<MerchantView, OpsError> {
    match wanted.parse::<MerchantId>() {
        Ok(id) => query::get_merchant(tx, id).await?.ok_or_else(|| unknown(wanted)),
        Err(_) => named(tx, wanted).await,
    }
}

async fn named(tx: &mut Tx, name: &str) -> Result<MerchantView, OpsError> {
    let mut found = query::merchants_named(tx, name, MOST_NAMED).await?;
    if found.len() > 1 {
        let ids: Vec<String> = found.iter().map(|merchant| merchant.merchant_id.to_string()).collect();
        return Err(OpsError::Usage(format!("several merchants are called {name}: say which of {}", ids.join(", "))));
    }
    found.pop().ok_or_else(|| unknown(name))
}

fn unknown(wanted: &str) -> OpsError {
    OpsError::NotFound { what: "merchant", id: wanted.to_owned() }
}
