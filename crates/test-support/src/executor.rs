//! Runs the conformance vectors through a function, or through a program of any language.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::vectors::{self, Outcome, Vector};

/// The requests that each vector sent. They must be the same in every language.
pub type SentRequests = BTreeMap<String, Vec<String>>;

/// Runs all vectors through `call`, which gets the vector and the configuration. Fails if any result is wrong. `name`
/// is the language.
pub fn run_all(name: &str, mut call: impl FnMut(&Vector, &str) -> Outcome) -> SentRequests {
    let mut requests = SentRequests::new();
    let mut problems = Vec::new();
    let all = vectors::load();
    for vector in &all {
        let (sent, found) = vector.run(|config| call(vector, config));
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", vector.title())));
        requests.insert(vector.title(), sent);
    }
    assert!(problems.is_empty(), "{name}: {} problems\n{}", problems.len(), problems.join("\n"));
    println!("{name}: {} vectors", all.len());
    append_to_table(name, all.len());
    requests
}

/// For scripts/test-conformance.sh, which prints a table of all languages.
fn append_to_table(name: &str, count: usize) {
    let Some(table) = std::env::var_os("UPSCOPE_VECTOR_TABLE") else { return };
    let mut table = std::fs::OpenOptions::new().append(true).create(true).open(table).unwrap();
    writeln!(table, "{name}\t{count}").unwrap();
}

/// A program that reads one call from each line and writes one line for its result.
pub struct Executor {
    child: Child,
    calls: Option<ChildStdin>,
    results: BufReader<ChildStdout>,
}

impl Executor {
    /// Starts the program.
    pub fn start(mut command: Command) -> Executor {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let calls = child.stdin.take();
        let results = BufReader::new(child.stdout.take().unwrap());
        Executor { child, calls, results }
    }

    /// Makes the vector's call in the program.
    pub fn call(&mut self, vector: &Vector, config: &str) -> Outcome {
        let line = format!("{}\t{config}\t{}\n", vector.operation, vector.request);
        self.calls.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
        let mut result = String::new();
        self.results.read_line(&mut result).unwrap();
        let (status, text) = result.trim_end_matches('\n').split_once('\t').expect("status TAB text");
        Outcome { status: status.parse().unwrap(), text: unescape(text) }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        drop(self.calls.take());
        let status = self.child.wait().unwrap();
        assert!(status.success() || std::thread::panicking(), "{status}");
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.expect("a character after a backslash"),
            },
            char => char,
        });
    }
    out
}
