//! Where in the picture: what stands out, and what is calm. No recognition, only simple rules.
//!
//! Works on a grid of cells, so that it costs next to nothing. Invariant: weights are 0 where
//! nothing changes, 256 where everything does, and fall off softly between.

#![allow(clippy::indexing_slicing, reason = "loops over a grid of known size")]

use image::RgbaImage;

/// Cells along the longer side.
const CELLS: u32 = 48;

/// Weights over the picture, from 0 to 256.
#[derive(Clone, Debug)]
pub struct Mask {
    columns: usize,
    rows: usize,
    cells: Vec<i32>,
    /// Pixels of one cell, in 256ths.
    cell: (u32, u32),
}

impl Mask {
    /// The weight at a pixel, between the cells' middles.
    pub fn at(&self, x: u32, y: u32) -> i32 {
        // In 256ths of a cell, counted from the middle of the first.
        let u = (x as i64 * 65_536 / i64::from(self.cell.0.max(1))) as i32 - 128;
        let v = (y as i64 * 65_536 / i64::from(self.cell.1.max(1))) as i32 - 128;
        let (column, row) = (u.div_euclid(256), v.div_euclid(256));
        let (across, down) = (u.rem_euclid(256), v.rem_euclid(256));
        let one = |column: i32, row: i32| {
            let column = column.clamp(0, self.columns as i32 - 1) as usize;
            let row = row.clamp(0, self.rows as i32 - 1) as usize;
            self.cells[row * self.columns + column]
        };
        let top = one(column, row) * (256 - across) + one(column + 1, row) * across;
        let bottom = one(column, row + 1) * (256 - across) + one(column + 1, row + 1) * across;
        (top / 256 * (256 - down) + bottom / 256 * down) / 256
    }

    /// Left, top, right and bottom in pixels; the middle third where nothing stands out.
    pub fn bounds(&self) -> [i32; 4] {
        let taken = (0..self.cells.len()).filter(|place| self.cells[*place] > 0);
        let mut found: Option<[usize; 4]> = None;
        for place in taken {
            let (x, y) = (place % self.columns, place / self.columns);
            let [l, t, r, b] = found.unwrap_or([x, y, x, y]);
            found = Some([l.min(x), t.min(y), r.max(x), b.max(y)]);
        }
        let [l, t, r, b] = found.unwrap_or([
            self.columns / 3,
            self.rows / 3,
            self.columns * 2 / 3,
            self.rows * 2 / 3,
        ]);
        let pixel = |cells: usize, side: u32| (cells as u64 * u64::from(side) / 256) as i32;
        [
            pixel(l, self.cell.0),
            pixel(t, self.cell.1),
            pixel(r + 1, self.cell.0),
            pixel(b + 1, self.cell.1),
        ]
    }

    fn grown(mut self, by: usize) -> Self {
        for _ in 0..by {
            let old = self.cells.clone();
            for row in 0..self.rows {
                for column in 0..self.columns {
                    let mut most = old[row * self.columns + column];
                    for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                        let (x, y) = (column as i32 + dx, row as i32 + dy);
                        if x >= 0 && y >= 0 && x < self.columns as i32 && y < self.rows as i32 {
                            most = most.max(old[y as usize * self.columns + x as usize]);
                        }
                    }
                    self.cells[row * self.columns + column] = most;
                }
            }
        }
        self
    }
}

/// The picture in cells: mean colours, and how far each is from the borders' colour.
struct Grid {
    columns: usize,
    rows: usize,
    colours: Vec<[i32; 3]>,
    /// Distance from the nearest border's colour, more towards the middle.
    salience: Vec<i32>,
    cell: (u32, u32),
}

impl Grid {
    fn new(picture: &RgbaImage) -> Self {
        let (width, height) = picture.dimensions();
        let longer = width.max(height).max(1);
        let columns = (width * CELLS / longer).max(4) as usize;
        let rows = (height * CELLS / longer).max(4) as usize;
        let cell = (width * 256 / columns as u32, height * 256 / rows as u32);
        let mut sums = vec![[0_i64; 4]; columns * rows];
        // Every third pixel of every third row is plenty for a mean.
        for y in (0..height).step_by(3) {
            let row = (y as usize * rows / height as usize).min(rows - 1);
            for x in (0..width).step_by(3) {
                let column = (x as usize * columns / width as usize).min(columns - 1);
                let [r, g, b, _] = picture.get_pixel(x, y).0;
                let sum = &mut sums[row * columns + column];
                for (sum, value) in sum.iter_mut().zip([r, g, b, 1]) {
                    *sum += i64::from(value);
                }
            }
        }
        let colours: Vec<[i32; 3]> = sums
            .iter()
            .map(|[r, g, b, count]| [r, g, b].map(|sum| (sum / (*count).max(1)) as i32))
            .collect();
        let salience = salience(&colours, columns, rows);
        Self { columns, rows, colours, salience, cell }
    }

    fn mask(&self, cells: Vec<i32>) -> Mask {
        Mask { columns: self.columns, rows: self.rows, cells, cell: self.cell }
    }

