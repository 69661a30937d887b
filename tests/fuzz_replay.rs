//! Runs the kept corpora through the fuzz targets' code, without a fuzzer. `scripts/fuzz.sh` looks for more.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

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
