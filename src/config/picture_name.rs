//! The name of a picture on the command line: a file, an address, a node, or `-`.
//!
//! Opens nothing. Invariant: a name that is no text stays the same file: it becomes its `file://`.

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use url::Url;

/// Any name that the system can have.
pub(super) fn parser() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().try_map(read)
}

fn read(name: OsString) -> Result<String, String> {
    match name.into_string() {
        Ok(text) => Ok(with_plain_scheme(text)),
        Err(bytes) => {
            let path = std::path::absolute(&bytes).map_err(|error| error.to_string())?;
            let url = Url::from_file_path(path).map_err(|()| "it is not a path".to_owned())?;
            Ok(url.into())
        }
    }
}

/// `HTTPS://` is what some programs copy.
fn with_plain_scheme(text: String) -> String {
    match text.split_once("://") {
        Some((scheme, rest))
            if ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it)) =>
        {
            format!("{}://{rest}", scheme.to_ascii_lowercase())
        }
        Some(_) | None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn every_name_can_be_written() {
        let named = |bytes: &[u8]| read(OsString::from_vec(bytes.to_vec()));
        assert_eq!(named(b"HTTPS://Example.com/A.png"), Ok("https://Example.com/A.png".into()));
        assert_eq!(named(b"n12.2"), Ok("n12.2".into()));
        assert_eq!(named(b"FILE:///a"), Ok("FILE:///a".into()));
        assert_eq!(named(b"/caf\xe9.png"), Ok("file:///caf%E9.png".into()));
    }
}
