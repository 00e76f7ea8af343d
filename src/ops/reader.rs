use crate::config::Ambient;
use crate::log::EventLog;
use crate::store::Store;

/// What every question is asked of; nothing in `ops` opens anything itself.
#[derive(Clone)]
pub struct Reader {
    /// The platform's database, possibly open for reading only.
    pub store: Store,
    /// The platform's event log.
    pub log: EventLog,
    /// Clock and randomness.
    pub ambient: Ambient,
}

impl Reader {
    /// A reader of this pair.
    pub const fn new(store: Store, log: EventLog, ambient: Ambient) -> Self {
        Self { store, log, ambient }
    }

    /// A reader of the embedded pair: one database that is the log as well.
    pub fn embedded(store: Store, ambient: Ambient) -> Self {
        Self { log: EventLog::embedded(&store), store, ambient }
    }
}
