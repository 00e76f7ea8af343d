use serde::Serialize;

use super::ApiError;

const DEFAULT_SIZE: i64 = 20;
const MAX_SIZE: i64 = 100;
const MAX_PAGE: i64 = 1_000_000;

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub page: i64,
    /// 1 to 100.
    pub page_size: i64,
}

impl Page {
    /// Reads `page` (default 1) and `page_size` (default 20, at most 100) as they stand in a query.
    pub fn parse(page: Option<&str>, page_size: Option<&str>) -> Result<Self, ApiError> {
        Ok(Self { page: in_range("page", page, 1, MAX_PAGE)?, page_size: in_range("page_size", page_size, DEFAULT_SIZE, MAX_SIZE)? })
    }

    /// Rows before this page.
    pub const fn offset(self) -> i64 {
        (self.page - 1) * self.page_size
    }
}

fn in_range(name: &str, text: Option<&str>, default: i64, max: i64) -> Result<i64, ApiError> {
    let Some(text) = text else { return Ok(default) };
    let number = text.parse::<i64>().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| ApiError::field(name, format!("{name} is a number from 1 to {max}")))
}

/// One page of a list, in the contract's form.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The rows of this page.
    pub list: Vec<T>,
    /// Rows on all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// 1 to 100.
    pub page_size: i64,
}

impl<T> List<T> {
    /// The rows of `page` out of `total`.
    pub const fn new(list: Vec<T>, total: i64, page: Page) -> Self {
        Self { list, total, page: page.page, page_size: page.page_size }
    }
}
