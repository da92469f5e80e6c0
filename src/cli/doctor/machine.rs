//! What `doctor` finds out about the machine around: room for pictures, the editor.
//!
//! Changes nothing. Invariant: no program is started.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Finding;
use crate::cli::gc::size;
use crate::config::Config;

/// Some hundred pictures.
const LITTLE_ROOM: u64 = 500 << 20;
/// They return at once unless they are told to wait.
const FORKING: [&str; 7] = ["code", "codium", "cursor", "subl", "zed", "gvim", "atom"];

pub(super) fn machine(config: &Config) -> Vec<Finding> {
    disk(&config.data_dir).into_iter().chain(editor(config)).collect()
}

/// Of the folder, or of the nearest above that is there.
fn disk(folder: &Path) -> Option<Finding> {
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let room = rustix::fs::statvfs(there).ok()?;
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    let is_little = free < LITTLE_ROOM;
    Some(Finding {
        what: "disk",
        found: format!("{} free where the pictures go", size(free)),
        meaning: is_little.then(|| "pictures that are paid for may find no room".into()),
        fix: is_little.then(|| "editree gc, or --data-dir on another disk".into()),
    })
}

/// One that cannot be read is told with the settings.
fn editor(config: &Config) -> Option<Finding> {
    let words = config.editor().ok()?;
    let program = words.first()?;
    let name = Path::new(program).file_name()?.to_string_lossy().into_owned();
    let waits =
        words.iter().any(|word| matches!(word.as_str(), "--wait" | "-w" | "-f" | "--nofork"));
    let mut finding = Finding { what: "editor", ..Finding::default() };
    finding.found = format!("`{}`", words.join(" "));
    if config.environment.editor.is_empty() {
        finding.found.push_str(", since neither VISUAL nor EDITOR is set");
    }
    if !is_there(program, &config.environment.path) {
        finding.found.push_str("; there is no such program");
        finding.meaning = Some("a prompt cannot be written in an editor".into());
        finding.fix = Some("export EDITOR=nano".into());
    } else if FORKING.contains(&name.as_str()) && !waits {
        finding.meaning = Some("returns before the prompt is written".into());
        let option = if name == "gvim" { "-f" } else { "--wait" };
        finding.fix = Some(format!("export EDITOR='{name} {option}'"));
    }
    Some(finding)
}

fn is_there(program: &str, path: &str) -> bool {
    let runs = |file: &Path| {
        file.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    match program.contains('/') {
        true => runs(Path::new(program)),
        false => std::env::split_paths(path).any(|folder| runs(&folder.join(program))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_as_a_shell_does() {
        assert!(is_there("sh", "/nowhere:/bin") && is_there("/bin/sh", ""));
        assert!(!is_there("sh", "/nowhere") && !is_there("passwd", "/etc"));
    }

    #[test]
    fn a_folder_that_is_not_there_yet_lies_on_the_disk_of_the_one_above() {
        let found = disk(Path::new("/tmp/not/there/yet")).map(|finding| finding.found);
        assert!(found.is_some_and(|found| found.ends_with("free where the pictures go")));
    }
}
