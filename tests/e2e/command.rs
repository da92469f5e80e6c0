//! The real binary as a command: run to its end in folders of its own, without a key.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::pty::environment;

pub fn editree(folder: &Path, arguments: &[&str]) -> Output {
    with_variables(folder, arguments, &[])
}

pub fn with_variables(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
    command.args(arguments).env_clear().envs(environment(folder)).current_dir(folder);
    command.envs(variables.iter().copied()).output().expect("editree runs")
}

/// What stands on stderr.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The one JSON object on stdout.
pub fn json_in(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error} in {:?}\n{}", String::from_utf8_lossy(&output.stdout), said(output))
    })
}

pub fn json(folder: &Path, arguments: &[&str]) -> Value {
    json_in(&editree(folder, arguments))
}

/// One of `tests/photos`.
pub fn photo(name: &str) -> String {
    format!("{}/tests/photos/{name}", env!("CARGO_MANIFEST_DIR"))
}
