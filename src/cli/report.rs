//! `report`: one page of HTML with a branch's pictures, words, differences and cost.
//!
//! Free and local. The page needs nothing beside itself: pictures stand inside it, with their
//! recipes. Invariant: no address is fetched by it, and a browser is told to fetch none.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

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
use crate::schema::Usd;
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

/// `editree report NODE -o FILE.html`.
pub(crate) fn report(config: &Config, name: &str, output: &Path) -> Result<u8, CommandError> {
    check_output(output)?;
    executor()?.block_on(async {
        let (store, _) = open_store(config, false).await?;
        let steps = branch(&store, name).await?;
        if output.as_os_str() == "-" {
            let mut is_read = true;
            let printed = page(&store, &steps, private(config), &mut |piece| {
                is_read = print_on(piece.as_bytes())?;
                // Who reads has seen enough: nothing more is compared.
                if is_read { Ok(()) } else { Err(CommandError::new(code::DONE, "")) }
            });
            return if is_read { printed.map(|()| code::DONE) } else { Ok(code::DONE) };
        }
        let bytes = write(&store, &steps, private(config), output)?;
        say(&format!("{} MB in one file", bytes.div_ceil(1 << 20)));
        print(format!("{}\n", output.display()).as_bytes())
    })
}

/// The whole page or none of it, and its length: it grows beside the file, whose old page stays until
/// the new one is there. What is no file, such as a pipe, is written as it comes.
fn write(
    store: &Store,
    steps: &[Step],
    private: Private,
    output: &Path,
) -> Result<usize, CommandError> {
    let fails = |error: std::io::Error| {
        let text = format!("cannot write `{}`: {error}", output.display());
        CommandError::new(code::INTERNAL, text)
    };
    let is_stream = std::fs::metadata(output).is_ok_and(|found| !found.is_file());
    // Where a link leads.
    let place = std::fs::canonicalize(output).unwrap_or_else(|_| output.to_owned());
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = if is_stream { place.clone() } else { place.with_file_name(name) };
    let mut file = File::create(&part).map_err(fails)?;
    let mut bytes = 0;
    let written = page(store, steps, private, &mut |piece| {
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

/// What the page may load: nothing but what stands in it.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// Below so many dB, what nobody meant to change is seen to have changed.
const DAMAGED_DB: f64 = 30.0;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem;background:#fff;color:#222}img{max-width:100%;height:auto}figure{margin:2rem 0}\
    figcaption{border-left:.25rem solid #999;padding-left:1rem}.dim{color:#666}\
    @media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}.dim{color:#999}}";

/// One step after the other: no more pictures are in memory than are compared.
fn page(
    store: &Store,
    steps: &[Step],
    private: Private,
    out: &mut Sink<'_>,
) -> Result<(), CommandError> {
    out(&head(steps))?;
    let (mut root, mut before): (Option<Loaded>, Option<Loaded>) = (None, None);
    for (done, step) in (1..).zip(steps) {
        let file = store.media().read(step.picture.hash).map_err(Failure::from)?;
        // A file that is not a picture is listed without a comparison.
        let now = Loaded::read(&file).ok();
        let told = compared(root.as_ref(), before.as_ref(), now.as_ref());
        out(&figure(store, (step, file), &told, private))?;
        root = root.or(before.take());
        before = now;
        if steps.len() >= MANY {
            show_progress(&format!("{done} of {} steps", steps.len()), done == steps.len());
        }
    }
    out("</body></html>\n")
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

fn head(steps: &[Step]) -> String {
    let last = steps.last().map_or(String::new(), |step| step.node.id.to_string());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
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
    let _ = writeln!(out, "<p class=\"dim\">{edits}, {cost}{unknown} together.{note}</p>");
    out
}

/// What the step did, in the words of `compare`.
fn changed(a: &Loaded, b: &Loaded) -> String {
    let ignored = Ignored { in_a: a.mark(), in_b: b.mark() };
    let comparison = compare_without(&a.pixels, &b.pixels, &ignored);
    let words = summary::what_changed(&comparison.changed, a.pixels.dimensions());
    match summary::what_moved(&comparison) {
        Some(moved) => format!("{words}; {moved}"),
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

fn figure(
    store: &Store,
    (step, file): (&Step, Vec<u8>),
    told: &[Option<String>],
    private: Private,
) -> String {
    let Step { node, picture } = step;
    let data = labelled(store, node, picture, file, private);
    let kind = signature::of(&data).name;
    let data = base64_simd::STANDARD.encode_to_string(data);
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
    facts.extend(node.cost.map(|cost| format!("{cost}{exact}")));
    let told = told.iter().flatten().map(|words| format!("<p>{}</p>", escaped(words)));
    let told: String = told.collect();
    format!(
        "<figure><img alt=\"{}\" width=\"{}\" height=\"{}\" src=\"data:image/{kind};base64,{data}\">\
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
