//! Two pictures compared, or one healed, off the loop.
//!
//! What is made only to be looked at goes into the gallery under a name of its own and is kept
//! nowhere. Blocks: call it on a thread for that.

use std::sync::Arc;

use image::{DynamicImage, RgbImage, RgbaImage};

use super::pictures::ImageCache;
use crate::app::action::{Annotation, Bounds};
use crate::app::compare::{self, ComparisonView, HealPreview, NotHealed, REST, Similarity};
use crate::app::effect::HealSpec;
use crate::app::failure::{Failure, FailureKind};
use crate::app::grade;
use crate::picture::compare::{Comparison, Ignored, compare_without};
use crate::picture::heal::{Strength, heal_large, heal_without};
use crate::picture::heatmap::heat_map;
use crate::picture::mapping::{FitMode, Part};
use crate::picture::regions::heal_within;
use crate::picture::{self, annotation, mark, summary};
use crate::schema::Fit;
use crate::schema::regions::RegionPart;
use crate::tree::Hash;

/// A picture with what must not be taken for a change.
struct Looked {
    pixels: RgbImage,
    words: Vec<(String, String)>,
    mark: Vec<Part>,
}

/// What B has become of A.
pub fn compare(
    image_cache: &ImageCache,
    a: Hash,
    b: Hash,
    regions: &[RegionPart],
) -> Result<ComparisonView, Failure> {
    let (before, after) = look_at_both(image_cache, a, b)?;
    let ignored = Ignored { in_a: before.mark, in_b: after.mark };
    let found = compare_without(&before.pixels, &after.pixels, &ignored);
    let size = before.pixels.dimensions();
    let keep = |what: &str, picture: RgbImage| {
        let name = Hash::derived(&[a, b], what);
        image_cache.keep(name, Arc::new(DynamicImage::ImageRgb8(picture).into_rgba8()));
        name
    };
    let (heat, (blend, aligned)) = both(
        || keep("heat", heat_map(&before.pixels, &found)),
        || {
            let aligned = found.mapping.bring(&after.pixels).map(|brought| brought.picture);
            let aligned = aligned.unwrap_or_else(|| before.pixels.clone());
            let blend = half_of_each(&before.pixels, &aligned);
            (keep("onion", blend), keep("aligned", aligned))
        },
    );
    let parts = parts(regions, size);
    let shares = (!parts.is_empty()).then(|| picture::regions::shares(&found, &parts));
    let mut description: Vec<String> =
        shares.iter().flat_map(summary::what_boxes_changed).collect();
    description.extend(words(&found, size));
    Ok(ComparisonView {
        description,
        in_short: in_short(&found, size),
        size,
        blend,
        aligned,
        heat,
        unchanged_psnr_db: found.outside.psnr,
        changed_fraction: found.changed.fraction,
        beside_regions: shares.and_then(|shares| shares.outside),
        fit: fit(found.fit.mode, size, after.pixels.dimensions()),
    })
}

/// How A came to lie in B's frame, where their shapes tell.
fn fit(mode: FitMode, a: (u32, u32), b: (u32, u32)) -> Option<Fit> {
    let shape = |(width, height): (u32, u32)| f64::from(width) / f64::from(height.max(1));
    let is_other = (shape(a) / shape(b).max(f64::MIN_POSITIVE) - 1.0).abs() > 0.01;
    is_other.then_some(match mode {
        FitMode::Stretch => Fit::Stretch,
        FitMode::Crop => Fit::Crop,
        FitMode::Pad => Fit::Pad,
    })
}

/// How alike two are outside of what changed.
pub(crate) fn measure(image_cache: &ImageCache, a: Hash, b: Hash) -> Result<Similarity, Failure> {
    let (before, after) = look_at_both(image_cache, a, b)?;
    let ignored = Ignored { in_a: before.mark, in_b: after.mark };
    let found = compare_without(&before.pixels, &after.pixels, &ignored);
    let (psnr, ssim) = (found.outside.psnr, found.outside.ssim);
    Ok(Similarity { psnr, ssim, changed_fraction: found.changed.fraction })
}

/// The child with all that did not really change taken back from the parent, as PNG; and what was
/// kept of the child, in words.
pub(crate) fn heal(
    image_cache: &ImageCache,
    healing: &HealSpec,
) -> Result<(Vec<u8>, String), Failure> {
    let whole = image_cache.larger(healing.parent)?;
    let healed = heal_pixels(image_cache, whole, healing);
    let refused = |NotHealed { failure, .. }: NotHealed| {
        let message = compare::not_healed(healing.child.node, &failure.message);
        Failure { message, ..failure }
    };
    let Healed { picture: healed, kept, words } = healed.map_err(refused)?;
    let words: Vec<(&str, &str)> =
        words.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let bytes = picture::encode_png_rgb(&healed, &words)
        .ok_or_else(|| Failure::new(FailureKind::Bug, "cannot encode the healed picture"))?;
    Ok((bytes, kept))
}

/// The same, only to be looked at.
pub(crate) fn try_heal(
    image_cache: &ImageCache,
    healing: &HealSpec,
) -> Result<HealPreview, NotHealed> {
    let Healed { picture: healed, kept: words, .. } = heal_pixels(image_cache, None, healing)?;
    let HealSpec { child, parent, strength, .. } = *healing;
    let picture = Hash::derived(&[parent, child.picture], &format!("healed {strength}"));
    let size = healed.dimensions();
    image_cache.keep(picture, Arc::new(DynamicImage::ImageRgb8(healed).into_rgba8()));
    Ok(HealPreview { child, strength, picture, size, description: words })
}

struct Healed {
    picture: RgbImage,
    /// What was kept of the child.
    kept: String,
    /// Of the child's file.
    words: Vec<(String, String)>,
}

