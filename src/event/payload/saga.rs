use serde::{Deserialize, Serialize};

/// `saga.started`: what is to be done, step by step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SagaStartedPayload {
    /// `refund` or `withdrawal`.
    #[serde(rename = "type")]
    pub saga_type: String,
    /// The refund or withdrawal that it is about.
    pub business_id: String,
    /// The names of its steps, in order.
    pub steps: Vec<String>,
}

/// `saga.compensating`: a saga goes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SagaCompensatingPayload {
    /// The step that failed; those before it are undone in reverse.
    pub step: String,
    /// Why.
    pub reason: String,
}
