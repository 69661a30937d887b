//! What the process holds: memory, descriptors, threads; and how long its threads waited for a processor.

use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What the process held at the ends of rounds, while nobody was calling.
#[derive(Default)]
pub struct Health {
    looks: Vec<Look>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// All that the process has in memory; the allocator keeps some of what was freed.
    pub memory_kb: u64,
    /// What was allocated and not freed. Zero where the system does not tell.
    pub heap_kb: u64,
    pub descriptors: u64,
    pub threads: u64,
}

impl Health {
    pub fn look(&mut self) {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        self.looks.push(Look {
            memory_kb: field("VmRSS:").unwrap_or_default(),
            heap_kb: heap_kb(),
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, |list| list.count() as u64),
            threads: field("Threads:").unwrap_or_default(),
        });
    }

    pub fn latest(&self) -> Look {
        self.looks.last().copied().unwrap_or_default()
    }

    /// The most of the first and of the last third of the looks, the very first one left out: it warmed up.
    pub fn early_and_late(&self) -> (Look, Look) {
        let settled = self.looks.get(1..).unwrap_or_default();
        let third = settled.len().div_ceil(3);
        (most(&settled[..third]), most(&settled[settled.len() - third..]))
    }
}

fn most(looks: &[Look]) -> Look {
    let of = |field: fn(&Look) -> u64| looks.iter().map(field).max().unwrap_or_default();
    Look {
        memory_kb: of(|look| look.memory_kb),
        heap_kb: of(|look| look.heap_kb),
        descriptors: of(|look| look.descriptors),
        threads: of(|look| look.threads),
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn heap_kb() -> u64 {
    // SAFETY: it only reads the allocator's own counters.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64 / 1024
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn heap_kb() -> u64 {
    0
}

/// For how long this thread was ready to run and had no processor. Zero where the system does not tell.
pub fn starved() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Does nothing but sleep for a moment, again and again: when even that takes long, the machine stood still.
#[derive(Clone, Default)]
pub struct Canary(Arc<Mutex<Vec<(Instant, Instant)>>>);

impl Canary {
    const NAP: Duration = Duration::from_millis(2);

    pub fn start() -> Canary {
        let canary = Canary::default();
        let stalls = canary.0.clone();
        thread::spawn(move || {
            loop {
                let began = Instant::now();
                thread::sleep(Self::NAP);
                let ended = Instant::now();
                if ended - began > 4 * Self::NAP {
                    stalls.lock().unwrap().push((began + Self::NAP, ended));
                }
            }
        });
        canary
    }

    /// For how long the machine stood still between these times.
    pub fn stalled(&self, from: Instant, to: Instant) -> Duration {
        let overlap =
            |(began, ended): &(Instant, Instant)| (*ended).min(to).saturating_duration_since((*began).max(from));
        self.0.lock().unwrap().iter().map(overlap).sum()
    }

    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }
}
