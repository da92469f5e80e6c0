//! `report`: one page of HTML with a branch's pictures, words, differences and cost.
//!
//! Free and local. The page needs nothing beside itself: pictures stand inside it, with their
//! recipes; or in a folder beside it, from where they come as one scrolls, each over a small one
//! that the page has. Invariant: no address elsewhere is fetched, and a browser is told to fetch none.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{RgbImage, imageops};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::compare::{Loaded, check_output};
use super::session::{executor, open_store, private};
use super::values::NodeName;
use super::{CommandError, code, print, print_on, say, show_progress};
use crate::app::failure::Failure;
use crate::app::money::confirmation::counted;
use crate::config::Config;
use crate::picture::compare::{Ignored, compare_without};
use crate::picture::metadata;
use crate::picture::{signature, summary};
use crate::runtime::Private;
use crate::runtime::picture_metadata::labelled;
use crate::schema::{Usd, money};
use crate::store::Store;
use crate::tree::{Node, Picture};

/// A step of the branch: its node and the picture that went on.
struct Step {
    node: Node,
    picture: Picture,
}

/// Where the pieces of the page go, as they are made.
type Sink<'a> = dyn FnMut(&str) -> Result<(), CommandError> + 'a;

/// From so many steps on it is told how far it is.
const MANY: usize = 20;
/// Pixels of the longer side of what is seen first.
const THUMB: u32 = 64;

/// What a page is made from, and where its pictures go.
struct Page<'a> {
    store: &'a Store,
    steps: &'a [Step],
    private: Private,
    /// The folder beside the page, if they do not stand inside it.
    folder: Option<PathBuf>,
}

/// `editree report NODE -o FILE.html`.
pub(crate) fn report(
    config: &Config,
    name: &str,
    output: &Path,
    beside: bool,
) -> Result<u8, CommandError> {
    let is_printed = output.as_os_str() == "-";
    if is_printed && beside {
        return Err(CommandError::usage("a page on stdout has no folder beside it")
            .hint("name a file with -o, or leave --folder out"));
    }
    check_output(output)?;
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        let steps = branch(&store, name).await?;
        let folder = beside.then(|| folder_beside(output));
        let page = Page { store: &store, steps: &steps, private: private(config), folder };
        if is_printed {
            let mut is_read = true;
            let printed = page.write_to(&mut |piece| {
                is_read = print_on(piece.as_bytes())?;
                // Who reads has seen enough: nothing more is compared.
                if is_read { Ok(()) } else { Err(CommandError::new(code::DONE, "")) }
            });
            return if is_read { printed.map(|()| code::DONE) } else { Ok(code::DONE) };
        }
        let bytes = write(&page, output)?;
        match &page.folder {
            None => say(&format!("{} MB in one file", bytes.div_ceil(1 << 20))),
            Some(folder) => say(&format!("its pictures lie in `{}`", folder.display())),
        }
        print(format!("{}\n", output.display()).as_bytes())
    })
}

/// `branch.html` and `branch_files`, as browsers name the two.
fn folder_beside(output: &Path) -> PathBuf {
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push("_files");
    output.with_file_name(name)
}

/// The whole page or none of it, and its length: it grows beside the file, whose old page stays until
/// the new one is there. What is no file, such as a pipe, is written as it comes.
fn write(page: &Page<'_>, output: &Path) -> Result<usize, CommandError> {
    let fails = |error: std::io::Error| unwritten(output, &error);
    if let Some(folder) = &page.folder {
        std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    }
    let is_stream = std::fs::metadata(output).is_ok_and(|found| !found.is_file());
    // Where a link leads.
    let place = std::fs::canonicalize(output).unwrap_or_else(|_| output.to_owned());
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = if is_stream { place.clone() } else { place.with_file_name(name) };
    let mut file = File::create(&part).map_err(fails)?;
    let mut bytes = 0;
    let written = page.write_to(&mut |piece| {
        bytes += piece.len();
        file.write_all(piece.as_bytes()).map_err(fails)
    });
    if is_stream {
        return written.map(|()| bytes);
    }
    let written = written.and_then(|()| std::fs::rename(&part, &place).map_err(fails));
    if written.is_err() {
        // What failed is told; that half a page could not be removed either, is not.
        let _ = std::fs::remove_file(&part);
    }
    written.map(|()| bytes)
}

fn unwritten(place: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(code::INTERNAL, format!("cannot write `{}`: {error}", place.display()))
}

