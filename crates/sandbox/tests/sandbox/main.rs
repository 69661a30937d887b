//! Tests of the sandbox over real sockets.

mod agents;
mod client;
mod command_line;
mod connections;
mod control;
mod control_access;
mod deletion_delay;
mod error_messages;
mod fault_rules;
mod faults;
mod onpremise_tokens;
mod pipelining;
mod request_log;
mod routes;
mod session_lifecycle;
mod session_list;
mod usage;
mod visitors;
mod watch_links;
mod webhooks;

use upscope_sandbox::{Options, Sandbox};

fn start_sandbox() -> Sandbox {
    start_sandbox_with(25, 120)
}

fn start_sandbox_with(visitors: usize, sessions: usize) -> Sandbox {
    let options = Options { visitors, sessions, ..Options::default() };
    Sandbox::start(options).expect("a free port")
}
