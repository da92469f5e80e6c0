//! `import`: pictures come back with their recipes and their places in the tree.
//!
//! What a picture says of itself wins over what stands beside it. Invariant: one result for each
//! file, in their order; a file that fails stops no other, and shows in the exit code.

pub(super) mod service;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::{CommandError, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::limits;
use crate::picture::origin::{self, Origin};
use crate::picture::{self, metadata};
use crate::runtime::files::{found_in, is_picture};
use crate::runtime::open_files::{described, keep_picture, read_picture};
use crate::runtime::picture_metadata::pixels;
use crate::store::Store;
use crate::store::import::{Imported, beside, listed};
use crate::text;
use crate::tree::{Hash, Node, Picture};

/// What became of a file: a node for each that shows it.
struct Kept {
    nodes: Vec<Told>,
    /// For the person.
    words: String,
}

struct Told {
    node: Node,
    is_known: bool,
    parent: Option<String>,
    awaits: Option<Hash>,
    origin: Option<Origin>,
}

/// `editree import PATH...`.
pub(crate) fn import(config: &Config, paths: &[PathBuf], json: bool) -> Result<u8, CommandError> {
    let (files, empty) = files(paths);
    let is_one = matches!(paths, [path] if !path.is_dir());
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        let mut results = Vec::with_capacity(files.len());
        for file in files {
            let result = one(&store, &file).await;
            if !json && !is_one {
                tell(&file, &result)?;
            }
            results.push((file, result));
        }
        results.extend(empty.into_iter().map(|folder| {
            let message = format!("`{}` holds no pictures", folder.display());
            let result = Err(CommandError::usage(message));
            (folder, result)
        }));
        match is_one {
            true => report_one(results, json),
            false => report(&results, json),
        }
    })
}

/// The named files, and the pictures of the named folders; folders without any apart.
fn files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut found = found_in(path);
        // A film or a sound counts where a sidecar tells of it.
        found.retain(|file| is_picture(file) || is_described(file));
        match found.is_empty() {
            true => empty.push(path.clone()),
            false => files.append(&mut found),
        }
    }
    (files, empty)
}

fn is_described(file: &Path) -> bool {
    let name = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_sidecar = file.extension().is_none_or(|ending| ending == "json" || ending == "part");
    !is_sidecar && name.parse::<Hash>().is_ok() && file.with_extension("json").is_file()
}

async fn one(store: &Store, file: &Path) -> Result<Kept, CommandError> {
    let (bytes, info) = match read_picture(file) {
        Ok((bytes, info)) => (bytes, Some(info)),
        Err(_) if is_described(file) => {
            (limits::read(file, picture::Limits::default().bytes)?, None)
        }
        Err(failure) => return Err(failure.into()),
    };
    if let Some((info, recipe)) = info.as_ref().zip(metadata::recipe(&bytes)) {
        return ours(store, file, bytes, *info, &recipe).await;
    }
    let hash = Hash::of(&bytes);
    match (beside(file, hash), info) {
        (Some(Ok(nodes)), info) => {
            let picture = match &info {
                Some(info) => Some(described(&bytes, info)),
                None => nodes.iter().find_map(|node| listed(node, hash)),
            };
            let unknown = || {
                CommandError::usage(format!(
                    "the file type of `{}` does not match its name",
                    file.display()
                ))
            };
            from_sidecar(store, &bytes, picture.ok_or_else(unknown)?, nodes).await
        }
        (found, Some(info)) => {
            if let Some(Err(why)) = found {
                say(&format!("ignored the sidecar of `{}`: {why}", file.display()));
            }
            plain(store, file, bytes, info).await
        }
        (_, None) => Err(CommandError::usage(format!("`{}` is not a picture", file.display()))),
    }
}

/// A picture with our label: back in its place, if its pixels are those that the label was written
/// for.
async fn ours(
    store: &Store,
    file: &Path,
    bytes: Vec<u8>,
    info: picture::Info,
    recipe: &str,
) -> Result<Kept, CommandError> {
    let broken = || CommandError::new(code::USAGE, "the picture's label cannot be read");
    let label: Value = serde_json::from_str(recipe).map_err(|_| broken())?;
    let node = label.get("node").cloned().ok_or_else(broken)?;
    let told = label.get("pixels").and_then(Value::as_str);
    let is_other = |told: &str| pixels(&bytes).is_some_and(|pixels| pixels != told);
    if told.is_some_and(is_other) {
        return changed_since(store, file, metadata::detach(&bytes), info, &node).await;
    }
    // The file as it was before it left, to the byte.
    let plain = metadata::detach(&bytes);
    let described = described(&plain, &info);
    let imported = store.import(&plain, described, node).map_err(Failure::from)?;
    Ok(kept(vec![imported.await.map_err(Failure::from)?]))
}

