//! The sandbox as its clients meet it: over real sockets.

mod agents;
mod connections;
mod control;
mod control_access;
mod faults;
mod http;
mod life_cycle;
mod onpremise;
mod pipelining;
mod program;
mod routes;
mod session_pages;
mod usage;
mod visitors;
mod watch_links;
mod webhooks;

use upscope_sandbox::{Options, Sandbox};

fn sandbox() -> Sandbox {
    sandbox_of(25, 120)
}

fn sandbox_of(visitors: usize, sessions: usize) -> Sandbox {
    let options = Options { visitors, sessions, ..Options::default() };
    Sandbox::start(options).expect("a free port")
}
