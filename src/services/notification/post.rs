use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::config::{Config, MailSink};

use super::eml::FileMailer;
use super::mailer::{Mailer, SendError};
use super::sms::{LogProvider, SmsProvider};
use super::smtp::SmtpMailer;
use super::store::Letter;

/// Everything that can carry a letter, by its channel.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) mailer: Arc<dyn Mailer>,
    sms: Arc<dyn SmsProvider>,
}

impl Post {
    pub(super) fn new(mailer: Arc<dyn Mailer>) -> Self {
        Self { mailer, sms: Arc::new(LogProvider) }
    }

    pub(super) async fn deliver(&self, letter: &Letter) -> Result<(), SendError> {
        if letter.channel == "sms" { self.sms.send(letter) } else { self.mailer.send(letter).await }
    }
}

/// The mailer that the configuration asks for: a sink for measuring, else a server, else files.
pub(super) fn choose(config: &Config) -> Arc<dyn Mailer> {
    let settings = &config.notification;
    match (settings.mail_sink, &settings.smtp.host) {
        (MailSink::Null, _) => Arc::new(NullMailer),
        (MailSink::Files, Some(host)) => Arc::new(SmtpMailer::new(host, &settings.smtp)),
        (MailSink::Files, None) => Arc::new(FileMailer::new(config.data_dir.join("mail"), &settings.smtp.from)),
    }
}

/// Drops mails, for measuring what everything else costs.
struct NullMailer;

impl Mailer for NullMailer {
    fn send<'a>(&'a self, _letter: &'a Letter) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn slots(&self) -> usize {
        128
    }
}
