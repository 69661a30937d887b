//! Client for the Upscope co-browsing REST API: find visitors, make watch links, stop sessions, list their history,
//! look up agents, authorize on-premise sessions.
//!
//! Calls block and end within their deadline. A [`Client`] is shared by any number of threads. Answers may gain
//! fields at any time: what is not known here is kept in `extra`.
//!
//! This crate is also the core of the C library and the Python package of the same name.

#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

/// The README's Rust, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod ahead;
mod answer;
mod call;
mod cancel;
#[doc(hidden)]
pub mod catalog;
mod client;
mod config;
mod cursor;
mod error;
mod execute;
#[doc(hidden)]
pub mod fault;
#[doc(hidden)]
pub mod fuzzing;
pub mod json;
pub mod log;
mod memory;
pub mod model;
mod nearest;
pub mod operation;
pub mod operations;
mod options;
pub mod parameter;
mod pending;
mod per_process;
mod redact;
mod request_json;
pub mod retry;
mod secret;
mod sessions;
mod time;
mod turns;
mod url;
mod verdict;
mod webhook;
mod wire;
mod workers;

pub use cancel::{CancelToken, Control};
pub use client::Client;
pub use config::{Config, DEFAULT_BASE_URL};
pub use error::{Error, ErrorCode};
#[doc(hidden)]
pub use memory::TryClone;
pub use options::CallOptions;
pub use pending::{Done as OnDone, Pending, Starter};
pub use request_json::{MAX_DEPTH, MAX_REQUEST_BYTES};
pub use secret::Secret;
pub use sessions::{Pages, Sessions};
pub use webhook::{parse_webhook, parse_webhook_json};
pub use wire::Way;
