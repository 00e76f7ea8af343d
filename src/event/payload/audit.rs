use serde::{Deserialize, Serialize};

/// `audit.recorded`: who did what to what, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditPayload {
    /// A service, an operator or a key.
    pub actor: String,
    /// What was done, as a dotted verb: `payment.review`.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// The state before, where there was one.
    pub before: serde_json::Value,
    /// The state after.
    pub after: serde_json::Value,
    /// Why.
    pub reason: String,
}
