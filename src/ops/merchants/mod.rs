//! Merchants as operators look them up: how they stand with the gateway, analytics, the books and the dead letters.

mod find;
mod letters;
mod list;
mod show;
mod show_report;
mod standing;
#[cfg(test)]
mod tests;

pub use find::resolve;
pub use letters::ParkedMoney;
pub use list::{MerchantList, list};
pub use show::{ApiKeyLine, Balance, MerchantDetail, show};
pub use standing::{DayFigures, Standing};
