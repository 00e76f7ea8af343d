use std::sync::Arc;

use crate::config::Ambient;
use crate::domain::MerchantId;
use crate::http::{ApiError, ErrorCode};
use crate::store::{Store, StoreError, Tx};

use super::client::GatewayClient;
use super::row::Order;
use super::store;

/// What the routes work with.
pub(super) struct Orders {
    pub(super) store: Store,
    pub(super) ambient: Ambient,
    pub(super) gateway: Arc<dyn GatewayClient>,
}

impl Orders {
    /// The merchant's order.
    pub(super) async fn find(&self, merchant: MerchantId, order_no: &str) -> Result<Order, ApiError> {
        let order_no = order_no.to_owned();
        let found = self.store.read(async move |tx| find_one(tx, merchant, &order_no).await).await?;
        found.ok_or_else(not_found)
    }
}

pub(super) async fn find_one(tx: &mut Tx, merchant: MerchantId, order_no: &str) -> Result<Option<Order>, StoreError> {
    Ok(store::find(tx, std::iter::once((merchant, order_no))).await?.into_iter().next())
}

/// An order of another merchant answers like one that does not exist.
pub(super) fn not_found() -> ApiError {
    ApiError::new(ErrorCode::OrderNotFound, "there is no such order")
}

/// The refusal of a change that the order's state does not allow.
pub(super) fn wrong_status(order: &Order, message: &str) -> ApiError {
    ApiError::new(ErrorCode::OrderStatusInvalid, message).with("status", order.status.as_str())
}
