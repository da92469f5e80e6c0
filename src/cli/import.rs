//! `import`: a picture comes back with its recipe and its place in the tree.

use std::path::Path;

use serde_json::{Value, json};

use super::labels::{Foreign, foreign};
use super::session::{executor, open_store};
use super::{Trouble, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::picture::{self, label};
use crate::runtime::labels::pixels;
use crate::runtime::perform::{described, keep_picture, read_picture};
use crate::store::Store;
use crate::store::incoming::Imported;

/// `editree import FILE`.
pub(crate) fn import(config: &Config, file: &Path, json: bool) -> Result<u8, Trouble> {
    let (bytes, info) = read_picture(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        match label::recipe(&bytes) {
            Some(recipe) => {
                let imported = ours(&store, &bytes, &info, &recipe).await?;
                tell(&imported, json)
            }
            None => {
                let found = foreign(&picture::words(&bytes));
                let title = match &found {
                    Some(Foreign { prompt, .. }) if !prompt.is_empty() => {
                        format!("{name}: {prompt}")
                    }
                    _ => name,
                };
                let node = keep_picture(&store, bytes, info, title).await?;
                if json {
                    let seed = found.as_ref().and_then(|found| found.seed);
                    let words = found.as_ref().map(|found| found.prompt.as_str());
                    let tool = found.as_ref().map(|found| found.tool);
                    return print_json(&json!({ "node": node.id.to_string(), "known": false,
                        "parent": null, "tool": tool, "prompt": words, "seed": seed }));
                }
                match found {
                    Some(Foreign { tool, prompt, seed }) => {
                        let seed = seed.map_or(String::new(), |seed| format!(", seed {seed}"));
                        say(&format!("made by {tool}{seed}: {prompt}"));
                    }
                    None => say("the file tells nothing of how it was made; it begins a tree"),
                }
                print(format!("{}\n", node.id).as_bytes())
            }
        }
    })
}

/// A picture with our label: its pixels must be those that the label was written for.
async fn ours(
    store: &Store,
    bytes: &[u8],
    info: &picture::Info,
    recipe: &str,
) -> Result<Imported, Trouble> {
    let broken = || Trouble::new(code::USAGE, "the picture's label cannot be read");
    let label: Value = serde_json::from_str(recipe).map_err(|_| broken())?;
    let node = label.get("node").cloned().ok_or_else(broken)?;
    let told = label.get("pixels").and_then(Value::as_str);
    if told.is_some() && pixels(bytes).as_deref() != told {
        let message = "the picture was changed after its label was written";
        return Err(
            Trouble::new(code::USAGE, message).hint("`editree PICTURE` opens it as a new one")
        );
    }
    // The file as it was before it left, to the byte.
    let plain = label::detach(bytes);
    let described = described(&plain, info);
    let imported = store.import(&plain, described, node).map_err(Failure::from)?;
    Ok(imported.await.map_err(Failure::from)?)
}

fn tell(imported: &Imported, json: bool) -> Result<u8, Trouble> {
    let node = &imported.node;
    let prompt = node.recipe.as_ref().map(|recipe| recipe.prompt.as_str());
    if json {
        let parent = node.parent.map(|parent| parent.node.to_string());
        return print_json(&json!({ "node": node.id.to_string(), "known": imported.is_known,
            "parent": parent, "tool": "editree", "prompt": prompt, "seed": node.seed }));
    }
    match (imported.is_known, imported.has_parent) {
        (true, _) => say("it is in the tree already"),
        (false, true) => say("back in its place in the tree"),
        (false, false) => say("the picture that it was made from is not here: it stands by itself"),
    }
    print(format!("{}\n", node.id).as_bytes())
}
