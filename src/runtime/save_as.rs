//! Pictures that are copied out of the store: is there such a folder, is the name still free.
//!
//! Blocks: call it off the loop. Invariants: no folder is made, and a name that a template or the
//! workbench has chosen never takes the place of a file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::picture_metadata::{describe_beside, labelled_as};
use super::{Private, typed_path};
use crate::app::compare::filename_template::{DEFAULT_NAME, Target, TemplateFields, with_number};
use crate::app::failure::{Failure, FailureKind};
use crate::app::message::Copied;
use crate::picture::{self, rewrite, signature};
use crate::schema::export::shell_quote;
use crate::store::Store;
use crate::tree::PictureRef;

/// Whether a copy can go there; asked before anything is sent.
pub(crate) fn check(target: &Target) -> Result<(), Failure> {
    let fail = |message: String| Failure::new(FailureKind::Picture, message);
    if let Target::Literal(path) = target
        && (path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/"))
    {
        let shown = path.display();
        let example = path.join(DEFAULT_NAME);
        return Err(fail(format!("`{shown}` is a directory"))
            .hint(format!("name the file in it, such as {}", example.display())));
    }
    let folder = target.folder();
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let shown = folder.to_string_lossy();
    Err(fail(format!("there is no folder `{shown}`"))
        .hint(format!("make it first: mkdir -p {}", shell_quote(&shown))))
}

/// Under this name or, if there is such a file, the next one with a number. It is there whole or
/// not at all: first it has another name.
pub(crate) fn write_beside(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = fs::write(&part, bytes).and_then(|()| take_free_name(&part, &path));
    if written.is_err() {
        // Half a picture is of no use; what is wrong with the disk is told by the caller.
        let _ = fs::remove_file(&part);
    }
    written.map_err(|error| unwritten(&path, &error))
}

fn take_free_name(part: &Path, path: &Path) -> std::io::Result<PathBuf> {
    let mut free = path.to_path_buf();
    for number in 2.. {
        // Unlike a rename, a link never takes the place of a file.
        match fs::hard_link(part, &free) {
            Ok(()) => {
                fs::remove_file(part)?;
                break;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            // Some file systems know no links.
            Err(_) if !free.exists() => {
                fs::rename(part, &free)?;
                break;
            }
            Err(_) => {}
        }
        free = with_number(path, number);
    }
    Ok(free)
}

pub(crate) fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot write `{}`: {error}", path.display());
    Failure::new(FailureKind::Store, message).hint("the picture itself is kept in the store")
}

/// A name without the ending of a format gets that of the picture; `is_other`: also in place of one.
fn with_ending(mut path: PathBuf, ending: &str, is_other: bool) -> PathBuf {
    let own = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if !own.is_empty() && !signature::is_known(&own) {
        // `red v1.2` ends in a number.
        path.as_mut_os_string().push(format!(".{ending}"));
    } else if is_other || own.is_empty() {
        path.set_extension(ending);
    }
    path
}

/// A picture of the tree with its label inside, beside whatever is there, in the format of its name
/// where that is one that is written here. `model` is the short name of what made it.
pub(crate) async fn copy_out(
    store: &Store,
    picture: PictureRef,
    target: Target,
    model: &str,
    private: Private,
) -> Result<Copied, Failure> {
    let gone = move || Failure::new(FailureKind::Picture, format!("{} is gone", picture.node));
    let node = store.find_node(Some(picture.node.0)).await?.ok_or_else(gone)?;
    let at = node.pictures.iter().position(|other| other.hash == picture.picture);
    let at = at.ok_or_else(gone)?;
    let facts = TemplateFields::of(&node, at + 1, model, super::local_moment(node.at));
    let store = store.clone();
    super::blocking(move || {
        let target = target.moved(typed_path::meant);
        check(&target)?;
        let bytes = store.media().read(picture.picture)?;
        let file = node.pictures.get(at).ok_or_else(gone)?;
        let path = target.fill(&facts);
        let bytes = labelled_as(&store, &node, file, bytes, (private, &path));
        // What few programs show leaves as a common picture: the name must not say otherwise.
        let kind = signature::of(&bytes);
        let is_as_named = rewrite::meant_by(&path) == Some(kind.name);
        let is_other = kind.name != file.format && picture::inspect(&bytes).is_ok();
        let path = with_ending(path, kind.ending, is_other && !is_as_named);
        let path = std::path::absolute(&path).map_err(|error| unwritten(&path, &error))?;
        let written = write_beside(path.clone(), &bytes)?;
        let described = describe_beside(&store, file, &bytes, &written);
        described.map_err(|error| unwritten(&written, &error))?;
        let was_taken = written != path;
        let path = written.display().to_string();
        Ok(Copied { path, was_taken, format: kind.name.to_owned() })
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ending_of_a_format_is_an_ending() {
        for (name, is_other, saved) in [
            ("red", false, "red.png"),
            ("red v1.2", false, "red v1.2.png"),
            ("out.d/red 2026.11.29", true, "out.d/red 2026.11.29.png"),
            ("red.PNG", false, "red.PNG"),
            ("red.jpeg", false, "red.jpeg"),
            ("red.heic", true, "red.png"),
            ("red.", false, "red.png"),
        ] {
            assert_eq!(with_ending(name.into(), "png", is_other), Path::new(saved), "{name}");
        }
    }
}
