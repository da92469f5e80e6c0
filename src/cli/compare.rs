//! `compare`: two pictures of the tree or of the disk, in words, numbers, boxes and colours.
//!
//! Finds the pictures and prints; what they have in common is found by `picture`. Invariant: a
//! simulated picture's mark is never taken for a change.

use std::path::Path;

use image::{DynamicImage, RgbImage};
use serde_json::{Value, json};

use super::session::{executor, open_store};
use super::values::NodeName;
use super::{CommandError, code, print, print_json, say};
use crate::app::compare::filename_template::Target;
use crate::app::failure::Failure;
use crate::config::Config;
use crate::config::arguments::Compare;
use crate::picture::compare::{Changed, Comparison, Ignored, Scale, compare_without};
use crate::picture::heatmap::heat_map;
use crate::picture::mapping::{Drift, Fit, Part};
use crate::picture::metrics::Similarity;
use crate::picture::{self, Limits, mark, rewrite, summary};
use crate::runtime::comparison::parts;
use crate::runtime::open_files::read_picture;
use crate::runtime::save_as;
use crate::tree::{Hash, Node, Recipe};

/// `editree compare A B`.
pub(crate) fn compare(config: Config, arguments: &Compare) -> Result<u8, CommandError> {
    arguments.heat.as_deref().map(check_output).transpose()?;
    let (of_a, of_b) = (Source::find(&config, &arguments.a)?, Source::find(&config, &arguments.b)?);
    let (a, b) = (of_a.load()?, of_b.load()?);
    let mut comparison =
        compare_without(&a.pixels, &b.pixels, &Ignored { in_a: a.mark(), in_b: b.mark() });
    if let Some(path) = &arguments.heat {
        let map = DynamicImage::ImageRgb8(heat_map(&a.pixels, &comparison)).into_rgba8();
        write_png(path, picture::encode_png(&map, &[("Software", "editree")]))?;
    }
    let parts = of_a.meant(&of_b, a.pixels.dimensions());
    let shares = (!parts.is_empty()).then(|| picture::regions::shares(&comparison, &parts));
    // What was found on smaller ones is told in pixels of the pictures themselves.
    let (of_a, of_b) = (a.scale(), b.scale());
    comparison.changed = comparison.changed.of_larger(of_a);
    comparison.drift = comparison.drift.of_larger(of_a.by);
    let Fit { mode, sx, sy } = comparison.fit.of_larger(of_a.by);
    comparison.fit = Fit { mode, sx: sx * of_b.by[0], sy: sy * of_b.by[1] };
    if arguments.json {
        let mut described = describe(&comparison);
        if let (Some(shares), Value::Object(described)) = (shares, &mut described) {
            described.insert("boxes".into(), shares.inside.into());
            described.insert("outside_boxes".into(), shares.outside.into());
        }
        return print_json(&described);
    }
    let boxes = shares.iter().flat_map(summary::what_boxes_changed);
    let told = tell(&comparison, a.size);
    print(boxes.fold(told, |told, line| format!("{told}{line}\n")).as_bytes())
}

/// Where a picture's bytes come from.
pub(crate) struct Source {
    /// As it was asked for.
    pub(crate) name: String,
    bytes: Vec<u8>,
    /// Of a picture of the store.
    hash: Option<Hash>,
    /// The picture that a node was made from.
    pub(crate) parent: Option<Hash>,
    pub(crate) is_node: bool,
    /// The node that was named, and which of its pictures from 1.
    pub(crate) node: Option<(Box<Node>, usize)>,
}

/// A picture ready to be looked at.
pub(crate) struct Loaded {
    pub(crate) pixels: RgbImage,
    /// Of the picture, of which `pixels` may be a smaller one.
    pub(crate) size: (u32, u32),
    /// What the file says about itself.
    pub(crate) words: Vec<(String, String)>,
}

impl Source {
    /// A node's picture or a file's.
    pub(crate) fn find(config: &Config, what: &str) -> Result<Self, CommandError> {
        executor()?.block_on(Self::find_in(config, what))
    }

    pub(crate) async fn find_in(config: &Config, what: &str) -> Result<Self, CommandError> {
        match NodeName::parse(what) {
            Some(name) => Self::of_node(config, what, name).await,
            None => Self::of_file(what),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What the child was told to change of this one, in pixels of this size.
    pub(crate) fn meant(&self, child: &Self, size: (u32, u32)) -> Vec<Part> {
        let recipe = child.node.as_ref().and_then(|(node, _)| node.recipe.as_ref());
        let is_parent = child.parent.is_some_and(|parent| Some(parent) == self.hash);
        let regions = recipe.filter(|_| is_parent).map(Recipe::regions).unwrap_or_default();
        parts(&regions.iter().map(|region| region.part).collect::<Vec<_>>(), size)
    }

    fn of_file(what: &str) -> Result<Self, CommandError> {
        let (bytes, _) = read_picture(Path::new(what))?;
        Ok(Self {
            name: what.to_owned(),
            bytes,
            hash: None,
            parent: None,
            is_node: false,
            node: None,
        })
    }

    async fn of_node(config: &Config, what: &str, name: NodeName) -> Result<Self, CommandError> {
        let (store, _) = open_store(config, false).await?;
        let node = store.find_node(name.node).await.map_err(Failure::from)?;
        let picture = node.as_ref().and_then(|node| node.pictures.get(name.picture - 1));
        let hash = picture.map(|picture| picture.hash).ok_or_else(|| {
            CommandError::usage(format!("there is no picture `{what}`"))
                .hint("`editree tree` lists the nodes")
        })?;
        let bytes = store.media().read(hash).map_err(Failure::from)?;
        let parent = node.as_ref().and_then(|node| node.parent).map(|parent| parent.picture);
        let node = node.map(|node| (Box::new(node), name.picture));
        Ok(Self { name: what.to_owned(), bytes, hash: Some(hash), parent, is_node: true, node })
    }

    /// A picture of the store by its content.
    pub(crate) fn of_hash(config: &Config, name: &str, hash: Hash) -> Result<Self, CommandError> {
        let (store, _) = executor()?.block_on(open_store(config, false))?;
        let bytes = store.media().read(hash).map_err(Failure::from)?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            hash: Some(hash),
            parent: None,
            is_node: true,
            node: None,
        })
    }

