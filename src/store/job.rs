use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::sync::oneshot;

use super::{StoreError, Tx};

/// A unit of work for a database thread.
pub(super) trait Job: Send {
    /// Does the work; whether its effects may be kept. Doing it again forgets how it ended before.
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool>;
    /// Whether it meets other jobs only in rows that both write or in unique keys.
    fn is_by_keys(&self) -> bool;
    /// Lets it end with this error instead of what it came to.
    fn fail(&mut self, error: StoreError);
    /// Answers the caller: with the work's own result, or with `fault` where the group as a whole failed.
    fn finish(self: Box<Self>, fault: Option<&StoreError>);
}

/// A caller's closure with the place for its answer.
pub(super) struct Task<F, T, E> {
    work: F,
    by_keys: bool,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Task<F, T, E> {
    pub(super) const fn new(work: F, by_keys: bool, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, by_keys, result: None, reply }
    }
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move {
            tx.failed = false;
            let result = match AssertUnwindSafe((self.work)(tx)).catch_unwind().await {
                Ok(Ok(_)) if tx.failed => Err(StoreError::WentOn.into()),
                Ok(result) => result,
                Err(panic) => Err(StoreError::Panicked(panic_text(panic.as_ref())).into()),
            };
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn is_by_keys(&self) -> bool {
        self.by_keys
    }

    fn fail(&mut self, error: StoreError) {
        self.result = Some(Err(error.into()));
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
