//! `import`: pictures come back with their recipes and their places in the tree.
//!
//! What a picture says of itself wins over what stands beside it. Invariant: one result for each
//! file, in their order; a file that fails stops no other, and shows in the exit code.

pub(super) mod service;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::{CommandError, code, print, print_json, say};
use crate::app::failure::Failure;
use crate::config::Config;
use crate::limits;
use crate::picture::origin::{self, Origin};
use crate::picture::{self, metadata};
use crate::runtime;
use crate::runtime::files::{found_in, is_picture};
use crate::runtime::open_files::{described, read_picture};
use crate::runtime::picture_metadata::pixels;
use crate::store::Store;
use crate::store::error::Error;
use crate::store::import::{Imported, Place, beside, listed};
use crate::text;
use crate::tree::{Hash, Node, Picture};

/// A picture that was read, and what of it is to be kept.
struct Read {
    arriving: Vec<(Arc<[u8]>, Picture, Place)>,
    /// What another tool has written into it, and what that is called, where it starts a tree.
    origin: Option<(Option<Origin>, String)>,
}

/// So many pictures, nodes that show them, or bytes, are kept in one step: the disk is waited for once.
const MOST: usize = 64;
const MOST_BYTES: usize = 32 << 20;

/// Files that were read and wait to be kept with others, in their order.
struct Intake<'a> {
    store: &'a Store,
    waiting: Vec<(PathBuf, Result<Read, CommandError>)>,
    tally: Tally,
}

/// What was told so far.
#[derive(Default)]
struct Tally {
    is_json: bool,
    files: usize,
    new: usize,
    known: usize,
    failed: usize,
    /// The exit code: the worst of the files.
    code: u8,
}

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
        let tally = Tally { is_json: json, ..Tally::default() };
        let mut intake = Intake { store: &store, waiting: Vec::new(), tally };
        for file in files {
            let read = intake.read(&file).await?;
            intake.waiting.push((file, read));
            if is_one {
                let kept = intake.keep().await.pop();
                return kept.map_or(Ok(0), |(file, kept)| report_one(&file, kept?, json));
            }
            if intake.is_full() {
                intake.settle().await?;
            }
        }
        intake.settle().await?;
        for folder in empty {
            let message = format!("`{}` holds no pictures", folder.display());
            intake.tally.tell(&folder, &Err(CommandError::usage(message)))?;
        }
        intake.tally.end()
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

impl Intake<'_> {
    fn is_full(&self) -> bool {
        let read = || self.waiting.iter().filter_map(|(_, read)| read.as_ref().ok());
        let nodes: usize = read().map(|read| read.arriving.len()).sum();
        // The nodes of a file share its bytes.
        let first = read().filter_map(|read| read.arriving.first());
        let bytes: usize = first.map(|(bytes, ..)| bytes.len()).sum();
        self.waiting.len().max(nodes) >= MOST || bytes >= MOST_BYTES
    }

    /// Keeps what waits, and tells it.
    async fn settle(&mut self) -> Result<(), CommandError> {
        for (file, kept) in self.keep().await {
            self.tally.tell(&file, &kept)?;
        }
        Ok(())
    }

    async fn keep(&mut self) -> Vec<(PathBuf, Result<Kept, CommandError>)> {
        let (mut arriving, mut files) = (Vec::new(), Vec::new());
        for (file, read) in std::mem::take(&mut self.waiting) {
            files.push((
                file,
                read.map(|read| {
                    let count = read.arriving.len();
                    arriving.extend(read.arriving);
                    (count, read.origin)
                }),
            ));
        }
        let store = self.store.clone();
        let kept = match runtime::blocking(move || store.import(arriving)).await {
            Ok(kept) => kept.await.map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        let (mut kept, failure) = match kept {
            Ok(kept) => (kept.into_iter(), None),
            Err(failure) => (Vec::new().into_iter(), Some(failure)),
        };
        let told = |(file, read): (PathBuf, Result<(usize, _), CommandError>)| {
            let told = read.and_then(|(count, origin)| match &failure {
                Some(failure) => Err(failure.clone().into()),
                None => told(kept.by_ref().take(count).collect(), origin),
            });
            (file, told)
        };
        files.into_iter().map(told).collect()
    }

    /// What the file is, or why it is nothing that can be kept; fails where nothing more can be told.
    async fn read(&mut self, file: &Path) -> Result<Result<Read, CommandError>, CommandError> {
        let (bytes, info) = match read_picture(file) {
            Ok((bytes, info)) => (bytes, Some(info)),
            Err(_) if is_described(file) => {
                match limits::read(file, picture::Limits::default().bytes) {
                    Ok(bytes) => (bytes, None),
                    Err(error) => return Ok(Err(error.into())),
                }
            }
            Err(failure) => return Ok(Err(failure.into())),
        };
        if let Some((info, recipe)) = info.as_ref().zip(metadata::recipe(&bytes)) {
            return match label(&bytes, &recipe) {
                Ok(Label { node, is_changed: false }) => {
                    // The file as it was before it left, to the byte.
                    let bytes = metadata::detach(&bytes);
                    let picture = described(&bytes, info);
                    Ok(Ok(Read::described(bytes, picture, vec![node])))
                }
                Ok(Label { node, is_changed: true }) => {
                    // It may come of one of those that wait.
                    self.settle().await?;
                    let bytes = metadata::detach(&bytes);
                    Ok(changed_since(self.store, file, bytes, info, &node).await)
                }
                Err(error) => Ok(Err(error)),
            };
        }
        Ok(without_label(file, bytes, info))
    }
}

