//! A path as a person types or pastes it: `~/` that no shell has seen, and `file://`.

use std::path::PathBuf;

use url::Url;

/// The path that is meant. A shell would have made `~/` the person's home folder; file managers and
/// browsers write `file://`, with any byte of a name percent-encoded.
pub(crate) fn meant(path: PathBuf) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    if let (Ok(rest), Some(home)) = (path.strip_prefix("~"), home) {
        return PathBuf::from(home).join(rest);
    }
    let is_address =
        |text: &&str| text.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("file://"));
    let url = path.to_str().filter(is_address).and_then(|text| Url::parse(text).ok());
    url.and_then(|url| url.to_file_path().ok()).unwrap_or(path)
}

/// The folder in which names without one lie, as a person writes it.
pub(crate) fn here() -> String {
    let Ok(here) = std::env::current_dir() else { return String::new() };
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let below = home.as_deref().and_then(|home| here.strip_prefix(home).ok());
    below.map_or_else(|| here.clone(), |below| PathBuf::from("~").join(below)).display().to_string()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn the_home_folder_stands_for_its_sign_at_the_beginning_only() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        let at = |path: &str| meant(PathBuf::from(path));
        if !home.as_os_str().is_empty() {
            assert_eq!(at("~/my cat.png"), home.join("my cat.png"));
        }
        assert_eq!(at("a/~/b.png"), PathBuf::from("a/~/b.png"));
        assert_eq!(at("~other/b.png"), PathBuf::from("~other/b.png"));
    }

    #[test]
    fn an_address_of_a_file_is_its_path_byte_by_byte() {
        let at = |path: &str| meant(PathBuf::from(path));
        for (typed, path) in [
            ("file:///a%20b/c%C3%A9.png", "/a b/cé.png"),
            ("FILE:///a.png", "/a.png"),
            ("file://localhost/a.png", "/a.png"),
            ("file:other", "file:other"),
            ("file:/other", "file:/other"),
            ("a:b.png", "a:b.png"),
        ] {
            assert_eq!(at(typed), PathBuf::from(path), "{typed}");
        }
        assert_eq!(at("file:///%FF.png").as_os_str(), OsStr::from_bytes(b"/\xff.png"));
    }
}
