//! Iterating over all pages of sessions.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use upscope::operations::ListSessions;
use upscope::{CancelToken, Control, ErrorCode};
use upscope_test_support::{Response, ScriptedServer, http_response};

use super::client;

fn page(ids: &[&str], has_more: bool) -> Response {
    let sessions: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let last = ids.last().map_or("null".to_owned(), |id| format!("\"{id}\""));
    Response::json(
        200,
        &format!(r#"{{"cobrowsing_sessions":[{}],"has_more":{has_more},"last_id":{last}}}"#, sessions.join(",")),
    )
}

/// The paths and queries of all requests.
fn targets(server: &ScriptedServer) -> Vec<String> {
    server.requests().iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_iterator_returns_every_session_once_in_order() {
    let server = ScriptedServer::new([page(&["s/1", "s_2"], true), page(&["s_3"], true), page(&[], false)]);
    let request = ListSessions::new().updated_after("2026-01-31T00:00:00+01:00").after_id("s_0");
    let sessions: Vec<_> = client(&server).sessions(&request).unwrap().map(|session| session.unwrap().id).collect();
    assert_eq!(sessions, ["s/1", "s_2", "s_3"].map(|id| Some(id.to_owned())));
    assert_eq!(
        targets(&server),
        [
            "/v1.3/cobrowsing_sessions/list?after_id=s_0&updated_after=2026-01-31T00%3A00%3A00%2B01%3A00",
            "/v1.3/cobrowsing_sessions/list?updated_after=2026-01-31T00%3A00%3A00%2B01%3A00&after_id=s_2",
            "/v1.3/cobrowsing_sessions/list?updated_after=2026-01-31T00%3A00%3A00%2B01%3A00&after_id=s_3",
        ]
    );
}

#[test]
fn a_failed_page_can_be_requested_again() {
    let server = ScriptedServer::new([page(&["s_1"], true), Response::json(500, "{}"), page(&["s_2"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    assert!(pages.next_page().unwrap().unwrap().contains("s_1"));
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::ServerError);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert_eq!(pages.next_page().unwrap(), None);
    assert_eq!(pages.next_page().unwrap(), None);
    assert_eq!(targets(&server)[1], targets(&server)[2]);
}

#[test]
fn a_cursor_that_does_not_advance_is_an_error() {
    let server = ScriptedServer::new((0..9).map(|_| page(&["s_1"], true)));
    let pages = client(&server).session_pages("{}").unwrap();
    pages.next_page().unwrap();
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::BadResponse);
}

/// Waits for this number of requests. Returns whether there are exactly as many.
fn has_requests(server: &ScriptedServer, count: usize) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while server.requests().len() < count && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
    }
    server.requests().len() == count
}

#[test]
fn prefetch_requests_the_next_page_in_the_background() {
    let server = ScriptedServer::new([page(&["s_1"], true), page(&["s_2"], true), page(&["s_3"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.next_page().unwrap();
    pages.prefetch(true);
    // Nothing is prefetched yet, so this call requests a page, and the next page in the background.
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert!(has_requests(&server, 3));
    assert!(pages.next_page().unwrap().unwrap().contains("s_3"));
    assert_eq!(pages.next_page().unwrap(), None);
    assert!(has_requests(&server, 3), "nothing is requested after the last page");
}

#[test]
fn a_failed_prefetch_is_reported_by_the_next_call_and_can_be_requested_again() {
    let server = ScriptedServer::new([page(&["s_1"], true), Response::json(500, "{}"), page(&["s_2"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.prefetch(true);
    assert!(pages.next_page().unwrap().unwrap().contains("s_1"));
    assert!(has_requests(&server, 2));
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::ServerError);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
}

#[test]
fn cancelling_does_not_lose_a_prefetched_page() {
    let body = br#"{"cobrowsing_sessions":[{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#;
    let slow = Response::slow_bytes(http_response(200, "", body), Duration::from_millis(3));
    let server = ScriptedServer::new([page(&["s_1"], true), slow]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.prefetch(true);
    pages.next_page().unwrap();
    assert!(has_requests(&server, 2));
    let token = CancelToken::new();
    token.cancel();
    let error = pages.next_page_with(&Control::cancelled_by(&token)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert!(has_requests(&server, 2));
}

#[test]
fn pages_requested_in_the_background_arrive_in_order() {
    let server = ScriptedServer::new((1..=5).map(|n| page(&[&format!("s_{n}")], n < 5)));
    let pages = client(&server).session_pages("{}").unwrap();
    let (sender, results) = mpsc::channel();
    let calls: Vec<_> = (1..=6)
        .map(|number| {
            let sender = sender.clone();
            pages.start_next(move |result| sender.send((number, result.unwrap())).unwrap()).unwrap()
        })
        .collect();
    drop(pages);
    let mut results: Vec<_> = (1..=6).map(|_| results.recv_timeout(Duration::from_secs(10)).unwrap()).collect();
    results.sort_by_key(|(number, _)| *number);
    for (number, result) in results {
        match result {
            Some(text) => assert!(text.contains(&format!("\"s_{number}\"")), "{number}: {text}"),
            None => assert_eq!(number, 6),
        }
    }
    drop(calls);
}

#[test]
fn waiting_for_an_earlier_page_ends_at_the_deadline() {
    let server = ScriptedServer::new([Response::hang(), Response::hang()]);
    let pages = client(&server).session_pages(r#"{"options":{"timeout_ms":300}}"#).unwrap();
    let start = Instant::now();
    let first = pages.start_next(|_| {}).unwrap();
    assert!(has_requests(&server, 1));
    let error = pages.next_page().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
    assert!(start.elapsed() < Duration::from_millis(600), "{:?}", start.elapsed());
    drop(first);
}
