//! Every generated file is up to date, and the hand-written files that depend on the catalogue are complete.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

use serde_json::{Value, json};
use upscope::catalog::{self, Entry};
use upscope::{Config, ErrorCode};
use upscope_codegen::{operation_list, root, stale};

#[test]
fn every_operation_is_listed() {
    let stale = operation_list::stale(&root()).unwrap();
    assert!(stale.is_none(), "{} is stale: run `make generate`.", operation_list::PATH);
}

#[test]
fn every_generated_file_is_up_to_date() {
    let stale = stale(&root()).unwrap();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_operation_has_vectors() {
    for entry in catalog::OPERATIONS {
        let name = entry.definition.name;
        let path = format!("tests/vectors/{name}.json");
        let text = fs::read_to_string(root().join(&path)).unwrap_or_default();
        let vectors: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
        assert!(
            vectors.iter().any(|vector| vector["result"]["status"] == 0),
            "{path} is missing, or has no successful call: add requests and responses of {name}, as described in \
             tests/vectors/README.md. A vector to start from:\n[\n  {}\n]",
            first_vector(entry)
        );
    }
}

/// The exception classes in Python are written by hand.
#[test]
fn every_error_code_has_a_python_exception() {
    let path = "bindings/python/python/upscope/_errors.py";
    let text = fs::read_to_string(root().join(path)).unwrap();
    for code in ErrorCode::ALL {
        let line = format!("    code = \"{}\"", code.name());
        assert!(text.contains(&line), "{path} has no exception class with the line `{line}`: add one.");
    }
}

/// So is the constructor of the client in Python.
#[test]
fn every_configuration_key_has_a_python_parameter() {
    let path = "bindings/python/python/upscope/_base.py";
    let text = fs::read_to_string(root().join(path)).unwrap();
    for key in Config::keys() {
        let line = format!("\"{}\": ", key.name);
        assert!(text.contains(&line), "{path} does not pass the configuration key {line}: add a parameter for it.");
    }
}

/// A successful call, made of the examples in the definition.
fn first_vector(entry: &Entry) -> Value {
    let definition = entry.definition;
    let request = catalog::example_request(entry, true);
    let mut path = format!("/v1.3{}", definition.path);
    for (name, value) in request.as_object().unwrap() {
        path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
    }
    let answer = entry.example_response;
    json!({
        "name": "least",
        "request": request,
        "exchanges": [{
            "expect": {"method": definition.method, "path": path},
            "answer": {"status": 200, "body": answer},
        }],
        "result": {"status": 0, "response": answer},
    })
}
