//! Runs the kept corpora through the fuzz targets' code, without a fuzzer. `scripts/fuzz.sh` looks for more.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use upscope_core::catalog;

#[test]
fn the_corpora_bring_nothing_to_light() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let kept = fs::read_dir(&root).unwrap().count();
    assert_eq!(kept, targets::TARGETS.len(), "one corpus for each target");
    for (name, run) in targets::TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(root.join(name)).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| run(&data)));
            assert!(outcome.is_ok(), "{}: see above", path.display());
            inputs += 1;
        }
        assert!(inputs >= 20, "{name} has lost its corpus: {inputs} inputs");
        println!("{name}: {inputs} inputs");
    }
}

/// Operations that no input of the corpora names are tried with their examples.
#[test]
fn every_operation_is_tried() {
    for entry in catalog::OPERATIONS {
        let name = entry.definition.name;
        let request = catalog::example_request(entry, false);
        targets::request_json::run(format!("{name}\n{request}").as_bytes());
        targets::response_body::run(format!("{name}\n{}", entry.example_response).as_bytes());
    }
    // An input that names no operation would try nothing.
    for target in ["request_json", "response_body"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        for entry in fs::read_dir(root).unwrap() {
            let path = entry.unwrap().path();
            let data = fs::read(&path).unwrap();
            let named = data.is_empty() || targets::oracle::operation_and_rest(&data).is_some();
            assert!(named, "{}: its first line must be the name of an operation", path.display());
        }
    }
}
