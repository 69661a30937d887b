//! Carries the vectors out: in the core, and in programs of other languages.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use upscope_core::{Client, Config, Error};

use crate::vectors::{self, Outcome, Vector};

/// What each vector sent through the core: what every other language has to send too.
pub type Wire = BTreeMap<String, Vec<String>>;

pub fn run_all(name: &str, mut call: impl FnMut(&Vector, &str) -> Outcome) -> Wire {
    let mut wire = Wire::new();
    let mut problems = Vec::new();
    let all = vectors::load();
    for vector in &all {
        let (sent, found) = vector.run(|config| call(vector, config));
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", vector.title())));
        wire.insert(vector.title(), sent);
    }
    assert!(problems.is_empty(), "{name}: {} problems\n{}", problems.len(), problems.join("\n"));
    println!("{name}: {} vectors", all.len());
    note(name, all.len());
    wire
}

/// For scripts/test-conformance.sh, which makes a table of all languages.
fn note(name: &str, count: usize) {
    let Some(table) = std::env::var_os("UPSCOPE_VECTOR_TABLE") else { return };
    let mut table = std::fs::OpenOptions::new().append(true).create(true).open(table).unwrap();
    writeln!(table, "{name}\t{count}").unwrap();
}

fn in_core(vector: &Vector, config: &str) -> Result<(i32, String), Error> {
    if vector.operation == "@parse_webhook" {
        return upscope_core::parse_webhook_json(&vector.request).map(|text| (0, text));
    }
    let client = Client::new(Config::from_json(config)?)?;
    if vector.operation == "@pages" {
        let pages = client.session_pages(&vector.request)?;
        let mut all = Vec::new();
        while let Some(page) = pages.next_page()? {
            all.push(page);
        }
        return Ok((100, format!("[{}]", all.join(","))));
    }
    client.call(&vector.operation, &vector.request).map(|text| (0, text))
}

pub fn through_core() -> Wire {
    run_all("core", |vector, config| match in_core(vector, config) {
        Ok((status, text)) => Outcome { status, text },
        Err(error) => Outcome { status: error.code() as i32, text: error.to_json() },
    })
}

/// A program that carries calls out, one line each.
pub struct Executor {
    child: Child,
    calls: Option<ChildStdin>,
    results: BufReader<ChildStdout>,
}

impl Executor {
    pub fn start(mut command: Command) -> Executor {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let calls = child.stdin.take();
        let results = BufReader::new(child.stdout.take().unwrap());
        Executor { child, calls, results }
    }

    pub fn call(&mut self, vector: &Vector, config: &str) -> Outcome {
        let line = format!("{}\t{config}\t{}\n", vector.operation, vector.request);
        self.calls.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        self.results.read_line(&mut answer).unwrap();
        let (status, text) = answer.trim_end_matches('\n').split_once('\t').expect("status TAB text");
        Outcome { status: status.parse().unwrap(), text: unescaped(text) }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        drop(self.calls.take());
        let status = self.child.wait().unwrap();
        assert!(status.success() || std::thread::panicking(), "{status}");
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.expect("a letter after a backslash"),
            },
            letter => letter,
        });
    }
    out
}
