//! The counts, the distribution of delays, and the result.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calls::Record;
use super::health::{Health, StallMonitor};
use super::sandbox_control::Journal;

/// How long after its deadline, and after its cancellation, a call may end.
const MAX_DELAY: Duration = Duration::from_millis(50);
const MAX_CANCEL_DELAY: Duration = Duration::from_millis(200);

/// The allowed growth of the allocated memory and of the resident memory. An idle connection has about 100 KB of buffers,
/// and the number of idle connections varies.
const MAX_HEAP_GROWTH_KB: u64 = 4 * 1024;
const MAX_MEMORY_GROWTH_KB: u64 = 8 * 1024;
/// 64 idle connections, and the descriptors of the process itself.
const MAX_DESCRIPTORS: u64 = 64 + 16;
/// 32 that call, one that cancels, one that detects stalls, and the main thread.
const MAX_THREADS: u64 = 35;

/// The bounds of the distribution, in milliseconds.
const STEPS: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];

#[derive(Default)]
pub struct Report {
    pub contradictions: Vec<String>,
    calls: u64,
    requests: u64,
    applied: u64,
    outcomes: BTreeMap<String, u64>,
    /// The delays of calls that ended after their deadline, by [`STEPS`].
    delays: [u64; STEPS.len() + 1],
    at_deadline: u64,
    worst: Duration,
    worst_own: Duration,
    too_late: Vec<String>,
    late_without_processor: u64,
    cancelled: u64,
    worst_cancelled: Duration,
}

impl Report {
    pub fn add(&mut self, records: &[Record], journal: &Journal, stall_monitor: &StallMonitor) {
        self.calls += records.len() as u64;
        self.requests += journal.values().map(|entries| entries.len() as u64).sum::<u64>();
        self.applied += journal.values().flatten().filter(|entry| entry.applied).count() as u64;
        for record in records {
            let outcome = record.error.as_ref().map_or("ok", |error| error.code().name());
            *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
            self.add_time(record, stall_monitor);
        }
    }

    fn add_time(&mut self, record: &Record, stall_monitor: &StallMonitor) {
        // The time without a processor, for this thread or for all threads.
        let stalled = stall_monitor.stalled(record.start, record.start + record.elapsed);
        let unscheduled = record.unscheduled.max(stalled);
        if let Some(delay) = record.elapsed.checked_sub(record.timeout) {
            self.at_deadline += 1;
            let ms = delay.as_millis() as u64;
            self.delays[STEPS.iter().position(|step| ms < *step).unwrap_or(STEPS.len())] += 1;
            self.worst = self.worst.max(delay);
            let own = delay.saturating_sub(unscheduled);
            self.worst_own = self.worst_own.max(own);
            if own > MAX_DELAY {
                self.add_failure(format!("ended {delay:?} late, {own:?} with a processor: {}", describe(record)));
            } else if delay > MAX_DELAY {
                self.late_without_processor += 1;
            }
        }
        let Some(after) = record.cancelled_after else { return };
        self.cancelled += 1;
        let own = after.saturating_sub(unscheduled);
        self.worst_cancelled = self.worst_cancelled.max(own);
        if own > MAX_CANCEL_DELAY {
            self.add_failure(format!(
                "ended {after:?} after its cancellation, {own:?} with a processor: {}",
                describe(record)
            ));
        }
    }

    fn add_failure(&mut self, line: String) {
        println!("WRONG {line}");
        self.too_late.push(line);
    }

    /// The line that is printed after each round.
    pub fn line(&self, health: &Health) -> String {
        let now = health.latest();
        format!(
            "{:>8} calls {:>8} requests; longest delay {} ms, with a processor {} ms, too late {}; {} contradictions; {} KB, {} KB of it allocated, {} descriptors, {} threads",
            self.calls,
            self.requests,
            self.worst.as_millis(),
            self.worst_own.as_millis(),
            self.too_late.len(),
            self.contradictions.len(),
            now.memory_kb,
            now.heap_kb,
            now.descriptors,
            now.threads
        )
    }

    /// Prints everything. Returns whether all checks passed.
    pub fn finish(&self, health: &Health) -> bool {
        println!("outcomes: {:?}", self.outcomes);
        println!("requests that changed something: {}", self.applied);
        let mut below = 0;
        print!("calls that ended at their deadline: {}; delayed by", self.at_deadline);
        for (step, count) in STEPS.iter().zip(self.delays) {
            print!(" {below}-{step} ms: {count},");
            below = *step;
        }
        println!(" more: {}", self.delays[STEPS.len()]);
        println!(
            "longest delay {:.1} ms, with a processor {:.1} ms; over 50 ms only for lack of a processor: {}",
            self.worst.as_secs_f64() * 1000.0,
            self.worst_own.as_secs_f64() * 1000.0,
            self.late_without_processor
        );
        println!("cancelled: {}, at most {:.1} ms after", self.cancelled, self.worst_cancelled.as_secs_f64() * 1000.0);
        let (early, late) = health.early_and_late();
        println!("highest resource use: first third {early:?}, last third {late:?}");

        for line in self.too_late.iter().chain(&self.contradictions).take(50) {
            println!("WRONG {line}");
        }
        let checks = [
            (
                self.too_late.is_empty(),
                "every call ended within 50 ms of its deadline, every cancelled call within 200 ms",
            ),
            (self.contradictions.is_empty(), "the results agree with the journal"),
            (late.heap_kb <= early.heap_kb + MAX_HEAP_GROWTH_KB, "allocated memory does not grow"),
            (late.memory_kb <= early.memory_kb + MAX_MEMORY_GROWTH_KB, "resident memory does not grow"),
            (early.descriptors.max(late.descriptors) <= MAX_DESCRIPTORS, "descriptors are bounded"),
            (early.threads.max(late.threads) <= MAX_THREADS, "threads are bounded"),
        ];
        for (passed, what) in checks {
            println!("{} {what}", if passed { "ok  " } else { "FAIL" });
        }
        checks.iter().all(|(passed, _)| *passed)
    }
}

fn describe(record: &Record) -> String {
    let Record { operation, timeout, elapsed, unscheduled, error, lines, .. } = record;
    format!(
        "{operation} timeout {timeout:?} elapsed {elapsed:?} without a processor {unscheduled:?} {error:?} {lines:?}"
    )
}