    /// Pixel for pixel, however large.
    pub(crate) fn load_whole(&self) -> Result<RgbImage, CommandError> {
        let decoded = picture::decode(&self.bytes, Limits::whole());
        let told = |error| CommandError::usage(format!("`{}`: {error}", self.name));
        Ok(decoded.map_err(told)?.into_flat())
    }

    pub(crate) fn load(&self) -> Result<Loaded, CommandError> {
        Loaded::read(&self.bytes)
            .map_err(|error| CommandError::usage(format!("`{}`: {error}", self.name)))
    }
}

impl Loaded {
    /// From the bytes of a file.
    pub(crate) fn read(file: &[u8]) -> Result<Self, picture::Error> {
        let decoded = picture::decode(file, Limits::to_compare())?;
        let size = decoded.size;
        Ok(Self { pixels: decoded.into_flat(), size, words: picture::metadata_of(file) })
    }

    pub(crate) fn scale(&self) -> Scale {
        Scale::new(self.size, self.pixels.dimensions())
    }

    pub(crate) fn is_simulated(&self) -> bool {
        mark::is_simulated(&self.words)
    }

    /// The corner in which a simulated picture says that it is one.
    pub(crate) fn mark(&self) -> Vec<Part> {
        mark::of(&self.words, self.pixels.dimensions())
    }
}

/// A place that cannot be written to is found before there is anything to write.
pub(crate) fn check_output(path: &Path) -> Result<(), CommandError> {
    Ok(save_as::check(&Target::Literal(path.to_owned()))?)
}

/// From PNG, in the format of its name; one that is not written here is told.
pub(crate) fn write_png(path: &Path, bytes: Option<Vec<u8>>) -> Result<(), CommandError> {
    let shown = path.display();
    let ending = path.extension().unwrap_or_default();
    let is_known = picture::signature::is_known(&ending.to_string_lossy().to_lowercase());
    if is_known && rewrite::meant_by(path).is_none() {
        say(&format!("`{shown}` will hold png data"));
    }
    let bytes =
        bytes.ok_or_else(|| CommandError::new(code::INTERNAL, "cannot encode the picture"))?;
    let bytes = rewrite::named(&bytes, path).unwrap_or(bytes);
    std::fs::write(path, bytes).map_err(|error| {
        CommandError::new(code::INTERNAL, format!("cannot write `{shown}`: {error}"))
    })
}

fn describe(comparison: &Comparison) -> Value {
    let Similarity { psnr, ssim } = comparison.overall;
    let outside = &comparison.outside;
    let mut value = json!({ "psnr": psnr.map(rounded), "ssim": ssim.map(rounded),
        "outside": { "psnr": outside.psnr.map(rounded), "ssim": outside.ssim.map(rounded) } });
    place(&mut value, comparison.fit, comparison.drift, &comparison.changed);
    value
}

/// Fit, shift, scale and what changed, as `compare` and `heal` tell them.
pub(crate) fn place(value: &mut Value, fit: Fit, drift: Drift, changed: &Changed) {
    let boxes = changed.patches.iter().map(|patch| {
        let Part { x, y, w, h } = patch.bounds;
        json!({ "x": x, "y": y, "w": w, "h": h })
    });
    let boxes: Vec<Value> = boxes.collect();
    let parts = json!({
        "fit": { "mode": fit.mode.name(), "sx": rounded(fit.sx), "sy": rounded(fit.sy) },
        "shift": { "dx": rounded(drift.dx), "dy": rounded(drift.dy) },
        "scale": rounded(drift.scale),
        "changed": { "fraction": rounded(changed.fraction), "boxes": boxes } });
    if let (Value::Object(value), Value::Object(parts)) = (value, parts) {
        value.extend(parts);
    }
}

/// Five places are finer than anything that is measured here.
fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}

fn tell(comparison: &Comparison, size: (u32, u32)) -> String {
    let mut text = format!("{}\n", summary::what_changed(&comparison.changed, size));
    for patch in &comparison.changed.patches {
        let Part { x, y, w, h } = patch.bounds;
        let share = summary::percent(patch.fraction);
        text.push_str(&format!("  {w}×{h} at {x}, {y}: {share} of the picture\n"));
    }
    if let Some(moved) = summary::what_moved(comparison) {
        text.push_str(&format!("the whole picture: {moved}\n"));
    }
    text.push_str(&format!("alike: {}\n", alike(comparison.overall)));
    let outside = comparison.outside;
    // Where all has changed there is nothing outside of it.
    let has_outside = summary::percent(comparison.changed.fraction) != summary::percent(1.0);
    if !comparison.changed.patches.is_empty() && outside.ssim.is_some() && has_outside {
        text.push_str(&format!("outside of what changed: {}\n", alike(outside)));
    }
    text
}

fn alike(likeness: Similarity) -> String {
    match (likeness.psnr, likeness.ssim) {
        (Some(psnr), Some(ssim)) => format!("{psnr:.1} dB, structure {ssim:.3} of 1"),
        (Some(psnr), None) => format!("{psnr:.1} dB"),
        (None, Some(_)) => "exactly equal".into(),
        (None, None) => "nothing to look at".into(),
    }
}
