//! The version line: the crate's version and the commit that it was built from, where that is known;
//! `heap.c`; and what of whole folders is built in.
//!
//! `EDITREE_COMMIT` names it where there is no repository. A debug build asks once, so that a commit
//! does not build everything anew.

#![allow(clippy::print_stdout)] // how a build script speaks

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=packaging/build.rs");
    println!("cargo::rerun-if-env-changed=EDITREE_COMMIT");
    let version = env!("CARGO_PKG_VERSION");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release")
        && let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"])
    {
        println!("cargo::rerun-if-changed={log}");
    }
    let named = std::env::var("EDITREE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit = named.or_else(|| git(&["log", "-1", "--format=%h %cs"]));
    let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
    println!("cargo::rustc-env=EDITREE_VERSION={version}{commit}");
    heap();
    folder("src/schema/endpoints", "endpoints.rs");
    folder("docs", "docs.rs");
}

/// A list of the names and texts of the files in a folder, to be included.
fn folder(folder: &str, list: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && is_text(path))
        .collect();
    files.sort();
    let root = std::env::current_dir().unwrap_or_default();
    let row = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().display().to_string();
        format!("({name:?}, include_str!({:?})),\n", root.join(path).display().to_string())
    };
    let rows: String = files.iter().map(row).collect();
    let place = std::path::Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join(list);
    std::fs::write(&place, format!("&[\n{rows}]\n")).unwrap_or_else(|error| {
        println!("cargo::error=cannot write `{}`: {error}", place.display());
    });
}

/// What an editor or a file manager has left beside them is none.
fn is_text(path: &std::path::Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let ends = path.extension().and_then(std::ffi::OsStr::to_str);
    !is_hidden && matches!(ends, Some("json" | "md" | "toml"))
}

/// Into the program, not into the library: it acts before `main` and is called by nobody.
fn heap() {
    println!("cargo::rerun-if-changed=packaging/heap.c");
    let is = |name: &str, word: &str| std::env::var(name).is_ok_and(|value| value == word);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        for object in cc::Build::new().file("packaging/heap.c").compile_intermediates() {
            println!("cargo::rustc-link-arg-bins={}", object.display());
        }
    }
}

/// Of this very repository: an archive that lies in another one has no commit.
fn git(arguments: &[&str]) -> Option<String> {
    let ours = std::path::Path::new(".git").exists();
    let output = Command::new("git").args(arguments).output().ok().filter(|_| ours)?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
