//! Files that become root nodes: found by path or pattern, read within limits, kept.

use std::path::{Path, PathBuf};

use crate::app::failure::{Failure, FailureKind};
use crate::limits;
use crate::picture;
use crate::schema::export::shell_quote;
use crate::store::Store;
use crate::tree::{Hash, Node, Picture};

use super::{blocking, now, typed_path};

/// Reads, checks and keeps each file as a root node. `login` is `user@host` of this machine.
pub(crate) async fn open_files(
    store: &Store,
    paths: Vec<PathBuf>,
    login: &str,
) -> Vec<Result<Node, Failure>> {
    let mut opened = Vec::with_capacity(paths.len());
    for path in paths.into_iter().flat_map(matching) {
        let hint = bring(&path, login);
        let path = typed_path::meant(path);
        let is_here = path.exists();
        let file = open_file(store, path).await;
        opened.push(file.map_err(|failure| match is_here {
            true => failure,
            false => failure.hint(hint),
        }));
    }
    opened
}

/// The files that a path or a pattern means; opens none of them.
pub(crate) fn find_files(on: PathBuf, login: &str) -> Result<Vec<PathBuf>, Failure> {
    let found = matching(on);
    match found.iter().find(|path| !typed_path::meant((*path).clone()).exists()) {
        Some(missing) => Err(no_file(missing).hint(bring(missing, login))),
        None => Ok(found),
    }
}

/// How a file comes here from the person's own computer.
fn bring(path: &Path, login: &str) -> String {
    let path = quoted(&path.to_string_lossy());
    format!("if it is on your own computer, run this there: scp {path} {login}:")
}

fn no_file(path: &Path) -> Failure {
    let message = format!("there is no file `{}` on this machine", path.display());
    Failure::new(FailureKind::Picture, message)
}

/// For a shell elsewhere, which knows its own home.
fn quoted(path: &str) -> String {
    match path.strip_prefix("~/") {
        Some(rest) => format!("~/{}", shell_quote(rest)),
        None => shell_quote(path),
    }
}

/// The files that a pattern such as `shots/*.png` means; itself where it is none.
fn matching(path: PathBuf) -> Vec<PathBuf> {
    let here = typed_path::meant(path.clone());
    let found = match here.to_str() {
        Some(text) if text.contains(['*', '?', '[']) && !here.exists() => glob::glob(text).ok(),
        Some(_) | None => None,
    };
    let files: Vec<PathBuf> =
        found.into_iter().flatten().flatten().filter(|path| path.is_file()).collect();
    if files.is_empty() { vec![path] } else { files }
}

async fn open_file(store: &Store, path: PathBuf) -> Result<Node, Failure> {
    let title = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let (bytes, info) = blocking(move || read_picture(&path)).await??;
    keep_picture(store, bytes, info, title).await
}

/// Keeps a picture that is already known to be one.
pub(crate) async fn keep_picture(
    store: &Store,
    bytes: Vec<u8>,
    info: picture::Info,
    title: String,
) -> Result<Node, Failure> {
    let picture = described(&bytes, &info);
    let (store, now) = (store.clone(), now());
    let keep = move || store.open_picture(&bytes, picture, title, now);
    blocking(keep).await??.await.map_err(Failure::from)
}

/// A picture before the store has named it by its content.
pub(crate) fn described(bytes: &[u8], info: &picture::Info) -> Picture {
    Picture {
        hash: Hash([0; 32]),
        width: info.width,
        height: info.height,
        format: info.format.name().to_owned(),
        bytes: bytes.len() as u64,
        nsfw: false,
        url: None,
    }
}

/// The file's bytes, if it is a picture within limits.
pub(crate) fn read_picture(path: &Path) -> Result<(Vec<u8>, picture::Info), Failure> {
    let path = &typed_path::meant(path.to_owned());
    let fail = |message: String| Failure::new(FailureKind::Picture, message);
    let shown = path.display();
    let limit = picture::Limits::default().bytes;
    let length = std::fs::metadata(path).map(|metadata| (metadata.len(), metadata.is_dir()));
    match length {
        Ok((_, true)) => {
            return Err(fail(format!("`{shown}` is a folder")).hint("name a picture in it"));
        }
        Ok((length, false)) if length > limit => {
            return Err(fail(format!("`{shown}` has {length} bytes; {limit} is the limit")));
        }
        Ok(_) if !path.is_file() => {
            return Err(fail(format!("`{shown}` is not a regular file")).hint(
                "another program's picture is read from a file, or by `run -i -` in a shell",
            ));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(
                no_file(path).hint("if it is on your own computer, copy it here first with scp")
            );
        }
        Err(error) => return Err(fail(format!("cannot read `{shown}`: {error}"))),
    }
    let bytes = limits::read(path, limit)
        .map_err(|error| fail(format!("cannot read `{shown}`: {error}")))?;
    check_picture(bytes, &shown.to_string())
}

/// The bytes, if they are a picture within limits. `name` is for people.
pub(crate) fn check_picture(
    bytes: Vec<u8>,
    name: &str,
) -> Result<(Vec<u8>, picture::Info), Failure> {
    match picture::decode(&bytes, picture::Limits::default()) {
        Ok(decoded) => Ok((bytes, decoded.info())),
        Err(error) => {
            let failure = Failure::new(FailureKind::Picture, format!("`{name}`: {error}"));
            Err(match error.hint() {
                Some(hint) => failure.hint(hint),
                None => failure,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pipes_devices_and_folders_are_refused_without_waiting_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.png");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let told = |path: &Path| read_picture(path).unwrap_err();
        for path in [&pipe, Path::new("/dev/zero")] {
            assert!(told(path).message.ends_with("is not a regular file"), "{:?}", told(path));
        }
        assert!(told(folder.path()).message.ends_with("is a folder"));
    }
}
