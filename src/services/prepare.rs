use crate::config::Profile;
use crate::store::{Class, StoreError, Tx};

use super::ServiceContext;

/// The platform must not run on what the database holds.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Keys that everybody knows would let anybody in.
    #[error("this database holds the well-known API keys of the development profile; start production on a data directory of its own")]
    DefaultKeys,
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Before any service starts: seeds the development profile, and refuses its leftovers everywhere else.
pub async fn prepare(context: &ServiceContext) -> Result<(), PrepareError> {
    let (profile, fee_bps) = (context.config.profile, context.config.gateway.fee_bps);
    context
        .store
        .write(Class::Background, async move |tx: &mut Tx| match profile {
            Profile::Development => Ok(super::gateway::seed_development(tx, i64::from(fee_bps)).await?),
            Profile::Production if super::gateway::default_keys_present(tx).await? => Err(PrepareError::DefaultKeys),
            Profile::Production => Ok(()),
        })
        .await
}
