//! The resources of the process: memory, descriptors and threads, and how long its threads waited for a processor.

use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The resources at the ends of rounds, while no call is running.
#[derive(Default)]
pub struct Health {
    measurements: Vec<Measurement>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Measurement {
    /// The resident memory, including freed memory that the allocator keeps.
    pub memory_kb: u64,
    /// The allocated memory. Zero where the system does not report it.
    pub heap_kb: u64,
    pub descriptors: u64,
    pub threads: u64,
}

impl Health {
    pub fn measure(&mut self) {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        self.measurements.push(Measurement {
            memory_kb: field("VmRSS:").unwrap_or_default(),
            heap_kb: heap_kb(),
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, |list| list.count() as u64),
            threads: field("Threads:").unwrap_or_default(),
        });
    }

    pub fn latest(&self) -> Measurement {
        self.measurements.last().copied().unwrap_or_default()
    }

    /// The highest values of the first and of the last third of the measurements. The first measurement does not count,
    /// because the client warms up before it.
    pub fn early_and_late(&self) -> (Measurement, Measurement) {
        let settled = self.measurements.get(1..).unwrap_or_default();
        let third = settled.len().div_ceil(3);
        (highest(&settled[..third]), highest(&settled[settled.len() - third..]))
    }
}

fn highest(measurements: &[Measurement]) -> Measurement {
    let of = |field: fn(&Measurement) -> u64| measurements.iter().map(field).max().unwrap_or_default();
    Measurement {
        memory_kb: of(|measurement| measurement.memory_kb),
        heap_kb: of(|measurement| measurement.heap_kb),
        descriptors: of(|measurement| measurement.descriptors),
        threads: of(|measurement| measurement.threads),
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn heap_kb() -> u64 {
    // SAFETY: this only reads the counters of the allocator.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64 / 1024
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn heap_kb() -> u64 {
    0
}

/// How long this thread could run but had no processor. Zero where the system does not report it.
pub fn unscheduled_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or(0))
}

/// Sleeps for short intervals. If a sleep takes much longer, the machine stalled.
#[derive(Clone, Default)]
pub struct StallMonitor(Arc<Mutex<Vec<(Instant, Instant)>>>);

impl StallMonitor {
    const INTERVAL: Duration = Duration::from_millis(2);

    pub fn start() -> StallMonitor {
        let monitor = StallMonitor::default();
        let stalls = monitor.0.clone();
        thread::spawn(move || {
            loop {
                let start = Instant::now();
                thread::sleep(Self::INTERVAL);
                let end = Instant::now();
                if end - start > 4 * Self::INTERVAL {
                    stalls.lock().unwrap().push((start + Self::INTERVAL, end));
                }
            }
        });
        monitor
    }

    /// How long the machine stalled between these times.
    pub fn stalled(&self, from: Instant, to: Instant) -> Duration {
        let overlap = |(start, end): &(Instant, Instant)| (*end).min(to).saturating_duration_since((*start).max(from));
        self.0.lock().unwrap().iter().map(overlap).sum()
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}
