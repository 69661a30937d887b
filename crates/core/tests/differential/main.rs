//! The same responses to this library and to hyper, over real sockets. They may come to different verdicts only where
//! `differences.rs` says so, with the reason.
//!
//! Responses are written by hand (`responses.rs`), and mutated at random from them. `DIFFERENTIAL_SEED` and
//! `DIFFERENTIAL_COUNT` look further than the test does by itself.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod differences;
mod mutation;
mod responses;
mod server;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use clients::Clients;
use mutation::Random;
use server::{End, Reply};

/// What a caller gets to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A 2xx with JSON, or with nothing.
    Accepted(Vec<u8>),
    /// A status that is not 2xx; what its body was like does not count.
    Status(u16),
    Rejected,
}

const THREADS: usize = 4;

#[test]
fn verdicts_differ_from_hypers_only_where_there_is_a_reason() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
    };
    let mut random = Random::new(number("DIFFERENTIAL_SEED", 1));
    let written = responses::all();
    let mut replies: Vec<Reply> = Vec::new();
    for response in &written {
        replies.extend([End::Fin, End::Reset].map(|end| Reply::new(response.clone(), end)));
    }
    for _ in 0..number("DIFFERENTIAL_COUNT", 4000) {
        let response = mutation::mutated(&written, &mut random);
        let end = if random.below(8) == 0 { End::Reset } else { End::Fin };
        let split = random.below(response.len() + 1);
        replies.push(Reply { response, end, split });
    }

    let (used, unexplained) = compare(&replies);
    let shown: Vec<&String> = unexplained.iter().take(20).collect();
    assert!(unexplained.is_empty(), "{} differences without a reason, such as:\n{shown:#?}", unexplained.len());
    for difference in differences::ALL {
        assert!(used.contains(difference.name), "{:?} does not occur any more: remove it", difference.name);
    }
}

/// The names of the known differences that occurred, and a description of each that is not known.
fn compare(replies: &[Reply]) -> (BTreeSet<&'static str>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((BTreeSet::new(), Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let clients = Clients::new();
                while let Some(reply) = replies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (ours, hypers) = (clients.ours(reply), clients.hypers(reply));
                    if ours == hypers {
                        continue;
                    }
                    let known = differences::ALL.iter().find(|one| one.covers(reply, &ours, &hypers));
                    let mut results = results.lock().unwrap();
                    match known {
                        Some(difference) => drop(results.0.insert(difference.name)),
                        None => results.1.push(format!(
                            "{} then {:?}: ours {ours:?}, hyper's {hypers:?}",
                            reply.response.escape_ascii(),
                            reply.end
                        )),
                    }
                }
            });
        }
    });
    results.into_inner().unwrap()
}
