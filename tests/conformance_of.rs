//! Runs the vectors through the executor of another language, which `UPSCOPE_EXECUTOR` names as a command line: how the
//! bindings' own tests use them. `cargo test --test conformance_of`

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/executor.rs"]
mod executor;
#[path = "support/scripted_server.rs"]
mod scripted_server;
#[path = "support/vectors.rs"]
mod vectors;

use std::process::Command;

use executor::{Executor, run_all, through_core};

#[test]
fn named_executor() {
    let command_line = std::env::var("UPSCOPE_EXECUTOR").expect("UPSCOPE_EXECUTOR names the executor");
    let mut words = command_line.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words);
    let mut executor = Executor::start(command);
    let wire = run_all(&command_line, |vector, config| executor.call(vector, config));
    assert_eq!(wire, through_core());
}
