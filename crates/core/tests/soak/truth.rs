//! Holds what calls told against what the sandbox saw of them.

use upscope::ErrorCode;

use super::calls::Record;
use super::control::{Entry, Journal};

/// Every contradiction is added to `lies` as a sentence.
pub fn check(records: &[Record], journal: &Journal, lies: &mut Vec<String>) {
    for record in records {
        let entries = journal.get(&record.tag).map(Vec::as_slice).unwrap_or_default();
        for problem in problems(record, entries) {
            lies.push(format!("{problem}: {}", describe(record, entries)));
        }
    }
}

fn problems(record: &Record, entries: &[Entry]) -> Vec<&'static str> {
    let changes = record.method != "GET";
    let post = record.method == "POST";
    let applied = entries.iter().filter(|entry| entry.applied).count();
    let last_status = entries.last().and_then(|entry| entry.status);
    let repeated_blindly = entries.iter().rev().skip(1).any(|entry| entry.status != Some(429));
    let most = match &record.error {
        Some(error) => u64::from(error.attempts()),
        // The free repeat comes on top.
        None => record.max_retries + 2,
    };
    let mut found = vec![
        (post && applied > 1, "a creation was applied twice"),
        (post && repeated_blindly, "a creation was sent again although the first may have arrived"),
        (entries.iter().any(|entry| entry.method != record.method), "another method was sent"),
        (entries.len() as u64 > most, "more requests arrived than attempts were made"),
        (record.wrong_answer, "the answer belongs to another call"),
    ];
    match &record.error {
        None => found.extend([
            (post && applied != 1, "a creation was reported as done and was not"),
            (changes && !last_status.is_some_and(|status| (200..300).contains(&status)), "done without a 2xx"),
        ]),
        Some(error) => found.extend([
            (changes && applied > 0 && !error.may_have_applied(), "it was applied and reported as surely not applied"),
            (!changes && error.may_have_applied(), "a read claims to have changed something"),
            (post && applied > 0 && error.is_retryable(), "an applied creation was called safe to repeat"),
            (error.may_have_applied() && entries.is_empty() && !may_be_lost(error.code()), "nothing arrived"),
            (
                error.http_status().is_some_and(|status| last_status.is_some_and(|last| last != u64::from(status))),
                "the status is not the last one",
            ),
            (error.attempts() == 0 && !entries.is_empty(), "requests arrived without an attempt"),
            (matches!(error.code(), ErrorCode::Internal | ErrorCode::InvalidArgument), "a fault of ours"),
        ]),
    }
    found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, problem)| problem).collect()
}

/// Bytes that left may still be lost on their way when the call ends for one of these.
fn may_be_lost(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Timeout | ErrorCode::Cancelled | ErrorCode::Connection)
}

fn describe(record: &Record, entries: &[Entry]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| format!("{:?} applied {} broken {} {}", entry.status, entry.applied, entry.broken, entry.fault))
        .collect();
    let Record { tag, operation, max_retries, timeout, took, error, .. } = record;
    format!(
        "{operation} tag {tag} retries {max_retries} timeout {timeout:?} took {took:?} {error:?}; journal {entries:?}"
    )
}
