//! `backup` and `restore`: a store as one file, and back.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::compare::check_output;
use super::gc::size;
use super::session::{executor, open_store};
use super::{CommandError, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::runtime::blocking;
use crate::store::archive::Archived;
use crate::store::archive::restore;
use crate::store::error::{Error, Kind};

/// `editree backup FILE`.
pub(crate) fn backup(config: &Config, file: PathBuf, as_json: bool) -> Result<u8, CommandError> {
    if file.is_dir() {
        let example = file.join("editree.tar");
        let error = CommandError::usage(format!("`{}` is a directory", file.display()));
        return Err(error.hint(format!("name the file in it, such as {}", example.display())));
    }
    check_output(&file)?;
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        let archived = store.back_up(file.clone()).await.map_err(command_error)?;
        tell_odd(&archived);
        if as_json {
            return print_json(
                &json!({ "file": file.display().to_string(), "nodes": archived.nodes,
                "pictures": archived.pictures, "files": archived.files, "bytes": archived.bytes }),
            );
        }
        say(&words(&archived));
        print(format!("{}\n", file.display()).as_bytes())
    })
}

/// `editree restore FILE`.
pub(crate) fn restore(
    config: &Config,
    file: PathBuf,
    replace: bool,
    as_json: bool,
) -> Result<u8, CommandError> {
    executor()?.block_on(async {
        let (from, folder) = (file.clone(), config.data_dir.clone());
        let restored = blocking(move || restore::restore(&from, &folder, replace)).await?;
        let restored = restored.map_err(command_error)?;
        tell_odd(&restored.archived);
        if let Some(replaced) = &restored.replaced {
            say(&format!("the previous store is kept in `{}`", replaced.display()));
        }
        let (archived, folder) = (&restored.archived, config.data_dir.display().to_string());
        if as_json {
            let shown = |path: &Path| path.display().to_string();
            return print_json(&json!({ "file": shown(&file), "data_dir": folder,
                "nodes": archived.nodes, "pictures": archived.pictures, "files": archived.files,
                "bytes": archived.bytes, "replaced": restored.replaced.as_deref().map(shown) }));
        }
        say(&words(archived));
        print(format!("{folder}\n").as_bytes())
    })
}

/// A wrong file, or one in the way, is for the person to fix.
fn command_error(error: Error) -> CommandError {
    let is_input =
        matches!(error.kind, Kind::Taken | Kind::Damaged | Kind::TooNew | Kind::NotFound);
    let command_error = CommandError::from(Failure::from(error));
    if is_input { CommandError { code: code::USAGE, ..command_error } } else { command_error }
}

fn words(archived: &Archived) -> String {
    let Archived { nodes, pictures, files, bytes, .. } = archived;
    format!("{nodes} nodes, {pictures} pictures, {files} files, {}", size(*bytes))
}

fn tell_odd(archived: &Archived) {
    archived.odd.iter().for_each(|odd| say(odd));
}
