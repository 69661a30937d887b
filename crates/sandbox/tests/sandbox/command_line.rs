//! The `upscope-sandbox` program: its output, its arguments and how it exits.

use std::io::{BufRead, BufReader};
use std::net::Ipv6Addr;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::client::{Client, wait_until};
use crate::start_sandbox;

pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_upscope-sandbox"))
}

/// Starts the program and reads the line that it prints.
fn start(arguments: &[&str]) -> (Child, String) {
    start_command(program().args(arguments))
}

pub fn start_command(command: &mut Command) -> (Child, String) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

pub fn port_of(line: &str) -> u16 {
    let output: Value = serde_json::from_str(line).unwrap();
    let url = output["base_url"].as_str().unwrap();
    url.trim_start_matches("http://127.0.0.1:").trim_end_matches("/v1.3").parse().unwrap()
}

fn assert_exits_successfully(mut child: Child) {
    let mut status = None;
    wait_until(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}

#[test]
fn prints_its_urls_and_exits_when_stdin_is_closed() {
    let (mut child, line) = start(&["--exit-with-stdin", "--visitors=3", "--seed", "5", "--sessions", "0"]);
    let port = port_of(&line);
    assert_eq!(
        line,
        format!(
            "{{\"base_url\": \"http://127.0.0.1:{port}/v1.3\", \"api_key\": \"sandbox-key\", \
             \"control_url\": \"http://127.0.0.1:{port}/_sandbox\"}}\n"
        )
    );
    let listed = Client::connect_to_port(port).unwrap().get("/v1.3/list").expect_ok();
    assert_eq!(listed["visitors"].as_array().map(Vec::len), Some(3));
    drop(child.stdin.take());
    assert_exits_successfully(child);
    assert!(Client::connect_to_port(port).is_err());
}

#[cfg(unix)]
#[test]
fn exits_on_sigterm_and_sigint() {
    for signal in ["-TERM", "-INT"] {
        let (child, line) = start(&[]);
        let mut client = Client::connect_to_port(port_of(&line)).unwrap();
        client.get("/v1.3/usage").expect_ok();
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_exits_successfully(child);
    }
}

#[cfg(unix)]
#[test]
fn writes_its_state_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let (child, line) = start(&["--state", path.to_str().unwrap()]);
    Client::connect_to_port(port_of(&line)).unwrap().put_visitor(&json!({"short_id": "KEPT"}));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_exits_successfully(child);
    assert!(std::fs::read_to_string(&path).unwrap().contains("KEPT"));

    std::fs::write(&path, "{}x").unwrap();
    let output = run(&["--state", path.to_str().unwrap()]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("is not a state: ") && message.lines().count() == 1, "{message}");
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn invalid_arguments_exit_with_status_2() {
    for (arguments, part) in [
        (&["--port", "70000"][..], "invalid value '70000' for '--port <N>': 70000 is not in 0..=65535"),
        (&["--visitors", "many"], "invalid value 'many' for '--visitors <N>'"),
        (&["--visitors", "1000001"], "1000001 is not in 0..=1000000"),
        (&["--sessions=-1"], "invalid value '-1' for '--sessions <N>'"),
        (&["--seed"], "a value is required for '--seed <N>'"),
        (&["--sed", "1"], "a similar argument exists: '--seed'"),
        (&["extra"], "unexpected argument 'extra'"),
        (&["--host", "sandbox"], "invalid value 'sandbox' for '--host <ADDRESS>'"),
        (&["--public-url", "sandbox:80"], "it does not start with http:// or https://"),
        (&["--live", "--now", "2026-01-01T00:00:00Z"], "'--live' cannot be used with '--now <RFC3339>'"),
        (&["--now", "today"], "it is not an RFC 3339 date"),
        (&["--now", "9999-01-01T00:00:00Z"], "its year is not from 1970 to 8000"),
        (&["--faults", "/nonexistent/faults.json"], "'--faults <FILE>': cannot read the file: "),
    ] {
        let output = run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(message.contains(part), "{message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_port_in_use_prints_one_line() {
    let sandbox = start_sandbox();
    let output = run(&["--port", &sandbox.port().to_string()]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("cannot listen on 127.0.0.1:") && message.lines().count() == 1, "{message}");
}

#[test]
fn the_public_url_is_in_the_printed_line_and_in_links() {
    let port = start_sandbox().port().to_string();
    let arguments =
        ["--exit-with-stdin", "--host", "::1", "--port", &port, "--public-url", "https://Sandbox.example:8443/"];
    let (mut child, line) = start(&arguments);
    let printed: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(printed["base_url"], "https://sandbox.example:8443/v1.3");
    assert_eq!(printed["control_url"], "https://sandbox.example:8443/_sandbox");

    let mut client = Client::connect_to((Ipv6Addr::LOCALHOST, port.parse().unwrap()).into()).unwrap();
    let id = client.get("/v1.3/list").expect_ok()["visitors"][0]["short_id"].as_str().unwrap().to_owned();
    let link = client.post(&format!("/v1.3/visitors/{id}/watch_url"), &json!({"agent": {"id": "1"}})).expect_ok();
    assert!(link["watch_url"].as_str().unwrap().starts_with("https://sandbox.example:8443/session/"), "{link}");
    drop(child.stdin.take());
    assert_exits_successfully(child);
}

#[test]
fn an_unspecified_address_prints_one_that_clients_can_use() {
    let (mut child, line) = start(&["--exit-with-stdin", "--host", "0.0.0.0"]);
    Client::connect_to_port(port_of(&line)).unwrap().get("/v1.3/usage").expect_ok();
    drop(child.stdin.take());
    assert_exits_successfully(child);
}

#[test]
fn a_file_can_define_the_faults() {
    let directory = std::env::temp_dir();
    let path = directory.join(format!("upscope-sandbox-faults-{}.json", std::process::id()));
    std::fs::write(&path, r#"[{"match": {"operation": "get_usage"}, "times": 1, "status": 503}]"#).unwrap();
    let arguments = ["--faults", path.to_str().unwrap()];
    let (mut child, line) = start(&arguments);
    let mut client = Client::connect_to_port(port_of(&line)).unwrap();
    for _ in 0..2 {
        assert_eq!([client.get("/v1.3/usage").status, client.get("/v1.3/usage").status], [503, 200]);
        client.post("/_sandbox/reset", &json!({})).expect_ok();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    std::fs::write(&path, r#"[{}, {"statsu": 503}]"#).unwrap();
    let output = run(&arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("the faults are invalid: fault 2: statsu is unknown; did you mean status?"), "{message}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn help_and_version_print_to_stdout() {
    let help = run(&["--help"]);
    assert!(help.status.success() && String::from_utf8(help.stdout).unwrap().contains("--exit-with-stdin"));
    let version = run(&["--version"]);
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        concat!("upscope-sandbox ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
