//! C programs that use the header and the shared library of this build.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::repository;

/// Compiles a C file of the repository into `folder` and returns the program. Callable only from an integration test,
/// which finds the library beside itself.
pub fn build_c_program(source: &str, folder: &Path) -> PathBuf {
    let source = repository().join(source);
    let program = folder.join(source.file_stem().unwrap());
    // The test is target/PROFILE/deps/TEST-HASH.
    let libraries = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    // `cargo test` alone does not build a library that no Rust test links.
    assert!(libraries.join("libupscope.a").exists(), "run `cargo build` first, with the same profile");
    let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
    let status = Command::new(compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-D_POSIX_C_SOURCE=200809L", "-g", "-I"])
        .arg(repository().join("include"))
        .arg("-I")
        .arg(repository().join("examples"))
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
    program
}
