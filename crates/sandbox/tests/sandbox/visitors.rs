//! Listing, searching, getting and deleting visitors.

use serde_json::{Value, json};

use crate::client::{Client, encode_segment};
use crate::{start_sandbox, start_sandbox_with};

fn list_ids(client: &mut Client, query: &str) -> Vec<String> {
    let response = client.get(&format!("/v1.3/list?{query}")).expect_ok();
    assert_eq!(response["status"], "ok");
    let visitors = response["visitors"].as_array().unwrap();
    visitors.iter().map(|visitor| visitor["short_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_up_to_ten_visitors_seen_last() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "NEWEST", "last_seen_at": "2999-01-01T00:00:00Z"}));
    let all = list_ids(&mut client, "");
    assert_eq!((all.len(), all[0].as_str()), (10, "NEWEST"));
    assert_eq!(list_ids(&mut client, "max_results=3"), all[..3]);
    assert_eq!(list_ids(&mut client, "max_results=1&search="), all[..1]);
    for bad in ["0", "11", "-1", "ten", ""] {
        client.get(&format!("/v1.3/list?max_results={bad}")).assert_error(422, "invalid_request");
    }
}

#[test]
fn a_visitor_has_every_documented_attribute() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let listed = client.get("/v1.3/list").expect_ok();
    for visitor in listed["visitors"].as_array().unwrap() {
        for name in "short_id unique_id lookup_code identities tags email name nickname added_at last_seen_at api_key \
                     browser_name device_name call_name integration last_url device_type ip_address is_online \
                     is_in_session is_supported is_waiting_for_call js_configuration location_city location_country \
                     location_country_name watch_link sessions"
            .split_whitespace()
        {
            assert!(visitor.get(name).is_some(), "{name}");
        }
        let id = visitor["short_id"].as_str().unwrap();
        let shown = client.get(&format!("/v1.3/visitors/{id}")).expect_ok();
        assert_eq!(shown, json!({"status": "ok", "visitor": visitor}));
    }
    client.get("/v1.3/visitors/NOBODY").assert_error(404, "not_found");
}

#[test]
fn a_visitor_has_its_last_50_sessions() {
    let sandbox = start_sandbox_with(1, 60);
    let mut client = Client::connect(&sandbox);
    let visitor = client.get("/v1.3/list").expect_ok()["visitors"][0].clone();
    let sessions = visitor["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 50);
    assert_eq!((&sessions[0]["id"], &sessions[49]["id"]), (&json!("s_1011"), &json!("s_1060")));
    for name in "id visitor_id started_at ended_at length_seconds call_length_seconds formatted_length \
                 formatted_call_length went_live features_used agents team metadata"
        .split_whitespace()
    {
        assert!(sessions.iter().all(|session| session.get(name).is_some()), "{name}");
    }
}

#[test]
fn every_kind_of_search_finds_its_visitor() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let wanted = json!({
        "short_id": "W", "name": "Ωmega Wärtsilä", "nickname": "Bobcat", "email": "Omega@Wanted.example",
        "unique_id": "unique 7", "lookup_code": "0042", "tags": ["Gold"], "ip_address": "203.0.113.9",
        "integration": "acmechat:77", "identities": ["Somebody Else"], "is_online": false,
        "last_seen_at": "2001-01-01T00:00:00+01:00",
    });
    client.put_visitor(&wanted);
    for search in [
        "omega%40wanted.EXAMPLE",
        "ip%3A203.0.113.9",
        "id:unique+7",
        "0042",
        "%23gold",
        "integration_id:acmechat:77",
        "%CF%89mega",
        "w%C3%A4rtsil",
        "bobcat",
        "bobkat",
        "wanted+%CF%89mega",
        "somebody",
    ] {
        assert_eq!(list_ids(&mut client, &format!("search={search}")), ["W"], "{search}");
    }
    for search in
        ["omega%40wanted.example.org", "ip:203.0.113.1", "id:unique", "42", "%23gol", "integration_id:77", "bob+nobody"]
    {
        assert!(!list_ids(&mut client, &format!("search={search}")).contains(&"W".to_owned()), "{search}");
    }
    for (search, online) in [("online", true), ("-online", false)] {
        let response = client.get(&format!("/v1.3/list?search={search}")).expect_ok();
        let visitors = response["visitors"].as_array().unwrap();
        assert!(!visitors.is_empty() && visitors.iter().all(|visitor| visitor["is_online"] == online));
    }
}

#[test]
fn ids_with_special_characters_are_one_path_segment() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for id in ["a/b", "é", "?all=true", "a b+c", "100%", "#1", "visitors", "session", "🦊", "a%2Fb", "x&y=z;"] {
        let added = client.put_visitor(&json!({"short_id": id, "name": id}));
        assert_eq!(added["short_id"], id);
        let path = format!("/v1.3/visitors/{}", encode_segment(id));
        assert_eq!(client.get(&path).expect_ok()["visitor"], added, "{id}");
        client.delete(&path).expect_ok();
        client.get(&path).assert_error(404, "not_found");
    }
}

#[test]
fn only_offline_visitors_can_be_deleted() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    client.put_visitor(&json!({"short_id": "V", "is_online": true}));
    client.delete("/v1.3/visitors/V").assert_error(409, "visitor_online");
    client.put_visitor(&json!({"short_id": "V", "is_online": false}));
    assert_eq!(client.delete("/v1.3/visitors/V").expect_ok(), json!({"status": "ok"}));
    client.delete("/v1.3/visitors/V").assert_error(404, "not_found");
}

#[test]
fn deleting_all_visitors_requires_all_true() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let before = list_ids(&mut client, "search=-online");
    for query in ["", "?all", "?all=", "?all=false", "?all=1", "?all=TRUE", "?x=all=true", "?all=true&all=false"] {
        client.delete(&format!("/v1.3/visitors{query}")).assert_error(422, "invalid_request");
    }
    assert_eq!(client.delete("/v1.3/visitors/?all=true").status, 404);
    assert_eq!(list_ids(&mut client, "search=-online"), before);

    let online = list_ids(&mut client, "search=online");
    assert_eq!(client.delete("/v1.3/visitors?all=true").expect_ok(), json!({"status": "ok"}));
    assert!(list_ids(&mut client, "search=-online").is_empty());
    assert_eq!(list_ids(&mut client, "search=online"), online);
    client.delete("/v1.3/visitors?all=true").expect_ok();
    let requests = client.logged_requests();
    let applied: Vec<&Value> = requests.iter().filter(|request| request["applied"] == true).collect();
    assert_eq!(applied.len(), 1);
}
