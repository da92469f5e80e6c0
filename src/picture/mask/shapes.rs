//! Shapes on a grid of squares: growing, closing, filling, and what hangs together.
//!
//! Invariant: every answer has the size of the question.
#![allow(clippy::indexing_slicing, reason = "loops over squares within sizes that are known")]

/// All places of at least `least` that hang together with one of at least 1.
pub(in crate::picture) fn grow(score: &[f32], columns: usize, least: f32) -> Vec<bool> {
    let mut taken: Vec<bool> = score.iter().map(|score| *score >= 1.0).collect();
    let mut waiting: Vec<usize> = (0..taken.len()).filter(|place| taken[*place]).collect();
    while let Some(place) = waiting.pop() {
        for next in neighbours(place, columns, taken.len()) {
            if !taken[next] && score[next] >= least {
                taken[next] = true;
                waiting.push(next);
            }
        }
    }
    taken
}

/// Everything that is at most `by` away, along a square.
pub(in crate::picture) fn dilate(
    shape: &[bool],
    columns: usize,
    rows: usize,
    by: usize,
) -> Vec<bool> {
    let mut across = vec![false; shape.len()];
    for row in 0..rows {
        let line = row * columns;
        for column in (0..columns).filter(|column| shape[line + column]) {
            let reach = line + column.saturating_sub(by)..line + (column + by + 1).min(columns);
            across[reach].fill(true);
        }
    }
    let mut whole = vec![false; shape.len()];
    for row in 0..rows {
        for from in row.saturating_sub(by)..(row + by + 1).min(rows) {
            for column in 0..columns {
                whole[row * columns + column] |= across[from * columns + column];
            }
        }
    }
    whole
}

/// Gaps narrower than twice `by` are closed. Beyond the border everything counts as taken.
pub(in crate::picture) fn close(
    shape: &[bool],
    columns: usize,
    rows: usize,
    by: usize,
) -> Vec<bool> {
    let wide = dilate(shape, columns, rows, by);
    let outside: Vec<bool> = wide.iter().map(|taken| !taken).collect();
    dilate(&outside, columns, rows, by).iter().map(|taken| !taken).collect()
}

/// Holes that no way leads to from the border are filled.
pub(in crate::picture) fn filled(shape: &[bool], columns: usize, rows: usize) -> Vec<bool> {
    let mut outside = vec![false; shape.len()];
    let is_border = |place: usize| {
        let (column, row) = (place % columns, place / columns);
        column == 0 || row == 0 || column + 1 == columns || row + 1 == rows
    };
    let mut waiting: Vec<usize> =
        (0..shape.len()).filter(|place| is_border(*place) && !shape[*place]).collect();
    waiting.iter().for_each(|place| outside[*place] = true);
    while let Some(place) = waiting.pop() {
        for next in straight(place, columns, shape.len()) {
            if !outside[next] && !shape[next] {
                outside[next] = true;
                waiting.push(next);
            }
        }
    }
    outside.iter().map(|outside| !outside).collect()
}

/// The places of each part that hangs together.
pub(in crate::picture) fn parts(shape: &[bool], columns: usize) -> Vec<Vec<usize>> {
    let mut left = shape.to_vec();
    let mut parts = Vec::new();
    for start in 0..left.len() {
        if !left[start] {
            continue;
        }
        left[start] = false;
        let mut part = vec![start];
        let mut next = 0;
        while let Some(place) = part.get(next).copied() {
            next += 1;
            for beside in neighbours(place, columns, left.len()) {
                if left[beside] {
                    left[beside] = false;
                    part.push(beside);
                }
            }
        }
        parts.push(part);
    }
    parts
}

/// The four beside a place.
fn straight(place: usize, columns: usize, length: usize) -> impl Iterator<Item = usize> {
    beside(place, columns, length, &[(0, -1), (-1, 0), (1, 0), (0, 1)])
}

/// The eight around a place.
fn neighbours(place: usize, columns: usize, length: usize) -> impl Iterator<Item = usize> {
    const AROUND: [(isize, isize); 8] =
        [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)];
    beside(place, columns, length, &AROUND)
}

fn beside(
    place: usize,
    columns: usize,
    length: usize,
    steps: &[(isize, isize)],
) -> impl Iterator<Item = usize> {
    let (column, row) = (place % columns, place / columns);
    let rows = length / columns;
    steps.iter().filter_map(move |(across, down)| {
        let column = column.checked_add_signed(*across).filter(|column| *column < columns)?;
        let row = row.checked_add_signed(*down).filter(|row| *row < rows)?;
        Some(row * columns + column)
    })
}
