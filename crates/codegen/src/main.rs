//! `make generate`: renews every file that follows from the catalogue of operations.

use std::env;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use upscope_codegen::{modules, outputs, root};

/// Set for the second run, which must find the list of operations complete.
const SECOND_RUN: &str = "UPSCOPE_CODEGEN_SECOND_RUN";

fn main() -> ExitCode {
    generate().unwrap_or_else(|error| {
        eprintln!("make generate: {error}");
        ExitCode::FAILURE
    })
}

fn generate() -> Result<ExitCode, Box<dyn Error>> {
    let root = root();
    // This program was compiled with the operations that were listed until now.
    if modules::renew(&root)? {
        if env::var_os(SECOND_RUN).is_some() {
            return Err(format!("{} changes with every run.", modules::LIST).into());
        }
        return run_again(&root);
    }
    for output in outputs(&root)? {
        if output.write(&root)? {
            println!("renewed {}", output.path);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_again(root: &Path) -> Result<ExitCode, Box<dyn Error>> {
    println!("renewed {}", modules::LIST);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "-p", "upscope-codegen"])
        .current_dir(root)
        .env(SECOND_RUN, "1")
        .status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
