//! Of an edit only what it has changed is sent, where what it was made from is there.

use editree::graphics::QualityLevel;
use editree::graphics::protocol::Protocol;
use editree::graphics::quality::QualityPlan;
use editree::terminal::pictures::Loss;
use editree::ui::frame::Frame;
use image::{DynamicImage, Rgba, RgbaImage, imageops};
use proptest::prelude::*;
use ratatui::layout::Rect;

use super::decode::psnr;
use super::line::{CELL, Line, far, picture};

pub(super) const AREA: Rect = Rect { x: 1, y: 1, width: 24, height: 12 };
pub(super) const SIZE: (u16, u16) = (60, 16);
pub(super) const KITTY: [Protocol; 2] = [Protocol::KittyDirect, Protocol::KittyPlaceholder];
/// All that can show every pixel as it is.
const EXACT: [Protocol; 3] = [KITTY[0], KITTY[1], Protocol::Iterm2];
const ALL: [Protocol; 4] = [KITTY[0], KITTY[1], Protocol::Iterm2, Protocol::Sixel];

/// Something with a little of everything, as large as its place.
fn scene() -> RgbaImage {
    RgbaImage::from_fn(240, 240, |x, y| {
        let grain = (x * 7 + y * 13) % 11 * 4;
        Rgba([(x + grain) as u8 / 2, (y / 2 + grain) as u8, ((x + y) / 4) as u8 + 40, 255])
    })
}

/// With a square in it.
fn edited(picture: &RgbaImage, (x, y): (u32, u32), colour: [u8; 3]) -> RgbaImage {
    let mut edited = picture.clone();
    for (down, across) in (0..40).flat_map(|down| (0..50).map(move |across| (down, across))) {
        let [r, g, b] = colour;
        edited.put_pixel(x + across, y + down, Rgba([r, g, b.wrapping_add(across as u8), 255]));
    }
    edited
}

/// A parent, its child and the child's child; one that is another picture altogether; the parent
/// with noise that nobody sees.
pub(super) fn family() -> Vec<RgbaImage> {
    let parent = scene();
    let child = edited(&parent, (33, 47), [250, 20, 30]);
    let grandchild = edited(&child, (150, 130), [20, 220, 90]);
    let stranger =
        RgbaImage::from_fn(240, 240, |x, y| Rgba([y as u8, x as u8, (x * y) as u8, 255]));
    let mut noisy = parent.clone();
    for (x, y, pixel) in noisy.enumerate_pixels_mut() {
        pixel.0[0] = pixel.0[0].saturating_add((x * 31 + y * 17) as u8 % 4);
    }
    vec![parent, child, grandchild, stranger, noisy]
}

pub(super) const NOISY: u8 = 4;
pub(super) const STRANGER: u8 = 3;

pub(super) fn line(protocol: Protocol) -> Line {
    Line::new(protocol, SIZE, family())
}

/// Every pixel, whatever it takes.
pub(super) fn exact() -> QualityPlan {
    QualityPlan { is_exact: true, ..far() }
}

pub(super) fn only(line: &Line, number: u8) -> Frame {
    line.frame(&[picture(number, AREA)])
}

/// What is seen is exactly this picture.
pub(super) fn assert_seen(line: &Line, number: u8, area: Rect) {
    let wanted = DynamicImage::ImageRgba8(family()[usize::from(number)].clone()).to_rgb8();
    let seen = line.seen(area);
    assert!(seen == wanted, "picture {number}: {} dB", psnr(&seen, &wanted));
}

#[test]
fn an_edit_where_its_parent_stands_takes_a_part_of_the_bytes_and_is_as_sharp() {
    for protocol in ALL {
        let [with, without] = [true, false].map(|is_known| {
            let mut line = Line { is_known, ..line(protocol) };
            line.show(&only(&line, 0));
            let (first, sharp) = line.show(&only(&line, 1));
            (first, sharp, line.seen(AREA))
        });
        let wanted = DynamicImage::ImageRgba8(family()[1].clone()).to_rgb8();
        // Placeholders are text, which takes as much as ever; bands are sharp at once.
        let much = if protocol == Protocol::KittyDirect { 2 } else { 1 };
        let is_band = !KITTY.contains(&protocol);
        assert!(is_band || with.0 * much < without.0, "{protocol:?}: {} of {}", with.0, without.0);
        assert!(with.1 * 2 < without.1, "{protocol:?}: {} of {} bytes", with.1, without.1);
        let (own, whole) = (psnr(&with.2, &wanted), psnr(&without.2, &wanted));
        assert!(own > whole - 0.5, "{protocol:?}: {own} dB, whole {whole} dB");
    }
}

