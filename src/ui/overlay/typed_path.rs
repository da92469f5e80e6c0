//! A path that is typed, and how it goes on among what lies in its folder.
//!
//! Pure: the folder was read by someone else.

use crate::app::draft::file_browser::{DirListing, Entry};

/// The folder in which a path looks for its last name.
pub fn folder(path: &str) -> &str {
    match path.rsplit_once('/') {
        None => ".",
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
    }
}

/// The path as far as all that begin so go on alike; else why it does not go on.
pub fn complete(path: &str, listing: &DirListing) -> Result<String, String> {
    if let Some(problem) = &listing.problem {
        return Err(problem.clone());
    }
    let begun = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let end = |entry: &Entry| if entry.is_folder { "/" } else { "" };
    let names = listing.entries.iter().filter(|entry| entry.name != "..");
    let names = names.map(|entry| format!("{}{}", entry.name, end(entry)));
    let names: Vec<String> = names.filter(|name| name.starts_with(begun)).collect();
    let Some((first, others)) = names.split_first() else {
        return Err(format!("no picture and no folder here begins with `{begun}`"));
    };
    let alike = others.iter().fold(first.as_str(), |alike, name| beginning(alike, name));
    match alike.len() > begun.len() || others.is_empty() {
        true => Ok(format!("{}{alike}", path.strip_suffix(begun).unwrap_or_default())),
        false => Err(names.join("  ")),
    }
}

/// What both begin with.
fn beginning<'name>(one: &'name str, other: &str) -> &'name str {
    let pairs = one.char_indices().zip(other.chars());
    let equal = pairs.take_while(|((_, a), b)| a == b).last();
    let end = equal.map_or(0, |((at, letter), _)| at + letter.len_utf8());
    one.get(..end).unwrap_or_default()
}
