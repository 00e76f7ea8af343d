//! What accounting does with events, shows over HTTP and exports, on a database of its own.

mod booking;
mod books;
mod export;
mod http;
mod property;
