//! Node names and `KEY=VALUE` pairs, as they are typed on the command line.

use std::collections::BTreeSet;
use std::path::Path;

use super::{CommandError, say};
use crate::picture::rewrite;
use crate::schema::{Endpoint, Values, tokens};

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

const FORMAT: &str = "output_format";

/// `--format` as a setting. People say `jpg`, the service says `jpeg`.
pub(crate) fn format_setting(format: &str) -> String {
    let format = format.trim().to_ascii_lowercase();
    format!("{FORMAT}={}", if format == "jpg" { "jpeg" } else { &format })
}

/// Asks for the format that the ending of the copy's name means, unless `-s output_format` says
/// otherwise. The answer is what to warn of: the file will not be what its name says.
pub(crate) fn ask_for_format(
    endpoint: &Endpoint,
    settings: &[String],
    values: &mut Values,
    output: Option<&Path>,
) -> Option<String> {
    // A value that is the usual one anyway is not among the values.
    let is_set = settings
        .iter()
        .any(|setting| setting.split_once('=').is_some_and(|(name, _)| name.trim() == FORMAT));
    let path = output?;
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let wanted = if ending == "jpg" { "jpeg" } else { ending.as_str() };
    if !["jpeg", "png", "webp"].contains(&wanted) {
        return None;
    }
    if !is_set {
        // An endpoint that cannot be asked for it refuses; then its default holds.
        let _ = endpoint.set(values, FORMAT, wanted);
    }
    let param = endpoint.param(FORMAT);
    let usual = param.and_then(|param| param.preset.as_ref().or(param.default.as_ref()));
    let made = values.get(FORMAT).or(usual)?.as_str()?;
    // What can be written here is made of whatever comes.
    let is_left = made != wanted && rewrite::meant_by(path).is_none();
    is_left.then(|| format!("`{}` will hold {made} data", path.display()))
}

/// Says what of these prompts their endpoints' models will not read, each thing once.
pub(super) fn warn_of_unread<'a>(requests: impl Iterator<Item = (&'a Endpoint, &'a str)>) {
    let advice = requests.filter_map(|(endpoint, prompt)| {
        endpoint.prompt_tokens.and_then(|limit| tokens::read(prompt).advice(limit))
    });
    let advice: BTreeSet<String> = advice.collect();
    advice.iter().for_each(|advice| say(advice));
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::schema::Catalogue;

    #[test]
    fn the_name_of_the_copy_asks_for_its_format() {
        let catalogue = Catalogue::builtin();
        let pro = catalogue.for_pictures("pro", 1).unwrap();
        let ask = |set: &[&str], output: &str| {
            let set: Vec<String> = set.iter().map(|text| (*text).to_owned()).collect();
            let mut values = read_settings(pro, &set).unwrap();
            let warning = ask_for_format(pro, &set, &mut values, Some(Path::new(output)));
            (values.get("output_format").and_then(|it| it.as_str()).map(str::to_owned), warning)
        };
        assert_eq!(ask(&[], "a/x.JPG"), (Some("jpeg".into()), None));
        assert_eq!(ask(&[], "x.png"), (None, None), "the usual one");
        assert_eq!(ask(&[], "x.dat"), (None, None));
        assert_eq!(ask(&[], "-"), (None, None));
        assert_eq!(ask(&["output_format=png"], "x.jpg"), (None, None), "the copy is made of it");
        assert_eq!(ask(&[&format_setting("JPG")], "x.jpg"), (Some("jpeg".into()), None));
        assert_eq!(ask(&[&format_setting("jpeg")], "x.png"), (Some("jpeg".into()), None));
        let (asked, warning) = ask(&[], "x.webp");
        assert_eq!(asked, None, "pro makes no WebP");
        assert!(warning.is_some_and(|text| text.contains("png data")));
    }

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
