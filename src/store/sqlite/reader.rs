use std::sync::Arc;

use crate::config::Ambient;
use crate::store::{Kind, Queue, Tx};

use super::run_once;

/// A thread that answers reads, each on a snapshot of its own.
pub(super) struct Reader {
    pub(super) tx: Tx,
    pub(super) queue: Arc<Queue>,
    pub(super) ambient: Ambient,
}

impl Reader {
    pub(super) fn run(mut self) {
        while let Some((_, mut job)) = self.queue.pop(Kind::Ingress) {
            self.tx.now = self.ambient.now();
            let fault = self.tx.engine.batch("BEGIN").err();
            if fault.is_none() {
                run_once(job.as_mut(), &mut self.tx);
            }
            if !self.tx.engine.is_idle() {
                // Nothing was written, so there is nothing that giving up could lose.
                let _ = self.tx.engine.batch("ROLLBACK");
            }
            job.finish(fault.as_ref());
        }
    }
}