    /// The place with the most salience around it.
    fn peak(&self) -> usize {
        let around = |place: usize| {
            let (x, y) = ((place % self.columns) as i32, (place / self.columns) as i32);
            let mut sum = 0;
            for dy in -2..=2 {
                for dx in -2..=2 {
                    let (x, y) = (x + dx, y + dy);
                    if x >= 0 && y >= 0 && x < self.columns as i32 && y < self.rows as i32 {
                        sum += self.salience[y as usize * self.columns + x as usize];
                    }
                }
            }
            sum
        };
        (0..self.colours.len())
            .max_by_key(|place| (around(*place), usize::MAX - place))
            .unwrap_or(0)
    }

    /// Cells joined to the peak and like it, at most `share` percent of all.
    fn like_the_peak(&self, share: usize) -> Vec<i32> {
        let peak = self.peak();
        let most = (self.colours.len() * share / 100).max(4);
        let mut taken = vec![0; self.colours.len()];
        // The most alike neighbour goes first, so that the region follows the thing's own edges.
        let mut front = vec![peak];
        let mut count = 0;
        while count < most && !front.is_empty() {
            let best = (0..front.len()).min_by_key(|at| self.unlike(front[*at], peak)).unwrap_or(0);
            let place = front.swap_remove(best);
            if taken[place] != 0 {
                continue;
            }
            if count > most / 4 && self.unlike(place, peak) > 130 {
                break;
            }
            taken[place] = 256;
            count += 1;
            let (x, y) = ((place % self.columns) as i32, (place / self.columns) as i32);
            for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                let (x, y) = (x + dx, y + dy);
                if x >= 0 && y >= 0 && x < self.columns as i32 && y < self.rows as i32 {
                    front.push(y as usize * self.columns + x as usize);
                }
            }
        }
        taken
    }

    /// How unlike in colour, and a little in place.
    fn unlike(&self, place: usize, other: usize) -> i32 {
        let far = |place: usize| ((place % self.columns) as i32, (place / self.columns) as i32);
        let ((x, y), (ox, oy)) = (far(place), far(other));
        distance(self.colours[place], self.colours[other]) + ((x - ox).abs() + (y - oy).abs()) * 2
    }
}

fn distance(a: [i32; 3], b: [i32; 3]) -> i32 {
    (a[0] - b[0]).abs() + (a[1] - b[1]).abs() + (a[2] - b[2]).abs()
}

/// Far from the colours of the four borders, colourful, and near the middle.
fn salience(colours: &[[i32; 3]], columns: usize, rows: usize) -> Vec<i32> {
    let mean = |places: &mut dyn Iterator<Item = usize>| {
        let (mut sum, mut count) = ([0; 3], 0);
        for place in places {
            for (sum, value) in sum.iter_mut().zip(colours[place]) {
                *sum += value;
            }
            count += 1;
        }
        sum.map(|sum| sum / count.max(1))
    };
    let last = rows - 1;
    let borders = [
        mean(&mut (0..columns)),
        mean(&mut (0..columns).map(|x| last * columns + x)),
        mean(&mut (0..rows).map(|y| y * columns)),
        mean(&mut (0..rows).map(|y| y * columns + columns - 1)),
    ];
    let (columns, rows) = (columns as i32, rows as i32);
    (0..colours.len())
        .map(|place| {
            let colour = colours[place];
            let far = borders.iter().map(|border| distance(colour, *border)).min().unwrap_or(0);
            let vivid = colour.iter().max().unwrap_or(&0) - colour.iter().min().unwrap_or(&0);
            let (x, y) = (place as i32 % columns, place as i32 / columns);
            let off =
                ((x * 2 - columns).abs() * 128 / columns).max((y * 2 - rows).abs() * 128 / rows);
            (far * 2 + vivid) * (160 - off).max(8) / 128
        })
        .collect()
}

/// What stands out most: the thing that is coloured, removed, or given a hat.
pub fn thing(picture: &RgbaImage) -> Mask {
    let grid = Grid::new(picture);
    let cells = grid.like_the_peak(16);
    grid.mask(cells)
}

/// What is not like the borders: all that stands before the background, with some room around it.
pub fn foreground(picture: &RgbaImage) -> Mask {
    let grid = Grid::new(picture);
    let mut paint_request: Vec<i32> = grid.salience.clone();
    paint_request.sort_unstable();
    let threshold = paint_request[paint_request.len() * 76 / 100];
    let cells =
        grid.salience.iter().map(|value| if *value > threshold { 256 } else { 0 }).collect();
    grid.mask(cells).grown(1)
}

/// The calmest of a few spots for lettering, as the percent of the height at which it begins.
pub fn calmest_row(picture: &RgbaImage) -> i32 {
    let grid = Grid::new(picture);
    let busy = |percent: usize| {
        let from = grid.rows * percent / 100;
        let to = (from + grid.rows / 5 + 1).min(grid.rows);
        let cells = &grid.salience[from * grid.columns..to * grid.columns];
        cells.iter().map(|value| i64::from(*value)).sum::<i64>() / cells.len().max(1) as i64
    };
    [70, 8, 40]
        .into_iter()
        .min_by_key(|percent| busy(*percent))
        .map_or(70, |percent| percent as i32)
}
