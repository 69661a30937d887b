//! Compares the results of calls with the requests that the sandbox received.

use upscope::ErrorCode;

use super::calls::Record;
use super::sandbox_control::{Entry, Journal};

/// Adds a description of every contradiction to `contradictions`.
pub fn check(records: &[Record], journal: &Journal, contradictions: &mut Vec<String>) {
    for record in records {
        let entries = journal.get(&record.tag).map(Vec::as_slice).unwrap_or_default();
        for problem in problems(record, entries) {
            contradictions.push(format!("{problem}: {}", describe(record, entries)));
        }
    }
}

fn problems(record: &Record, entries: &[Entry]) -> Vec<&'static str> {
    let changes = record.method != "GET";
    let post = record.method == "POST";
    let applied = entries.iter().filter(|entry| entry.applied).count();
    let last_status = entries.last().and_then(|entry| entry.status);
    let repeated_unsafely = entries.iter().rev().skip(1).any(|entry| entry.status != Some(429));
    let max_requests = match &record.error {
        Some(error) => u64::from(error.attempts()),
        // The replacement of a stale connection does not count as a retry.
        None => record.max_retries + 2,
    };
    let mut found = vec![
        (post && applied > 1, "a create call was applied twice"),
        (post && repeated_unsafely, "a create call was repeated although the first request may have arrived"),
        (entries.iter().any(|entry| entry.method != record.method), "another method was sent"),
        (entries.len() as u64 > max_requests, "more requests arrived than attempts were made"),
        (record.wrong_response, "the response belongs to another call"),
    ];
    match &record.error {
        None => found.extend([
            (post && applied != 1, "a create call succeeded but was not applied once"),
            (
                changes && !last_status.is_some_and(|status| (200..300).contains(&status)),
                "the call succeeded without a 2xx",
            ),
        ]),
        Some(error) => found.extend([
            (
                changes && applied > 0 && !error.may_have_applied(),
                "the call was applied, but may_have_applied is false",
            ),
            (!changes && error.may_have_applied(), "may_have_applied is true for a read"),
            (post && applied > 0 && error.is_retryable(), "an applied create call is retryable"),
            (
                error.may_have_applied() && entries.is_empty() && !may_be_lost(error.code()),
                "may_have_applied is true, but no request arrived",
            ),
            (
                error.http_status().is_some_and(|status| last_status.is_some_and(|last| last != u64::from(status))),
                "the status is not that of the last response",
            ),
            (error.attempts() == 0 && !entries.is_empty(), "requests arrived, but attempts is 0"),
            (
                matches!(error.code(), ErrorCode::Internal | ErrorCode::InvalidArgument),
                "an internal or invalid-argument error",
            ),
        ]),
    }
    found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, problem)| problem).collect()
}

/// If a call ends with one of these errors, the request that it sent may not have arrived.
fn may_be_lost(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::Timeout | ErrorCode::Cancelled | ErrorCode::Connection)
}

fn describe(record: &Record, entries: &[Entry]) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|entry| format!("{:?} applied {} broken {} {}", entry.status, entry.applied, entry.broken, entry.fault))
        .collect();
    let Record { tag, operation, max_retries, timeout, elapsed, error, .. } = record;
    format!(
        "{operation} tag {tag} retries {max_retries} timeout {timeout:?} elapsed {elapsed:?} {error:?}; journal {entries:?}"
    )
}
