//! The program: its line, its arguments, its end.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::http::{Client, eventually};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_upscope-sandbox"))
}

/// Starts it and reads its line.
fn start(arguments: &[&str]) -> (Child, String) {
    let mut child = program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn port_of(line: &str) -> u16 {
    let announced: Value = serde_json::from_str(line).unwrap();
    let url = announced["base_url"].as_str().unwrap();
    url.trim_start_matches("http://127.0.0.1:").trim_end_matches("/v1.3").parse().unwrap()
}

fn ends_well(mut child: Child) {
    let mut status = None;
    eventually(|| {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
}

#[test]
fn it_announces_itself_and_ends_with_its_input() {
    let (mut child, line) = start(&["--exit-with-stdin", "--visitors=3", "--seed", "5", "--sessions", "0"]);
    let port = port_of(&line);
    assert_eq!(
        line,
        format!(
            "{{\"base_url\": \"http://127.0.0.1:{port}/v1.3\", \"api_key\": \"sandbox-key\", \
             \"control_url\": \"http://127.0.0.1:{port}/_sandbox\"}}\n"
        )
    );
    let listed = Client::to_port(port).unwrap().get("/v1.3/list").ok();
    assert_eq!(listed["visitors"].as_array().map(Vec::len), Some(3));
    drop(child.stdin.take());
    ends_well(child);
    assert!(Client::to_port(port).is_err());
}

#[cfg(unix)]
#[test]
fn signals_end_it() {
    for signal in ["-TERM", "-INT"] {
        let (child, line) = start(&[]);
        let mut client = Client::to_port(port_of(&line)).unwrap();
        client.get("/v1.3/usage").ok();
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        ends_well(child);
    }
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn bad_arguments_hear_one_sentence() {
    for (arguments, part) in [
        (&["--port", "70000"][..], "--port takes a number from 0 to 65535, not \"70000\""),
        (&["--visitors", "many"], "--visitors takes a number"),
        (&["--sessions", "-1"], "--sessions takes a number"),
        (&["--seed"], "--seed"),
        (&["--sed", "1"], "--sed"),
        (&["extra"], "extra"),
    ] {
        let output = run(arguments);
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(sentence.contains(part) && sentence.lines().count() == 1, "{sentence}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_taken_port_is_said_in_one_sentence() {
    let sandbox = crate::sandbox();
    let output = run(&["--port", &sandbox.port().to_string()]);
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(sentence.contains("cannot listen on port") && sentence.lines().count() == 1, "{sentence}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let help = run(&["--help"]);
    assert!(help.status.success() && String::from_utf8(help.stdout).unwrap().contains("--exit-with-stdin"));
    let version = run(&["--version"]);
    assert_eq!(String::from_utf8(version.stdout).unwrap(), "upscope-sandbox 0.1.0\n");
}
