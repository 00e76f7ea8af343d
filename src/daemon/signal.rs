use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two stages of stopping: first drain, then drop.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Cancelled when the platform should finish what it does and end.
    pub drain: CancellationToken,
    /// Cancelled when it should end at once.
    pub force: CancellationToken,
}

impl Shutdown {
    /// From now on drains on the first SIGTERM or SIGINT and forces on the second.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let stages = [self.drain.clone(), self.force.clone()];
        #[expect(clippy::disallowed_methods, reason = "signals are waited for as long as the process lives")]
        tokio::spawn(async move {
            for stage in stages {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                stage.cancel();
            }
        });
        Ok(())
    }
}
