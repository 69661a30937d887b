//! The ureq agent of each process: its connections, their limits and their connector.

use std::time::Duration;

use ureq::Agent;

use super::{connect, tls};
use crate::per_process::PerProcess;

/// Idle connections kept: one for each of many threads.
const MAX_IDLE: usize = 64;

/// Idle connections are dropped before servers commonly close them.
const MAX_IDLE_AGE: Duration = Duration::from_secs(20);

/// Longest head of an answer.
pub(super) const MAX_HEADER_BYTES: usize = 64 * 1024;

/// The agents of this process and those it was forked from.
pub(super) struct Agents {
    proxy: Option<ureq::Proxy>,
    roots: tls::Roots,
    agents: PerProcess<Agent>,
}

impl Agents {
    pub(super) fn new(proxy: Option<ureq::Proxy>, roots: tls::Roots) -> Agents {
        Agents { proxy, roots, agents: PerProcess::new() }
    }

    /// This process's agent.
    pub(super) fn current(&self) -> &Agent {
        self.agents.get_or_make(|| {
            let config = ureq::config::Config::builder()
                .http_status_as_error(false)
                // A redirect would carry the API key to another host.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .max_response_header_size(MAX_HEADER_BYTES)
                .proxy(self.proxy.clone())
                .max_idle_connections(MAX_IDLE)
                .max_idle_connections_per_host(MAX_IDLE)
                .max_idle_age(MAX_IDLE_AGE)
                .build();
            let (connector, resolver) = connect::chain(self.roots.clone());
            Agent::with_parts(config, connector, resolver)
        })
    }
}
