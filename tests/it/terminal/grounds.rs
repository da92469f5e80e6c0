//! What differs is shown over what it was made for, and over nothing else, whatever came between.

use editree::app::action::{Annotation, Bounds};
use editree::graphics::QualityLevel;
use editree::graphics::protocol::Protocol;
use editree::terminal::image_request::ImageRequest;
use editree::ui::frame::{Crop, Frame, Mark, Placement, Sketch};
use image::{DynamicImage, Rgba, RgbaImage, imageops};
use ratatui::layout::Rect;

use super::decode::psnr;
use super::line::{Line, picture};
use super::patches::{AREA, KITTY, NOISY, SIZE, assert_seen, exact, family, line, only};

const BANDS: [Protocol; 2] = [Protocol::Iterm2, Protocol::Sixel];
/// Beside the others.
const RIGHT: Rect = Rect { x: 30, ..AREA };

/// A box over the first picture, in its pixels.
fn boxed(x: i32) -> Placement {
    let at = |x, y, width, height| Bounds { x, y, width, height };
    let shapes = vec![Mark::Annotation(Annotation::Box(at(x, 100, 40, 40)))];
    let sketch = Some(Sketch { of: (240, 240), seen: at(0, 0, 240, 240), shapes });
    Placement { sketch, ..picture(0, AREA) }
}

#[test]
fn a_box_that_is_moved_takes_a_few_bytes_a_step() {
    for protocol in BANDS {
        let mut line = line(protocol);
        let whole = line.show(&only(&line, 0)).1;
        for x in [20, 60, 100, 140] {
            let placement = boxed(x);
            let frame = line.frame(std::slice::from_ref(&placement));
            let before = line.mini.received;
            let lacking = line.screen.show(frame.clone(), &mut line.queue);
            line.supply(lacking);
            // Nothing of it has left, and it counts already.
            assert_eq!(line.screen.show(frame.clone(), &mut line.queue), [], "{protocol:?}, {x}");
            line.write();
            let bytes = line.mini.received - before;
            assert!(bytes * 2 < whole, "{protocol:?}, {x}: {bytes} of {whole}");
            let wanted = DynamicImage::ImageRgba8((*line.picture(&placement)).clone()).to_rgb8();
            let like = psnr(&line.seen(AREA), &wanted);
            assert!(like > 28.0, "{protocol:?}, {x}: {like} dB");
        }
    }
}

#[test]
fn one_picture_over_different_ones_in_two_places_is_made_whole() {
    let mut line = line(Protocol::Iterm2);
    line.screen.set_ladder(exact());
    line.show(&line.frame(&[picture(0, AREA), picture(2, RIGHT)]));
    let both = line.frame(&[picture(1, AREA), picture(1, RIGHT)]);
    line.show(&both);
    assert_seen(&line, 1, AREA);
    assert_seen(&line, 1, RIGHT);
    assert_eq!(line.show(&both).1, 0);
}

#[test]
fn an_id_that_comes_round_shows_nothing_over_another_picture() {
    for protocol in KITTY {
        let solid = |n: u8| RgbaImage::from_pixel(240, 240, Rgba([n * 4, 9, 9, 255]));
        let pictures = family().into_iter().chain((0..40).map(solid)).collect();
        let mut line = Line::new(protocol, SIZE, pictures);
        line.screen.set_ladder(exact());
        line.show(&only(&line, 0));
        line.show(&only(&line, 1));
        let below = *line.mini.held.keys().max().unwrap();
        line.show(&only(&line, 2));
        for number in 5..44 {
            line.show(&line.frame(&[picture(number, Rect { width: 3, height: 2, ..RIGHT })]));
        }
        // What was laid over the first is made anew, so its id is free.
        line.show(&only(&line, 1));
        assert!(!line.mini.held.contains_key(&below));
        let mut ids = Vec::new();
        while ids.iter().filter(|id| **id == below).count() < 2 {
            assert!(ids.len() < 1000, "the id is never free");
            ids.push(line.screen.id_for());
        }
        let round = ids.iter().rev().skip(1).position(|id| *id == below).unwrap();
        (0..round).for_each(|_| _ = line.screen.id_for());
        line.show(&only(&line, 44));
        assert!(line.mini.held.contains_key(&below), "{protocol:?}");
        line.show(&only(&line, 2));
        assert_seen(&line, 2, AREA);
    }
}

#[test]
fn what_is_painted_sharp_at_once_is_not_made_sharp_once_more() {
    for protocol in BANDS {
        let mut line = line(protocol);
        line.show(&only(&line, 0));
        let frame = only(&line, 1);
        let lacking = line.screen.show(frame.clone(), &mut line.queue);
        line.supply(lacking);
        // Nothing of it has left.
        assert_eq!(line.screen.show(frame.clone(), &mut line.queue), [], "{protocol:?}");
        line.write();
        assert_eq!(line.screen.level(), Some(QualityLevel::Sharp));
    }
}

#[test]
fn nothing_is_painted_over_a_first_look() {
    for protocol in BANDS {
        let mut line = line(protocol);
        let lacking = line.screen.show(only(&line, 0), &mut line.queue);
        line.supply(lacking);
        line.screen.show(only(&line, 0), &mut line.queue);
        line.write();
        let lacking = line.screen.show(only(&line, 1), &mut line.queue);
        assert_eq!(line.screen.grounds(&lacking[0]), [], "{protocol:?}");
    }
}

