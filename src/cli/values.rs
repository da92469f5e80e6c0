//! Node names and `KEY=VALUE` pairs, as they are typed on the command line.

use super::CommandError;
use crate::schema::{Endpoint, Values};

/// `n12`, `n12.2`, `@`, `@.2`: a node and which of its pictures, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeName {
    /// `None` is the newest.
    pub(crate) node: Option<u32>,
    pub(crate) picture: usize,
}

impl NodeName {
    /// `None`: the text is not shaped like a node's name, so it is a file's.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (node, picture) = match text.split_once('.') {
            Some((node, picture)) => (node, picture.parse().ok().filter(|number| *number > 0)?),
            None => (text, 1),
        };
        let node = match node {
            "@" => None,
            name => Some(name.strip_prefix('n')?.parse().ok()?),
        };
        Some(Self { node, picture })
    }
}

/// Reads the `-s` options for `endpoint`, each checked by its parameter's kind.
pub(crate) fn read_settings(
    endpoint: &Endpoint,
    settings: &[String],
) -> Result<Values, CommandError> {
    let mut values = Values::new();
    for setting in settings {
        let Some((name, text)) = setting.split_once('=') else {
            return Err(CommandError::usage(format!("`{setting}` is not KEY=VALUE"))
                .hint("for example -s seed=7"));
        };
        let name = name.trim();
        endpoint.set(&mut values, name, text.trim()).map_err(|problem| {
            let command_error = CommandError::usage(format!("`{name}`: {}", problem.message));
            let usual = format!("`editree schema {}` lists its parameters", endpoint.short);
            command_error.hint(problem.hint.unwrap_or(usual))
        })?;
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_names_are_told_from_file_names() {
        let name = |node, picture| Some(NodeName { node, picture });
        assert_eq!(NodeName::parse("n12"), name(Some(12), 1));
        assert_eq!(NodeName::parse("n12.2"), name(Some(12), 2));
        assert_eq!(NodeName::parse("@"), name(None, 1));
        assert_eq!(NodeName::parse("@.3"), name(None, 3));
        for file in ["./n12", "n12.png", "n", "12", "n12.0", "photo.png", "n-1"] {
            assert_eq!(NodeName::parse(file), None, "{file}");
        }
    }
}
