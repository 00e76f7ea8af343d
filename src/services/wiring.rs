use std::collections::HashMap;

use uuid::Uuid;

use crate::store::{Migration, STORE_MIGRATIONS, StoreError, Tx};

use super::{Fact, Running, Service, ServiceContext, Subject, accounting, analytics, channel, gateway, notification, order};

/// How the registry reaches into the services' folders. Each match is exhaustive, so that a new service cannot be half there;
/// it stands apart from the list because services themselves name the list, to ask where another one listens.
impl Service {
    /// Builds it; one exhaustive match, so that a piece cannot be forgotten.
    pub fn build(self, context: &ServiceContext) -> Running {
        match self {
            Self::Gateway => gateway::build(context),
            Self::Order => order::build(context),
            Self::Channel => channel::build(context),
            Self::Accounting => accounting::build(context),
            Self::Notification => notification::build(context),
            Self::Analytics => analytics::build(context),
        }
    }

    /// What it knows, or misses, about a payment.
    pub async fn facts(self, tx: &mut Tx, subject: &Subject) -> Result<Vec<Fact>, StoreError> {
        match self {
            Self::Gateway => gateway::facts(tx, subject).await,
            Self::Order => order::facts(tx, subject).await,
            Self::Channel => channel::facts(tx, subject).await,
            Self::Accounting => accounting::facts(tx, subject).await,
            Self::Notification => notification::facts(tx, subject).await,
            Self::Analytics => analytics::facts(tx, subject).await,
        }
    }

    /// What it keeps of these events beside the mark that it is done with them, in a few words each.
    pub async fn effects(self, tx: &mut Tx, events: &[Uuid]) -> Result<HashMap<Uuid, String>, StoreError> {
        match self {
            Self::Accounting => accounting::effects(tx, events).await,
            Self::Gateway | Self::Order | Self::Channel | Self::Notification | Self::Analytics => Ok(HashMap::new()),
        }
    }

    /// Whether an event of this type, once handled, must be among its effects.
    pub fn owes_effect(self, kind: &str) -> bool {
        match self {
            Self::Accounting => accounting::owes_effect(kind),
            Self::Gateway | Self::Order | Self::Channel | Self::Notification | Self::Analytics => false,
        }
    }

    /// The whole schema: what belongs to no service, then each service's own.
    pub fn migrations() -> Vec<Migration> {
        STORE_MIGRATIONS.iter().chain(Self::ALL.iter().flat_map(|service| service.own_migrations())).copied().collect()
    }

    const fn own_migrations(self) -> &'static [Migration] {
        match self {
            Self::Gateway => gateway::MIGRATIONS,
            Self::Order => order::MIGRATIONS,
            Self::Channel => channel::MIGRATIONS,
            Self::Accounting => accounting::MIGRATIONS,
            Self::Notification => notification::MIGRATIONS,
            Self::Analytics => analytics::MIGRATIONS,
        }
    }
}
