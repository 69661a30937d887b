//! `make generate`: updates every file that is generated from the catalogue of operations.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use upscope_codegen::{operation_list, outputs, root};

/// Set in the environment of the second run. Its list of operations must be up to date.
const SECOND_RUN: &str = "UPSCOPE_CODEGEN_SECOND_RUN";

fn main() -> ExitCode {
    generate().unwrap_or_else(|error| {
        eprintln!("make generate: {error}");
        ExitCode::FAILURE
    })
}

fn generate() -> Result<ExitCode, Box<dyn Error>> {
    let root = root();
    // This program was compiled with the operations that were listed before.
    if operation_list::update(&root)? {
        if env::var_os(SECOND_RUN).is_some() {
            return Err(format!("{} changes with every run.", operation_list::PATH).into());
        }
        return run_again(&root);
    }
    let mut updated = BTreeSet::new();
    for output in outputs(&root)? {
        if output.update(&root)? && updated.insert(output.path) {
            println!("updated {}", output.path);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_again(root: &Path) -> Result<ExitCode, Box<dyn Error>> {
    println!("updated {}", operation_list::PATH);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "-p", "upscope-codegen"])
        .current_dir(root)
        .env(SECOND_RUN, "1")
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
