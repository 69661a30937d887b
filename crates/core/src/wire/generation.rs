//! The connections of one process. After a fork the child starts its own and never touches its parent's.

use std::process;

use once_cell::sync::OnceCell;
use ureq::Agent;

use super::{connect, tls};

/// Idle connections kept: one for each of many threads.
const MAX_IDLE: usize = 64;

/// Idle connections are dropped before servers commonly close them.
const MAX_IDLE_AGE: std::time::Duration = std::time::Duration::from_secs(20);

/// The agents of this process and those it was forked from.
pub(super) struct Generations {
    proxy: Option<ureq::Proxy>,
    roots: tls::Roots,
    first: OnceCell<Box<Generation>>,
}

struct Generation {
    process: u32,
    agent: Agent,
    next: OnceCell<Box<Generation>>,
}

impl Generations {
    pub(super) fn new(proxy: Option<ureq::Proxy>, roots: tls::Roots) -> Generations {
        Generations { proxy, roots, first: OnceCell::new() }
    }

    /// This process's agent. Takes no lock that another thread could have held at the fork.
    pub(super) fn current(&self) -> &Agent {
        let process = process::id();
        let mut slot = &self.first;
        loop {
            let generation =
                slot.get_or_init(|| Box::new(Generation { process, agent: self.make(), next: OnceCell::new() }));
            if generation.process == process {
                return &generation.agent;
            }
            slot = &generation.next;
        }
    }

    fn make(&self) -> Agent {
        let config = ureq::config::Config::builder()
            .http_status_as_error(false)
            // A redirect would carry the API key to another host.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(self.proxy.clone())
            .max_idle_connections(MAX_IDLE)
            .max_idle_connections_per_host(MAX_IDLE)
            .max_idle_age(MAX_IDLE_AGE)
            .build();
        let (connector, resolver) = connect::chain(self.roots.clone());
        Agent::with_parts(config, connector, resolver)
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        if self.process != process::id() {
            // Dropped here, it would say goodbye on the parent's TLS connections.
            std::mem::forget(self.agent.clone());
        }
    }
}
