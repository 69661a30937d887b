//! The README's tables are the definitions', and its C program is the example's.
//! UPSCOPE_WRITE_README=1 (`make readme`) renews them.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const HEADER: &str = include_str!(concat!(env!("OUT_DIR"), "/upscope.h"));

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn operations() -> String {
    let all: Vec<Value> = serde_json::from_str(&upscope_core::operation::operations_json()).unwrap();
    let mut table =
        String::from("| operation | what it does | request keys (**required**) | HTTP |\n|---|---|---|---|\n");
    for operation in all {
        let schema = &operation["request"];
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let mut keys: Vec<String> = required.iter().map(|name| format!("**`{name}`**")).collect();
        for name in schema["properties"].as_object().unwrap().keys() {
            if !required.contains(&name.as_str()) && name != "options" {
                keys.push(format!("`{name}`"));
            }
        }
        let text = |name: &str| operation[name].as_str().unwrap().to_owned();
        let http = match text("name").as_str() {
            "request" => "anything below the base URL".to_owned(),
            "delete_all_visitors" => format!("`{} {}?all=true`", text("method"), text("path")),
            _ => format!("`{} {}`", text("method"), text("path")),
        };
        writeln!(table, "| `{}` | {} | {} | {http} |", text("name"), text("summary"), keys.join(", ")).unwrap();
    }
    table
}

fn errors() -> String {
    let mut table = String::from("| value | constant | when |\n|---|---|---|\n");
    let mut about = Vec::new();
    for line in HEADER.lines() {
        if let Some(text) = line.strip_prefix(" * ") {
            about.push(text);
        } else if line == "/**" {
            about.clear();
        } else if let Some((name, value)) = line.strip_prefix("#define ").and_then(|define| define.split_once(' '))
            && value.parse::<i32>().is_ok()
        {
            writeln!(table, "| {value} | `{name}` | {} |", about.join(" ")).unwrap();
        }
    }
    table
}

fn configuration() -> String {
    let mut table = String::from("| key | meaning |\n|---|---|\n");
    for key in upscope_core::Config::keys() {
        assert!(HEADER.contains(&format!(" *   {} ", key.name)), "the header does not document {}", key.name);
        writeln!(table, "| `{}` | {} |", key.name, key.doc).unwrap();
    }
    table
}

/// Replaces what stands between the marker and the end marker.
fn renewed(text: &str, marker: &str, content: &str) -> String {
    let (before, rest) = text.split_once(&format!("<!-- {marker} -->\n")).expect("a marker");
    let (_, after) = rest.split_once("<!-- end -->").expect("an end marker");
    format!("{before}<!-- {marker} -->\n{content}<!-- end -->{after}")
}

/// Replaces the first block of C.
fn with_example(text: &str, code: &str) -> String {
    let (before, rest) = text.split_once("```c\n").expect("a block of C");
    let (_, after) = rest.split_once("\n```\n").expect("its end");
    format!("{before}```c\n{}\n```\n{after}", code.trim_end())
}

#[test]
fn the_readme_is_fresh() {
    let committed = fs::read_to_string(path("README.md")).unwrap();
    let mut fresh = with_example(&committed, &fs::read_to_string(path("examples/quickstart.c")).unwrap());
    for (marker, content) in [("operations", operations()), ("errors", errors()), ("configuration", configuration())] {
        fresh = renewed(&fresh, marker, &content);
    }
    if std::env::var_os("UPSCOPE_WRITE_README").is_some() {
        fs::write(path("README.md"), &fresh).unwrap();
    } else {
        assert!(committed == fresh, "README.md is stale: run `make readme`");
    }
}
