//! Sends the same responses to this library and to hyper over real sockets. Their verdicts may differ only where
//! `differences.rs` gives a reason.
//!
//! The responses are those of `responses.rs` and random mutations of them. Set `DIFFERENTIAL_SEED` and
//! `DIFFERENTIAL_COUNT` to test other mutations.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod case;
mod clients;
mod differences;
mod mutation;
mod responses;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use case::{Case, End};
use clients::Clients;
use mutation::Random;

/// What a caller sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A 2xx response with JSON or an empty body.
    Accepted(Vec<u8>),
    /// A status other than 2xx, with any body.
    Status(u16),
    Rejected,
}

const THREADS: usize = 4;

#[test]
fn verdicts_differ_from_those_of_hyper_only_for_known_reasons() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
    };
    let mut random = Random::new(number("DIFFERENTIAL_SEED", 1));
    let fixed_responses = responses::all();
    let mut cases: Vec<Case> = Vec::new();
    for response in &fixed_responses {
        cases.extend([End::Fin, End::Reset].map(|end| Case::new(response.clone(), end)));
    }
    for _ in 0..number("DIFFERENTIAL_COUNT", 4000) {
        let response = mutation::mutated(&fixed_responses, &mut random);
        let end = if random.below(8) == 0 { End::Reset } else { End::Fin };
        let split = random.below(response.len() + 1);
        cases.push(Case { response, end, split });
    }

    let (seen, unknown) = compare(&cases);
    let shown: Vec<&String> = unknown.iter().take(20).collect();
    assert!(unknown.is_empty(), "{} unknown differences, such as:\n{shown:#?}", unknown.len());
    for difference in differences::ALL {
        assert!(seen.contains(difference.name), "{:?} no longer occurs: remove it", difference.name);
    }
}

/// The names of the known differences that occurred, and a description of each unknown difference.
fn compare(cases: &[Case]) -> (BTreeSet<&'static str>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((BTreeSet::new(), Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let clients = Clients::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (ours, hypers) = (clients.ours(case), clients.hypers(case));
                    if ours == hypers {
                        continue;
                    }
                    let known = differences::ALL.iter().find(|one| one.covers(case, &ours, &hypers));
                    let mut results = results.lock().unwrap();
                    match known {
                        Some(difference) => drop(results.0.insert(difference.name)),
                        None => results.1.push(format!(
                            "{} then {:?}: ours {ours:?}, hyper's {hypers:?}",
                            case.response.escape_ascii(),
                            case.end
                        )),
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}
