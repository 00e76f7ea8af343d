use futures_util::FutureExt as _;

use crate::store::{Job, StoreError, Tx};

/// Runs a job in one go: this engine never waits, so a job that does is waiting for something it must not.
pub(super) fn run_once(job: &mut dyn Job, tx: &mut Tx) -> bool {
    let done = job.run(tx).now_or_never();
    done.unwrap_or_else(|| {
        job.fail(StoreError::Waited);
        false
    })
}
