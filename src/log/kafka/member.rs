use std::sync::Arc;
use std::time::Duration;

use crate::event::Topic;
use crate::log::LogError;

use super::config::Shared;
use super::mailbox::{Mailbox, State};
use super::session::Session;

/// Before a consumer that ended is made anew, so long at first …
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// … and so long in the end.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Starts the thread of a group's member.
pub(super) fn start(config: Shared, group: &str, topics: &[Topic], mailbox: Arc<Mailbox>) -> Result<(), LogError> {
    let (group, topics) = (group.to_owned(), topics.to_vec());
    let name = format!("log-{group}");
    let body = move || {
        mailbox.settle_in();
        run(&config, &group, &topics, &mailbox);
        mailbox.tell(State::end);
    };
    // The thread ends when its subscription tells it to, and says so in the mailbox.
    let started = std::thread::Builder::new().name(name).spawn(body);
    started.map(drop).map_err(|error| LogError::Broker(format!("no thread for a consumer: {error}")))
}

/// One consumer after the other until the loop stops: a client that has failed for good is not of use any more.
fn run(config: &Shared, group: &str, topics: &[Topic], mailbox: &Mailbox) {
    let mut wait = FIRST_WAIT;
    loop {
        let Err(error) = Session::open(config, group, topics, mailbox).and_then(Session::serve) else { return };
        tracing::warn!(group, %error, "the consumer ended and is made anew");
        mailbox.tell(|state| state.lose_all(error));
        let until = std::time::Instant::now() + wait;
        wait = wait.saturating_mul(2).min(LAST_WAIT);
        while let Some(left) = until.checked_duration_since(std::time::Instant::now()) {
            if mailbox.lock().orders.stop {
                return;
            }
            std::thread::park_timeout(left);
        }
    }
}
