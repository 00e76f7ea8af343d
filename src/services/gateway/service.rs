use std::sync::Arc;

use crate::config::Ambient;
use crate::store::{Batcher, Store};

use super::client::ChannelClient;
use super::expiry::ExpiryBell;
use super::idempotency::InFlight;
use super::inbox::Inbox;
use super::ingest::{Intake, Outcome};
use super::merchant::Merchants;
use super::risk::RiskCheck;

/// What the request handlers share.
pub(super) struct Gateway {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) merchants: Merchants,
    pub(super) risk: Arc<dyn RiskCheck>,
    pub(super) channel: Arc<dyn ChannelClient>,
    pub(super) in_flight: InFlight,
    pub(super) intake: Batcher<Intake, Outcome>,
    pub(super) expiry: Arc<ExpiryBell>,
    pub(super) inbox: Inbox,
    /// What `payment_url` starts with, without a slash at the end.
    pub(super) checkout: String,
    pub(super) expire_minutes: i64,
}
