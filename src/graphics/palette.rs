//! A few colours for many: Wu's quantiser, and indices that make long runs.
//!
//! Wu cuts the box of colours where the variance falls most (Xiaolin Wu, "Efficient statistical
//! computations for optimal color quantization", 1991). A pixel keeps its left neighbour's colour
//! while that costs little, so that what is compressed afterwards repeats itself. Without dither,
//! which would cost a third more bytes.

#![allow(clippy::indexing_slicing, reason = "fixed-size tables, and places made from their sizes")]

/// Colours and, for each pixel, which.
#[derive(Clone, Debug)]
pub(super) struct Indexed {
    pub(super) colours: Vec<[u8; 3]>,
    pub(super) pixels: Vec<u8>,
}

/// A picture whose pixels have their indices already; where another has the same pixel, it must
/// take the same index and so look the same to the bit.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedPalette<'all> {
    pub(super) source: &'all [[u8; 3]],
    pub(super) indexed: &'all Indexed,
}

/// How many colours, and how much squared error a pixel may add to look like its neighbour.
#[derive(Clone, Copy, Debug)]
pub(super) struct ByteSaving {
    /// At most 256.
    pub(super) colours: usize,
    pub(super) patience: u32,
    /// So many rows are written as one, column by column (sixel): the neighbour above comes before
    /// the one on the left, but for the first of them.
    pub(super) band: usize,
}

/// As many pixels are enough to choose colours by.
const SAMPLED: usize = 150_000;

/// Rows of `width` pixels, one after the other.
pub(super) fn reduce(
    pixels: &[[u8; 3]],
    width: usize,
    thrift: ByteSaving,
    twin: Option<SharedPalette<'_>>,
) -> Indexed {
    let twin = twin.filter(|twin| twin.source.len() == pixels.len());
    let colours = match &twin {
        Some(twin) => with_twin(pixels, thrift, twin),
        None => colours(pixels, thrift.colours),
    };
    index(pixels, width, thrift, colours, twin)
}

/// A part of a picture in the colours of the whole, of which those stay that it needs.
pub(super) fn reduce_part(
    part: &[[u8; 3]],
    width: usize,
    thrift: ByteSaving,
    whole: &[[u8; 3]],
) -> Indexed {
    let mut indexed = index(part, width, thrift, colours(whole, thrift.colours), None);
    let mut places = [None; 256];
    let mut needed = Vec::new();
    for pixel in &mut indexed.pixels {
        let place = places[usize::from(*pixel)].get_or_insert_with(|| {
            needed.push(indexed.colours[usize::from(*pixel)]);
            (needed.len() - 1) as u8
        });
        *pixel = *place;
    }
    Indexed { colours: needed, ..indexed }
}

fn colours(pixels: &[[u8; 3]], count: usize) -> Vec<[u8; 3]> {
    // Many pixels are told by every second or third of them.
    let step = 1 + pixels.len() / SAMPLED;
    choose(pixels.iter().copied().step_by(step), count)
}

fn index(
    pixels: &[[u8; 3]],
    width: usize,
    thrift: ByteSaving,
    colours: Vec<[u8; 3]>,
    twin: Option<SharedPalette<'_>>,
) -> Indexed {
    let mut nearest = Nearest::new(&colours);
    let mut indices: Vec<u8> = Vec::with_capacity(pixels.len());
    for (place, pixel) in pixels.iter().enumerate() {
        if let Some(twin) = twin.filter(|twin| twin.source[place] == *pixel) {
            indices.push(twin.indexed.pixels[place]);
            continue;
        }
        let (row, column) = (place / width.max(1), place % width.max(1));
        let best = nearest.find(*pixel);
        let error = |index: u8| distance(colours[usize::from(index)], *pixel);
        let most = error(best) + thrift.patience;
        let above = (row % thrift.band.max(1) > 0).then(|| indices[place - width]);
        let left = (column > 0).then(|| indices[place - 1]);
        let neighbour = [above, left].into_iter().flatten().find(|index| error(*index) < most);
        indices.push(neighbour.unwrap_or(best));
    }
    Indexed { colours, pixels: indices }
}

/// The twin's colours, but for those that no shared pixel needs: these go to what differs.
fn with_twin(pixels: &[[u8; 3]], thrift: ByteSaving, twin: &SharedPalette<'_>) -> Vec<[u8; 3]> {
    let mut colours = twin.indexed.colours.clone();
    let mut needed = [false; 256];
    let mut differ = Vec::new();
    for (place, pixel) in pixels.iter().enumerate() {
        match twin.source[place] == *pixel {
            true => needed[usize::from(twin.indexed.pixels[place])] = true,
            false => differ.push(*pixel),
        }
    }
    // As many as would be there without a twin, and some beyond: what differs is what is looked at.
    let most = (thrift.colours + thrift.colours / 8).min(256);
    let mut free: Vec<usize> = (0..colours.len()).filter(|place| !needed[*place]).collect();
    free.extend(colours.len()..most);
    let fresh = choose(differ.into_iter(), free.len());
    for (place, colour) in free.into_iter().zip(fresh) {
        match colours.get_mut(place) {
            Some(old) => *old = colour,
            None => colours.push(colour),
        }
    }
    colours
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let part = |channel: usize| u32::from(a[channel].abs_diff(b[channel])).pow(2);
    part(0) + part(1) + part(2)
}

