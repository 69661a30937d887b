//! `GET /agents/lookup`.

use serde_json::json;

use crate::client::Client;
use crate::{start_sandbox, start_sandbox_with};

#[test]
fn finds_account_users_by_email() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    let response = client.get("/v1.3/agents/lookup?email=John%40acme.example").expect_ok();
    assert_eq!(response["status"], "ok");
    let agent = &response["agent"];
    assert_eq!(
        (&agent["id"], &agent["name"], &agent["agent_identifier"]),
        (&json!("u_2001"), &json!("John Carter"), &json!(null))
    );
    let sessions = agent["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 10);
    assert!(
        sessions
            .iter()
            .all(|session| { session["agents"].as_array().unwrap().iter().any(|agent| agent["id"] == "u_2001") })
    );
}

#[test]
fn finds_external_agents_after_a_watch_link_names_them() {
    let sandbox = start_sandbox_with(1, 0);
    let mut client = Client::connect(&sandbox);
    client.get("/v1.3/agents/lookup?external_id=crm%2F9").assert_error(404, "not_found");
    let id = client.get("/v1.3/list").expect_ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
    client.create_watch_link(&id, &json!({"agent": {"id": "crm/9"}}));
    let agent = client.get("/v1.3/agents/lookup?external_id=crm%2F9").expect_ok()["agent"].clone();
    assert_eq!((&agent["name"], &agent["email"], &agent["sessions"]), (&json!(null), &json!(null), &json!([])));
    assert_eq!(agent["agent_identifier"], "crm/9");

    client.open_watch_link(&id, &json!({"agent": {"id": "crm/9", "name": "Zoë"}}));
    let again = client.get("/v1.3/agents/lookup?external_id=crm%2F9").expect_ok()["agent"].clone();
    assert_eq!((&again["id"], &again["name"]), (&agent["id"], &json!("Zoë")));
    assert_eq!(again["sessions"][0]["visitor_id"], id);
}

#[test]
fn other_lookups_are_not_found() {
    let sandbox = start_sandbox();
    let mut client = Client::connect(&sandbox);
    for query in [
        "",
        "?id=u_2001",
        "?email=nobody@acme.example",
        "?external_id=u_2001",
        "?email=",
        "?email=john@acme.example&external_id=ext-123",
    ] {
        client.get(&format!("/v1.3/agents/lookup{query}")).assert_error(404, "not_found");
    }
}
