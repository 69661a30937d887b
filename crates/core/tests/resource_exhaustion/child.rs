//! A process for one test: this program, started again.

use std::process::Command;

const TEST: &str = "SHORTAGE_TEST";
const ARGUMENTS: &str = "SHORTAGE_ARGUMENTS";
const SEPARATOR: &str = "\n";

/// Runs `body` in a process of its own, with arguments that the first process finds out; what it makes for that lives as
/// long as the process. `test` is the path of the test that calls this.
pub fn run<T>(test: &str, prepare: impl FnOnce() -> (T, Vec<String>), body: impl FnOnce(&[&str])) {
    run_with(test, &[], prepare, body);
}

/// As [`run`], with this environment.
pub fn run_with<T>(
    test: &str,
    environment: &[(&str, &str)],
    prepare: impl FnOnce() -> (T, Vec<String>),
    body: impl FnOnce(&[&str]),
) {
    if std::env::var(TEST).is_ok_and(|running| running == test) {
        let arguments = std::env::var(ARGUMENTS).unwrap();
        return body(&arguments.split(SEPARATOR).collect::<Vec<_>>());
    }
    let (services, arguments) = prepare();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        // One arena: a further one takes address space of its own.
        .env("MALLOC_ARENA_MAX", "1")
        .env(TEST, test)
        .env(ARGUMENTS, arguments.join(SEPARATOR))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    drop(services);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "{test} is no test: {out}");
}
