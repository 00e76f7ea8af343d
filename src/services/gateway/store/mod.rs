//! The gateway's own SQL, a file a table.

mod idempotency;
mod merchant;
mod payment;
mod review;
mod webhook;

pub(super) use idempotency::{Claim, StoredAnswer, claim, find_answers, new_claims, overwrite, purge_answers, release};
pub(super) use merchant::{Merchant, find_merchant, save_merchant};
pub(super) use payment::{
    COLUMNS, find_by_intents, find_by_numbers, find_payment, from_row, insert_payments, new_payments, next_expiry, overdue,
    payment_of_intent, present_payments, standing_payments, update_payments,
};
pub(super) use review::{Review, insert_reviews, reviews_of};
pub(super) use webhook::{
    Finished, NewWebhook, ReceivedWebhook, WebhookState, finish_webhooks, insert_webhooks, next_due, postpone_webhooks, purge_webhooks,
    waiting_webhooks, webhooks_of,
};