/// From the opened picture to the named one.
async fn branch(store: &Store, name: &str) -> Result<Vec<Step>, CommandError> {
    let none = || {
        CommandError::usage(format!("there is no picture `{name}`"))
            .hint("`editree tree` lists the nodes")
    };
    let wanted = NodeName::parse(name).ok_or_else(none)?;
    let mut next = wanted.node;
    let mut hash = None;
    let mut steps = Vec::new();
    while let Some(node) = store.find_node(next).await.map_err(Failure::from)? {
        let picture = match hash {
            Some(hash) => node.pictures.iter().find(|picture| picture.hash == hash),
            None => node.pictures.get(wanted.picture - 1),
        };
        let picture = picture.cloned().ok_or_else(none)?;
        if store.media().path(picture.hash).is_none() {
            // Told before anything is written.
            store.media().read(picture.hash).map_err(Failure::from)?;
        }
        let parent = node.parent;
        steps.push(Step { node, picture });
        let Some(parent) = parent else {
            break;
        };
        next = Some(parent.node.0);
        hash = Some(parent.picture);
    }
    if steps.is_empty() {
        return Err(none());
    }
    steps.reverse();
    Ok(steps)
}

/// What the page may load: nothing but what stands in it, or beside it on the disk or the server.
fn policy(has_folder: bool) -> String {
    let beside = if has_folder { " 'self' file:" } else { "" };
    format!(
        "default-src 'none'; img-src data:{beside}; style-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'"
    )
}
/// Below so many dB, what nobody meant to change is seen to have changed.
const DAMAGED_DB: f64 = 30.0;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem;background:#fff;color:#222}img{max-width:100%;height:auto}figure{margin:2rem 0}\
    figcaption{border-left:.25rem solid #999;padding-left:1rem}.dim{color:#666}\
    @media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}.dim{color:#999}}";

impl Page<'_> {
    /// One step after the other: no more pictures are in memory than are compared.
    fn write_to(&self, out: &mut Sink<'_>) -> Result<(), CommandError> {
        out(&head(self.steps, &policy(self.folder.is_some())))?;
        let (mut root, mut before): (Option<Loaded>, Option<Loaded>) = (None, None);
        for (done, step) in (1..).zip(self.steps) {
            let file = self.store.media().read(step.picture.hash).map_err(Failure::from)?;
            // A file that is not a picture is listed without a comparison.
            let now = Loaded::read(&file).ok();
            let told = compared(root.as_ref(), before.as_ref(), now.as_ref());
            let data = labelled(self.store, &step.node, &step.picture, file, self.private);
            let source = self.source(step, &data, now.as_ref())?;
            drop(data);
            out(&figure(step, &source, &told))?;
            root = root.or(before.take());
            before = now;
            let count = self.steps.len();
            if count >= MANY {
                show_progress(&format!("{done} of {count} steps"), done == count);
            }
        }
        out("</body></html>\n")
    }

    /// Where the picture comes from, as attributes: the page itself, or a file that is written here.
    fn source(
        &self,
        step: &Step,
        data: &[u8],
        pixels: Option<&Loaded>,
    ) -> Result<String, CommandError> {
        let kind = signature::of(data);
        let Some(folder) = &self.folder else {
            return Ok(format!("src=\"{}\"", inside(kind.name, data)));
        };
        let name = format!("{}.{}", step.node.id, kind.ending);
        let place = folder.join(&name);
        std::fs::write(&place, data).map_err(|error| unwritten(&place, &error))?;
        let small = pixels.and_then(|loaded| thumbnail(&loaded.pixels));
        let small = small.map_or(String::new(), |small| {
            format!(" style=\"background:url({}) 0/cover\"", inside("jpeg", &small))
        });
        let folder = folder.file_name().unwrap_or_default().to_string_lossy();
        let folder = utf8_percent_encode(&folder, NON_ALPHANUMERIC);
        Ok(format!("loading=\"lazy\" decoding=\"async\"{small} src=\"{folder}/{name}\""))
    }
}

fn inside(kind: &str, data: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", base64_simd::STANDARD.encode_to_string(data))
}

/// What is seen until the picture is there: a kilobyte or two.
fn thumbnail(pixels: &RgbImage) -> Option<Vec<u8>> {
    let (width, height) = pixels.dimensions();
    let scaled = |side: u32| (side * THUMB / width.max(height).max(1)).max(1);
    let small = imageops::thumbnail(pixels, scaled(width), scaled(height));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 60).encode_image(&small).ok()?;
    Some(bytes)
}

