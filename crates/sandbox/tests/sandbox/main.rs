//! Tests of the sandbox over real sockets.

mod agents;
mod client;
mod clock;
mod command_line;
mod connections;
mod control;
mod control_access;
mod customer_page;
mod deletion_delay;
mod error_messages;
mod fault_rules;
mod faults;
mod live_page;
#[cfg(target_os = "linux")]
mod load;
mod onpremise_tokens;
mod pipelining;
mod request_log;
mod routes;
mod session_control;
mod session_ends;
mod session_lifecycle;
mod session_list;
mod state;
mod usage;
mod visitors;
mod watch_events;
mod watch_links;
mod webhook_receiver;
mod webhooks;

use upscope_sandbox::{Options, Sandbox};

fn start_sandbox() -> Sandbox {
    start_sandbox_with(25, 120)
}

fn start_sandbox_with(visitors: usize, sessions: usize) -> Sandbox {
    let options = Options { visitors, sessions, ..Options::default() };
    Sandbox::start(options).expect("a free port")
}