/// One of ours that was resized, turned or saved again elsewhere: it starts a tree, and says what
/// it was made from.
async fn changed_since(
    store: &Store,
    file: &Path,
    bytes: Vec<u8>,
    info: picture::Info,
    node: &Value,
) -> Result<Kept, CommandError> {
    let text = |key: &str| node.get(key).and_then(Value::as_str);
    let known = match text("global") {
        Some(global) => store.find_global(global.to_owned()).await.map_err(Failure::from)?,
        None => None,
    };
    let from = known.map_or_else(|| "a picture that is not here".to_owned(), |id| id.to_string());
    let origin = Origin {
        tool: "editree",
        prompt: text("prompt").unwrap_or_default().to_owned(),
        model: text("endpoint").map(str::to_owned),
        seed: node.get("seed").and_then(Value::as_u64),
        made_from: Some(from.clone()),
        ..Origin::default()
    };
    let name = name_of(file);
    let title = match origin.prompt.as_str() {
        "" => format!("{name}, changed since {from}"),
        prompt => format!("{}, changed since", titled(&name, prompt)),
    };
    let mut told = root(store, bytes, info, title).await?;
    let words = format!("made from {from}, changed since; prompt: {}", origin.prompt);
    told.origin = Some(origin);
    Ok(Kept { nodes: vec![told], words })
}

/// Every node that shows the picture and can be here; it fails if none can.
async fn from_sidecar(
    store: &Store,
    bytes: &[u8],
    picture: Picture,
    nodes: Vec<Value>,
) -> Result<Kept, CommandError> {
    let (mut imported, mut failed) = (Vec::new(), None);
    for node in nodes {
        let one = store.import(bytes, picture.clone(), node).map_err(Failure::from)?;
        match one.await {
            Ok(one) => imported.push(one),
            Err(error) => failed = failed.or(Some(Failure::from(error))),
        }
    }
    match failed {
        Some(failure) if imported.is_empty() => Err(failure.into()),
        Some(_) | None => Ok(kept(imported)),
    }
}

fn kept(imported: Vec<Imported>) -> Kept {
    let words = match imported.first() {
        Some(Imported { is_known: true, .. }) => "it is already in the tree".to_owned(),
        Some(Imported { has_parent: true, .. }) => "back in its place in the tree".into(),
        Some(Imported { awaits: Some(_), .. }) => {
            "its parent is not here yet; it joins the tree when the parent is imported".into()
        }
        Some(_) => "back in the tree".into(),
        None => "no recipe found".into(),
    };
    let told = |imported: Imported| {
        let node = imported.node;
        let recipe = node.recipe.as_ref();
        let origin = Origin {
            tool: "editree",
            prompt: recipe.map(|recipe| recipe.prompt.clone()).unwrap_or_default(),
            model: recipe.map(|recipe| recipe.endpoint.clone()),
            seed: node.seed,
            ..Origin::default()
        };
        Told {
            is_known: imported.is_known,
            parent: node.parent.filter(|_| imported.has_parent).map(|of| of.node.to_string()),
            awaits: imported.awaits,
            origin: Some(origin),
            node,
        }
    };
    Kept { nodes: imported.into_iter().map(told).collect(), words }
}

/// A picture that begins a tree, with what another tool has written into it.
async fn plain(
    store: &Store,
    file: &Path,
    bytes: Vec<u8>,
    info: picture::Info,
) -> Result<Kept, CommandError> {
    let found = origin::read(&bytes);
    let name = name_of(file);
    let title = match &found {
        Some(origin) if !origin.prompt.is_empty() => titled(&name, &origin.prompt),
        Some(_) | None => name,
    };
    let mut told = root(store, bytes, info, title).await?;
    let words = match &found {
        Some(Origin { tool, prompt, seed, .. }) => {
            let seed = seed.map_or(String::new(), |seed| format!(", seed {seed}"));
            format!("made by {tool}{seed}: {prompt}")
        }
        None if info.format == picture::Format::Raw => {
            "the preview in the raw file becomes a root".into()
        }
        None => "the file has no recipe; it becomes a root".into(),
    };
    told.origin = found;
    Ok(Kept { nodes: vec![told], words })
}

