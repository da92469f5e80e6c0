//! A picture made smaller by a whole factor while its rows come in, so that it never has to be in
//! memory whole.
//!
//! Every square of pixels becomes its mean; what cannot be seen does not count for the colour.
//! Invariant: with a factor of 1 every pixel stays what it is.

use image::{DynamicImage, ImageBuffer};

/// The least whole factor that leaves no more than `most` pixels.
pub(super) fn factor((width, height): (u32, u32), most: u64) -> u32 {
    let pixels = u64::from(width) * u64::from(height);
    let about = (pixels as f64 / most.max(1) as f64).sqrt().floor().max(1.0) as u32;
    let left = |by: u32| u64::from(width.div_ceil(by)) * u64::from(height.div_ceil(by));
    (about..).find(|by| left(*by) <= most.max(1)).unwrap_or(1)
}

/// Takes rows of red, green, blue and opacity.
pub(super) struct Reducer<T> {
    factor: usize,
    width: usize,
    /// Of each square: the colours times their opacity, and the opacity.
    sums: Vec<[u64; 4]>,
    rows: usize,
    out: Vec<[T; 4]>,
}

impl<T: Copy + Default + Into<u64> + TryFrom<u64>> Reducer<T> {
    pub(super) fn new((width, height): (u32, u32), factor: u32) -> Self {
        let (factor, width) = (factor.max(1) as usize, width as usize);
        let columns = width.div_ceil(factor);
        let out = Vec::with_capacity(columns * (height as usize).div_ceil(factor));
        let sums = if factor == 1 { Vec::new() } else { vec![[0; 4]; columns] };
        Self { factor, width, sums, rows: 0, out }
    }

    pub(super) fn push(&mut self, row: impl Iterator<Item = [T; 4]>) {
        if self.factor == 1 {
            self.out.extend(row);
            return;
        }
        for (column, pixel) in row.enumerate() {
            let [red, green, blue, alpha] = pixel.map(Into::into);
            if let Some(sum) = self.sums.get_mut(column / self.factor) {
                let weighted = [red * alpha, green * alpha, blue * alpha, alpha];
                for (sum, value) in sum.iter_mut().zip(weighted) {
                    *sum += value;
                }
            }
        }
        self.rows += 1;
        if self.rows == self.factor {
            self.close();
        }
    }

    /// A row of squares is complete.
    fn close(&mut self) {
        let mean = |sum: u64, count: u64| (sum + count / 2).checked_div(count).unwrap_or(0);
        for (column, sum) in self.sums.iter_mut().enumerate() {
            let across = self.factor.min(self.width - column * self.factor);
            let [red, green, blue, alpha] = std::mem::take(sum);
            let opacity = mean(alpha, (across * self.rows) as u64);
            let pixel = [mean(red, alpha), mean(green, alpha), mean(blue, alpha), opacity];
            self.out.push(pixel.map(|value| T::try_from(value).unwrap_or_default()));
        }
        self.rows = 0;
    }

    pub(super) fn finish(mut self) -> Vec<T> {
        if self.rows > 0 {
            self.close();
        }
        self.out.into_flattened()
    }
}

/// A picture that is in memory already, with no more than `most` pixels.
pub(super) fn shrunk(image: DynamicImage, most: u64) -> DynamicImage {
    let size = (image.width(), image.height());
    let by = factor(size, most);
    if by == 1 {
        return image;
    }
    let smaller = (size.0.div_ceil(by), size.1.div_ceil(by));
    let done = match is_deep(&image) {
        true => {
            let mut reducer = Reducer::<u16>::new(size, by);
            image.into_rgba16().rows().for_each(|row| reducer.push(row.map(|pixel| pixel.0)));
            let made = ImageBuffer::from_raw(smaller.0, smaller.1, reducer.finish());
            made.map(DynamicImage::ImageRgba16)
        }
        false => {
            let mut reducer = Reducer::<u8>::new(size, by);
            image.into_rgba8().rows().for_each(|row| reducer.push(row.map(|pixel| pixel.0)));
            let made = ImageBuffer::from_raw(smaller.0, smaller.1, reducer.finish());
            made.map(DynamicImage::ImageRgba8)
        }
    };
    done.unwrap_or_default()
}

/// More than 8 bits a channel.
pub(super) fn is_deep(image: &DynamicImage) -> bool {
    image.color().bits_per_pixel() / u16::from(image.color().channel_count()) > 8
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn squares_become_their_mean_and_what_is_clear_has_no_colour() {
        let mut reducer = Reducer::<u8>::new((3, 3), 2);
        let red = [200, 0, 0, 255];
        reducer.push([red, [0, 99, 0, 0], [10, 10, 10, 255]].into_iter());
        reducer.push([red, [0, 99, 0, 0], [20, 20, 20, 255]].into_iter());
        reducer.push([[1, 2, 3, 255], [3, 4, 5, 255], [7, 7, 7, 0]].into_iter());
        let out = reducer.finish();
        assert_eq!(out[..8], [200, 0, 0, 128, 15, 15, 15, 255]);
        assert_eq!(out[8..], [2, 3, 4, 255, 0, 0, 0, 0]);
    }

    #[test]
    fn the_factor_is_the_least_that_is_enough() {
        assert_eq!(factor((4_000, 3_000), 16_000_000), 1);
        assert_eq!(factor((8_160, 6_144), 16_000_000), 2);
        assert_eq!(factor((16_320, 12_240), 16_000_000), 4);
        assert_eq!(factor((65_535, 1), 1), 65_535);
    }
}
