//! Folders and pictures on this machine, for the file picker. Blocks: call it on a thread for that.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::open_files::read_picture;
use super::pictures::ImageCache;
use super::typed_path;
use crate::app::draft::file_browser::{self, DirListing, Entry, FilePreview};
use crate::picture;
use crate::tree::Hash;

/// More in one folder are not read.
const MOST: usize = 5_000;

/// What of a folder is worth showing.
pub(crate) fn list(folder: &Path) -> DirListing {
    let folder = typed_path::meant(folder.to_path_buf());
    let folder = fs::canonicalize(&folder).unwrap_or(folder);
    let read = match fs::read_dir(&folder) {
        Ok(read) => read,
        Err(error) => {
            let problem = Some(format!("cannot read `{}`: {error}", folder.display()));
            return DirListing { folder, entries: Vec::new(), problem };
        }
    };
    let mut found: Vec<(Entry, SystemTime)> =
        read.take(MOST).flatten().filter_map(|entry| describe(&entry.path())).collect();
    found.sort_by(|(a, a_time), (b, b_time)| {
        // Files that were copied together are of one age.
        let by_age = seconds(*b_time).cmp(&seconds(*a_time)).then_with(|| a.name.cmp(&b.name));
        let by_name = a.name.cmp(&b.name);
        b.is_folder.cmp(&a.is_folder).then(if a.is_folder { by_name } else { by_age })
    });
    let up = folder.parent().map(|above| Entry {
        name: "..".into(),
        path: above.to_path_buf(),
        is_folder: true,
        bytes: 0,
    });
    let entries = up.into_iter().chain(found.into_iter().map(|(entry, _)| entry)).collect();
    DirListing { folder, entries, problem: None }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether the name is a picture's.
pub(crate) fn is_picture(path: &Path) -> bool {
    file_browser::is_picture_name(&path.to_string_lossy())
}

/// All files below a folder that are not hidden, by name. Links to folders are not followed, so
/// that it comes to an end.
pub(crate) fn found_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| {
        path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))
    });
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_dir() => found.append(&mut found_in(&path)),
            Ok(_) if path.is_file() => found.push(path),
            Ok(_) | Err(_) => {}
        }
    }
    found
}

/// Folders and pictures that are not hidden.
fn describe(path: &Path) -> Option<(Entry, SystemTime)> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let metadata = fs::metadata(path).ok()?;
    let is_wanted = metadata.is_dir() || (metadata.is_file() && is_picture(path));
    if name.starts_with('.') || !is_wanted {
        return None;
    }
    let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let (is_folder, bytes) = (metadata.is_dir(), metadata.len());
    Some((Entry { name, path: path.to_path_buf(), is_folder, bytes }, time))
}

/// Decodes a file and lays it into the gallery, where the screen finds it.
pub(crate) fn peek(image_cache: &ImageCache, path: PathBuf) -> FilePreview {
    let look = || {
        let (bytes, _) = read_picture(&path).map_err(|failure| failure.message)?;
        let decoded = picture::decode(&bytes, picture::Limits::default());
        let decoded = decoded.map_err(|error| error.to_string())?;
        // The name that the store would give it.
        let name = Hash::of(&bytes);
        let size = decoded.size;
        image_cache.keep(name, Arc::new(decoded.image));
        Ok((name, size))
    };
    let picture = look();
    FilePreview { path, picture }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_shows_its_folders_and_pictures_and_the_way_up() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        fs::create_dir(at("a")).unwrap();
        for name in ["one.png", "two.JPG", "notes.txt", ".hidden.png"] {
            fs::write(at(name), b"x").unwrap();
        }
        let old = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000);
        fs::File::options().write(true).open(at("one.png")).unwrap().set_modified(old).unwrap();
        let listing = list(folder.path());
        let names: Vec<&str> = listing.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["..", "a", "b", "two.JPG", "one.png"]);
    }

    #[test]
    fn a_folder_that_is_not_there_says_so() {
        let problem = list(Path::new("/nowhere/at/all")).problem;
        assert!(problem.is_some_and(|problem| problem.contains("/nowhere/at/all")));
    }
}
