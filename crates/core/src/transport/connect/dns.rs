//! Looks up host names: at once for an address, from memory for a name known of late, else in bounded time.

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
use crate::transport::attempt::{Phase, State};
use crate::transport::connect::blocking::{Outcome, Permits, SpawnFailed, Task};
use crate::transport::error::{ErrorKind, TransportError};
use crate::transport::shortage;

/// How long addresses are taken from memory.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// Names that may be looked up at once in this process: the system's resolver cannot be interrupted.
static PERMITS: Permits = Permits::new(MAX_LOOK_UPS);
const MAX_LOOK_UPS: u64 = 16;

/// The look-ups in flight in this process: one for each name, however many calls of whichever clients wait for it.
static IN_FLIGHT: PerProcess<Arc<InFlight>> = PerProcess::new();

type InFlight = Mutex<Vec<(String, Arc<LookUp>)>>;

/// The addresses of a name, or a clause that follows "the look-up of the host name".
type LookUp = Task<Result<Addresses, String>>;

/// Their ports do not count. Not `IpAddr`: an IPv6 address may have a scope.
type Addresses = Arc<[SocketAddr]>;

/// Addresses that ureq's own connectors take.
const MAX_UREQ_ADDRESSES: usize = 16;

/// How often a call that gets no permit tries again.
const TURN: Duration = Duration::from_millis(5);

/// A resolver with a memory.
#[derive(Default)]
pub(crate) struct Dns {
    known: Mutex<Known>,
}

/// By host: when it was asked for, and its addresses.
type Known = HashMap<String, (Instant, Addresses)>;

impl Dns {
    pub(crate) fn look_up(&self, uri: &Uri, state: &State) -> Result<Vec<SocketAddr>, TransportError> {
        state.enter(Phase::Resolving);
        let (host, port) = host_and_port(uri)?;
        if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        let host = host.to_ascii_lowercase();
        let look_up = loop {
            let remembered = self.known().get(&host).filter(|(at, _)| at.elapsed() < TIME_TO_LIVE).cloned();
            if let Some((_, addresses)) = remembered {
                return Ok(interleaved(&addresses, port));
            }
            match join_or_start(&host)? {
                Some(look_up) => break look_up,
                None => {
                    state.enter(Phase::AwaitingLookUp);
                    thread::sleep(state.time_left()?.min(TURN));
                    state.poll_interrupt();
                }
            }
        };
        state.enter(Phase::Resolving);
        let addresses = match look_up.wait(state)? {
            Outcome::Completed(Ok(addresses)) if !addresses.is_empty() => addresses,
            Outcome::Completed(Err(problem)) => return Err(TransportError::new(ErrorKind::Dns, problem)),
            Outcome::Completed(Ok(_)) | Outcome::Panicked => {
                return Err(TransportError::new(ErrorKind::Dns, format!("found no address of {host}")));
            }
        };
        let listed = interleaved(&addresses, port);
        self.known().insert(host, (Instant::now(), addresses));
        Ok(listed)
    }

    /// The addresses of this host did not answer: ask again next time.
    pub(crate) fn forget(&self, uri: &Uri) {
        if let Some(host) = uri.host() {
            self.known().remove(&host.to_ascii_lowercase());
        }
    }

    /// As many of them as ureq's connectors take.
    pub(crate) fn for_ureq(&self, addresses: &[SocketAddr]) -> ResolvedSocketAddrs {
        let mut taken = self.empty();
        addresses.iter().take(MAX_UREQ_ADDRESSES).for_each(|address| taken.push(*address));
        taken
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The look-up of `host` that is in flight, or a new one; None while too many other names are being looked up.
fn join_or_start(host: &str) -> Result<Option<Arc<LookUp>>, TransportError> {
    let mut in_flight = in_flight();
    if let Some((_, look_up)) = in_flight.iter().find(|(name, _)| name == host) {
        return Ok(Some(look_up.clone()));
    }
    let Some(permit) = PERMITS.try_acquire() else {
        return Ok(None);
    };
    let thread = thread::Builder::new().name("upscope-dns".into()).stack_size(256 * 1024);
    let name = host.to_owned();
    let look_up = Task::spawn(permit, thread, move || {
        let entry = Entry(name);
        ask_system(&entry.0)
    });
    let look_up = look_up.map_err(|SpawnFailed| {
        TransportError::new(ErrorKind::Dns, format!("was not possible: {}", shortage::THREADS))
    })?;
    in_flight.push((host.to_owned(), look_up.clone()));
    Ok(Some(look_up))
}

/// The name that a thread looks up: no longer in flight when this is dropped.
struct Entry(String);

impl Drop for Entry {
    fn drop(&mut self) {
        in_flight().retain(|(name, _)| *name != self.0);
    }
}

fn in_flight() -> MutexGuard<'static, Vec<(String, Arc<LookUp>)>> {
    IN_FLIGHT.get_or_init(Arc::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks the system's resolver, which may take as long as it likes.
fn ask_system(host: &str) -> Result<Addresses, String> {
    match (host, 0).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(error) => Err(match shortage::of_look_up(&error) {
            Some(shortage) => format!("was not possible: {shortage}"),
            None => format!("found no address of {host}: check base_url and proxy"),
        }),
    }
}

/// The addresses with this port. First one of each family in turn: a family that is not routed costs one wait, not many.
fn interleaved(addresses: &[SocketAddr], port: u16) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut listed = Vec::with_capacity(addresses.len());
    while listed.len() < addresses.len() {
        listed.extend(first.next().into_iter().chain(second.next()));
    }
    listed.iter_mut().for_each(|address| address.set_port(port));
    listed
}

impl Resolver for Dns {
    /// For ureq's proxy connectors.
    fn resolve(&self, uri: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let state = State::active()?;
        let addresses = self.look_up(uri, &state).map_err(|failure| match failure.kind {
            ErrorKind::Dns => TransportError { kind: ErrorKind::Proxy, ..failure },
            _ => failure,
        });
        state.enter(Phase::Proxy);
        Ok(self.for_ureq(&addresses.map_err(TransportError::into_ureq)?))
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
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
    fn families_take_turns_and_nothing_is_lost() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        for (found, listed) in [
            (
                &["1.0.0.1:0", "1.0.0.2:0", "[::1]:0", "1.0.0.3:0"][..],
                &["1.0.0.1:7", "[::1]:7", "1.0.0.2:7", "1.0.0.3:7"][..],
            ),
            (&["[::1]:0", "[fe80::2%3]:0", "1.0.0.1:0"], &["[::1]:7", "1.0.0.1:7", "[fe80::2%3]:7"]),
            (&["1.0.0.1:0"], &["1.0.0.1:7"]),
            (&[], &[]),
        ] {
            assert_eq!(interleaved(&list(found), 7), list(listed));
        }
    }
}
