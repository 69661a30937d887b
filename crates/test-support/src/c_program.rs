//! C programs against the header and the shared library of this build.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of this build's libraries.
pub fn library_folder() -> PathBuf {
    // target/PROFILE/deps/TEST-HASH
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned()
}

/// Compiles a program, and answers the command that runs it.
pub fn build(source: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = root.join(source);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.file_stem().unwrap());
    let libraries = library_folder();
    // `cargo test` alone does not build a library that no Rust test links.
    assert!(libraries.join("libupscope.a").exists(), "run `cargo build` first, with the same profile");
    let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
    let status = Command::new(compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-D_POSIX_C_SOURCE=200809L", "-g", "-I"])
        .arg(root.join("include"))
        .arg("-I")
        .arg(root.join("examples"))
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .arg("-L")
        .arg(&libraries)
        .arg("-lupscope")
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .arg("-pthread")
        .status()
        .expect("a C compiler");
    assert!(status.success(), "{} does not compile", source.display());
    Command::new(program)
}
