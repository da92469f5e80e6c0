//! Pasted text that is nothing but paths of pictures.

use std::path::PathBuf;

use crate::app::draft::file_browser::is_picture_name;

/// Paths of pictures, when the pasted text is nothing else: plain, quoted for a shell, or `file://`.
pub(in crate::ui) fn picture_paths(text: &str) -> Option<Vec<PathBuf>> {
    let is_picture =
        |path: &str| is_picture_name(path) && (path.contains('/') || !path.contains(' '));
    // Words that end in a path are words: a line with blanks is one path only if it begins as one.
    let begins = |line: &str| {
        let starts = ["/", "~/", "./", "../", "file://", "'", "\""];
        !line.contains(char::is_whitespace) || starts.iter().any(|start| line.starts_with(start))
    };
    let unquote = |word: &str| {
        let word = word.trim();
        let inner = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\''));
        let inner =
            inner.or_else(|| word.strip_prefix('"').and_then(|word| word.strip_suffix('"')));
        let plain = inner.map_or_else(|| word.replace("\\ ", " "), str::to_owned);
        let path = plain.strip_prefix("file://").map(|path| path.replace("%20", " "));
        path.unwrap_or(plain)
    };
    let all = |paths: &[String]| !paths.is_empty() && paths.iter().all(|path| is_picture(path));
    let paths = |paths: Vec<String>| Some(paths.into_iter().map(PathBuf::from).collect());
    // Several on one line first: as one path they would look like one with spaces in it.
    let words: Vec<String> = text.split_whitespace().map(unquote).collect();
    if all(&words) {
        return paths(words);
    }
    let are_paths = text.lines().map(str::trim).all(begins);
    let lines: Vec<String> = text.lines().map(unquote).filter(|line| !line.is_empty()).collect();
    if are_paths && all(&lines) { paths(lines) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_are_told_from_words() {
        let paths = |text: &str| picture_paths(text).map(|paths| paths.len());
        assert_eq!(paths("/home/me/cat.png"), Some(1));
        assert_eq!(paths("'/home/me/my cat.png'\n"), Some(1));
        assert_eq!(paths("/home/me/my\\ cat.jpg"), Some(1));
        assert_eq!(paths("file:///home/me/my%20cat.webp"), Some(1));
        assert_eq!(paths("/a/1.HEIC /a/2.png"), Some(2));
        assert_eq!(paths("Make it look like cat.png please"), None);
        assert_eq!(paths("make it red"), None);
        assert_eq!(paths("Make the sky look like in /home/me/sky.png"), None);
        assert_eq!(paths("/home/me/my cat.png"), Some(1));
        assert_eq!(paths("pictures/cat.png"), Some(1));
    }
}
