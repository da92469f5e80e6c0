//! The steps of a file that `export --as recipe` has written, to be done to other pictures.
//!
//! Opens no picture and knows no endpoint: a step is checked like one of the tree. Invariant: until
//! they are opened, pictures beside the first one are named as they stand in the file.

use std::path::Path;

use serde::Deserialize;

use crate::cli::CommandError;
use crate::cli::catalogue::bounded;
use crate::cli::inputs::is_address;
use crate::tree::{Input, Recipe, Values};

/// More are no chain of a person.
const MAX_STEPS: usize = 1_000;

#[derive(Deserialize)]
struct Written {
    editree: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    endpoint: String,
    prompt: String,
    #[serde(default)]
    params: Values,
    #[serde(default)]
    inputs: Vec<Source>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Source {
    Url { url: String },
    File { file: String },
    Step { step: usize, picture: usize },
}

/// Steps that edit a picture: what was made from words alone is where the chain begins, and the given
/// picture takes its place.
///
/// # Errors
/// The file cannot be read, is none of ours, or a step takes what an earlier one than the last has
/// made.
pub(super) fn read(path: &Path) -> Result<Vec<Recipe>, CommandError> {
    let wrong = |why: String| CommandError::usage(format!("`{}`: {why}", path.display()));
    let written = bounded(path).map_err(wrong)?;
    let written: Written = serde_json::from_slice(&written).map_err(|error| {
        wrong(format!("it is no recipe: {error}")).hint("`editree export NODE --as recipe --chain`")
    })?;
    if written.editree != "recipe" || written.steps.len() > MAX_STEPS {
        return Err(wrong(format!("it is no recipe of at most {MAX_STEPS} steps")));
    }
    // With a folder before it, no file is taken for standard input, a node or an address.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut recipes = Vec::with_capacity(written.steps.len());
    for (at, step) in written.steps.into_iter().enumerate() {
        let inputs = step.inputs.into_iter().enumerate();
        let inputs = inputs.map(|(place, source)| input(source, at, place, folder).map_err(wrong));
        let inputs: Vec<Input> = inputs.collect::<Result<_, _>>()?;
        let (endpoint, prompt, values) = (step.endpoint, step.prompt, step.params);
        if inputs.is_empty() && at > 0 {
            return Err(wrong(format!("step {} takes no picture of the step before", at + 1)));
        }
        if !inputs.is_empty() {
            recipes.push(Recipe { endpoint, prompt, values, inputs });
        }
    }
    match recipes.is_empty() {
        true => Err(wrong("no step edits a picture".into())),
        false => Ok(recipes),
    }
}

/// The pictures beside the first of each step that are to be opened, by their names.
pub(super) fn references(steps: &[Recipe]) -> impl Iterator<Item = &String> {
    beside(steps).filter(|name| !is_address(name))
}

/// What is sent beside the first picture of each step: names of files, and addresses.
pub(super) fn beside(steps: &[Recipe]) -> impl Iterator<Item = &String> {
    let beside = steps.iter().flat_map(|step| step.inputs.iter().skip(1));
    beside.filter_map(|input| match input {
        Input::Url(name) => Some(name),
        Input::Picture(_) => None,
    })
}

/// A file is looked for beside the recipe.
fn input(source: Source, at: usize, place: usize, folder: &Path) -> Result<Input, String> {
    match source {
        Source::Url { .. } | Source::File { .. } if place == 0 && at > 0 => {
            Err(format!("step {} does not go on from the step before", at + 1))
        }
        Source::Url { url } if place == 0 || is_address(&url) => Ok(Input::Url(url)),
        Source::Url { url } => Err(format!("step {}: `{url}` is no address", at + 1)),
        Source::File { file } => Ok(Input::Url(folder.join(file).to_string_lossy().into_owned())),
        Source::Step { step, picture: 0 } if place == 0 && step + 1 == at => {
            Ok(Input::Url(String::new()))
        }
        Source::Step { step, .. } => Err(format!(
            "step {} takes a picture of step {}: only the first one of the step before can be",
            at + 1,
            step + 1
        )),
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Recipe>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = folder.path().join("chain.json");
        std::fs::write(&path, text).map_err(|error| error.to_string())?;
        super::read(&path).map_err(|error| error.message)
    }

    #[test]
    fn what_was_made_from_words_is_left_out_and_references_keep_their_names() {
        let steps = read(
            r#"{"editree":"recipe","steps":[
              {"endpoint":"a","prompt":"a cat","params":{"seed":3},"inputs":[]},
              {"endpoint":"b","prompt":"Add a hat","params":{"seed":4},
               "inputs":[{"step":0,"picture":0},{"file":"hat.png"},{"url":"https://x.test/y.png"}]}]}"#,
        );
        let steps = steps.unwrap_or_default();
        let [step] = steps.as_slice() else { panic!("{steps:?}") };
        assert_eq!((step.endpoint.as_str(), step.values["seed"].as_u64()), ("b", Some(4)));
        assert_eq!(step.inputs.len(), 3);
        let opened: Vec<&String> = references(&steps).collect();
        assert!(matches!(opened[..], [hat] if hat.ends_with("/hat.png")), "{opened:?}");
        let sent: Vec<&String> = beside(&steps).collect();
        assert!(matches!(sent[..], [_, address] if address == "https://x.test/y.png"), "{sent:?}");
    }

    #[test]
    fn what_cannot_be_repeated_is_told_with_its_step() {
        let chain = |inputs: &str| {
            let step = r#"{"endpoint":"a","prompt":"b","inputs":"#;
            format!(
                r#"{{"editree":"recipe","steps":[{step}[{{"file":"a.png"}}]}},{step}{inputs}}}]}}"#
            )
        };
        assert!(read(&chain(r#"[{"step":0,"picture":0}]"#)).is_ok());
        for (text, why) in [
            (chain(r#"[{"step":0,"picture":1}]"#), "step 2 takes a picture of step 1"),
            (chain(r#"[{"step":0,"picture":0},{"step":0,"picture":0}]"#), "step 2 takes"),
            (chain(r#"[{"step":0,"picture":0},{"url":"/etc/x"}]"#), "`/etc/x` is no address"),
            (chain(r#"[{"file":"x.png"}]"#), "step 2 does not go on from the step before"),
            (chain("[]"), "step 2 takes no picture of the step before"),
            (chain("[]").replace("recipe", "other"), "it is no recipe"),
            (r#"{"editree":"recipe","steps":[]}"#.into(), "no step edits a picture"),
            ("[1,2".into(), "it is no recipe"),
        ] {
            let told = read(&text).err().unwrap_or_default();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