/// The nearest colour, searched once for pixels that are alike.
struct Nearest {
    /// By green, with their places.
    sorted: Vec<([u8; 3], u8)>,
    /// By six bits a channel; `NONE` where nothing was asked yet.
    known: Vec<u16>,
}

const NONE: u16 = u16::MAX;

impl Nearest {
    fn new(colours: &[[u8; 3]]) -> Self {
        let all = colours.iter().zip(0..=u8::MAX);
        let mut sorted: Vec<_> = all.map(|(colour, place)| (*colour, place)).collect();
        sorted.sort_unstable_by_key(|(colour, place)| (colour[1], *place));
        Self { sorted, known: vec![NONE; 1 << 18] }
    }

    fn find(&mut self, pixel: [u8; 3]) -> u8 {
        let [r, g, b] = pixel.map(|c| usize::from(c >> 2));
        let cell = r << 12 | g << 6 | b;
        if self.known[cell] == NONE {
            self.known[cell] = u16::from(self.search(pixel.map(|c| c & 0xfc | 2)));
        }
        self.known[cell] as u8
    }

    /// From the nearest green outwards, until green alone is too far off.
    fn search(&self, pixel: [u8; 3]) -> u8 {
        let from = self.sorted.partition_point(|(colour, _)| colour[1] < pixel[1]);
        let (below, above) = self.sorted.split_at(from);
        let mut best = (u32::MAX, 0);
        let mut look = |(colour, place): &([u8; 3], u8)| {
            let far = distance(*colour, pixel);
            if far < best.0 {
                best = (far, *place);
            }
            u32::from(colour[1].abs_diff(pixel[1])).pow(2) < best.0
        };
        let (mut below, mut above) = (below.iter().rev(), above.iter());
        let (mut is_below, mut is_above) = (true, true);
        while is_below || is_above {
            is_below = is_below && below.next().is_some_and(&mut look);
            is_above = is_above && above.next().is_some_and(&mut look);
        }
        best.1
    }
}

/// Bits of a channel that tell colours apart while boxes are cut: for few colours, few.
fn bits(count: usize) -> u32 {
    if count > 64 { 5 } else { 4 }
}

/// Sums over all colours up to a corner: how many, of each channel, and of squares.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: i64,
    channels: [i64; 3],
    squares: i64,
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            channels: [0, 1, 2].map(|c: usize| self.channels[c] + other.channels[c]),
            squares: self.squares + other.squares,
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            count: self.count - other.count,
            channels: [0, 1, 2].map(|c: usize| self.channels[c] - other.channels[c]),
            squares: self.squares - other.squares,
        }
    }

    /// The square of the mean, times the count: what a cut wants to be large in both halves.
    fn weight(self) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let squares: f64 = self.channels.iter().map(|sum| (*sum as f64).powi(2)).sum();
        squares / self.count as f64
    }

    fn variance(self) -> f64 {
        self.squares as f64 - self.weight()
    }
}

/// From above `low` up to `high`, in steps of the sums' bits.
#[derive(Clone, Copy, Debug)]
struct Cube {
    low: [usize; 3],
    high: [usize; 3],
}

/// Sums over all colours up to each corner.
struct Sums {
    all: Vec<Sum>,
    /// Steps of a channel, and one before the first.
    side: usize,
}

impl Sums {
    fn new(pixels: impl Iterator<Item = [u8; 3]>, bits: u32) -> Self {
        let side = (1 << bits) + 1;
        let mut all = vec![Sum::default(); side * side * side];
        for pixel in pixels {
            let sum = &mut all[place(side, pixel.map(|c| usize::from(c >> (8 - bits)) + 1))];
            sum.count += 1;
            for (total, value) in sum.channels.iter_mut().zip(pixel.map(i64::from)) {
                *total += value;
                sum.squares += value * value;
            }
        }
        // Each sum becomes that of everything below it, one direction after the other.
        for step in [1, side, side * side] {
            for at in 0..all.len() {
                if at / step % side > 0 {
                    all[at] = all[at].plus(all[at - step]);
                }
            }
        }
        Self { all, side }
    }

    /// Of what is inside, from its eight corners.
    fn of(&self, cube: Cube) -> Sum {
        let mut sum = Sum::default();
        for corner in 0..8_usize {
            let at = [0, 1, 2].map(|channel: usize| match corner >> channel & 1 {
                0 => cube.high[channel],
                _ => cube.low[channel],
            });
            let part = self.all[place(self.side, at)];
            sum = if corner.count_ones() % 2 == 0 { sum.plus(part) } else { sum.minus(part) };
        }
        sum
    }

