//! The database: handle, transactions, migrations, and the tables that every service shares (events, offsets, marks,
//! dead letters, API keys). What differs between engines ends here.

mod api_keys;
mod batcher;
mod class;
mod consuming;
mod dlq;
mod engine;
mod error;
mod events;
mod handle;
mod heads;
mod job;
mod marks;
mod migrations;
mod opened;
mod outbox;
mod postgres;
mod queue;
mod relay;
mod republish;
mod sqlite;
mod stored;
mod tx;
mod value;

pub use api_keys::ApiKey;
pub use batcher::{Batch, BatchQueue, Batcher, batcher};
pub use class::Class;
pub(crate) use consuming::{Advance, BatchNote};
pub(crate) use dlq::{Hold, Parked, ParkedState, Replay};
use engine::Engine;
pub use error::StoreError;
pub(crate) use events::record_from;
pub use handle::Store;
pub(crate) use heads::Heads;
use job::{Job, Task};
pub use migrations::{Migration, STORE_MIGRATIONS};
use opened::{Opened, spawn};
pub(crate) use outbox::SHARDS;
use queue::{Kind, Queue};
pub use relay::{Placed, ShardLease};
pub(crate) use republish::{Again, Selected, Selection};
pub(crate) use stored::{Stored, Unseen};
pub use tx::Tx;
pub use value::{FromValue, Row, Set, Type, Value};
