use std::sync::{Arc, Mutex, PoisonError};

use crate::services::Dependency;

/// How the last call to something outside went.
#[derive(Clone)]
pub(super) struct Pulse {
    name: &'static str,
    fault: Arc<Mutex<Option<String>>>,
}

impl Pulse {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, fault: Arc::default() }
    }

    /// A call was answered.
    pub(super) fn is_well(&self) {
        self.set(None);
    }

    /// A call failed.
    pub(super) fn is_ill(&self, reason: &str) {
        self.set(Some(reason.to_owned()));
    }

    /// For health. Always optional: were the service unready, nobody would call it, and the fault would never clear.
    pub(super) fn dependency(&self) -> Dependency {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Dependency { name: self.name, fault, optional: true }
    }

    fn set(&self, fault: Option<String>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}
