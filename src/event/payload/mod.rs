//! What events say, one file for each kind of object (contract section 3).

mod accounting;
mod analytics;
mod any;
mod audit;
mod extra;
mod merchant;
mod notification;
mod order;
mod payment;
mod payout;
mod refund;
mod saga;
mod settlement;
mod withdrawal;

pub use accounting::{AccountingExtra, AccountingPayload, EntryType, LedgerEntry};
pub use analytics::AnalyticsPayload;
pub use any::Payload;
pub use audit::AuditPayload;
pub use extra::Extra;
pub use merchant::{BankAccount, MerchantPayload};
pub use notification::NotificationPayload;
pub use order::OrderPayload;
pub use payment::PaymentPayload;
pub use payout::PayoutPayload;
pub use refund::RefundPayload;
pub use saga::{SagaCompensatingPayload, SagaStartedPayload};
pub use settlement::{SettlementCycle, SettlementPayload};
pub use withdrawal::{WithdrawalPayload, WithdrawalType};
