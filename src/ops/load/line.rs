use serde::{Deserialize, Serialize};

use crate::domain::{Currency, MerchantId};

use super::Op;

/// One line of a journal: the history of a run as `invoke`, then `ok`, `fail` or `info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Line {
    /// The first line of a run.
    Run(RunLine),
    /// A request is about to be sent. Queries change nothing and are not in the history.
    Invoke { id: u64, op: Op },
    /// The platform acknowledged it: from here on it must hold.
    Ok(Acked),
    /// The platform refused it: it did nothing.
    Fail { id: u64, op: Op, status: u16, error: String },
    /// Nobody knows whether it was done: it may be there, or not.
    Info { id: u64, op: Op, reason: String },
    /// A line of a newer version.
    #[serde(other)]
    Other,
}

/// What a run is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunLine {
    pub(super) run: String,
    pub(super) merchant_id: MerchantId,
    pub(super) seed: u64,
    pub(super) started_at: String,
}

/// What the platform has promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Acked {
    /// Of the request; a line that somebody wrote by hand may have none.
    #[serde(default)]
    pub(super) id: u64,
    pub(super) op: Op,
    pub(super) payment_no: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) order_no: Option<String>,
    pub(super) merchant_id: MerchantId,
    /// Minor units.
    pub(super) amount: i64,
    pub(super) currency: Currency,
    /// When the request was due, in microseconds since 1970; only where it counts in the figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) due_us: Option<i64>,
    /// The answer to a repetition: nothing new was promised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) repeated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_that_other_tools_can_read_and_write() {
        let text = r#"{"type":"ok","id":7,"op":"pay","payment_no":"PY1","merchant_id":"2e42829e-b6aa-4e63-964d-a45a49af106c","amount":10000,"currency":"USD"}"#;
        let line: Line = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&line).unwrap(), text);
        assert_eq!(serde_json::from_str::<Line>(r#"{"type":"note","text":"later"}"#).unwrap(), Line::Other);
        let fail = Line::Fail { id: 1, op: Op::Cancel, status: 409, error: "PAYMENT_STATUS_INVALID".to_owned() };
        assert_eq!(
            serde_json::to_string(&fail).unwrap(),
            r#"{"type":"fail","id":1,"op":"cancel","status":409,"error":"PAYMENT_STATUS_INVALID"}"#
        );
    }
}
