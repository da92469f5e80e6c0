//! Comparing and healing, on photos and edits of known truth.

use editree::picture::compare::{Ignored, compare, compare_without};
use editree::picture::heal::{Strength, heal, heal_without};
use editree::picture::heatmap::heat_map;
use editree::picture::mapping::{Drift, FitMode, Part};
use editree::picture::summary;
use image::{Rgb, RgbImage, imageops};

mod commands;
#[allow(dead_code, reason = "the bench uses the rest")]
mod edits;
#[allow(dead_code, reason = "the bench uses the rest")]
mod judge;

use edits::{Change, EDITS, Edit, carry_out, photo};
use judge::{judge, median};

/// Small enough for unoptimised builds.
fn small(name: &str) -> RgbImage {
    let photo = photo(name);
    let (width, height) = (240, 240 * photo.height() / photo.width());
    imageops::resize(&photo, width, height, imageops::FilterType::Triangle)
}

fn painted(picture: &RgbImage, part: Part, colour: [u8; 3]) -> RgbImage {
    let mut painted = picture.clone();
    for y in part.y..part.bottom() {
        for x in part.x..part.right() {
            painted.put_pixel(x, y, Rgb(colour));
        }
    }
    painted
}

#[test]
fn equal_pictures_have_no_distance_no_drift_and_no_change() {
    let picture = small("coffee.png");
    let found = compare(&picture, &picture);
    assert_eq!((found.overall.psnr, found.overall.ssim), (None, Some(1.0)));
    assert_eq!((found.outside.psnr, found.outside.ssim), (None, Some(1.0)));
    assert_eq!((found.fit.mode, found.drift), (FitMode::Stretch, Drift::NONE));
    assert_eq!(found.changed.fraction, 0.0);
    assert!(found.changed.patches.is_empty());
    assert_eq!(summary::what_changed(&found.changed, (240, 160)), "nothing changed");
    assert_eq!(summary::what_moved(&found), None);
}

#[test]
fn of_pictures_that_have_nothing_in_common_no_place_in_each_other_is_told() {
    let narrower = |name| {
        let picture = small(name);
        imageops::crop_imm(&picture, 0, 0, 237, 160).to_image()
    };
    for (one, other) in [("coffee.png", "astronaut.png"), ("astronaut.png", "chelsea.png")] {
        let found = compare(&small(one), &narrower(other));
        assert_eq!(summary::what_moved(&found), None, "{one} {other}: {found:?}");
    }
}

#[test]
fn of_one_that_is_wholly_new_only_what_the_sizes_say_is_told() {
    // The limit that the words have is the one from which on there is nothing to heal.
    assert_eq!(summary::ALL, editree::app::compare::ALL);
    assert_eq!(summary::MOVED, editree::app::compare::MOVED);
    let (one, other) = (small("coffee.png"), small("chelsea.png"));
    let mut found = compare(&one, &other);
    assert!(found.changed.fraction >= summary::ALL, "{found:?}");
    found.drift = Drift { dx: 3.0, dy: 0.0, scale: 1.0 };
    for (mode, told) in
        [(FitMode::Stretch, None), (FitMode::Crop, Some("cropped")), (FitMode::Pad, Some("padded"))]
    {
        found.fit.mode = mode;
        assert_eq!(summary::what_moved(&found).as_deref(), told);
    }
}

#[test]
fn edits_of_known_truth_are_found_and_healed() {
    let mut verdicts = Vec::new();
    for name in ["coffee.png", "chelsea.png"] {
        let (a, other) = (small(name), small("astronaut.png"));
        for edit in &EDITS {
            // The drifts are meant for a megapixel.
            let part = |value: f64| value / 3.0;
            let drift = Drift { dx: part(edit.drift.dx), dy: part(edit.drift.dy), ..edit.drift };
            let verdict = judge(&carry_out(&Edit { drift, ..*edit }, &a, &other));
            let gain = verdict.after - verdict.before;
            println!("{name}, {}: {verdict:?}", edit.name);
            assert!(verdict.off <= 1.0, "{name}, {}: {verdict:?}", edit.name);
            assert!(gain >= 10.0, "{name}, {}: {verdict:?}", edit.name);
            assert!(verdict.inside.is_nan() || verdict.inside >= 35.0, "{verdict:?}");
            verdicts.push(verdict);
        }
    }
    assert!(median(verdicts.iter().map(|verdict| verdict.off)) <= 0.5);
    assert!(median(verdicts.iter().filter_map(|verdict| verdict.overlap)) >= 0.7);
}