    /// The two halves that differ most, if there is more than one colour.
    fn cut(&self, cube: Cube) -> Option<(Cube, Cube)> {
        let whole = self.of(cube);
        let mut best: Option<(f64, Cube, Cube)> = None;
        for channel in 0..3 {
            for at in cube.low[channel] + 1..cube.high[channel] {
                let (mut low, mut high) = (cube, cube);
                low.high[channel] = at;
                high.low[channel] = at;
                let lower = self.of(low);
                let upper = whole.minus(lower);
                if lower.count == 0 || upper.count == 0 {
                    continue;
                }
                let gain = lower.weight() + upper.weight();
                if best.is_none_or(|(most, ..)| gain > most) {
                    best = Some((gain, low, high));
                }
            }
        }
        best.map(|(_, low, high)| (low, high))
    }
}

fn place(side: usize, [r, g, b]: [usize; 3]) -> usize {
    (r * side + g) * side + b
}

/// At most `count` colours that stand for all.
fn choose(pixels: impl Iterator<Item = [u8; 3]>, count: usize) -> Vec<[u8; 3]> {
    let sums = Sums::new(pixels, bits(count));
    let whole = Cube { low: [0; 3], high: [sums.side - 1; 3] };
    let mut cubes = vec![(sums.of(whole).variance(), whole)];
    while cubes.len() < count.clamp(1, 256) {
        let widest = cubes.iter().enumerate().max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0));
        let Some((at, (variance, cube))) = widest.map(|(at, widest)| (at, *widest)) else {
            break;
        };
        if variance <= 0.0 {
            break;
        }
        match sums.cut(cube) {
            Some((low, high)) => {
                cubes[at] = (sums.of(low).variance(), low);
                cubes.push((sums.of(high).variance(), high));
            }
            // One step of colours: no finer cut is known.
            None => cubes[at].0 = 0.0,
        }
    }
    let mean = |(_, cube): &(f64, Cube)| {
        let sum = sums.of(*cube);
        let count = sum.count.max(1);
        sum.channels.map(|channel| ((channel + count / 2) / count) as u8)
    };
    cubes.iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXACT: ByteSaving = ByteSaving { colours: 256, patience: 0, band: 1 };

    fn stripes(colours: &[[u8; 3]]) -> Vec<[u8; 3]> {
        (0..400).map(|place| colours[place % colours.len()]).collect()
    }

    fn shown(indexed: &Indexed) -> Vec<[u8; 3]> {
        indexed.pixels.iter().map(|index| indexed.colours[usize::from(*index)]).collect()
    }

    #[test]
    fn few_colours_stay_exactly_what_they_are() {
        let pixels = stripes(&[[0, 0, 0], [255, 255, 255], [200, 10, 40], [9, 90, 200]]);
        let indexed = reduce(&pixels, 20, EXACT, None);
        assert_eq!(indexed.colours.len(), 4);
        assert_eq!(shown(&indexed), pixels);
    }

    #[test]
    fn no_more_colours_than_asked_for() {
        let pixels: Vec<[u8; 3]> = (0..=255).map(|c| [c, 255 - c, c / 2]).collect();
        let thrift = ByteSaving { colours: 16, ..EXACT };
        assert_eq!(reduce(&pixels, 16, thrift, None).colours.len(), 16);
        assert_eq!(reduce(&[[7, 7, 7]], 1, thrift, None).colours, [[7, 7, 7]]);
        assert!(reduce(&[], 0, thrift, None).pixels.is_empty());
    }

    #[test]
    fn patience_makes_longer_runs() {
        let pixels: Vec<[u8; 3]> = (0..4_000_u32).map(|n| [(n * 7 % 12) as u8; 3]).collect();
        let runs = |patience| {
            let thrift = ByteSaving { colours: 100, patience, ..EXACT };
            let indexed = reduce(&pixels, 100, thrift, None);
            indexed.pixels.chunk_by(|a, b| a == b).count()
        };
        assert!(runs(400) * 2 < runs(0));
    }

    #[test]
    fn equal_pixels_of_a_twin_look_equal() {
        let first: Vec<[u8; 3]> =
            (0..10_000_u32).map(|n| [(n % 251) as u8, (n % 83) as u8, (n % 17) as u8]).collect();
        let mut second = first.clone();
        second[3_000..3_500].fill([250, 3, 3]);
        let thrift = ByteSaving { colours: 240, patience: 100, ..EXACT };
        let one = reduce(&first, 100, thrift, None);
        let two =
            reduce(&second, 100, thrift, Some(SharedPalette { source: &first, indexed: &one }));
        let (one, two) = (shown(&one), shown(&two));
        for place in (0..first.len()).filter(|place| first[*place] == second[*place]) {
            assert_eq!(one[place], two[place], "{place}");
        }
        // What is new has colours of its own.
        assert_eq!(two[3_200], [250, 3, 3]);
    }
}
