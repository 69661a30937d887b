//! Runs the fuzz targets with the seeds in `fuzz/corpus`, without a fuzzer. `scripts/fuzz.sh` runs the fuzzer.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use upscope_core::catalog;

#[test]
fn every_seed_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let corpora = fs::read_dir(&root).unwrap().count();
    assert_eq!(corpora, targets::TARGETS.len(), "one corpus for each target");
    for (name, run) in targets::TARGETS {
        let mut seeds = 0;
        for entry in fs::read_dir(root.join(name)).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| run(&data)));
            assert!(outcome.is_ok(), "{}: see above", path.display());
            seeds += 1;
        }
        assert!((10..=20).contains(&seeds), "fuzz/corpus/{name} must have 10 to 20 seeds, not {seeds}");
    }
}

/// Runs each operation's examples, also if no seed names the operation.
#[test]
fn every_operation_is_run() {
    for entry in catalog::OPERATIONS {
        let name = entry.definition.name;
        let request = catalog::example_request(entry, false);
        targets::request_json::run(format!("{name}\n{request}").as_bytes());
        targets::response_body::run(format!("{name}\n{}", entry.example_response).as_bytes());
    }
    // The targets ignore a seed that names no operation.
    for target in ["request_json", "response_body"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            let names_operation = data.is_empty() || targets::oracle::operation_and_rest(&data).is_some();
            assert!(names_operation, "{}: its first line must be the name of an operation", path.display());
        }
    }
}