/// A picture without our label: a sidecar may tell of it.
fn without_label(
    file: &Path,
    bytes: Vec<u8>,
    info: Option<picture::Info>,
) -> Result<Read, CommandError> {
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
            Ok(Read::described(bytes, picture.ok_or_else(unknown)?, nodes))
        }
        (found, Some(info)) => {
            if let Some(Err(why)) = found {
                say(&format!("ignored the sidecar of `{}`: {why}", file.display()));
            }
            Ok(plain(file, bytes, &info))
        }
        (_, None) => Err(CommandError::usage(format!("`{}` is not a picture", file.display()))),
    }
}

impl Read {
    /// Every node that shows the picture and can be here.
    fn described(bytes: Vec<u8>, picture: Picture, nodes: Vec<Value>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        let one = |node| (Arc::clone(&bytes), picture.clone(), Place::Described(node));
        Self { arriving: nodes.into_iter().map(one).collect(), origin: None }
    }

    /// The picture as the start of a tree, or the node that shows it already.
    fn root(
        bytes: Vec<u8>,
        info: &picture::Info,
        title: String,
        origin: (Option<Origin>, String),
    ) -> Self {
        let picture = described(&bytes, info);
        let place = Place::Root { title, at: runtime::now() };
        Self { arriving: vec![(bytes.into(), picture, place)], origin: Some(origin) }
    }
}

/// What our label says of its picture.
struct Label {
    node: Value,
    /// The file or its pixels are not those that it was written for.
    is_changed: bool,
}

fn label(bytes: &[u8], recipe: &str) -> Result<Label, CommandError> {
    let broken = || CommandError::new(code::USAGE, "the picture's label cannot be read");
    let label: Value = serde_json::from_str(recipe).map_err(|_| broken())?;
    let node = label.get("node").cloned().ok_or_else(broken)?;
    let told = label.get("pixels").and_then(Value::as_str);
    let is_other = |told: &str| pixels(bytes).is_some_and(|pixels| pixels != told);
    let is_rewritten = label.get("rewritten").and_then(Value::as_bool) == Some(true);
    Ok(Label { is_changed: is_rewritten || told.is_some_and(is_other), node })
}

/// One of ours that was resized, turned or saved again elsewhere: it starts a tree, and says what
/// it was made from.
async fn changed_since(
    store: &Store,
    file: &Path,
    bytes: Vec<u8>,
    info: &picture::Info,
    node: &Value,
) -> Result<Read, CommandError> {
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
    let words = format!("made from {from}, changed since; prompt: {}", origin.prompt);
    Ok(Read::root(bytes, info, title, (Some(origin), words)))
}

/// What became of the picture: it fails if no node of it can be here.
fn told(
    kept: Vec<Result<Imported, Error>>,
    origin: Option<(Option<Origin>, String)>,
) -> Result<Kept, CommandError> {
    let (mut imported, mut failed) = (Vec::new(), None);
    for one in kept {
        match one {
            Ok(one) => imported.push(one),
            Err(error) => failed = failed.or(Some(Failure::from(error))),
        }
    }
    match (failed, origin) {
        (Some(failure), _) if imported.is_empty() => Err(failure.into()),
        (_, None) => Ok(back(imported)),
        (_, Some((origin, words))) => {
            let told = |Imported { node, is_known, .. }| {
                let origin = origin.clone();
                Told { node, is_known, parent: None, awaits: None, origin }
            };
            Ok(Kept { nodes: imported.into_iter().map(told).collect(), words })
        }
    }
}

/// In its place in the tree.
fn back(imported: Vec<Imported>) -> Kept {
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
fn plain(file: &Path, bytes: Vec<u8>, info: &picture::Info) -> Read {
    let found = origin::read(&bytes);
    let name = name_of(file);
    let title = match &found {
        Some(origin) if !origin.prompt.is_empty() => titled(&name, &origin.prompt),
        Some(_) | None => name,
    };
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
    Read::root(bytes, info, title, (found, words))
}

/// A title is for lists: the beginning of a long prompt is enough.
fn titled(name: &str, prompt: &str) -> String {
    let beginning: String = prompt.chars().take(300).collect();
    format!("{name}: {beginning}")
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Tally {
    /// A line for one of several, or a piece of the object, as soon as it is kept.
    fn tell(
        &mut self,
        file: &Path,
        result: &Result<Kept, CommandError>,
    ) -> Result<(), CommandError> {
        let lead = if self.files == 0 { "{\"files\":[" } else { "," };
        self.files += 1;
        match result {
            Ok(kept) if kept.nodes.iter().all(|told| told.is_known) => self.known += 1,
            Ok(_) => self.new += 1,
            Err(command_error) => {
                self.failed += 1;
                self.code = self.code.max(command_error.code);
            }
        }
        if self.is_json {
            return print(format!("{lead}{}", describe(file, result)).as_bytes()).map(|_| ());
        }
        let shown = file.display();
        match result {
            Ok(kept) => {
                let line = |told: &Told| text::plain(&format!("{} {shown}", told.node.id)) + "\n";
                print(kept.nodes.iter().map(line).collect::<String>().as_bytes()).map(|_| ())
            }
            Err(command_error) => {
                say(&format!("{shown}: {}", command_error.message));
                Ok(())
            }
        }
    }

    fn end(&self) -> Result<u8, CommandError> {
        let Self { files, new, known, failed, code, .. } = self;
        if self.is_json {
            let lead = if *files == 0 { "{\"files\":[" } else { "" };
            print(format!("{lead}]}}\n").as_bytes())?;
        } else {
            say(&format!("{new} imported, {known} already in the tree, {failed} failed"));
        }
        Ok(*code)
    }
}

fn report_one(file: &Path, kept: Kept, json: bool) -> Result<u8, CommandError> {
    if json {
        let one = describe(file, &Ok(kept));
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
