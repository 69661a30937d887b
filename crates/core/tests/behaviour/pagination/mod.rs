//! The walk through all sessions.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use upscope::operations::ListSessions;
use upscope::{CancelToken, Control, ErrorCode};

use super::client;
use super::scripted_server::{Answer, ScriptedServer};

fn page(ids: &[&str], has_more: bool) -> Answer {
    let sessions: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let last = ids.last().map_or("null".to_owned(), |id| format!("\"{id}\""));
    Answer::json(
        200,
        &format!(r#"{{"cobrowsing_sessions":[{}],"has_more":{has_more},"last_id":{last}}}"#, sessions.join(",")),
    )
}

fn targets(server: &ScriptedServer) -> Vec<String> {
    server.requests().iter().map(|request| request.split(' ').nth(1).unwrap().to_owned()).collect()
}

#[test]
fn every_session_once_in_order() {
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
fn a_page_that_failed_can_be_asked_for_again() {
    let server = ScriptedServer::new([page(&["s_1"], true), Answer::json(500, "{}"), page(&["s_2"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    assert!(pages.next_page().unwrap().unwrap().contains("s_1"));
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::ServerError);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert_eq!(pages.next_page().unwrap(), None);
    assert_eq!(pages.next_page().unwrap(), None);
    assert_eq!(targets(&server)[1], targets(&server)[2]);
}

#[test]
fn a_walk_that_does_not_advance_ends() {
    let server = ScriptedServer::new((0..9).map(|_| page(&["s_1"], true)));
    let pages = client(&server).session_pages("{}").unwrap();
    pages.next_page().unwrap();
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::BadResponse);
}

/// Waits until the server has been asked that often.
fn asked(server: &ScriptedServer, times: usize) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while server.requests().len() < times && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
    }
    server.requests().len() == times
}

#[test]
fn the_next_page_is_fetched_while_this_one_is_worked_on() {
    let server = ScriptedServer::new([page(&["s_1"], true), page(&["s_2"], true), page(&["s_3"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.next_page().unwrap();
    pages.prefetch(true);
    // Nothing is on its way yet: this one is fetched now, and the one after it meanwhile.
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert!(asked(&server, 3));
    assert!(pages.next_page().unwrap().unwrap().contains("s_3"));
    assert_eq!(pages.next_page().unwrap(), None);
    assert!(asked(&server, 3), "after the last page nothing is fetched");
}

#[test]
fn what_failed_ahead_is_told_when_it_is_asked_for_and_can_be_asked_for_again() {
    let server = ScriptedServer::new([page(&["s_1"], true), Answer::json(500, "{}"), page(&["s_2"], false)]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.prefetch(true);
    assert!(pages.next_page().unwrap().unwrap().contains("s_1"));
    assert!(asked(&server, 2));
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::ServerError);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
}

#[test]
fn giving_up_does_not_lose_what_is_on_its_way() {
    let slow = Answer::Drip(
        super::scripted_server::response(
            200,
            "",
            br#"{"cobrowsing_sessions":[{"id":"s_2"}],"has_more":false,"last_id":"s_2"}"#,
        ),
        Duration::from_millis(3),
    );
    let server = ScriptedServer::new([page(&["s_1"], true), slow]);
    let pages = client(&server).session_pages("{}").unwrap();
    pages.prefetch(true);
    pages.next_page().unwrap();
    assert!(asked(&server, 2));
    let token = CancelToken::new();
    token.cancel();
    let error = pages.next_page_with(&Control::cancelled_by(&token)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Cancelled);
    assert!(pages.next_page().unwrap().unwrap().contains("s_2"));
    assert!(asked(&server, 2));
}

#[test]
fn started_pages_come_in_the_order_of_their_start() {
    let server = ScriptedServer::new((1..=5).map(|n| page(&[&format!("s_{n}")], n < 5)));
    let pages = client(&server).session_pages("{}").unwrap();
    let (told, results) = mpsc::channel();
    let started: Vec<_> = (1..=6)
        .map(|number| {
            let told = told.clone();
            pages.start_next(move |result| told.send((number, result.unwrap())).unwrap()).unwrap()
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
    drop(started);
}

#[test]
fn a_page_that_waits_for_its_turn_ends_in_time() {
    let hang = || Answer::BytesThenHang(Vec::new());
    let server = ScriptedServer::new([hang(), hang()]);
    let pages = client(&server).session_pages(r#"{"options":{"timeout_ms":300}}"#).unwrap();
    let began = Instant::now();
    let first = pages.start_next(|_| {}).unwrap();
    assert!(asked(&server, 1));
    let error = pages.next_page().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Timeout, "{error}");
    assert!(began.elapsed() < Duration::from_millis(600), "{:?}", began.elapsed());
    drop(first);
}
