//! The committed header matches the C API, and the C API has every operation of the core.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

use serde_json::Value;

const GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/upscope.h"));

fn operations() -> Vec<Value> {
    serde_json::from_str(&upscope_core::operation::operations_json()).unwrap()
}

/// The comment above a function's declaration.
fn documentation(function: &str) -> &'static str {
    let declaration = GENERATED.find(&format!(" {function}(const upscope_client")).unwrap_or_else(|| {
        panic!("{function} is not declared");
    });
    let above = &GENERATED[..declaration];
    &above[above.rfind("/**").unwrap()..]
}

#[test]
fn the_committed_header_is_up_to_date() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/upscope.h");
    assert!(fs::read_to_string(committed).unwrap() == GENERATED, "include/upscope.h is stale: run `make generate`");
}

#[test]
fn the_header_is_ascii() {
    // Compilers that read sources in an ANSI code page warn about other characters.
    assert!(GENERATED.is_ascii());
}

#[test]
fn every_operation_and_key_is_documented() {
    let operations = operations();
    assert!(operations.len() >= 11, "{}", operations.len());
    for operation in operations {
        let name = operation["name"].as_str().unwrap();
        let text = documentation(&format!("upscope_{name}"));
        for key in operation["request"]["properties"].as_object().unwrap().keys() {
            // The guide at the top of the header documents `options` for all operations.
            let text = if key == "options" { GENERATED } else { text };
            assert!(text.contains(&format!("\"{key}\"")), "upscope_{name} does not document {key}");
        }
        let path = operation["path"].as_str().unwrap();
        assert!(name == "request" || text.contains(&format!("{} {path}", operation["method"].as_str().unwrap())));
    }
}

#[test]
fn every_name_has_our_prefix() {
    for line in GENERATED.lines() {
        if let Some(name) = line.strip_prefix("#define ").or(line.strip_prefix("#ifndef ")) {
            assert!(name.starts_with("UPSCOPE_"), "{line}");
        }
        if let Some(name) = line.strip_prefix("typedef ") {
            // Visual C++ before 2010 lacks these two.
            let standard = matches!(name, "int int32_t;" | "unsigned int uint32_t;");
            assert!(standard || name.contains("upscope_"), "{line}");
        }
    }
}

#[test]
fn summaries_and_schemas_are_complete() {
    for operation in operations() {
        let summary = operation["summary"].as_str().unwrap();
        assert!(summary.ends_with('.') && !summary.starts_with(' '), "{summary:?}");
        for (key, schema) in operation["request"]["properties"].as_object().unwrap() {
            let description = schema["description"].as_str().unwrap();
            assert!(!description.is_empty() && !description.starts_with(' '), "{key}: {description:?}");
        }
    }
}
