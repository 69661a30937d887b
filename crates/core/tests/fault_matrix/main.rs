//! The fault matrix: operation × fault × retries over real sockets. The result of each call, the number of requests that
//! arrive and the time it takes must follow the contract, which `contract.rs` states a second time.
//!
//! `cargo test -p upscope --test fault_matrix -- --nocapture` prints the table.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bodies;
mod contract;
mod endings;
mod faults;
mod operations;
mod run;
mod slow;
mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use faults::{Fault, ServerKind};
use operations::Operation;
use run::Case;

const RETRIES: [u32; 3] = [0, 1, 2];

/// The contract allows 50 ms; a busy machine may add as much. The test prints the worst case.
const ALLOWED_DELAY: Duration = Duration::from_millis(100);

#[test]
fn every_fault_has_the_result_that_the_contract_requires() {
    let _guard = run_alone();
    // Retries with the library's own delay are slow, so these run for one operation of each kind only.
    let mut cases = Vec::new();
    for fault in faults::all() {
        let operations = if fault.uses_backoff() { operations::ONE_OF_EACH_KIND } else { &operations::ALL };
        add(&mut cases, fault, operations);
    }
    // The threads mostly wait, so there may be many more of them than processors.
    let results = run_all(&cases, 48);
    assert!(results.len() >= 400, "{}", results.len());
    table::report("fault-matrix", &results);
}

#[test]
fn a_response_is_complete_only_when_the_contract_says_so() {
    let _guard = run_alone();
    let mut cases = Vec::new();
    for fault in endings::all() {
        // Handshakes are slow, so there are fewer cases with TLS: the others cover all kinds of operations and retries.
        match (fault.server == ServerKind::Https, fault.has_short_timeout) {
            (false, _) => add_with(&mut cases, fault, operations::ONE_OF_EACH_KIND, &RETRIES[..2]),
            (true, false) => add_with(&mut cases, fault, operations::ONE_OF_EACH_KIND, &[1]),
            (true, true) => add_with(&mut cases, fault, &operations::ONE_OF_EACH_KIND[..1], &[0]),
        }
    }
    let (tls, plain): (Vec<Case>, Vec<Case>) =
        cases.into_iter().partition(|case| case.fault.server == ServerKind::Https);
    let mut results = run_all(&plain, 64);
    results.extend(run_all(&tls, 16));
    assert!(results.len() >= 1000, "{}", results.len());
    table::report("fault-matrix-endings", &results);
}

#[test]
fn every_call_ends_at_its_deadline() {
    let _guard = run_alone();
    let mut cases = Vec::new();
    for fault in slow::all() {
        add(&mut cases, fault, operations::ONE_OF_EACH_KIND);
    }
    // Reads the system's root certificates before the measurement: the time that the disk takes does not count.
    let with_tls = cases.iter().find(|case| case.fault.server == ServerKind::FailsInHandshake).unwrap();
    run::run(with_tls.clone());
    let results = run_all(&cases, 8);
    table::report("fault-matrix-deadlines", &results);
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let delay = |result: &run::Result| result.observed.elapsed.saturating_sub(run::TIMEOUT);
    let own_delay = |result: &run::Result| delay(result).saturating_sub(result.observed.unscheduled);
    let worst = results.iter().map(delay).max().unwrap();
    let worst_own = results.iter().map(own_delay).max().unwrap();
    println!(
        "longest delay after the deadline in {} calls: {:.1} ms, without waiting for a processor: {:.1} ms",
        results.len(),
        ms(worst),
        ms(worst_own)
    );
    for result in &results {
        let elapsed = result.observed.elapsed;
        // The timeout of a socket has a resolution of milliseconds. A call that ends much too early is wrong, too.
        let in_time = elapsed + Duration::from_millis(5) >= run::TIMEOUT && own_delay(result) < ALLOWED_DELAY;
        assert!(in_time, "{} of {} ended after {elapsed:?}", result.case.fault.name, result.case.operation.title);
    }
}

/// The tests measure times, so they run one at a time.
fn run_alone() -> MutexGuard<'static, ()> {
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
