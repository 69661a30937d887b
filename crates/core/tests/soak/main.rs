//! Many threads against the sandbox, which answers late, breaks off and refuses at random; `make soak` runs it.
//!
//! Every call must end at its deadline, and what it told must be what the sandbox's journal says happened.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod control;
mod faults;
mod health;
mod random;
mod report;
mod truth;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use upscope::{Client, Config};

use calls::{Canceller, Record, Target};
use control::Control;
use health::{Canary, Health};
use random::Random;
use report::Report;

const THREADS: u64 = 32;
/// So long the threads call before what they did is held against the journal.
const ROUND: Duration = Duration::from_secs(10);

/// What the threads share.
struct Soak {
    client: Client,
    target: Target,
    canceller: Canceller,
    records: Mutex<Vec<Record>>,
    round_ends: Mutex<Instant>,
    ended: AtomicBool,
    begin: Barrier,
    done: Barrier,
}

fn main() {
    let seconds = number("SOAK_SECONDS", 60);
    let seed = number("SOAK_SEED", u64::from(std::process::id()));
    let (Ok(base_url), Ok(key)) = (std::env::var("UPSCOPE_BASE_URL"), std::env::var("UPSCOPE_API_KEY")) else {
        eprintln!("soak: needs a sandbox; `make soak` starts it");
        std::process::exit(2);
    };
    println!("soak: {THREADS} threads, {seconds} s, SOAK_SEED={seed}");
    let control = Control::from_environment();
    let config = Config::new().api_key(key).base_url(base_url).proxy("");
    let soak = Arc::new(Soak {
        client: Client::new(config).unwrap(),
        target: Target::default(),
        canceller: Canceller::start(),
        records: Mutex::default(),
        round_ends: Mutex::new(Instant::now()),
        ended: AtomicBool::new(false),
        begin: Barrier::new(THREADS as usize + 1),
        done: Barrier::new(THREADS as usize + 1),
    });
    let workers: Vec<_> = (0..THREADS)
        .map(|number| {
            let soak = soak.clone();
            let random = Random::new(seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            thread::spawn(move || work(&soak, random))
        })
        .collect();

    let canary = Canary::start();
    calls::listen();
    let mut report = Report::default();
    let mut health = Health::default();
    let mut random = Random::new(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        soak.target.prepare(&control);
        control.set_faults(&faults::list(&mut random));
        *soak.round_ends.lock().unwrap() = (Instant::now() + ROUND).min(end);
        soak.begin.wait();
        soak.done.wait();
        let records = std::mem::take(&mut *soak.records.lock().unwrap());
        let journal = control.finished_journal();
        report.add(&records, &journal, &canary);
        truth::check(&records, &journal, &mut report.lies);
        drop((records, journal));
        canary.forget();
        health.look();
        println!("{}", report.line(&health));
    }
    soak.ended.store(true, Ordering::SeqCst);
    soak.begin.wait();
    for worker in workers {
        worker.join().unwrap();
    }
    let good = report.finish(&health);
    std::process::exit(if good { 0 } else { 1 });
}

fn work(soak: &Soak, mut random: Random) {
    loop {
        soak.begin.wait();
        if soak.ended.load(Ordering::SeqCst) {
            return;
        }
        let ends = *soak.round_ends.lock().unwrap();
        let mut records = Vec::new();
        while Instant::now() < ends {
            records.push(calls::make(&soak.client, &soak.target, &soak.canceller, &mut random));
            // Leaves the machine air, so that lateness is the library's and not the scheduler's.
            thread::sleep(Duration::from_micros(random.below(50_000)));
        }
        soak.records.lock().unwrap().append(&mut records);
        soak.done.wait();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
