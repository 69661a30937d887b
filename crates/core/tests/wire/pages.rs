//! The walk through all sessions.

use upscope::ErrorCode;
use upscope::operations::ListSessions;

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
    let mut pages = client(&server).session_pages("{}").unwrap();
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
    let mut pages = client(&server).session_pages("{}").unwrap();
    pages.next_page().unwrap();
    assert_eq!(pages.next_page().unwrap_err().code(), ErrorCode::BadResponse);
}
