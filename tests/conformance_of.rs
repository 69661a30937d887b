//! Runs the vectors through the executor of another language. `UPSCOPE_EXECUTOR` is its command line. The tests of the
//! bindings run this with `cargo test --test conformance_of`.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod core_vectors;

use std::process::Command;

use core_vectors::run_through_core;
use upscope_test_support::executor::{Executor, run_all};

#[test]
fn named_executor() {
    let command_line = std::env::var("UPSCOPE_EXECUTOR").expect("UPSCOPE_EXECUTOR names the executor");
    let mut words = command_line.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words);
    let mut executor = Executor::start(command);
    let requests = run_all(&command_line, |vector, config| executor.call(vector, config));
    assert_eq!(requests, run_through_core());
}