#[test]
fn shift_and_scale_have_the_signs_of_the_contract() {
    let a = small("astronaut.png");
    let moved = |drift| {
        let edit = Edit { name: "moved", change: Change::Nothing, drift, ..EDITS[0] };
        compare(&a, &carry_out(&edit, &a, &a).b).drift
    };
    let right = moved(Drift { dx: 4.0, dy: -2.5, scale: 1.0 });
    assert!((right.dx - 4.0).abs() < 0.2 && (right.dy + 2.5).abs() < 0.2, "{right:?}");
    let larger = moved(Drift { dx: 0.0, dy: 0.0, scale: 1.03 });
    assert!((larger.scale - 1.03).abs() < 0.003, "{larger:?}");
}

#[test]
fn a_picture_of_another_size_is_brought_back_by_the_way_that_fits() {
    let a = small("coffee.png");
    for (mode, reshape) in
        [(FitMode::Stretch, 1.08), (FitMode::Crop, 1.08), (FitMode::Pad, 0.9), (FitMode::Crop, 0.9)]
    {
        let edit = Edit { mode, reshape, drift: Drift::NONE, ..EDITS[0] };
        let done = carry_out(&edit, &a, &a);
        let found = compare(&a, &done.b);
        assert_eq!(found.fit.mode, mode);
        assert_eq!([found.fit.sx, found.fit.sy], done.factor);
        assert!(found.changed.fraction < 0.01, "{mode:?}: {}", found.changed.fraction);
    }
}

#[test]
fn what_is_ignored_is_neither_a_change_nor_healed() {
    let parent = small("coffee.png");
    let mark = Part { x: 200, y: 140, w: 40, h: 20 };
    let child = painted(&parent, mark, [24, 24, 28]);
    assert!(compare(&parent, &child).changed.fraction > 0.01);
    let ignored = Ignored { in_a: Vec::new(), in_b: vec![mark] };
    let found = compare_without(&parent, &child, &ignored);
    assert_eq!((found.changed.fraction, found.overall.psnr), (0.0, None));
    let healed = heal_without(&parent, &child, Strength::USUAL, &ignored).unwrap();
    assert_eq!(healed.picture.get_pixel(220, 150).0, [24, 24, 28], "the mark outlives healing");
    assert_eq!(healed.picture.get_pixel(100, 80), parent.get_pixel(100, 80));
}

#[test]
fn healing_leaves_the_parent_as_it_was_away_from_the_change() {
    let parent = small("chelsea.png");
    let patch = Part { x: 150, y: 20, w: 50, h: 40 };
    let child = painted(&parent, patch, [220, 40, 40]);
    let healed = heal(&parent, &child, Strength::USUAL).unwrap();
    assert_eq!(healed.picture.dimensions(), parent.dimensions());
    for (x, y, pixel) in healed.picture.enumerate_pixels() {
        if patch.contains(x, y) {
            assert_eq!(pixel.0, [220, 40, 40], "{x}, {y}");
        } else if x < 130 || y > 80 {
            assert_eq!(pixel, parent.get_pixel(x, y), "{x}, {y}");
        }
    }
}

#[test]
fn healing_refuses_when_most_of_the_picture_changed() {
    let parent = small("chelsea.png");
    let grey = RgbImage::from_fn(parent.width(), parent.height(), |x, y| {
        let pixel = parent.get_pixel(x, y).0;
        Rgb([pixel[1] / 2; 3])
    });
    let refusal = heal(&parent, &grey, Strength::USUAL).unwrap_err();
    assert!(refusal.fraction > 0.6, "{refusal}");
    assert!(refusal.to_string().contains(" % changed, too much to heal"), "{refusal}");
    assert_eq!(refusal.enough, None, "no strength takes that back");
}

#[test]
fn a_refusal_tells_the_least_strength_that_would_do() {
    let parent = small("coffee.png");
    let faint = RgbImage::from_fn(parent.width(), parent.height(), |x, y| {
        let add = if x > parent.width() / 8 { 14 } else { 0 };
        Rgb(parent.get_pixel(x, y).0.map(|value| value.saturating_add(add)))
    });
    let try_at = |percent| heal(&parent, &faint, Strength::new(percent));
    let refusal = try_at(20).unwrap_err();
    let enough = refusal.enough.unwrap().percent();
    assert!(enough > 20 && enough % 10 == 0, "{enough}");
    assert!(try_at(enough).is_ok(), "{enough}");
    assert_eq!(
        try_at(enough - 10).map(|it| it.changed.fraction).unwrap_err().enough,
        refusal.enough
    );
}

