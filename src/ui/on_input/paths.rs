//! Pasted and dropped text that is nothing but names of pictures.
//!
//! File managers and terminals write them in many ways: as they are, quoted or escaped as for a
//! shell, as `file://` addresses; one a line or several on it. Words that merely end in a path are
//! words, and so is every name that may be none.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use crate::app::draft::file_browser::is_picture_name;

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Place {
    /// On this machine; may begin with `~/`.
    File(PathBuf),
    /// `https://` or `http://`.
    Address(String),
}

/// The pictures that the text names, if it names nothing else.
pub(in crate::ui) fn pictures(text: &str) -> Option<Vec<Place>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let places: Vec<Vec<Place>> = lines.map(on_line).collect::<Option<_>>()?;
    Some(places.concat()).filter(|places| !places.is_empty())
}

/// The files alone, where an address is none.
pub(in crate::ui) fn files(text: &str) -> Option<Vec<PathBuf>> {
    let file = |place: Place| match place {
        Place::File(path) => Some(path),
        Place::Address(_) => None,
    };
    pictures(text)?.into_iter().map(file).collect()
}

/// Several first: as one name they would look like one with blanks in it.
fn on_line(line: &str) -> Option<Vec<Place>> {
    let words = shell_words::split(line).unwrap_or_default();
    let is_several = words.len() > 1;
    let places =
        words.iter().filter(|word| !is_several || begins_as_place(word)).map(|word| place(word));
    let places: Option<Vec<Place>> = places.collect();
    if let Some(places) = places.filter(|places| !places.is_empty() && places.len() == words.len())
    {
        return Some(places);
    }
    // As it is, with what a shell would take for more.
    let is_whole = begins_as_place(line) || !line.contains(char::is_whitespace);
    is_whole.then(|| place(line).map(|place| vec![place]))?
}

fn begins_as_place(word: &str) -> bool {
    const BEGINNINGS: [&str; 7] = ["/", "~/", "./", "../", "file://", "https://", "http://"];
    BEGINNINGS.iter().any(|begin| word.starts_with(begin))
}

/// A picture's name ends as such; one with blanks in it leads through a folder.
fn place(word: &str) -> Option<Place> {
    if word.starts_with("https://") || word.starts_with("http://") {
        let path = word.split(['?', '#']).next().unwrap_or_default();
        let is_one = is_picture_name(path) && !word.contains(char::is_whitespace);
        return is_one.then(|| Place::Address(word.to_owned()));
    }
    let path = match word.strip_prefix("file://") {
        // What stands before the path is this machine's name.
        Some(rest) => unescaped(rest.get(rest.find('/')?..)?),
        None => PathBuf::from(word),
    };
    let name = path.to_string_lossy();
    let is_one = is_picture_name(&name) && (name.contains('/') || !name.contains(' '));
    is_one.then_some(Place::File(path))
}

fn unescaped(path: &str) -> PathBuf {
    OsString::from_vec(percent_encoding::percent_decode_str(path).collect()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 13] = [
        "plain.jpg",
        "photo (1).jpg",
        "it's.jpg",
        "my cat.HEIC",
        "a&b.png",
        "café.jpg",
        "#1.jpg",
        "50%.jpg",
        "9.42.51\u{202f}AM.png",
        "[1].webp",
        "q\"uote.jpg",
        "dollar$x.jpg",
        "semi;c.tif",
    ];

    fn paths(names: &[String]) -> Option<Vec<PathBuf>> {
        Some(names.iter().map(PathBuf::from).collect())
    }

    fn escaped(name: &str) -> String {
        let escape = |c: char| if " ()'&[]\"$;#".contains(c) { format!("\\{c}") } else { c.into() };
        name.chars().map(escape).collect()
    }

    fn as_address(name: &str) -> String {
        let all = percent_encoding::NON_ALPHANUMERIC;
        let parts = name.split('/').map(|part| percent_encoding::utf8_percent_encode(part, all));
        let parts: Vec<String> = parts.map(|part| part.to_string()).collect();
        format!("file://{}", parts.join("/"))
    }

    #[test]
    fn every_name_is_known_in_every_spelling_alone_and_with_others() {
        let spellings: [(&str, fn(&str) -> String); 5] = [
            ("as it is", |name| name.to_owned()),
            ("quoted", |name| shell_words::quote(name).into_owned()),
            ("escaped", escaped),
            ("an address", as_address),
            ("a host's address", |name| {
                as_address(name).replacen("file://", "file://localhost", 1)
            }),
        ];
        let names: Vec<String> = NAMES.iter().map(|name| format!("/home/me/{name}")).collect();
        for (spelling, spell) in spellings {
            let spelt: Vec<String> = names.iter().map(|name| spell(name)).collect();
            for (name, spelt) in names.iter().zip(&spelt) {
                let one = paths(std::slice::from_ref(name));
                assert_eq!(files(&format!("{spelt}\r\n")), one, "{spelling}: {spelt}");
            }
            assert_eq!(files(&spelt.join("\n")), paths(&names), "{spelling}, one a line");
            if spelling != "as it is" {
                assert_eq!(files(&spelt.join(" ")), paths(&names), "{spelling}, on one line");
            }
        }
        assert_eq!(files("~/my cat.png"), paths(&["~/my cat.png".into()]));
        assert_eq!(files("pictures/cat.png"), paths(&["pictures/cat.png".into()]));
    }

    #[test]
    fn words_are_words_and_an_address_is_one() {
        for words in [
            "Make it look like cat.png please",
            "make it red",
            "Make the sky look like in /home/me/sky.png",
            "it's a cat.png",
            "see https://example.com/cat.png",
            "https://example.com/page",
            "",
        ] {
            assert_eq!(pictures(words), None, "{words}");
        }
        let address = "https://example.com/a/cat.png?size=large".to_owned();
        assert_eq!(pictures(&address), Some(vec![Place::Address(address.clone())]));
        assert_eq!(files(&address), None);
    }
}
