use std::sync::{Arc, Mutex, PoisonError};

/// What the health checks see of a group.
#[derive(Debug, Clone, Default)]
pub(in crate::daemon) struct GroupStatus(Arc<Mutex<Faults>>);

#[derive(Debug, Default)]
struct Faults {
    /// What will pass by itself.
    passing: Option<String>,
    /// What waits for a person.
    refused: Option<String>,
}

impl GroupStatus {
    /// Why the group, or a part of it, does not get on at present.
    pub(in crate::daemon) fn fault(&self) -> Option<String> {
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.refused.clone().or_else(|| faults.passing.clone())
    }

    pub(super) fn set(&self, fault: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passing = fault;
    }

    pub(super) fn refuse(&self, reason: Option<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).refused = reason;
    }
}
