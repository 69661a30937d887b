//! Client for the Upscope co-browsing REST API: find visitors, create watch links, stop sessions, list session history,
//! look up agents, authorize on-premise sessions.
//!
//! Calls block and return before their deadline. Any number of threads can share a [`Client`]. The service may add fields
//! to responses at any time: unknown ones are kept in `extra`.
//!
//! This crate is also the core of the C library and the Python package of the same name.

#![deny(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

/// Compiles the Rust examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

mod background;
mod call;
#[doc(hidden)]
pub mod catalog;
mod client;
mod client_operations;
mod config;
mod engine;
mod error;
#[doc(hidden)]
pub mod fuzzing;
pub mod json;
mod paging;
mod request;
mod support;
mod transport;
mod webhook;

pub use background::call_handle::{OnDone, Pending, Starter};
#[doc(hidden)]
pub use call::context::{CallContext, EndedAttempt};
#[doc(hidden)]
pub use call::retry;
pub use catalog::options::CallOptions;
pub use catalog::{model, operations, parameter};
pub use client::Client;
pub use config::{Config, DEFAULT_BASE_URL};
pub use error::{Error, ErrorCode};
pub use paging::pages::{Pages, Sessions};
pub use request::validate::{MAX_DEPTH, MAX_REQUEST_BYTES};
pub use support::cancel::{CancelToken, Control};
pub use support::log;
#[doc(hidden)]
pub use support::memory::TryClone;
#[doc(hidden)]
pub use support::panic::catch_panic;
pub use support::secret::Secret;
#[doc(hidden)]
pub use support::suggest::suggest;
#[doc(hidden)]
pub use support::timestamp::Timestamp;
pub use transport::ConnectionInfo;
#[doc(hidden)]
pub use transport::headers::{ExtraHeaders, RequestHeaders};
pub use webhook::{parse_webhook, parse_webhook_json};

/// The definitions of the operations.
pub mod operation {
    pub use crate::catalog::operation::{Definition, ExpectedShape, Operation};
    pub use crate::catalog::registry::{find, name_of, operations_json};
}
