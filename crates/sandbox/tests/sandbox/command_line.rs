//! The `upscope-sandbox` program: its output, its arguments and how it exits.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::client::{Client, wait_until};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_upscope-sandbox"))
}

/// Starts the program and reads the line that it prints.
fn start(arguments: &[&str]) -> (Child, String) {
    let mut child = program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line)
}

fn port_of(line: &str) -> u16 {
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

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn invalid_arguments_print_one_line() {
    for (arguments, part) in [
        (&["--port", "70000"][..], "--port takes a number from 0 to 65535, not \"70000\""),
        (&["--visitors", "many"], "--visitors takes a number"),
        (&["--sessions", "-1"], "--sessions takes a number"),
        (&["--seed"], "--seed"),
        (&["--sed", "1"], "--sed"),
        (&["extra"], "extra"),
        (&["--faults", "/nonexistent/faults.json"], "--faults: cannot read /nonexistent/faults.json"),
    ] {
        let output = run(arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(message.contains(part) && message.lines().count() == 1, "{message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_port_in_use_prints_one_line() {
    let sandbox = crate::start_sandbox();
    let output = run(&["--port", &sandbox.port().to_string()]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("cannot listen on port") && message.lines().count() == 1, "{message}");
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
        client.post("/_sandbox/reset", &serde_json::json!({})).expect_ok();
    }
    child.kill().unwrap();
    child.wait().unwrap();

    std::fs::write(&path, r#"[{}, {"statsu": 503}]"#).unwrap();
    let output = run(&arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("--faults: fault 2: statsu is unknown; did you mean status?"), "{message}");
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