#[test]
fn a_chain_of_edits_and_the_way_back_end_exact_when_every_pixel_is_asked_for() {
    for protocol in EXACT {
        let mut line = line(protocol);
        line.screen.set_ladder(exact());
        let mut bytes = Vec::new();
        for number in [0, 1, 2, 1, 0, 2, STRANGER, 2] {
            bytes.push(line.show(&only(&line, number)).1);
            assert_seen(&line, number, AREA);
        }
        let is_less = |at: usize, times: usize| bytes[at] * times < bytes[0];
        assert!(is_less(1, 3) && is_less(2, 3), "{protocol:?}: {bytes:?}");
        // On the way back all are there: they are only placed, or named in cells. Of what was
        // painted over the bands are painted again.
        let times = if KITTY.contains(&protocol) { 4 } else { 1 };
        assert!([3, 4, 5].into_iter().all(|at| is_less(at, times)), "{protocol:?}: {bytes:?}");
        assert_eq!(line.show(&only(&line, 2)).1, 0);
    }
}

#[test]
fn of_all_that_the_terminal_has_the_likest_counts_and_not_the_newest() {
    for protocol in KITTY {
        let mut line = line(protocol);
        line.screen.set_ladder(exact());
        let whole = line.show(&only(&line, 0)).1;
        line.show(&only(&line, STRANGER));
        let bytes = line.show(&only(&line, 1)).1;
        assert!(bytes * 3 < whole, "{protocol:?}: {bytes} of {whole}");
        assert_seen(&line, 1, AREA);
    }
}

#[test]
fn noise_that_nobody_sees_is_left_out_until_every_pixel_is_asked_for() {
    for protocol in EXACT {
        let mut line = line(protocol);
        let whole = line.show(&only(&line, 0)).1;
        let noisy = line.show(&only(&line, NOISY)).1;
        assert!(noisy * 10 < whole, "{protocol:?}: {noisy} of {whole}");
        assert_eq!(line.screen.level(), Some(QualityLevel::Sharp));
        line.screen.set_ladder(exact());
        line.show(&only(&line, NOISY));
        assert_eq!(line.screen.level(), Some(QualityLevel::Lossless));
        assert_seen(&line, NOISY, AREA);
    }
}

#[test]
fn another_picture_altogether_takes_no_byte_more_than_ever() {
    for protocol in ALL {
        let [with, without] = [true, false].map(|is_known| {
            let mut line = Line { is_known, ..line(protocol) };
            line.show(&only(&line, 0));
            line.show(&only(&line, STRANGER)).1
        });
        assert_eq!(with, without, "{protocol:?}");
    }
}

#[test]
fn both_stand_beside_each_other_and_an_overlay_makes_a_hole_in_all_layers() {
    for protocol in EXACT {
        let mut line = line(protocol);
        line.screen.set_ladder(exact());
        line.show(&only(&line, 0));
        let right = Rect { x: 30, ..AREA };
        let both = line.frame(&[picture(0, right), picture(1, AREA)]);
        line.show(&both);
        assert_seen(&line, 0, right);
        assert_seen(&line, 1, AREA);
        // Over a corner of the edit, and over what the parent shows.
        let covers = vec![Rect::new(2, 2, 4, 2), Rect::new(12, 8, 5, 3)];
        line.show(&Frame { covers: covers.clone(), ..both.clone() });
        for cover in covers {
            assert!(line.seen(cover).pixels().all(|pixel| pixel.0 == [0; 3]), "{protocol:?}");
        }
        line.show(&both);
        assert_seen(&line, 0, right);
        assert_seen(&line, 1, AREA);
        assert_eq!(line.show(&both).1, 0, "{protocol:?}");
    }
}

#[test]
fn after_a_redraw_in_the_middle_and_another_size_the_whole_picture_comes() {
    for protocol in EXACT {
        let mut line = line(protocol);
        line.screen.set_ladder(exact());
        line.show(&only(&line, 0));
        let frame = only(&line, 1);
        let lacking = line.screen.show(frame.clone(), &mut line.queue);
        line.supply(lacking);
        line.screen.show(frame.clone(), &mut line.queue);
        // The frame, and the beginning of what differs.
        line.write_one();
        line.write_one();
        line.screen.forget(&mut line.queue);
        line.write();
        assert!(line.mini.held.is_empty(), "{protocol:?}");
        line.show(&frame);
        assert_seen(&line, 1, AREA);

        let small = Rect { width: 12, height: 6, ..AREA };
        let at = line.frame(&[picture(1, small)]);
        line.show(&at);
        assert_eq!(line.screen.level(), Some(QualityLevel::Lossless));
        line.show(&frame);
        assert_seen(&line, 1, AREA);
    }
}

