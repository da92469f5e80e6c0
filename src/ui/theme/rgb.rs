//! Colours as numbers: contrast as WCAG 2 measures it, and the nearest colour that can be read.
//!
//! Knows no roles. Invariant: what [`readable`] returns reaches the contrast that was asked for on
//! every ground, wherever black or white would.

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// Of text that must be read.
pub const TEXT: f64 = 4.5;
/// Of marks and lines.
pub const MARK: f64 = 3.0;

/// From 1 (equal) to 21 (black on white).
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// White is read better on it than black.
pub fn is_dark(ground: Rgb) -> bool {
    contrast(ground, [255; 3]) >= contrast(ground, [0; 3])
}

/// From `a` (0) to `b` (1).
pub fn blend(a: Rgb, b: Rgb, part: f64) -> Rgb {
    let mut mixed = a;
    for (from, to) in mixed.iter_mut().zip(b) {
        let (begin, end) = (f64::from(*from), f64::from(to));
        *from = (begin + (end - begin) * part).round().clamp(0.0, 255.0) as u8;
    }
    mixed
}

/// The colour, or as much lighter or darker as it must be to reach each ratio on its ground.
pub fn readable(colour: Rgb, grounds: &[(Rgb, f64)]) -> Rgb {
    let pole = match grounds.first().is_none_or(|(ground, _)| is_dark(*ground)) {
        true => [255; 3],
        false => [0; 3],
    };
    let steps = (0..=40).map(|step| blend(colour, pole, f64::from(step) / 40.0));
    let mut good = steps.filter(|candidate| reaches(*candidate, grounds));
    good.next().unwrap_or(pole)
}

/// The number in the palette of 256 of the nearest colour that reaches each ratio. The first 16 are
/// the terminal's own, and not known.
pub fn readable_index(colour: Rgb, grounds: &[(Rgb, f64)]) -> u8 {
    let readable = (16..=255).filter(|index| reaches(of_index(*index), grounds));
    let distance = |index: &u8| -> u32 {
        let pairs = of_index(*index).into_iter().zip(colour);
        pairs.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let pole = if grounds.first().is_none_or(|(ground, _)| is_dark(*ground)) { 231 } else { 16 };
    readable.min_by_key(distance).unwrap_or(pole)
}

/// What a number from 16 on looks like: the cube of six steps, then 24 greys.
pub fn of_index(index: u8) -> Rgb {
    let step = |place: u8| if place == 0 { 0 } else { 55 + 40 * place };
    match index.saturating_sub(16) {
        cube @ 0..216 => [step(cube / 36), step(cube / 6 % 6), step(cube % 6)],
        grey => [8 + 10 * (grey - 216); 3],
    }
}

fn reaches(colour: Rgb, grounds: &[(Rgb, f64)]) -> bool {
    grounds.iter().all(|(ground, ratio)| contrast(colour, *ground) >= *ratio)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_as_the_standard_has_it() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
        assert!((contrast([119; 3], [255; 3]) - 4.48).abs() < 0.01);
        assert_eq!((of_index(16), of_index(231), of_index(244)), ([0; 3], [255; 3], [128; 3]));
        assert_eq!(of_index(208), [255, 135, 0]);
    }

    #[test]
    fn a_colour_changes_only_as_far_as_it_must() {
        let on_black = [([0; 3], TEXT)];
        assert_eq!(readable([200, 200, 0], &on_black), [200, 200, 0]);
        let lifted = readable([60, 0, 0], &on_black);
        assert!((TEXT..5.5).contains(&contrast(lifted, [0; 3])), "{lifted:?}");
        assert!(contrast(of_index(readable_index([60, 0, 0], &on_black)), [0; 3]) >= TEXT);
    }
}
