//! Counts, the distribution of lateness, and the verdict.

use std::collections::BTreeMap;
use std::time::Duration;

use super::calls::Record;
use super::control::Journal;
use super::health::{Canary, Health};

/// So late may a call end, and so soon a cancelled one.
const LATE: Duration = Duration::from_millis(50);
const CANCELLED: Duration = Duration::from_millis(200);

/// Growth that is still flat: of what is allocated (an idle connection has some 100 KB of buffers, and their number
/// varies), and of what the allocator keeps besides.
const FLAT_HEAP_KB: u64 = 4 * 1024;
const FLAT_MEMORY_KB: u64 = 8 * 1024;
/// 64 idle connections, and what the process itself has open.
const MOST_DESCRIPTORS: u64 = 64 + 16;
/// 32 that call, one that cancels, one that sleeps, one that watches over them.
const MOST_THREADS: u64 = 35;

/// The bounds of the distribution, in milliseconds.
const STEPS: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];

#[derive(Default)]
pub struct Report {
    pub lies: Vec<String>,
    calls: u64,
    requests: u64,
    applied: u64,
    outcomes: BTreeMap<String, u64>,
    /// Of calls that ended after their deadline, by [`STEPS`].
    late: [u64; STEPS.len() + 1],
    at_deadline: u64,
    worst: Duration,
    worst_own: Duration,
    over: Vec<String>,
    starved: u64,
    cancelled: u64,
    worst_cancelled: Duration,
}

impl Report {
    pub fn add(&mut self, records: &[Record], journal: &Journal, canary: &Canary) {
        self.calls += records.len() as u64;
        self.requests += journal.values().map(|entries| entries.len() as u64).sum::<u64>();
        self.applied += journal.values().flatten().filter(|entry| entry.applied).count() as u64;
        for record in records {
            let outcome = record.error.as_ref().map_or("ok", |error| error.code().name());
            *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
            self.add_time(record, canary);
        }
    }

    fn add_time(&mut self, record: &Record, canary: &Canary) {
        // What the machine did not give this thread, or any.
        let stalled = canary.stalled(record.began, record.began + record.took);
        let starved = record.starved.max(stalled);
        if let Some(late) = record.took.checked_sub(record.timeout) {
            self.at_deadline += 1;
            let ms = late.as_millis() as u64;
            self.late[STEPS.iter().position(|step| ms < *step).unwrap_or(STEPS.len())] += 1;
            self.worst = self.worst.max(late);
            let own = late.saturating_sub(starved);
            self.worst_own = self.worst_own.max(own);
            if own > LATE {
                self.complain(format!("{late:?} late, {own:?} of it our own, {}", describe(record)));
            } else if late > LATE {
                self.starved += 1;
            }
        }
        let Some(after) = record.cancelled_after else { return };
        self.cancelled += 1;
        let own = after.saturating_sub(starved);
        self.worst_cancelled = self.worst_cancelled.max(own);
        if own > CANCELLED {
            self.complain(format!("{after:?} after it was cancelled, {own:?} of it our own, {}", describe(record)));
        }
    }

    fn complain(&mut self, line: String) {
        println!("WRONG {line}");
        self.over.push(line);
    }

    /// One line for each round.
    pub fn line(&self, health: &Health) -> String {
        let look = health.latest();
        format!(
            "{:>8} calls {:>8} requests; worst lateness {} ms, own {} ms, over {}; {} lies; {} KB, {} KB of it allocated, {} descriptors, {} threads",
            self.calls,
            self.requests,
            self.worst.as_millis(),
            self.worst_own.as_millis(),
            self.over.len(),
            self.lies.len(),
            look.memory_kb,
            look.heap_kb,
            look.descriptors,
            look.threads
        )
    }

    /// Prints everything; true when all is as it should be.
    pub fn finish(&self, health: &Health) -> bool {
        println!("outcomes: {:?}", self.outcomes);
        println!("requests that changed something: {}", self.applied);
        let mut below = 0;
        print!("calls that ended at their deadline: {}; late by", self.at_deadline);
        for (step, count) in STEPS.iter().zip(self.late) {
            print!(" {below}-{step} ms: {count},");
            below = *step;
        }
        println!(" more: {}", self.late[STEPS.len()]);
        println!(
            "worst {:.1} ms, without the waits for a processor {:.1} ms; over 50 ms for want of a processor: {}",
            self.worst.as_secs_f64() * 1000.0,
            self.worst_own.as_secs_f64() * 1000.0,
            self.starved
        );
        println!("cancelled: {}, at most {:.1} ms after", self.cancelled, self.worst_cancelled.as_secs_f64() * 1000.0);
        let (early, late) = health.early_and_late();
        println!("held at most: early {early:?}, late {late:?}");

        for line in self.over.iter().chain(&self.lies).take(50) {
            println!("WRONG {line}");
        }
        let checks = [
            (self.over.is_empty(), "every call ended at its deadline + 50 ms, every cancelled one within 200 ms"),
            (self.lies.is_empty(), "what calls told is what happened"),
            (late.heap_kb <= early.heap_kb + FLAT_HEAP_KB, "nothing that is allocated stays"),
            (late.memory_kb <= early.memory_kb + FLAT_MEMORY_KB, "memory is flat"),
            (early.descriptors.max(late.descriptors) <= MOST_DESCRIPTORS, "descriptors are bounded"),
            (early.threads.max(late.threads) <= MOST_THREADS, "threads are bounded"),
        ];
        for (good, what) in checks {
            println!("{} {what}", if good { "ok  " } else { "FAIL" });
        }
        checks.iter().all(|(good, _)| *good)
    }
}

fn describe(record: &Record) -> String {
    let Record { operation, timeout, took, starved, error, lines, .. } = record;
    format!("{operation} timeout {timeout:?} took {took:?} without a processor {starved:?} {error:?} {lines:?}")
}
