//! Tools that the tests of several crates share.
//!
//! - [`ScriptedServer`] sends scripted responses over real loopback sockets, plain or with TLS. [`serve_one`] runs a
//!   closure on one connection, for what a script cannot express.
//! - [`Authority`] issues certificates.
//! - [`RefusingAddress`] and [`FullListener`] are addresses that no connection reaches.
//! - [`build_c_program`] compiles a C program against the C library.
//! - [`vectors`] reads the conformance vectors, and [`executor`] runs them in a program of any language.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod c_program;
mod certificates;
mod connection;
pub mod executor;
mod response;
mod server;
mod unreachable;
pub mod vectors;

use std::path::Path;
use std::time::Duration;

pub use c_program::build_c_program;
pub use certificates::Authority;
pub use connection::Connection;
pub use response::{Response, Step, gzip, http_response};
pub use server::{ScriptedServer, ScriptedServerBuilder, serve_one};
pub use unreachable::{FullListener, RefusingAddress};

/// No server waits longer than this for its client.
const IO_TIMEOUT: Duration = Duration::from_secs(10);

/// The root of the repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/test-support is two folders below the root")
}
