use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use crate::store::{StoreError, Tx};

/// A unit of work for a database thread.
pub(in crate::store) trait Job: Send {
    /// Does the work; whether its effects may be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Answers the caller: with the work's own result, or with `fault` where the group as a whole failed.
    fn finish(self: Box<Self>, fault: Option<&StoreError>);
}

/// A caller's closure with the place for its answer.
pub(in crate::store) struct Task<F, T, E> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Task<F, T, E> {
    pub(in crate::store) const fn new(work: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, result: None, reply }
    }
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let work = &self.work;
        tx.failed = false;
        // The embedded engine never waits, so a job that does is waiting for something it must not.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(tx).now_or_never()));
        let result = match outcome {
            Ok(Some(Ok(_))) if tx.failed => Err(StoreError::WentOn.into()),
            Ok(Some(result)) => result,
            Ok(None) => Err(StoreError::Waited.into()),
            Err(panic) => Err(StoreError::Panicked(panic_text(panic.as_ref())).into()),
        };
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(self: Box<Self>, fault: Option<&StoreError>) {
        let result = match (self.result, fault) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(fault)) => Err(fault.clone().into()),
            (Some(done), None) => done,
            (None, None) => Err(StoreError::Unavailable("the database has stopped".to_owned()).into()),
        };
        // A caller that went away no longer wants the answer.
        let _ = self.reply.send(result);
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
