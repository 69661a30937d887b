//! The fault matrix: operation × fault × retries over real sockets. What comes back, the number of requests that
//! arrive and the time it takes are held against the contract's rules, which `contract.rs` states a second time.
//!
//! `cargo test -p upscope --test fire -- --nocapture` prints the table.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/certificates.rs"]
mod certificates;

mod bodies;
mod contract;
mod endings;
mod faults;
mod operations;
mod run;
mod server;
mod slow;
mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use faults::{Fault, Place};
use operations::Operation;
use run::Case;

const RETRIES: [u32; 3] = [0, 1, 2];

/// What a busy machine adds to the 50 ms that the contract allows; the worst is printed.
const LATE: Duration = Duration::from_millis(100);

#[test]
fn every_fault_comes_back_as_the_contract_says() {
    let _alone = alone();
    // Where the library itself waits before it tries again, one operation of each kind stands for all.
    let mut cases = Vec::new();
    for fault in faults::all() {
        let operations = if fault.waits() { operations::KINDS } else { &operations::ALL };
        add(&mut cases, fault, operations);
    }
    // Mostly they wait, so there may be many more threads than processors.
    let results = run_all(&cases, 48);
    assert!(results.len() >= 400, "{}", results.len());
    table::report("fire-matrix", &results);
}

#[test]
fn an_answer_is_whole_only_when_the_contract_says_so() {
    let _alone = alone();
    let mut cases = Vec::new();
    for fault in endings::all() {
        // Handshakes take time: fewer cases where the others have shown what the kinds of operation make of a failure.
        match (fault.place == Place::ServesTls, fault.hurries) {
            (false, _) => add_with(&mut cases, fault, operations::KINDS, &RETRIES[..2]),
            (true, false) => add_with(&mut cases, fault, operations::KINDS, &[1]),
            (true, true) => add_with(&mut cases, fault, &operations::KINDS[..1], &[0]),
        }
    }
    let (within_tls, plain): (Vec<Case>, Vec<Case>) =
        cases.into_iter().partition(|case| case.fault.place == Place::ServesTls);
    let mut results = run_all(&plain, 64);
    results.extend(run_all(&within_tls, 16));
    assert!(results.len() >= 1000, "{}", results.len());
    table::report("fire-endings", &results);
}

#[test]
fn every_call_ends_at_its_deadline() {
    let _alone = alone();
    let mut cases = Vec::new();
    for fault in slow::all() {
        add(&mut cases, fault, operations::KINDS);
    }
    // The system's roots may not have been read since the machine started: how long its disk takes is not ours.
    let secure = cases.iter().find(|case| case.fault.place == Place::SpeaksTls).unwrap();
    run::run(secure.clone());
    let results = run_all(&cases, 8);
    table::report("fire-deadlines", &results);
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let late = |result: &run::Result| result.observed.took.saturating_sub(run::TIMEOUT);
    let own = |result: &run::Result| late(result).saturating_sub(result.observed.starved);
    let worst = results.iter().map(late).max().unwrap();
    let worst_own = results.iter().map(own).max().unwrap();
    println!("worst lateness of {} calls: {:.1} ms, {:.1} ms of it own", results.len(), ms(worst), ms(worst_own));
    for result in &results {
        let took = result.observed.took;
        // A socket's clock ticks in milliseconds; ending much too soon would be as wrong as ending late.
        let in_time = took + Duration::from_millis(5) >= run::TIMEOUT && own(result) < LATE;
        assert!(in_time, "{} of {} took {took:?}", result.case.fault.name, result.case.operation.name);
    }
}

/// Times are measured while nothing else runs.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add(cases: &mut Vec<Case>, fault: Fault, operations: &[Operation]) {
    add_with(cases, fault, operations, &RETRIES);
}

fn add_with(cases: &mut Vec<Case>, fault: Fault, operations: &[Operation], retries: &[u32]) {
    let fault = Arc::new(fault);
    for operation in operations {
        for retries in retries {
            cases.push(Case { fault: fault.clone(), operation: *operation, retries: *retries });
        }
    }
}

fn run_all(cases: &[Case], threads: usize) -> Vec<run::Result> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = run::run(case.clone());
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}
