//! A few colours for many: median cut, and the nearest colour by a table of rounded colours.

#![allow(clippy::indexing_slicing, reason = "fixed-size arrays of colours and places within them")]

use std::collections::HashMap;

/// Colours and, for each pixel, which.
pub(super) struct Indexed {
    pub(super) colours: Vec<[u8; 3]>,
    pub(super) pixels: Vec<u8>,
}

/// At most `count` colours, at most 256.
pub(super) fn reduce(pixels: &[[u8; 3]], count: usize) -> Indexed {
    let mut tally: HashMap<[u8; 3], u32> = HashMap::new();
    for pixel in pixels {
        // Five bits a channel are enough to choose by.
        *tally.entry(pixel.map(|c| c & 0xf8 | 4)).or_default() += 1;
    }
    let mut all: Vec<([u8; 3], u32)> = tally.into_iter().collect();
    // The order of a hash map is random; the picture must not be.
    all.sort_unstable();
    let mut boxes = vec![all];
    while boxes.len() < count.clamp(1, 256) {
        let widest = boxes.iter().enumerate().filter(|(_, inside)| inside.len() > 1);
        let Some((place, _)) = widest.max_by_key(|(_, inside)| spread(inside).1) else {
            break;
        };
        let inside = boxes.swap_remove(place);
        let (low, high) = cut(inside);
        boxes.push(low);
        boxes.push(high);
    }
    let colours: Vec<[u8; 3]> = boxes.iter().map(|inside| mean(inside)).collect();
    let mut known: HashMap<[u8; 3], u8> = HashMap::new();
    let pixels = pixels
        .iter()
        .map(|pixel| {
            let rounded = pixel.map(|c| c & 0xfc);
            *known.entry(rounded).or_insert_with(|| nearest(&colours, *pixel))
        })
        .collect();
    Indexed { colours, pixels }
}

/// The channel with the widest spread, weighted by how many pixels there are.
fn spread(inside: &[([u8; 3], u32)]) -> (usize, u64) {
    let count: u64 = inside.iter().map(|(_, count)| u64::from(*count)).sum();
    let width = |channel: usize| {
        let values = || inside.iter().map(|(colour, _)| colour[channel]);
        u64::from(values().max().unwrap_or(0) - values().min().unwrap_or(0))
    };
    let channel = (0..3).max_by_key(|channel| width(*channel)).unwrap_or(0);
    (channel, width(channel) * width(channel) * count.isqrt())
}

type Inside = Vec<([u8; 3], u32)>;

fn cut(mut inside: Inside) -> (Inside, Inside) {
    let (channel, _) = spread(&inside);
    inside.sort_unstable_by_key(|(colour, _)| colour[channel]);
    let half = inside.iter().map(|(_, count)| u64::from(*count)).sum::<u64>() / 2;
    let mut sum = 0;
    let at = inside.iter().position(|(_, count)| {
        sum += u64::from(*count);
        sum > half
    });
    let at = at.unwrap_or(0).clamp(1, inside.len().saturating_sub(1).max(1));
    let high = inside.split_off(at.min(inside.len()));
    (inside, high)
}

fn mean(inside: &[([u8; 3], u32)]) -> [u8; 3] {
    let count = inside.iter().map(|(_, count)| u64::from(*count)).sum::<u64>().max(1);
    [0, 1, 2].map(|channel: usize| {
        let sum: u64 = inside
            .iter()
            .map(|(colour, count)| u64::from(colour[channel]) * u64::from(*count))
            .sum();
        (sum / count) as u8
    })
}

fn nearest(colours: &[[u8; 3]], pixel: [u8; 3]) -> u8 {
    let distance = |colour: &[u8; 3]| -> u32 {
        colour.iter().zip(pixel).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let place =
        (0..colours.len()).min_by_key(|place| colours.get(*place).map_or(u32::MAX, distance));
    u8::try_from(place.unwrap_or(0)).unwrap_or(0)
}
