//! Means over squares, by running sums: the same time whatever the radius.

#![allow(clippy::indexing_slicing, reason = "pixel loops within checked bounds")]

use image::RgbaImage;

/// Each pixel becomes the mean of the square of `radius` around it; at the borders of what there is.
pub fn blur(picture: &RgbaImage, radius: u32) -> RgbaImage {
    let across = pass(
        picture.as_raw(),
        picture.width() as usize,
        picture.height() as usize,
        radius as usize,
    );
    // The second pass runs over the transposed picture, so that both walk along rows.
    let down = pass(&across, picture.height() as usize, picture.width() as usize, radius as usize);
    RgbaImage::from_raw(picture.width(), picture.height(), down).unwrap_or_else(|| picture.clone())
}

/// Blurs along rows and transposes.
fn pass(source: &[u8], width: usize, height: usize, radius: usize) -> Vec<u8> {
    let mut target = vec![0; source.len()];
    for y in 0..height {
        let row = &source[y * width * 4..(y + 1) * width * 4];
        let mut sums = [0_u32; 4];
        let (mut first, mut last) = (0, 0);
        for x in 0..width {
            let (from, to) = (x.saturating_sub(radius), (x + radius + 1).min(width));
            while last < to {
                for (channel, sum) in sums.iter_mut().enumerate() {
                    *sum += u32::from(row[last * 4 + channel]);
                }
                last += 1;
            }
            while first < from {
                for (channel, sum) in sums.iter_mut().enumerate() {
                    *sum -= u32::from(row[first * 4 + channel]);
                }
                first += 1;
            }
            let count = (to - from) as u32;
            let at = (x * height + y) * 4;
            for (channel, sum) in sums.iter().enumerate() {
                target[at + channel] = ((sum + count / 2) / count) as u8;
            }
        }
    }
    target
}
