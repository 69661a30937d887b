//! Runs the vectors in `tests/vectors` through the core and through C, and compares what they answer and what they
//! leave on the wire.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/c_program.rs"]
mod c_program;
#[path = "support/executor.rs"]
mod executor;
#[path = "support/scripted_server.rs"]
mod scripted_server;
#[path = "support/vectors.rs"]
mod vectors;

use executor::{Executor, run_all, through_core};

#[test]
fn core() {
    through_core();
}

#[test]
fn c() {
    let mut executor = Executor::start(c_program::build("tests/c/conformance_executor.c"));
    let wire = run_all("c", |vector, config| executor.call(vector, config));
    assert_eq!(wire, through_core());
}