#[test]
fn what_differs_nowhere_is_not_missed_when_the_terminal_is_asked() {
    for protocol in KITTY {
        let mut line = line(protocol);
        line.show(&only(&line, 0));
        line.show(&only(&line, NOISY));
        let before = line.mini.received;
        line.screen.check(&mut line.queue);
        // A terminal that is asked for what it does not have fails the test.
        line.write();
        assert!(line.mini.received > before, "{protocol:?}");
    }
}

/// With an overlay over these cells of the screen, in letters.
fn under(frame: Frame, cover: Rect) -> Frame {
    let mut frame = Frame { covers: vec![cover], ..frame };
    for at in cover.positions() {
        frame.cells[at].set_symbol("x");
    }
    frame
}

#[test]
fn nothing_of_an_overlay_stays_over_a_picture_that_waits_for_the_next() {
    for protocol in BANDS {
        let mut line = line(protocol);
        line.show(&only(&line, 0));
        let cover = Rect::new(6, 3, 5, 3);
        let waiting = only(&line, 1);
        for frame in [under(waiting.clone(), cover), waiting] {
            line.screen.show(frame.clone(), &mut line.queue);
            line.write();
        }
        for at in cover.positions() {
            assert_eq!(line.mini.symbol(at.x, at.y), " ", "{protocol:?}, {at}");
        }
        assert!(line.mini.pixels(cover.x - 1, cover.y).is_some(), "beside it the picture stays");
    }
}

#[test]
fn under_an_overlay_nothing_is_painted_over_what_lies_above_it() {
    let parent = family().remove(0);
    let square = |picture: &RgbaImage, x, colour: [u8; 4]| {
        let mut picture = picture.clone();
        imageops::replace(&mut picture, &RgbaImage::from_pixel(60, 40, Rgba(colour)), x, 40);
        picture
    };
    let child = square(&parent, 30, [250, 20, 30, 255]);
    let grandchild = square(&child, 70, [20, 220, 90, 255]);
    let mut line = Line::new(Protocol::Iterm2, SIZE, vec![parent, child, grandchild]);
    line.screen.set_ladder(exact());
    (0..3).for_each(|number| _ = line.show(&only(&line, number)));
    // Over what only the child has painted; then over what only the grandchild has.
    for x in [3, 12] {
        let cover = Rect::new(AREA.x + x, AREA.y + 2, 1, 1);
        let frame = under(only(&line, 2), cover);
        line.show(&frame);
    }
    let shared = Rect::new(AREA.x + 7, AREA.y + 2, 2, 2);
    let seen = line.seen(shared);
    assert!(seen.pixels().all(|pixel| pixel.0 == [20, 220, 90]), "{:?}", seen.get_pixel(0, 0));
    line.show(&only(&line, 2));
    let wanted = DynamicImage::ImageRgba8((*line.picture(&picture(2, AREA))).clone()).to_rgb8();
    assert!(line.seen(AREA) == wanted);
}

#[test]
fn what_shall_look_like_another_picture_is_only_laid_over_that() {
    for protocol in [KITTY[0], KITTY[1], Protocol::Iterm2] {
        let mut line = line(protocol);
        line.show(&only(&line, 0));
        let like = Some(picture(1, AREA).picture);
        let placement = Placement { like, ..picture(0, AREA) };
        let wanted = ImageRequest { placement, level: QualityLevel::Sharp };
        assert_eq!(line.screen.grounds(&wanted), [], "{protocol:?}: not over itself");
        line.show(&only(&line, 1));
        assert_eq!(line.screen.grounds(&wanted).len(), 1, "{protocol:?}");
    }
}

#[test]
fn what_could_not_be_made_has_another_chance_in_another_look() {
    for protocol in BANDS {
        let mut line = line(protocol);
        let waiting = only(&line, 1);
        let lacking = line.screen.show(waiting.clone(), &mut line.queue);
        lacking.into_iter().for_each(|wanted| line.screen.refuse(wanted));
        line.screen.forget_pictures(&mut line.queue);
        line.show(&only(&line, 0));
        line.screen.show(Frame { cells: lettered(&line), ..waiting }, &mut line.queue);
        line.write();
        assert!(line.mini.pixels(AREA.x, AREA.y).is_some(), "{protocol:?}: what stood there stays");
    }
}

/// Letters everywhere, which a picture keeps away.
fn lettered(line: &Line) -> ratatui::buffer::Buffer {
    let mut cells = line.frame(&[]).cells;
    cells.content.iter_mut().for_each(|cell| _ = cell.set_symbol("x"));
    cells
}

#[test]
fn a_zoom_and_another_size_of_what_lies_over_another_show_that_one_until_the_first_look() {
    let small = Rect { width: 12, height: 6, ..AREA };
    let crop = Some(Crop { x: 120, y: 120, width: 120, height: 120, of: (240, 240) });
    let own = family().swap_remove(1);
    let part = imageops::crop_imm(&own, 120, 120, 120, 120).to_image();
    let zoomed = Placement { crop, ..picture(1, AREA) };
    for (placement, wanted) in [(zoomed, part), (picture(1, small), own)] {
        let mut line = line(KITTY[0]);
        line.show(&only(&line, 0));
        line.show(&only(&line, 1));
        let area = placement.area;
        let frame = line.frame(&[placement]);
        let lacking = line.screen.show(frame.clone(), &mut line.queue);
        line.write();
        assert_eq!(lacking[0].level, QualityLevel::Preview, "it is asked for all the same");
        let (width, height) = (u32::from(area.width) * 10, u32::from(area.height) * 20);
        let wanted = imageops::resize(&wanted, width, height, imageops::FilterType::Triangle);
        let like = psnr(&line.seen(area), &DynamicImage::ImageRgba8(wanted).to_rgb8());
        assert!(like > 15.0, "{like} dB");
    }
}
