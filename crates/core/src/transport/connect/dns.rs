//! Looks up host names, with a cache and a deadline.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::support::per_process::PerProcess;
use crate::transport::attempt::Attempt;
use crate::transport::connect::blocking::{Permits, SpawnFailed, Task, TaskResult};
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// How long addresses stay in the cache.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// Limits the concurrent lookups of this process: the system's resolver cannot be interrupted.
static PERMITS: Permits = Permits::new(MAX_LOOKUPS);
const MAX_LOOKUPS: u64 = 16;

/// The running lookups of this process, one for each name. All calls of all clients that need the name share it.
static IN_FLIGHT: PerProcess<Arc<InFlight>> = PerProcess::new();

type InFlight = Mutex<Vec<(String, Arc<Lookup>)>>;

/// The addresses of a name, or a clause that follows "the lookup of the host name".
type Lookup = Task<Result<Addresses, String>>;

/// The ports are not used. `IpAddr` would lose the scope of an IPv6 address.
type Addresses = Arc<[SocketAddr]>;

/// Maximum number of addresses in [`ResolvedSocketAddrs`].
const MAX_UREQ_ADDRESSES: usize = 16;

/// How long a call waits before it tries again to get a permit.
const PERMIT_RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// The system's resolver with a cache.
#[derive(Default)]
pub(crate) struct DnsResolver {
    cache: Mutex<Cache>,
}

/// For each host: when it was looked up, and its addresses.
type Cache = HashMap<String, (Instant, Addresses)>;

impl DnsResolver {
    pub(crate) fn lookup(&self, uri: &Uri, attempt: &Attempt) -> Result<Vec<SocketAddr>, TransportError> {
        attempt.on_lookup_start();
        let (host, port) = host_and_port(uri)?;
        if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let host = host.to_ascii_lowercase();
        let lookup = loop {
            let cached = self.lock_cache().get(&host).filter(|(time, _)| time.elapsed() < TIME_TO_LIVE).cloned();
            if let Some((_, addresses)) = cached {
                return Ok(interleave_families(&addresses, port));
            }
            match join_or_spawn(&host)? {
                Some(lookup) => break lookup,
                None => {
                    attempt.on_lookup_queued();
                    thread::sleep(attempt.time_left()?.min(PERMIT_RETRY_INTERVAL));
                    attempt.poll_interrupt();
                }
            }
        };
        attempt.on_lookup_start();
        let addresses = match lookup.wait(attempt)? {
            TaskResult::Completed(Ok(addresses)) if !addresses.is_empty() => addresses,
            TaskResult::Completed(Err(problem)) => return Err(TransportError::new(ErrorKind::Dns, problem)),
            TaskResult::Completed(Ok(_)) | TaskResult::Panicked => {
                return Err(TransportError::new(ErrorKind::Dns, format!("found no address for {host}")));
            }
        };
        let sorted = interleave_families(&addresses, port);
        self.lock_cache().insert(host, (Instant::now(), addresses));
        Ok(sorted)
    }

    /// Removes a host from the cache, because no connection to its addresses could be opened.
    pub(crate) fn forget(&self, uri: &Uri) {
        if let Some(host) = uri.host() {
            self.lock_cache().remove(&host.to_ascii_lowercase());
        }
    }

    /// The addresses as ureq's own connectors take them.
    pub(crate) fn to_ureq(&self, addresses: &[SocketAddr]) -> ResolvedSocketAddrs {
        let mut resolved = self.empty();
        addresses.iter().take(MAX_UREQ_ADDRESSES).for_each(|address| resolved.push(*address));
        resolved
    }

    fn lock_cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running lookup of `host`, or a new one. None if too many other lookups are running.
fn join_or_spawn(host: &str) -> Result<Option<Arc<Lookup>>, TransportError> {
    let mut in_flight = lock_in_flight();
    if let Some((_, lookup)) = in_flight.iter().find(|(name, _)| name == host) {
        return Ok(Some(lookup.clone()));
    }
    let Some(permit) = PERMITS.try_acquire() else {
        return Ok(None);
    };
    let thread = thread::Builder::new().name("upscope-dns".into()).stack_size(256 * 1024);
    let name = host.to_owned();
    let lookup = Task::spawn(permit, thread, move || {
        let entry = InFlightEntry(name);
        system_lookup(&entry.0)
    });
    let lookup = lookup.map_err(|SpawnFailed| {
        TransportError::new(ErrorKind::Dns, format!("was not possible: {}", shortage::THREADS))
    })?;
    in_flight.push((host.to_owned(), lookup.clone()));
    Ok(Some(lookup))
}

/// The name of a running lookup. Dropping it removes the lookup from [`IN_FLIGHT`].
struct InFlightEntry(String);

impl Drop for InFlightEntry {
    fn drop(&mut self) {
        lock_in_flight().retain(|(name, _)| *name != self.0);
    }
}

fn lock_in_flight() -> MutexGuard<'static, Vec<(String, Arc<Lookup>)>> {
    IN_FLIGHT.get_or_init(Arc::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Calls the system's resolver, which may take any amount of time.
fn system_lookup(host: &str) -> Result<Addresses, String> {
    match (host, 0).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(match shortage::from_lookup_error(&error) {
            Some(shortage) => format!("was not possible: {shortage}"),
            None => format!("found no address for {host}: check base_url and proxy"),
        }),
    }
}

/// Sets the port, and alternates between IPv4 and IPv6: if one family has no route, that costs only one delay.
fn interleave_families(addresses: &[SocketAddr], port: u16) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut sorted = Vec::with_capacity(addresses.len());
    while sorted.len() < addresses.len() {
        sorted.extend(first.next().into_iter().chain(second.next()));
    }
    sorted.iter_mut().for_each(|address| address.set_port(port));
    sorted
}

impl Resolver for DnsResolver {
    /// For ureq's proxy connectors.
    fn resolve(&self, uri: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let attempt = Attempt::active()?;
        let addresses = self.lookup(uri, &attempt).map_err(|error| match error.kind {
            ErrorKind::Dns => TransportError { kind: ErrorKind::Proxy, ..error },
            _ => error,
        });
        attempt.on_proxy_start();
        Ok(self.to_ureq(&addresses.map_err(TransportError::into_ureq)?))
    }
}

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DnsResolver")
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), TransportError> {
    let port = uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        Some("socks4" | "socks4a" | "socks5" | "socks5h" | "socks") => Some(1080),
        _ => None,
    });
    uri.host().zip(port).ok_or_else(|| TransportError::new(ErrorKind::Internal, "has a URL without host or port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_families_alternate_and_all_addresses_are_kept() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        for (found, sorted) in [
            (
                &["1.0.0.1:0", "1.0.0.2:0", "[::1]:0", "1.0.0.3:0"][..],
                &["1.0.0.1:7", "[::1]:7", "1.0.0.2:7", "1.0.0.3:7"][..],
            ),
            (&["[::1]:0", "[fe80::2%3]:0", "1.0.0.1:0"], &["[::1]:7", "1.0.0.1:7", "[fe80::2%3]:7"]),
            (&["1.0.0.1:0"], &["1.0.0.1:7"]),
            (&[], &[]),
        ] {
            assert_eq!(interleave_families(&list(found), 7), list(sorted));
        }
    }
}