#[test]
fn a_greater_strength_takes_more_back() {
    let parent = small("coffee.png");
    let faint = RgbImage::from_fn(parent.width(), parent.height(), |x, y| {
        let add = if (60..120).contains(&x) && (40..90).contains(&y) { 14 } else { 0 };
        Rgb(parent.get_pixel(x, y).0.map(|value| value.saturating_add(add)))
    });
    let kept = |percent| heal(&parent, &faint, Strength::new(percent)).unwrap().changed.fraction;
    assert!(kept(20) > 0.05);
    assert_eq!(kept(100), 0.0);
    assert!(kept(20) >= kept(50) && kept(50) >= kept(80));
}

#[test]
fn a_change_is_told_in_words_by_place_size_and_strength() {
    let parent = small("astronaut.png");
    let patch = Part { x: 170, y: 10, w: 60, h: 60 };
    let found = compare(&parent, &painted(&parent, patch, [10, 230, 240]));
    let words = summary::what_changed(&found.changed, parent.dimensions());
    assert_eq!(words, "6 % changed strongly at the upper right");
}

#[test]
fn the_heat_map_has_colour_only_where_something_changed() {
    let parent = small("coffee.png");
    let patch = Part { x: 30, y: 90, w: 50, h: 50 };
    let found = compare(&parent, &painted(&parent, patch, [0, 0, 255]));
    let map = heat_map(&parent, &found);
    assert_eq!(map.dimensions(), parent.dimensions());
    let is_coloured = |x, y| {
        let [red, green, blue] = map.get_pixel(x, y).0;
        red != green || green != blue
    };
    assert!(is_coloured(55, 115));
    assert!(!is_coloured(200, 30));
}

#[test]
fn pictures_of_any_size_are_compared_without_trouble() {
    for (a, b) in [((1, 1), (1, 1)), ((1, 1), (7, 300)), ((3, 200), (200, 3)), ((17, 9), (64, 64))]
    {
        let paint = |size: (u32, u32), by: u32| {
            RgbImage::from_fn(size.0, size.1, |x, y| Rgb([(x * by) as u8, (y * 7) as u8, 99]))
        };
        let (a, b) = (paint(a, 3), paint(b, 11));
        let found = compare(&a, &b);
        assert!((0.0..=1.0).contains(&found.changed.fraction));
        for patch in &found.changed.patches {
            assert!(patch.bounds.right() <= a.width() && patch.bounds.bottom() <= a.height());
        }
        assert_eq!(heat_map(&a, &found).dimensions(), a.dimensions());
        if let Ok(healed) = heal(&a, &b, Strength::USUAL) {
            assert_eq!(healed.picture.dimensions(), a.dimensions());
        }
    }
}

/// Every channel by its own gain and offset.
fn toned(picture: &RgbImage, tone: [(f32, f32); 3]) -> RgbImage {
    let mut toned = picture.clone();
    for pixel in toned.pixels_mut() {
        for (value, (gain, offset)) in pixel.0.iter_mut().zip(tone) {
            *value = (f32::from(*value) * gain + offset).round().clamp(0.0, 255.0) as u8;
        }
    }
    toned
}

#[test]
fn a_slight_tint_of_everything_is_drift_and_a_strong_one_a_change() {
    let a = small("coffee.png");
    let mut done = carry_out(&EDITS[1], &a, &small("astronaut.png"));
    let plain = done.b.clone();
    done.b = toned(&plain, [(1.03, 2.0), (1.01, 1.0), (0.97, 0.0)]);
    let found = compare(&a, &done.b);
    assert!(found.tone.is_some());
    assert!(found.changed.fraction < 0.1, "{}", found.changed.fraction);
    let verdict = judge(&done);
    assert!(verdict.after - verdict.before > 10.0, "{verdict:?}");
    done.b = toned(&plain, [(1.2, 10.0), (0.9, 0.0), (0.6, 0.0)]);
    let found = compare(&a, &done.b);
    assert!(found.changed.fraction > 0.9, "{}", found.changed.fraction);
    assert!((found.drift.dx - 3.4).abs() < 0.3, "light and tint do not hide the drift");
}

#[test]
fn pictures_that_have_nothing_in_common_are_not_aligned() {
    let found = compare(&small("astronaut.png"), &small("coffee.png"));
    assert_eq!(found.drift, Drift::NONE);
    assert!(found.changed.fraction > 0.9);
}

#[test]
fn a_child_that_came_back_softer_is_not_changed_everywhere() {
    let mut done = carry_out(&EDITS[1], &small("chelsea.png"), &small("coffee.png"));
    done.b = imageops::blur(&done.b, 0.7);
    let found = compare(&done.a, &done.b);
    assert!(found.changed.fraction < 0.1, "{}", found.changed.fraction);
}
