use crate::config::{Ambient, Profile, Secret};

use super::{ApiKeys, Meter};

/// What the edge of one service knows: who may call it, and what it is called in metrics.
pub struct Edge {
    /// The service's name.
    pub service: &'static str,
    /// The merchants' keys.
    pub api_keys: ApiKeys,
    /// What services show each other.
    pub internal_token: Secret,
    /// Development lets loopback read analytics without a key.
    pub profile: Profile,
    /// Clock and randomness.
    pub ambient: Ambient,
    /// Counts its requests.
    pub meter: Meter,
}
