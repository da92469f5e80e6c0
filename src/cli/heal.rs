//! `heal`: what an edit did not mean to change comes back from its parent; into a file.
//!
//! Free and local. Invariant: nothing is written when too much changed.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::compare::{Loaded, Source, place, write_png};
use super::misplaced::check_healed;
use super::run::{is_stdout, read_target};
use super::{CommandError, catalogue, code, print, print_json, say};
use crate::app::compare::filename_template::{Target, TemplateFields, model_of, stem};
use crate::config::Config;
use crate::config::arguments::Heal;
use crate::picture::compare::Ignored;
use crate::picture::heal::{Healed, Strength, heal_large, heal_without};
use crate::picture::regions::heal_within;
use crate::picture::{self, rewrite, summary};
use crate::runtime::{local_moment, now, save_as};

/// `editree heal CHILD`.
pub(crate) fn heal(config: Config, arguments: &Heal) -> Result<u8, CommandError> {
    check_healed(&arguments.child, &arguments.more)?;
    let target = arguments.output.as_deref().map(read_target).transpose()?;
    let to_stdout = target.as_ref().is_some_and(is_stdout);
    if to_stdout && arguments.json {
        return Err(
            CommandError::usage("`-o -` and `--json` both write to stdout").hint("name a file")
        );
    }
    let source = Source::find(&config, &arguments.child)?;
    let made_here = source.node.as_ref().filter(|(node, _)| node.recipe.is_none());
    if arguments.parent.is_none() && made_here.is_some_and(|(node, _)| node.parent.is_some()) {
        let text = format!("`{}` was made here, not by an edit", arguments.child);
        return Err(CommandError::usage(text).hint("name what to take from with --parent"));
    }
    let of_parent = parent(&config, arguments, &source)?;
    let (parent, child) = (of_parent.load()?, source.load()?);
    let ignored = Ignored { in_a: parent.mark(), in_b: child.mark() };
    let strength = Strength::new(arguments.strength);
    let whole = match parent.size == parent.pixels.dimensions() {
        true => None,
        false => Some(of_parent.load_whole()?),
    };
    let parts = of_parent.meant(&source, parent.size);
    let healed = match (whole, parts.as_slice()) {
        (None, []) => heal_without(&parent.pixels, &child.pixels, strength, &ignored),
        (Some(whole), []) => heal_large(&parent.pixels, whole, &child.pixels, strength, &ignored),
        (whole, parts) => {
            let whole = whole.unwrap_or_else(|| parent.pixels.clone());
            Ok(heal_within(&parent.pixels, whole, &child.pixels, parts, &ignored))
        }
    };
    let healed = healed.map_err(|refusal| {
        let command_error = CommandError::usage(format!("`{}`: {refusal}", arguments.child));
        match (refusal.enough.map(Strength::percent), source.is_node) {
            (Some(percent), _) => {
                command_error.hint(format!("--strength {percent} is strong enough"))
            }
            // Its parent is known.
            (None, true) => command_error,
            (None, false) => command_error.hint("name the picture it was made from with --parent"),
        }
    })?;
    let bytes = encode(&healed, &child);
    if to_stdout {
        let bytes =
            bytes.ok_or_else(|| CommandError::new(code::INTERNAL, "cannot encode the picture"))?;
        return print(&bytes);
    }
    let output = write(&config, &source, target, bytes)?;
    if arguments.json {
        return print_json(&describe(&healed, &output, child.is_simulated()));
    }
    let words = summary::in_short(&healed.changed, parent.size);
    say(&format!("kept from the edit: {words}; everything else is from the parent"));
    if source.is_node {
        say("written to a file; the tree is unchanged");
    }
    print(format!("{}\n", output.display()).as_bytes())
}

/// As named, or what the child's node was made from.
fn parent(config: &Config, arguments: &Heal, child: &Source) -> Result<Source, CommandError> {
    match (&arguments.parent, child.parent) {
        (Some(name), _) => Source::find(config, name),
        (None, Some(hash)) => Source::of_hash(config, "the parent", hash),
        (None, None) => {
            let message = format!("`{}` has no parent in the tree", arguments.child);
            Err(CommandError::usage(message).hint("name it with --parent NODE or --parent FILE"))
        }
    }
}

/// PNG with the child's words, so that a simulated picture still says so.
fn encode(healed: &Healed, child: &Loaded) -> Option<Vec<u8>> {
    let words: Vec<(&str, &str)> =
        child.words.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    picture::encode_png_rgb(&healed.picture, &words)
}

/// Under the name that was asked for, else beside the child; answers where.
fn write(
    config: &Config,
    child: &Source,
    target: Option<Target>,
    bytes: Option<Vec<u8>>,
) -> Result<PathBuf, CommandError> {
    let target = target.unwrap_or_else(|| Target::Literal(beside(child)));
    let path = target.fill(&facts(config, child));
    match (target, bytes) {
        (Target::Template(_), Some(bytes)) => {
            let bytes = rewrite::named(&bytes, &path).unwrap_or(bytes);
            Ok(save_as::write_beside(path, &bytes)?)
        }
        (_, bytes) => {
            write_png(&path, bytes)?;
            Ok(path)
        }
    }
}

/// What is known of the child; the healed picture is a PNG of this moment.
fn facts(config: &Config, child: &Source) -> TemplateFields {
    let moment = local_moment(now());
    let facts = match &child.node {
        Some((node, picture)) => {
            let model = model_of(node, &catalogue::catalogue(&config.data_dir));
            TemplateFields::of(node, *picture, &model, moment)
        }
        None => {
            let name = Path::new(&child.name).file_name().unwrap_or_default().to_string_lossy();
            let name = stem(&name);
            let (node, model) = (name.clone(), "local".into());
            TemplateFields {
                node,
                prompt: name,
                model,
                picture: 1,
                moment,
                ..TemplateFields::default()
            }
        }
    };
    TemplateFields { format: "png".into(), ..facts }
}

/// `photo.png` becomes `photo-healed.png` beside it, a node `n12-healed.png` here.
fn beside(source: &Source) -> PathBuf {
    if source.is_node {
        return PathBuf::from(format!("{}-healed.png", source.name.replace('@', "newest")));
    }
    let path = Path::new(&source.name);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-healed.png"))
}

/// `{"file","width","height","simulated","fit","shift","scale","changed"}`, the last four as `compare`
/// tells them; boxes are what was kept of the child.
fn describe(healed: &Healed, output: &Path, simulated: bool) -> serde_json::Value {
    let (width, height) = healed.picture.dimensions();
    let mut value = json!({ "file": output.display().to_string(), "width": width, "height": height,
        "simulated": simulated });
    place(&mut value, healed.fit, healed.drift, &healed.changed);
    value
}
