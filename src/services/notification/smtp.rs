use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use lettre::message::Mailbox;
use lettre::message::header::ContentTransferEncoding;
use tokio::time::timeout;

use crate::config::SmtpConfig;

use super::mailer::{Mailer, SendError, sender_of};
use super::message;
use super::session::{Server, Session};
use super::store::Letter;

/// Sessions at once; more than servers like to see from one client would only be refused.
const SESSIONS: usize = 8;

/// How long the server may take; together less than [`super::mailer::LONGEST_TRY`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For connecting, encrypting and logging in.
    pub(super) open: Duration,
    /// For taking one mail. Long: a server that is only slow has taken the mail that we then send again.
    pub(super) answer: Duration,
    /// For a word in between.
    pub(super) word: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { open: Duration::from_secs(20), answer: Duration::from_mins(1), word: Duration::from_secs(3) }
    }
}

/// Gives mails to a server, over sessions that are kept while there are mails.
///
/// lettre's own pool is not used: it takes back a session whose mail was given up half-way, and the answer to that mail
/// would then be taken for the answer to the next.
pub(super) struct SmtpMailer {
    server: Server,
    from: Result<Mailbox, SendError>,
    patience: Patience,
    idle: Mutex<Vec<Session>>,
    /// What was wrong when a session was last asked for.
    fault: Mutex<Option<String>>,
}

impl SmtpMailer {
    pub(super) fn new(host: &str, smtp: &SmtpConfig) -> Self {
        Self::with_patience(host, smtp, Patience::default())
    }

    pub(super) fn with_patience(host: &str, smtp: &SmtpConfig, patience: Patience) -> Self {
        let (server, from) = (Server::new(host, smtp), sender_of(&smtp.from));
        Self { server, from, patience, idle: Mutex::default(), fault: Mutex::default() }
    }

    async fn hand_over(&self, letter: &Letter) -> Result<(), SendError> {
        let from = self.from.as_ref().map_err(Clone::clone)?;
        // Most of the text is Chinese, and every server takes base 64.
        let message = message::compose(letter, from, ContentTransferEncoding::Base64)?;
        let to = message.envelope().to().first().ok_or_else(|| SendError::Unsendable("no recipient".to_owned()))?;
        let mut session = self.session().await?;
        let refusal = match timeout(self.patience.answer, session.hand_over(&from.email, to, &message.formatted())).await {
            Ok(Ok(())) => {
                self.keep(session);
                return Ok(());
            }
            Ok(Err(refusal)) => refusal,
            Err(_) => {
                let reason = format!("no answer within {} s", self.patience.answer.as_secs());
                return Err(SendError::Refused { permanent: false, reason });
            }
        };
        if refusal.in_step && timeout(self.patience.word, session.reset()).await == Ok(true) {
            self.keep(session);
        }
        Err(SendError::Refused { permanent: refusal.permanent, reason: refusal.reason })
    }

    /// A session that was kept and still answers, or a new one.
    async fn session(&self) -> Result<Session, SendError> {
        if let Some(mut kept) = self.take()
            && timeout(self.patience.word, kept.is_alive()).await == Ok(true)
        {
            return Ok(kept);
        }
        let opened = timeout(self.patience.open, self.server.open(self.patience.open)).await;
        let opened = opened.unwrap_or_else(|_| Err(format!("the mail server gives no answer within {} s", self.patience.open.as_secs())));
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = opened.as_ref().err().cloned();
        opened.map_err(SendError::Unreachable)
    }

    fn take(&self) -> Option<Session> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(self.hand_over(letter))
    }

    fn slots(&self) -> usize {
        SESSIONS
    }

    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
            join_all(idle.into_iter().map(|session| timeout(self.patience.word, session.quit()))).await;
        })
    }

    fn dependency(&self) -> Option<(&'static str, Option<String>)> {
        let unusable = self.from.as_ref().err().map(ToString::to_string);
        let unusable = unusable.or_else(|| self.server.misconfigured().map(str::to_owned));
        Some(("smtp", unusable.or_else(|| self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone())))
    }
}
