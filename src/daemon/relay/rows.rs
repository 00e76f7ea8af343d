use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::event::Record;
use crate::store::{Aside, Class, Placed, Refusal, SHARDS, SettleError, ShardLease, Store, StoreError, Tx};

use super::outbox::Outbox;
use super::share::fair_share;

/// How long a shard stays its owner's after the owner was last seen: money waits so long when a process dies.
const TERM: Duration = Duration::from_secs(5);

/// The outbox in the platform's database.
#[derive(Clone)]
pub struct StoreOutbox {
    store: Store,
    /// Who this relay is; a name that no other process has.
    owner: Arc<str>,
}

impl StoreOutbox {
    /// The outbox of `store`, seen by the relay that is called `owner`.
    pub fn new(store: &Store, owner: &str) -> Self {
        Self { store: store.clone(), owner: owner.into() }
    }

    async fn settle_or_displace(&self, leases: &[ShardLease], placed: &[Placed], displaces: bool) -> Result<(), SettleError> {
        let (owner, leases, placed) = (Arc::clone(&self.owner), leases.to_vec(), placed.to_vec());
        let settling = async move |tx: &mut Tx| tx.settle_outbox(&owner, &leases, TERM, &placed, displaces).await;
        // It meets other relays in the rows of the leases, which all of them write.
        self.store.write_by_keys(Class::Consumer, settling).await
    }
}

impl Outbox for StoreOutbox {
    async fn share(&self, held: &[ShardLease]) -> Result<Vec<ShardLease>, StoreError> {
        let (owner, held) = (Arc::clone(&self.owner), held.to_vec());
        let kept = self.store.write(Class::Background, async move |tx: &mut Tx| share(tx, &owner, &held).await).await?;
        self.store.heads().fresh().relay(kept.iter().map(|lease| lease.shard));
        Ok(kept)
    }

    async fn waiting(&self) -> Result<Vec<u16>, StoreError> {
        self.store.read(async |tx: &mut Tx| tx.shards_waiting().await).await
    }

    async fn batch(&self, shards: &[u16], limit: u32) -> Result<Vec<Record>, StoreError> {
        let shards = shards.to_vec();
        let heads = Arc::clone(self.store.heads());
        self.store.read(async move |tx: &mut Tx| tx.outbox_batch(&shards, i64::from(limit), heads.fresh()).await).await
    }

    async fn settle(&self, leases: &[ShardLease], placed: &[Placed]) -> Result<bool, StoreError> {
        done(match self.settle_or_displace(leases, placed, false).await {
            Err(SettleError::Store(StoreError::Constraint(_))) => self.settle_or_displace(leases, placed, true).await,
            settled => settled,
        })
    }

    async fn refusals(&self) -> Result<Vec<Refusal>, StoreError> {
        self.store.read(async |tx: &mut Tx| tx.refusals().await).await
    }

    async fn set_aside(&self, leases: &[ShardLease], rows: &[Aside]) -> Result<bool, StoreError> {
        let (owner, leases, rows) = (Arc::clone(&self.owner), leases.to_vec(), rows.to_vec());
        done(self.store.write(Class::Consumer, async move |tx: &mut Tx| tx.set_aside((&owner, TERM), &leases, &rows).await).await)
    }

    async fn bring_back(&self, leases: &[ShardLease], aggregate_id: &str) -> Result<bool, StoreError> {
        let (owner, leases, id) = (Arc::clone(&self.owner), leases.to_vec(), aggregate_id.to_owned());
        done(self.store.write(Class::Consumer, async move |tx: &mut Tx| tx.bring_back((&owner, TERM), &leases, &id).await).await)
    }

    async fn leave(&self, held: &[ShardLease]) -> Result<(), StoreError> {
        self.store.heads().fresh().relay(std::iter::empty());
        let (owner, held) = (Arc::clone(&self.owner), held.to_vec());
        let leaving = async move |tx: &mut Tx| {
            for lease in &held {
                tx.drop_shard(&owner, *lease).await?;
            }
            tx.leave_relay(&owner).await
        };
        self.store.write(Class::Background, leaving).await
    }

    async fn backlog(&self) -> Result<(u64, Duration), StoreError> {
        let (rows, oldest, now) = self
            .store
            .read::<_, StoreError, _>(async |tx: &mut Tx| {
                let (rows, oldest) = tx.outbox_depth().await?;
                Ok((rows, oldest, tx.now()))
            })
            .await?;
        let age = oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
        Ok((u64::try_from(rows).unwrap_or(0), age))
    }

    /// A backlog grows fast, and every statement is planned by what is known of its table.
    async fn tend(&self) {
        if let Err(error) = self.store.write(Class::Background, async |tx: &mut Tx| tx.refresh_statistics().await).await {
            tracing::debug!(%error, "the planner's statistics are not refreshed");
        }
    }

    fn bell(&self) -> watch::Receiver<u64> {
        self.store.heads().bell()
    }
}

fn done(outcome: Result<(), SettleError>) -> Result<bool, StoreError> {
    match outcome {
        Err(SettleError::Taken) => Ok(false),
        Err(SettleError::Store(error)) => Err(error),
        Ok(()) => Ok(true),
    }
}

async fn share(tx: &mut Tx, owner: &str, held: &[ShardLease]) -> Result<Vec<ShardLease>, StoreError> {
    let alive = tx.attend_relay(owner, TERM).await?;
    let wanted = fair_share(SHARDS, alive);
    let mut kept = Vec::new();
    for lease in held {
        if kept.len() >= wanted {
            tx.drop_shard(owner, *lease).await?;
        } else if tx.keep_shard(owner, *lease, TERM).await? {
            kept.push(*lease);
        }
    }
    for shard in 0..SHARDS {
        if kept.len() >= wanted {
            break;
        }
        if kept.iter().all(|lease| lease.shard != shard)
            && let Some(lease) = tx.take_shard(owner, shard, TERM).await?
        {
            kept.push(lease);
        }
    }
    Ok(kept)
}
