//! Looks up host names: at once for an address, from memory for a name known of late, else in bounded time.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::attempt::{Phase, State};
use super::connect::outside;
use super::failure::{Failure, Kind};
use super::questions::{Answer, Place, Questions};

/// How long addresses are taken from memory.
const TIME_TO_LIVE: Duration = Duration::from_secs(60);

/// The system's resolver cannot be interrupted.
static LOOK_UPS: Questions = Questions::at_most(8);

/// Addresses kept of one name: as many as ureq hands on.
const MAX_ADDRESSES: usize = 16;

/// How often a call that may not ask yet looks again.
const TURN: Duration = Duration::from_millis(5);

/// A resolver with a memory.
#[derive(Default)]
pub(super) struct Dns {
    known: Mutex<Known>,
}

/// By host and port: when they were asked for, and the addresses.
type Known = HashMap<(String, u16), (Instant, Vec<SocketAddr>)>;

impl Dns {
    pub(super) fn look_up(&self, uri: &Uri, state: &State) -> Result<ResolvedSocketAddrs, Failure> {
        state.enter(Phase::Resolving);
        let (host, port) = host_and_port(uri)?;
        if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(self.listed(&[SocketAddr::new(ip, port)]));
        }
        let name = (host.to_ascii_lowercase(), port);
        let place = loop {
            let remembered = self.known().get(&name).filter(|(at, _)| at.elapsed() < TIME_TO_LIVE).cloned();
            if let Some((_, addresses)) = remembered {
                return Ok(self.listed(&addresses));
            }
            match LOOK_UPS.place() {
                Some(place) => break place,
                // Others ask already, and maybe for this very name.
                None => thread::sleep(state.time_left()?.min(TURN)),
            }
            state.pause();
        };
        let addresses = ask(name.clone(), place, state)?;
        if addresses.is_empty() {
            return Err(Failure::new(Kind::Dns, format!("found no address of {host}")));
        }
        let listed = self.listed(&addresses);
        self.known().insert(name, (Instant::now(), addresses));
        Ok(listed)
    }

    /// The addresses of this host did not answer: ask again next time.
    pub(super) fn forget(&self, uri: &Uri) {
        if let Ok((host, port)) = host_and_port(uri) {
            self.known().remove(&(host.to_ascii_lowercase(), port));
        }
    }

    /// First one address of each family in turn: a family that is not routed costs one wait, not many.
    fn listed(&self, addresses: &[SocketAddr]) -> ResolvedSocketAddrs {
        let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
        let (mut first, mut second): (Vec<_>, Vec<_>) =
            addresses.iter().copied().partition(|address| address.is_ipv6() == first_is_v6);
        first.reverse();
        second.reverse();
        let mut listed = self.empty();
        for index in 0..addresses.len().min(MAX_ADDRESSES) {
            let (from, other) = if index % 2 == 0 { (&mut first, &mut second) } else { (&mut second, &mut first) };
            if let Some(address) = from.pop().or_else(|| other.pop()) {
                listed.push(address);
            }
        }
        listed
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ask(name: (String, u16), place: Place, state: &State) -> Result<Vec<SocketAddr>, Failure> {
    let host = name.0.clone();
    let thread = thread::Builder::new().name("upscope-dns".into()).stack_size(256 * 1024);
    let resolved = move || (name.0.as_str(), name.1).to_socket_addrs().map(|addresses| addresses.collect());
    match place.ask(thread, resolved, state)? {
        Answer::Told(Ok(addresses)) => Ok(addresses),
        Answer::Told(Err(_)) | Answer::Silent => {
            Err(Failure::new(Kind::Dns, format!("found no address of {host}: check base_url and proxy")))
        }
        Answer::NoThread => Err(Failure::new(Kind::Dns, "was not tried: this computer can start no thread")),
    }
}

impl Resolver for Dns {
    /// For ureq's proxy connectors.
    fn resolve(&self, uri: &Uri, _: &ureq::config::Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let state = State::current().ok_or_else(outside)?;
        let addresses = self.look_up(uri, &state).map_err(|failure| match failure.kind {
            Kind::Dns => Failure { kind: Kind::Proxy, ..failure },
            _ => failure,
        });
        state.enter(Phase::Proxy);
        addresses.map_err(Failure::into_ureq)
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns")
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), Failure> {
    let port = uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        Some("socks4" | "socks4a" | "socks5" | "socks5h" | "socks") => Some(1080),
        _ => None,
    });
    uri.host().zip(port).ok_or_else(|| Failure::new(Kind::Internal, "has a URL without host or port"))
}