#[test]
fn what_a_picture_stands_on_stays_and_if_the_terminal_has_lost_it_the_whole_one_comes() {
    for protocol in KITTY {
        let mut line = Line::new(protocol, SIZE, {
            let mut all = family();
            let more = (0..60).map(|n| RgbaImage::from_pixel(120, 120, Rgba([n * 4, 9, 9, 255])));
            all.extend(more);
            all
        });
        line.screen.set_ladder(exact());
        line.show(&only(&line, 0));
        line.show(&only(&line, 1));
        let below = *line.mini.held.keys().next().unwrap();
        // More than there is room for go by beside it; the parent is never shown again.
        let aside = Rect { x: 30, y: 1, width: 6, height: 3 };
        for number in 5..60 {
            line.show(&line.frame(&[picture(1, AREA), picture(number, aside)]));
        }
        assert!(line.mini.held.len() <= 32, "{protocol:?}: {}", line.mini.held.len());
        assert_seen(&line, 1, AREA);
        // Out of sight it goes, and all that stands on it with it.
        for number in 5..60 {
            line.show(&line.frame(&[picture(number, aside)]));
        }
        assert!(!line.mini.held.contains_key(&below), "{protocol:?}");
        line.show(&only(&line, 1));
        assert_seen(&line, 1, AREA);

        line.show(&only(&line, 2));
        let parent = *line.mini.held.iter().max_by_key(|(_, file)| file.len()).unwrap().0;
        assert_eq!(line.screen.take_loss(parent, "ENOENT", &mut line.queue), Loss::Once);
        line.mini.held.clear();
        line.mini.places.clear();
        line.show(&only(&line, 2));
        assert_seen(&line, 2, AREA);
    }
}

#[test]
fn what_differs_and_is_refused_is_followed_by_the_whole_picture_and_that_by_no_third() {
    for protocol in KITTY {
        let mut line = line(protocol);
        let whole = line.show(&only(&line, 0)).1;
        let before: Vec<u32> = line.mini.held.keys().copied().collect();
        line.show(&only(&line, 1));
        let is_new = |id: &&u32| !before.contains(id);
        let id = *line.mini.held.keys().filter(is_new).max().unwrap();
        assert_eq!(line.screen.take_loss(id, "EINVAL", &mut line.queue), Loss::Once);
        let again = line.show(&only(&line, 1)).1;
        assert!(again * 2 > whole && again < whole * 2, "{protocol:?}: {again} of {whole}");
        let id = *line.mini.held.keys().max().unwrap();
        let word = Loss::Again("EINVAL".into());
        assert_eq!(line.screen.take_loss(id, "EINVAL", &mut line.queue), word, "{protocol:?}");
    }
}

#[test]
fn close_by_nothing_is_compared() {
    let mut line = line(Protocol::KittyDirect);
    line.screen.set_ladder(QualityPlan { cell: CELL, ..QualityPlan::default() });
    line.show(&only(&line, 0));
    let lacking = line.screen.show(only(&line, 1), &mut line.queue);
    assert_eq!(line.screen.grounds(&lacking[0]), []);
}

/// What may happen on the way to a frame: which picture, an overlay, how much is written, and
/// whether all is forgotten after it.
type Step = (u8, Option<(u16, u16)>, usize, bool);

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_on_its_way_the_last_frame_is_seen_to_the_pixel(
        steps in proptest::collection::vec(
            (0u8..5, proptest::option::of((0u16..10, 0u16..5)), 0usize..12, prop::bool::weighted(0.1)),
            1..8,
        ),
        protocol in prop::sample::select(EXACT.to_vec()),
    ) {
        let steps: Vec<Step> = steps;
        let half = |picture: &RgbaImage| imageops::crop_imm(picture, 0, 40, 120, 120).to_image();
        let pictures: Vec<RgbaImage> = family().iter().map(half).collect();
        let area = Rect { x: 1, y: 1, width: 12, height: 6 };
        let mut line = Line::new(protocol, (16, 8), pictures.clone());
        line.screen.set_ladder(exact());
        let frame = |line: &Line, step: &Step| {
            let covers = step.1.map(|(x, y)| Rect::new(x, y, 4, 2)).into_iter().collect();
            Frame { covers, ..line.frame(&[picture(step.0, area)]) }
        };
        for step in &steps {
            let frame = frame(&line, step);
            for _ in 0..2 {
                let lacking = line.screen.show(frame.clone(), &mut line.queue);
                line.supply(lacking);
                line.screen.show(frame.clone(), &mut line.queue);
                let _ = (0..step.2).all(|_| line.write_one());
            }
            if step.3 {
                line.screen.forget(&mut line.queue);
            }
        }
        // Under an overlay no band is painted.
        let is_painted = protocol == Protocol::Iterm2;
        let last = steps.last().map(|step| (step.0, step.1.filter(|_| !is_painted), step.2, step.3));
        let last = &last.unwrap();
        let frame = frame(&line, last);
        line.write();
        line.show(&frame);
        let mut wanted = DynamicImage::ImageRgba8(pictures[usize::from(last.0)].clone()).to_rgb8();
        for at in frame.covers.iter().flat_map(|cover| cover.intersection(area).positions()) {
            let (x, y) = (u32::from(at.x - area.x) * 10, u32::from(at.y - area.y) * 20);
            imageops::replace(&mut wanted, &image::RgbImage::new(10, 20), i64::from(x), i64::from(y));
        }
        let seen = line.seen(area);
        prop_assert!(seen == wanted, "{} dB", psnr(&seen, &wanted));
        prop_assert_eq!(line.show(&frame).1, 0);
    }
}
