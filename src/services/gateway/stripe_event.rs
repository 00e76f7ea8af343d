use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::NumberKind;

use super::client::ChannelState;

const MAX_ID_CHARS: usize = 255;
/// The one type that needs the channel before it can be applied.
pub(super) const PAYMENT_FAILED: &str = "payment_intent.payment_failed";

/// What has to be known of an event to store it.
pub(super) struct EventHead {
    pub(super) id: String,
    pub(super) event_type: String,
    /// The payment that it names, where it names one.
    pub(super) payment_no: Option<String>,
}

#[derive(Deserialize)]
struct Head<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct HeadData {
    object: HeadObject,
}

#[derive(Deserialize)]
struct HeadObject {
    metadata: HeadMetadata,
}

#[derive(Deserialize)]
struct HeadMetadata {
    payment_no: String,
}

/// What an event says of a payment.
pub(super) struct Notice {
    pub(super) evt_id: String,
    pub(super) livemode: bool,
    pub(super) intent_id: Option<String>,
    pub(super) payment_no: Option<String>,
    pub(super) says: Says,
}

/// What happened to the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    /// The money moved: so much, in Stripe's unit, in this currency.
    Succeeded { amount: i64, currency: String },
    /// The payer's bank is at it.
    Processing,
    /// An attempt was declined; how the channel stood after it was asked to close the intent, where it was asked.
    Failed(Option<ChannelState>),
    /// The intent was closed.
    Canceled,
    /// Nothing that moves a payment.
    Other,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Intent,
}

#[derive(Deserialize)]
struct Intent {
    id: String,
    amount_received: Option<i64>,
    currency: Option<String>,
    #[serde(default)]
    metadata: Option<serde_json::Map<String, Value>>,
}

impl EventHead {
    /// Reads id and type of a body that is known to come from the channel.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let usable = |text: &str| !text.is_empty() && text.len() <= MAX_ID_CHARS && text.bytes().all(|b| b.is_ascii_graphic());
        let Head { id, event_type, data } = serde_json::from_slice(body).ok()?;
        let named = data.and_then(|data| serde_json::from_str::<HeadData>(data.get()).ok()).map(|data| data.object.metadata.payment_no);
        let payment_no = named.filter(|number| NumberKind::Payment.matches(number));
        (usable(&id) && usable(&event_type)).then_some(Self { id, event_type, payment_no })
    }
}

impl Notice {
    /// Reads a stored event; the error says what it lacks, without quoting it.
    pub(super) fn parse(evt_id: &str, event_type: &str, raw: &[u8]) -> Result<Self, &'static str> {
        let notice = |says, livemode, intent_id, payment_no| Self { evt_id: evt_id.to_owned(), livemode, intent_id, payment_no, says };
        let Some(kind) = Kind::of(event_type) else { return Ok(notice(Says::Other, false, None, None)) };
        let event: Event = serde_json::from_slice(raw).map_err(|_| "the event holds no payment intent of the expected form")?;
        let Intent { id, amount_received, currency, metadata } = event.data.object;
        let payment_no = metadata.as_ref().and_then(|fields| fields.get("payment_no")).and_then(Value::as_str).map(str::to_owned);
        let says = match kind {
            Kind::Succeeded => Says::Succeeded {
                amount: amount_received.ok_or("the event does not say how much was received")?,
                currency: currency.ok_or("the event does not say in which currency")?.to_ascii_uppercase(),
            },
            Kind::Processing => Says::Processing,
            Kind::Failed => Says::Failed(None),
            Kind::Canceled => Says::Canceled,
        };
        Ok(notice(says, event.livemode, Some(id), payment_no))
    }
}

enum Kind {
    Succeeded,
    Processing,
    Failed,
    Canceled,
}

impl Kind {
    fn of(event_type: &str) -> Option<Self> {
        match event_type {
            "payment_intent.succeeded" => Some(Self::Succeeded),
            "payment_intent.processing" => Some(Self::Processing),
            PAYMENT_FAILED => Some(Self::Failed),
            "payment_intent.canceled" => Some(Self::Canceled),
            _ => None,
        }
    }
}
