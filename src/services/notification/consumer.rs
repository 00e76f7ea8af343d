use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use tokio::sync::Notify;

use crate::config::Ambient;
use crate::event::{Cause, Event, EventKind, NewEvent, NotificationPayload, Payload};
use crate::services::{Consumer, HandleError, ServiceContext};
use crate::store::Tx;

use super::store::{self, Wanted};
use super::{mailer, notice};

/// Turns business events into jobs, and jobs into rows for the sender.
pub(super) struct Notification {
    ambient: Ambient,
    enable_async: bool,
    /// What follows the `@` in Message-IDs.
    domain: String,
    wake: Arc<Notify>,
}

impl Notification {
    pub(super) fn new(context: &ServiceContext, wake: Arc<Notify>) -> Self {
        let config = &context.config.notification;
        Self { ambient: context.ambient.clone(), enable_async: config.enable_async, domain: mailer::domain(&config.smtp.from), wake }
    }

    fn wanted<'a>(&self, event: &'a Event, job: NotificationPayload) -> Wanted<'a> {
        let message_id = notice::message_id(&job, &self.domain);
        Wanted { notification_id: self.ambient.uuid(), message_id, trace_id: &event.metadata.trace_id, job }
    }

    fn requested(&self, tx: &Tx, event: &Event, job: NotificationPayload) -> NewEvent {
        NewEvent {
            event_id: self.ambient.uuid(),
            kind: EventKind::NotificationRequested,
            topic: EventKind::NotificationRequested.topic(),
            aggregate_id: self.ambient.uuid().to_string(),
            aggregate_version: 1,
            merchant_id: Some(job.merchant_id),
            key: job.merchant_id.to_string(),
            timestamp: tx.now(),
            cause: Cause::of(event),
            producer: "notification",
            payload: Payload::Notification(Box::new(job)),
        }
    }
}

impl Consumer for Notification {
    fn apply<'a>(&'a self, tx: &'a mut Tx, events: &'a [Event]) -> LocalBoxFuture<'a, Result<(), HandleError>> {
        Box::pin(async move {
            let mut wanted = Vec::new();
            let mut requested = Vec::new();
            for event in events {
                if let Payload::Notification(job) = &event.payload {
                    if !matches!(job.channel.as_str(), "email" | "sms") {
                        return Err(HandleError::poison("UNKNOWN_CHANNEL", "no such notification channel"));
                    }
                    wanted.push(self.wanted(event, (**job).clone()));
                } else if let Some(job) = notice::of(event) {
                    if self.enable_async {
                        requested.push(self.requested(tx, event, job));
                    } else {
                        wanted.push(self.wanted(event, job));
                    }
                }
            }
            store::insert(tx, &wanted).await?;
            Ok(tx.publish(&requested).await?)
        })
    }

    fn committed(&self) {
        self.wake.notify_one();
    }
}