fn heal_pixels(
    image_cache: &ImageCache,
    whole: Option<RgbaImage>,
    healing: &HealSpec,
) -> Result<Healed, NotHealed> {
    let before = look(image_cache, healing.parent)?;
    let after = look(image_cache, healing.child.picture)?;
    let ignored = Ignored { in_a: before.mark, in_b: after.mark };
    let strength = Strength::new(healing.strength);
    let whole = whole.map(|whole| DynamicImage::ImageRgba8(whole).into_rgb8());
    let healed = match (whole, healing.regions.as_slice()) {
        (Some(whole), []) => heal_large(&before.pixels, whole, &after.pixels, strength, &ignored),
        (None, []) => heal_without(&before.pixels, &after.pixels, strength, &ignored),
        (whole, regions) => {
            let whole = whole.unwrap_or_else(|| before.pixels.clone());
            let parts = parts(regions, whole.dimensions());
            Ok(heal_within(&before.pixels, whole, &after.pixels, &parts, &ignored))
        }
    };
    let healed = healed.map_err(|refusal| {
        let enough = refusal.enough.map(Strength::percent);
        let failure = Failure::new(FailureKind::Picture, refusal.to_string());
        let failure = match enough {
            Some(percent) => failure.hint(format!(":heal {percent} is strong enough")),
            None => failure,
        };
        NotHealed { failure, enough }
    })?;
    let kept = summary::in_short(&healed.changed, healed.picture.dimensions());
    Ok(Healed { picture: healed.picture, kept, words: after.words })
}

/// In pixels of a picture of this size.
pub(crate) fn parts(regions: &[RegionPart], size: (u32, u32)) -> Vec<Part> {
    let part = |region: &RegionPart| {
        let [x, y, w, h] = region.pixels(size);
        Part { x, y, w, h }
    };
    regions.iter().map(part).collect()
}

/// The picture with a cue, or in another frame, as PNG; its words stay and name it.
pub(crate) fn draw(
    image_cache: &ImageCache,
    hash: Hash,
    annotation: Annotation,
) -> Result<Vec<u8>, Failure> {
    let picture = match image_cache.larger(hash)? {
        Some(whole) => Arc::new(whole),
        None => image_cache.pixels(hash)?,
    };
    let mut words = image_cache.metadata(hash)?;
    let bounds =
        |at: Bounds| annotation::Bounds { x: at.x, y: at.y, width: at.width, height: at.height };
    let drawn = match annotation {
        Annotation::Box(at) => annotation::draw_box(&picture, bounds(at)),
        Annotation::Arrow { at, to_right, to_bottom } => {
            annotation::draw_arrow(&picture, bounds(at), to_right, to_bottom)
        }
        Annotation::Frame(at) => annotation::frame(&picture, bounds(at)),
    };
    // A second cue on the same picture: the clean one stays the clean one.
    let clean = clean(&words).unwrap_or(hash);
    words.retain(|(name, _)| name != annotation::WORD);
    if !matches!(annotation, Annotation::Frame(_)) {
        words.push((annotation::WORD.into(), clean.to_string()));
    }
    let words: Vec<(&str, &str)> =
        words.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    picture::encode_png(&drawn, &words)
        .ok_or_else(|| Failure::new(FailureKind::Bug, "cannot encode the picture"))
}

/// The same picture without its cue.
fn clean(words: &[(String, String)]) -> Option<Hash> {
    words.iter().find(|(name, _)| name == annotation::WORD)?.1.parse().ok()
}

/// Each may have to be read and decoded: a person who asks waits for it.
fn look_at_both(image_cache: &ImageCache, a: Hash, b: Hash) -> Result<(Looked, Looked), Failure> {
    let (before, after) = both(|| look(image_cache, a), || look(image_cache, b));
    Ok((before?, after?))
}

/// On two cores. A panic goes on to who asked, whose task tells it.
fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        match one.join() {
            Ok(one) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// An annotation is not part of the picture; the picture without it is compared.
fn look(image_cache: &ImageCache, hash: Hash) -> Result<Looked, Failure> {
    let words = image_cache.metadata(hash)?;
    let clean = clean(&words).filter(|clean| *clean != hash);
    let known = clean.and_then(|clean| {
        Some((image_cache.compared(clean).ok()?, image_cache.metadata(clean).ok()?))
    });
    let (picture, words) = match known {
        Some(known) => known,
        None => (image_cache.compared(hash)?, words),
    };
    let pixels = DynamicImage::ImageRgba8((*picture).clone()).into_rgb8();
    let mark = mark::of(&words, pixels.dimensions());
    Ok(Looked { pixels, words, mark })
}

fn words(found: &Comparison, size: (u32, u32)) -> Vec<String> {
    let changed = summary::what_changed(&found.changed, size);
    std::iter::once(changed).chain(rest(found)).chain(summary::how_moved(found)).collect()
}

/// How alike the rest is; `None`: all of it changed, so that there is no rest.
fn rest(found: &Comparison) -> Option<String> {
    let has_rest = found.outside.ssim.is_some() && !summary::is_all(&found.changed);
    let psnr = found.outside.psnr;
    let decibels = psnr.map_or(String::new(), |psnr| format!(", {psnr:.1} dB"));
    has_rest.then(|| format!("{REST}{}{decibels}", grade(psnr)))
}

fn in_short(found: &Comparison, size: (u32, u32)) -> Vec<String> {
    std::iter::once(summary::in_short(&found.changed, size)).chain(rest(found)).collect()
}

fn half_of_each(a: &RgbImage, b: &RgbImage) -> RgbImage {
    let mut mixed = a.clone();
    for (own, other) in mixed.as_mut().iter_mut().zip(b.as_raw()) {
        *own = u8::midpoint(*own, *other);
    }
    mixed
}
