use std::time::Duration;

use tokio::sync::watch;

use crate::event::Record;
use crate::store::{Aside, Placed, Refusal, ShardLease, StoreError};

/// What the relay needs of the database.
pub trait Outbox: Send + Sync + 'static {
    /// Keeps the shards in `held`, takes free ones up to this relay's fair share, gives back what is beyond it; those that
    /// are held now.
    fn share(&self, held: &[ShardLease]) -> impl Future<Output = Result<Vec<ShardLease>, StoreError>> + Send;

    /// The shards that have something to publish, whoever holds them.
    fn waiting(&self) -> impl Future<Output = Result<Vec<u16>, StoreError>> + Send;

    /// The oldest rows of each of these shards, at most `limit` of one, in their order; a record's offset is its row's number.
    fn batch(&self, shards: &[u16], limit: u32) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// Takes these rows out and notes where they lie, in one transaction; `false`, and nothing done, where one of the shards
    /// has been taken by another.
    fn settle(&self, leases: &[ShardLease], placed: &[Placed]) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives everything back, so that others need not wait for the leases to end.
    fn leave(&self, held: &[ShardLease]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The rows that the brokers refuse for their own sake, whoever holds their shards.
    fn refusals(&self) -> impl Future<Output = Result<Vec<Refusal>, StoreError>> + Send;

    /// Keeps these rows out of what is published next; `false`, and nothing done, where a shard has been taken by another.
    fn set_aside(&self, leases: &[ShardLease], rows: &[Aside]) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lets what waits behind a refused row of this aggregate be published again; `false` as above.
    fn bring_back(&self, leases: &[ShardLease], aggregate_id: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// How many rows wait, and how long the oldest has.
    fn backlog(&self) -> impl Future<Output = Result<(u64, Duration), StoreError>> + Send;

    /// Looks after the tables; one process at a time need do so.
    fn tend(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Rings after every commit of this process that published.
    fn bell(&self) -> watch::Receiver<u64>;
}
