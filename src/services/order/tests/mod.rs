//! How orders follow payments and what merchants may do with them, on a database of its own.

mod client;
mod desk;
mod facts;
mod follow;
mod http;
mod property;
