//! The results as a table: one line for each fault and kind of operation, one column for each number of retries.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use super::contract::CallResult;
use super::run::Result;

/// Prints the table, writes it with every case to a file in `target`, and fails if any result was wrong.
pub fn report(name: &str, results: &[Result]) {
    let mut text = table(results);
    let wrong: Vec<String> = results.iter().filter(|result| !result.is_right()).map(describe).collect();
    writeln!(text, "{name}: {} cases, {} wrong", results.len(), wrong.len()).unwrap();
    println!("{text}");

    let mut all: Vec<String> = results.iter().map(describe).collect();
    all.sort();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    std::fs::write(folder.join(format!("{name}.txt")), format!("{text}\n{}\n", all.join("\n"))).unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn table(results: &[Result]) -> String {
    let mut rows: BTreeMap<(String, String), BTreeMap<u32, Vec<String>>> = BTreeMap::new();
    for result in results {
        let row = (result.case.fault.name.clone(), format!("{:?}", result.case.operation.kind));
        let cells = rows.entry(row).or_default().entry(result.case.retries).or_default();
        let cell = cell(result);
        // Operations of one kind differ if they expect different bodies.
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    let mut text = String::from(
        "error attempts/requests, R: retryable, M: may have applied; one column for 0, 1 and 2 retries\n\n",
    );
    for ((fault, kind), cells) in rows {
        let columns: Vec<String> = cells.into_values().map(|cells| cells.join(" or ")).collect();
        writeln!(text, "{fault:<58} {kind:<7} {}", columns.join(" | ")).unwrap();
    }
    text
}

fn cell(result: &Result) -> String {
    let mark = if result.is_right() { "" } else { "WRONG " };
    format!("{mark}{}", describe_result(result.observed.result, result.observed.requests))
}

fn describe_result(result: CallResult, requests: usize) -> String {
    match result {
        CallResult::Success => format!("ok -/{requests}"),
        CallResult::Error { code, http_status, retryable, may_have_applied, attempts, .. } => {
            let status = http_status.map(|status| format!(" {status}")).unwrap_or_default();
            let flag = |set: bool, letter: char| if set { letter } else { '-' };
            let (r, m) = (flag(retryable, 'R'), flag(may_have_applied, 'M'));
            format!("{}{status} {attempts}/{requests} {r}{m}", code.name())
        }
    }
}

fn describe(result: &Result) -> String {
    let observed = &result.observed;
    let mut line = format!(
        "{}, {}, {} retries: {} in {} ms",
        result.case.fault.name,
        result.case.operation.title,
        result.case.retries,
        describe_result(observed.result, observed.requests),
        observed.elapsed.as_millis()
    );
    if !result.is_right() {
        let (expected, requests) = result.expected;
        write!(line, " WRONG, expected {}", describe_result(expected, requests)).unwrap();
        write!(line, " {}", observed.violation.as_deref().unwrap_or_default()).unwrap();
    }
    line
}
