use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::config::Ambient;
use crate::domain::Timestamp;
use crate::store::{Class, Store, StoreError, Tx};

use super::meter::Meter;
use super::pace::HEARTBEAT;
use super::status::GroupStatus;

/// A member that was not seen for so long is gone.
const MEMBER_GONE: Duration = Duration::from_secs(30);

/// A member's sign of life. A member that waits for brokers or for a person lives and says what it waits for.
pub(super) struct Life {
    pub(super) group: Arc<str>,
    /// One that no other member has.
    pub(super) name: Arc<str>,
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) status: GroupStatus,
    pub(super) meter: Arc<Meter>,
}

impl Life {
    /// Says once a second that the member lives, for ever.
    pub(super) async fn go_on(&self) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            heartbeat.tick().await;
            let (group, name, fault) = (Arc::clone(&self.group), Arc::clone(&self.name), self.status.fault());
            self.meter.paused(fault.is_some());
            let gone = self.ambient.now() - MEMBER_GONE;
            let beating = async move |tx: &mut Tx| beat(tx, &group, &name, fault.as_deref(), gone).await;
            if let Err(error) = self.store.write(Class::Background, beating).await {
                tracing::debug!(group = %self.group, %error, "heartbeat not written");
            }
        }
    }

    /// Says that the member leaves.
    pub(super) async fn end(&self) {
        let (group, name) = (Arc::clone(&self.group), Arc::clone(&self.name));
        let leaving = async move |tx: &mut Tx| tx.leave(&group, &name).await;
        // Where it cannot be written, the others notice by the silence.
        let _ = self.store.write(Class::Background, leaving).await;
    }
}

async fn beat(tx: &mut Tx, group: &str, name: &str, fault: Option<&str>, gone: Timestamp) -> Result<(), StoreError> {
    tx.forget_members(group, gone).await?;
    tx.beat(group, name, if fault.is_some() { "paused" } else { "running" }, fault).await
}
