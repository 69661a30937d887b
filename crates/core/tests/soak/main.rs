//! Many threads call the sandbox, which delays, drops and rejects requests at random. `make soak` runs it.
//!
//! Every call must end at its deadline, and its result must agree with the journal of the sandbox.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod faults;
mod health;
mod journal_check;
mod random;
mod report;
mod sandbox_control;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use upscope::{Client, Config};

use calls::{Canceller, Record, TestData};
use health::{Health, StallMonitor};
use random::Random;
use report::Report;
use sandbox_control::SandboxControl;

const THREADS: u64 = 32;
/// How long the threads make calls before the results are compared with the journal.
const ROUND: Duration = Duration::from_secs(10);

/// The state that the threads share.
struct Soak {
    client: Client,
    test_data: TestData,
    canceller: Canceller,
    records: Mutex<Vec<Record>>,
    end_of_round: Mutex<Instant>,
    stopped: AtomicBool,
    round_starts: Barrier,
    round_ends: Barrier,
}

fn main() {
    let seconds = number("SOAK_SECONDS", 60);
    let seed = number("SOAK_SEED", u64::from(std::process::id()));
    let (Ok(base_url), Ok(key)) = (std::env::var("UPSCOPE_BASE_URL"), std::env::var("UPSCOPE_API_KEY")) else {
        eprintln!("soak: no sandbox is running; `make soak` starts one");
        std::process::exit(2);
    };
    println!("soak: {THREADS} threads, {seconds} s, SOAK_SEED={seed}");
    let control = SandboxControl::from_environment();
    let config = Config::new().api_key(key).base_url(base_url).proxy("");
    let soak = Arc::new(Soak {
        client: Client::new(config).unwrap(),
        test_data: TestData::default(),
        canceller: Canceller::start(),
        records: Mutex::default(),
        end_of_round: Mutex::new(Instant::now()),
        stopped: AtomicBool::new(false),
        round_starts: Barrier::new(THREADS as usize + 1),
        round_ends: Barrier::new(THREADS as usize + 1),
    });
    let workers: Vec<_> = (0..THREADS)
        .map(|number| {
            let soak = soak.clone();
            let random = Random::new(seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            thread::spawn(move || work(&soak, random))
        })
        .collect();

    let stall_monitor = StallMonitor::start();
    calls::collect_log_lines();
    let mut report = Report::default();
    let mut health = Health::default();
    let mut random = Random::new(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        soak.test_data.prepare(&control);
        control.set_faults(&faults::list(&mut random));
        *soak.end_of_round.lock().unwrap() = (Instant::now() + ROUND).min(end);
        soak.round_starts.wait();
        soak.round_ends.wait();
        let records = std::mem::take(&mut *soak.records.lock().unwrap());
        let journal = control.finished_journal();
        report.add(&records, &journal, &stall_monitor);
        journal_check::check(&records, &journal, &mut report.contradictions);
        drop((records, journal));
        stall_monitor.clear();
        health.measure();
        println!("{}", report.line(&health));
    }
    soak.stopped.store(true, Ordering::SeqCst);
    soak.round_starts.wait();
    for worker in workers {
        worker.join().unwrap();
    }
    let passed = report.finish(&health);
    std::process::exit(if passed { 0 } else { 1 });
}

fn work(soak: &Soak, mut random: Random) {
    loop {
        soak.round_starts.wait();
        if soak.stopped.load(Ordering::SeqCst) {
            return;
        }
        let end = *soak.end_of_round.lock().unwrap();
        let mut records = Vec::new();
        while Instant::now() < end {
            records.push(calls::make(&soak.client, &soak.test_data, &soak.canceller, &mut random));
            // Leaves processor time free, so that delays come from the library and not from the scheduler.
            thread::sleep(Duration::from_micros(random.below(50_000)));
        }
        soak.records.lock().unwrap().append(&mut records);
        soak.round_ends.wait();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
