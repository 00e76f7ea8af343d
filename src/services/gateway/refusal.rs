use crate::http::{ApiError, ErrorCode};

use super::payment::Payment;

/// There is no such payment, or it is another merchant's: the two cannot be told apart.
pub(super) fn not_found() -> ApiError {
    ApiError::new(ErrorCode::PaymentNotFound, "there is no such payment")
}

/// The payment stands otherwise than the request needs.
pub(super) fn status_invalid(payment: &Payment, message: &str) -> ApiError {
    ApiError::new(ErrorCode::PaymentStatusInvalid, message).with("status", payment.status.as_str())
}

/// The order has a payment already.
pub(super) fn duplicate_order(payment_no: &str) -> ApiError {
    ApiError::new(ErrorCode::DuplicateOrder, "this order has a payment that is open or paid").with("payment_no", payment_no)
}
