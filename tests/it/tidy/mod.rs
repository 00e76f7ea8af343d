//! The house rules, as tests: arrows between modules, fences around crates, sizes, names, words, and what must be listed.
//!
//! Each check reads the checkout as text and tells every problem as `file:line: what to do`; each is proved by an example
//! in memory that it must find.

mod arrows;
mod fences;
mod imports;
mod lexer;
mod register;
mod shape;
mod tree;
