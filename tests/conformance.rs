//! Runs the vectors in `tests/vectors` through the core and through C, and compares the results and the requests that
//! are sent.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod core_vectors;

use std::path::Path;
use std::process::Command;

use core_vectors::run_through_core;
use upscope_test_support::build_c_program;
use upscope_test_support::executor::{Executor, run_all};

#[test]
fn core() {
    run_through_core();
}

#[test]
fn c() {
    let program = build_c_program("tests/c/conformance_executor.c", Path::new(env!("CARGO_TARGET_TMPDIR")));
    let mut executor = Executor::start(Command::new(program));
    let requests = run_all("c", |vector, config| executor.call(vector, config));
    assert_eq!(requests, run_through_core());
}
