//! Runs a test in a separate process, which is this program again.

use std::process::Command;

const TEST: &str = "RESOURCE_EXHAUSTION_TEST";
const ARGUMENTS: &str = "RESOURCE_EXHAUSTION_ARGUMENTS";
const SEPARATOR: &str = "\n";

/// Runs `body` in a separate process. `prepare` runs in this process and returns the arguments for `body`, and values that
/// live until the separate process ends, such as servers. `test` is the path of the calling test.
pub fn run<T>(test: &str, prepare: impl FnOnce() -> (T, Vec<String>), body: impl FnOnce(&[&str])) {
    run_with(test, &[], prepare, body);
}

/// As [`run`], with additional environment variables.
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
    let (servers, arguments) = prepare();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        // Each further arena would use address space.
        .env("MALLOC_ARENA_MAX", "1")
        .env(TEST, test)
        .env(ARGUMENTS, arguments.join(SEPARATOR))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    drop(servers);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "{test} is not the name of a test: {out}");
}
