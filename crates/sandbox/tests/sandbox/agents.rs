//! Looking agents up.

use serde_json::json;

use crate::http::{Client, path_of};
use crate::{sandbox, sandbox_of};

#[test]
fn account_users_are_found_by_email() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    let answer = client.get("/v1.3/agents/lookup?email=John%40acme.example").ok();
    assert_eq!(answer["status"], "ok");
    let agent = &answer["agent"];
    assert_eq!(
        (&agent["id"], &agent["name"], &agent["agent_identifier"]),
        (&json!("u_2001"), &json!("John Carter"), &json!(null))
    );
    let sessions = agent["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 10);
    assert!(
        sessions
            .iter()
            .all(|session| { session["agents"].as_array().unwrap().iter().any(|own| own["id"] == "u_2001") })
    );
}

#[test]
fn external_agents_are_known_once_a_link_names_them() {
    let sandbox = sandbox_of(1, 0);
    let mut client = Client::to(&sandbox);
    client.get("/v1.3/agents/lookup?external_id=crm%2F9").is_error(404, "not_found");
    let id = client.get("/v1.3/list").ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
    let watch_url = format!("/v1.3/visitors/{id}/watch_url");
    client.post(&watch_url, &json!({"agent": {"id": "crm/9"}})).ok();
    let agent = client.get("/v1.3/agents/lookup?external_id=crm%2F9").ok()["agent"].clone();
    assert_eq!((&agent["name"], &agent["email"], &agent["sessions"]), (&json!(null), &json!(null), &json!([])));
    assert_eq!(agent["agent_identifier"], "crm/9");

    let link = client.post(&watch_url, &json!({"agent": {"id": "crm/9", "name": "Zoë"}})).ok();
    client.get(&path_of(&link["watch_url"]));
    let again = client.get("/v1.3/agents/lookup?external_id=crm%2F9").ok()["agent"].clone();
    assert_eq!((&again["id"], &again["name"]), (&agent["id"], &json!("Zoë")));
    assert_eq!(again["sessions"][0]["visitor_id"], id);
}

#[test]
fn anything_else_finds_nobody() {
    let sandbox = sandbox();
    let mut client = Client::to(&sandbox);
    for query in [
        "",
        "?id=u_2001",
        "?email=nobody@acme.example",
        "?external_id=u_2001",
        "?email=",
        "?email=john@acme.example&external_id=ext-123",
    ] {
        client.get(&format!("/v1.3/agents/lookup{query}")).is_error(404, "not_found");
    }
}