/// With the step before and with the opened picture, both at once.
fn compared(
    root: Option<&Loaded>,
    before: Option<&Loaded>,
    now: Option<&Loaded>,
) -> [Option<String>; 2] {
    std::thread::scope(|scope| {
        let change = scope.spawn(|| before.zip(now).map(|(a, b)| changed(a, b)));
        let drift = root.zip(now).map(|(a, b)| drift(a, b));
        [change.join().unwrap_or_default(), drift]
    })
}

fn head(steps: &[Step], policy: &str) -> String {
    let last = steps.last().map_or(String::new(), |step| step.node.id.to_string());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>editree {last}</title>\
         <style>{STYLE}</style></head><body>\n<h1>How {last} was made</h1>\n"
    );
    let cost: Usd = steps.iter().filter_map(|step| step.node.cost).sum();
    let edits = steps.iter().filter(|step| step.node.recipe.is_some()).count();
    let edits = counted(edits, "edit");
    let is_simulated = steps.iter().any(|step| step.node.simulated && step.node.recipe.is_some());
    let note = if is_simulated { " Made by the simulator, not by FLUX; no cost." } else { "" };
    let is_unknown = |step: &&Step| step.node.recipe.is_some() && step.node.cost.is_none();
    let unknown = match steps.iter().filter(is_unknown).count() {
        0 => String::new(),
        count => format!(" and {count} at an unknown price"),
    };
    let cost = money::told(cost, is_simulated);
    let _ = writeln!(out, "<p class=\"dim\">{edits}, {cost}{unknown} together.{note}</p>");
    out
}

/// What the step did, in the words of `compare`.
fn changed(a: &Loaded, b: &Loaded) -> String {
    let ignored = Ignored { in_a: a.mark(), in_b: b.mark() };
    let comparison = compare_without(&a.pixels, &b.pixels, &ignored);
    let words = summary::what_changed(&comparison.changed, a.pixels.dimensions());
    match summary::what_moved(&comparison) {
        Some(moved) => format!("{words}; the whole picture: {moved}"),
        None => words,
    }
}

/// How much of the opened picture's quality is left where nothing was meant to change. Losses add
/// up along a branch, a little with each step.
fn drift(root: &Loaded, now: &Loaded) -> String {
    let ignored = Ignored { in_a: root.mark(), in_b: now.mark() };
    let outside = compare_without(&root.pixels, &now.pixels, &ignored).outside.psnr;
    match outside {
        None => "the whole picture changed".into(),
        Some(quality) if quality < DAMAGED_DB => format!(
            "outside of the changes {quality:.0} dB to the opened picture: damage has come in; \
             `editree heal` takes back what no step meant"
        ),
        Some(quality) => {
            format!("outside of the changes {quality:.0} dB to the opened picture")
        }
    }
}

fn figure(step: &Step, source: &str, told: &[Option<String>]) -> String {
    let Step { node, picture } = step;
    let title = match (&node.recipe, &node.title) {
        (Some(recipe), _) => recipe.caption(),
        (None, Some(title)) => title.as_str().into(),
        (None, None) => "".into(),
    };
    let mut facts = vec![node.id.to_string(), format!("{}×{}", picture.width, picture.height)];
    if let Some(recipe) = &node.recipe {
        facts.push(recipe.endpoint.clone());
        facts.extend(recipe.values.iter().map(|(name, value)| format!("{name} {value}")));
    }
    facts.extend(node.seed.map(|seed| format!("seed {seed}")));
    let exact = if node.is_exact { " (billed)" } else { "" };
    facts.extend(node.cost.map(|cost| money::told(cost, node.simulated) + exact));
    let told = told.iter().flatten().map(|words| format!("<p>{}</p>", escaped(words)));
    let told: String = told.collect();
    format!(
        "<figure><img alt=\"{}\" width=\"{}\" height=\"{}\" {source}>\
         <figcaption><p><strong>{}</strong></p>{told}<p class=\"dim\">{}</p></figcaption></figure>\n",
        escaped(&title),
        picture.width,
        picture.height,
        escaped(&title),
        escaped(&facts.join(" · ")),
    )
}

/// Words of people and of servers are words, never markup; in an attribute too.
fn escaped(text: &str) -> String {
    metadata::escaped(text).replace('"', "&quot;")
}