/// A title is for lists: the beginning of a long prompt is enough.
fn titled(name: &str, prompt: &str) -> String {
    let beginning: String = prompt.chars().take(300).collect();
    format!("{name}: {beginning}")
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The picture as the start of a tree, or the node that shows it already.
async fn root(
    store: &Store,
    bytes: Vec<u8>,
    info: picture::Info,
    title: String,
) -> Result<Told, CommandError> {
    let begun = crate::runtime::now();
    let node = keep_picture(store, bytes, info, title).await?;
    let is_known = node.at < begun;
    Ok(Told { is_known, parent: None, awaits: None, origin: None, node })
}

/// A line for one of several, as soon as it is kept.
fn tell(file: &Path, result: &Result<Kept, CommandError>) -> Result<(), CommandError> {
    let shown = file.display();
    match result {
        Ok(kept) => {
            let line = |told: &Told| text::plain(&format!("{} {shown}", told.node.id)) + "\n";
            print(kept.nodes.iter().map(line).collect::<String>().as_bytes())?;
        }
        Err(command_error) => say(&format!("{shown}: {}", command_error.message)),
    }
    Ok(())
}

fn report_one(
    results: Vec<(PathBuf, Result<Kept, CommandError>)>,
    json: bool,
) -> Result<u8, CommandError> {
    let Some((file, result)) = results.into_iter().next() else { return Ok(0) };
    let kept = result?;
    if json {
        let one = describe(&file, &Ok(kept));
        let mut object = json!({ "files": [one.clone()] });
        // What a script looks for with one file stands at the top too.
        if let (Some(object), Value::Object(one)) = (object.as_object_mut(), one) {
            object.extend(one);
        }
        return print_json(&object);
    }
    say(&kept.words);
    print(
        kept.nodes.iter().map(|told| format!("{}\n", told.node.id)).collect::<String>().as_bytes(),
    )
}

/// The exit code is the worst of the files.
fn report(
    results: &[(PathBuf, Result<Kept, CommandError>)],
    json: bool,
) -> Result<u8, CommandError> {
    let failed = results.iter().filter_map(|(_, result)| result.as_ref().err());
    let code = failed.clone().map(|command_error| command_error.code).max().unwrap_or(0);
    if json {
        let files: Vec<Value> =
            results.iter().map(|(file, result)| describe(file, result)).collect();
        print_json(&json!({ "files": files }))?;
        return Ok(code);
    }
    let is_known = |kept: &&Kept| kept.nodes.iter().all(|told| told.is_known);
    let kept = results.iter().filter_map(|(_, result)| result.as_ref().ok());
    let known = kept.clone().filter(is_known).count();
    for (folder, result) in results.iter().filter(|(path, _)| path.is_dir()) {
        tell(folder, result)?;
    }
    let (new, failed) = (kept.count() - known, failed.count());
    say(&format!("{new} imported, {known} already in the tree, {failed} failed"));
    Ok(code)
}

fn describe(file: &Path, result: &Result<Kept, CommandError>) -> Value {
    let file = file.display().to_string();
    let kept = match result {
        Ok(kept) => kept,
        Err(command_error) => {
            return json!({ "file": file, "node": null, "error": command_error.message });
        }
    };
    let nodes: Vec<String> = kept.nodes.iter().map(|told| told.node.id.to_string()).collect();
    let first = kept.nodes.first();
    let origin = first.and_then(|told| told.origin.as_ref());
    json!({ "file": file, "node": nodes.first(), "nodes": nodes,
        "known": kept.nodes.iter().all(|told| told.is_known),
        "parent": first.and_then(|told| told.parent.clone()),
        "awaits": first.and_then(|told| told.awaits).map(|hash| hash.to_string()),
        "tool": origin.map(|origin| origin.tool),
        "prompt": origin.map(|origin| &origin.prompt),
        "negative_prompt": origin.map(|origin| &origin.negative_prompt),
        "seed": origin.and_then(|origin| origin.seed),
        "steps": origin.and_then(|origin| origin.steps),
        "guidance": origin.and_then(|origin| origin.guidance),
        "model": origin.and_then(|origin| origin.model.as_ref()),
        "size": origin.and_then(|origin| origin.size).map(|(width, height)| [width, height]),
        "made_from": origin.and_then(|origin| origin.made_from.as_ref()),
        "error": null })
}
