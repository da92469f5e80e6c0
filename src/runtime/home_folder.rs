//! `~/` at the beginning of a path that no shell has seen.

use std::path::PathBuf;

/// A shell would have done it: `~/` is the person's home folder.
pub(crate) fn at_home(path: PathBuf) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        (Ok(_) | Err(_), _) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_stands_for_its_sign_at_the_beginning_only() {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
        let at = |path: &str| at_home(PathBuf::from(path));
        if !home.as_os_str().is_empty() {
            assert_eq!(at("~/my cat.png"), home.join("my cat.png"));
        }
        assert_eq!(at("a/~/b.png"), PathBuf::from("a/~/b.png"));
        assert_eq!(at("~other/b.png"), PathBuf::from("~other/b.png"));
    }
}
