//! JPEGs of a few flat patches, written bit by bit: every way to sample, to scan and to code them
//! that cameras and programs have, without an encoder that knows only one of them.

/// Six patches in YCbCr, and what they are in RGB.
pub const PATCHES: [([u8; 3], [u8; 3]); 6] = [
    ([76, 85, 255], [254, 0, 0]),
    ([150, 44, 21], [0, 255, 1]),
    ([29, 255, 107], [0, 0, 254]),
    ([128, 128, 128], [128, 128, 128]),
    ([255, 128, 128], [255, 255, 255]),
    ([92, 110, 205], [200, 43, 60]),
];
const COLUMNS: u16 = 3;
const ROWS: u16 = 2;

#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Blocks of luma for one of chroma, across and down.
    pub luma: (u8, u8),
    /// A scan for each component.
    pub is_separate: bool,
    pub is_progressive: bool,
    pub has_restarts: bool,
    /// The height stands behind the first scan.
    pub is_height_late: bool,
}

pub const PLAIN: Way = Way {
    luma: (1, 1),
    is_separate: false,
    is_progressive: false,
    has_restarts: false,
    is_height_late: false,
};

impl Way {
    /// A little less than whole units, as photos are.
    pub fn size(self) -> (u16, u16) {
        let (across, down) = (u16::from(self.luma.0), u16::from(self.luma.1));
        (COLUMNS * 8 * across - 3, ROWS * 8 * down - 3)
    }

    /// The middle of a patch.
    pub fn middle(self, patch: usize) -> (u32, u32) {
        let (column, row) = (patch as u32 % 3, patch as u32 / 3);
        let (across, down) = (u32::from(self.luma.0) * 8, u32::from(self.luma.1) * 8);
        (column * across + across / 2, row * down + down / 2)
    }

    fn sampling(self, component: usize) -> (u16, u16) {
        if component == 0 { (self.luma.0.into(), self.luma.1.into()) } else { (1, 1) }
    }
}

pub fn write(way: Way) -> Vec<u8> {
    let (width, height) = way.size();
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xdb, &[&[0_u8][..], &[1; 64]].concat());
    let told = if way.is_height_late { 0 } else { height };
    let mut frame = vec![8];
    frame.extend(told.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.push(3);
    for component in 0..3 {
        let (h, v) = way.sampling(component);
        frame.extend([component as u8 + 1, (h << 4 | v) as u8, 0]);
    }
    segment(&mut out, if way.is_progressive { 0xc2 } else { 0xc0 }, &frame);
    segment(&mut out, 0xc4, &dc_table());
    let ends = [&[0x10][..], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0]].concat();
    segment(&mut out, 0xc4, &ends);
    if way.has_restarts {
        segment(&mut out, 0xdd, &1_u16.to_be_bytes());
    }
    let scans: Vec<Vec<usize>> =
        if way.is_separate { vec![vec![0], vec![1], vec![2]] } else { vec![vec![0, 1, 2]] };
    for (at, components) in scans.iter().enumerate() {
        scan(&mut out, way, components, if way.is_progressive { (0, 0) } else { (0, 63) });
        if at == 0 && way.is_height_late {
            segment(&mut out, 0xdc, &height.to_be_bytes());
        }
    }
    if way.is_progressive {
        (0..3).for_each(|component| scan(&mut out, way, &[component], (1, 63)));
    }
    out.extend([0xff, 0xd9]);
    out
}

/// One component without loss, all of one value.
pub fn lossless(value: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xc3, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    segment(&mut out, 0xc4, &dc_table());
    segment(&mut out, 0xda, &[1, 1, 0, 1, 0, 0]);
    let mut bits = Bits::default();
    bits.difference(i32::from(value) - 128);
    (1..64).for_each(|_| bits.difference(0));
    out.extend(bits.finish());
    out.extend([0xff, 0xd9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, data: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((data.len() as u16 + 2).to_be_bytes());
    out.extend(data);
}

/// The table of Annex K for luma: categories 0 to 11.
fn dc_table() -> Vec<u8> {
    let lengths = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    [&[0][..], &lengths, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]].concat()
}

fn scan(out: &mut Vec<u8>, way: Way, components: &[usize], (from, to): (u8, u8)) {
    let mut head = vec![components.len() as u8];
    components.iter().for_each(|component| head.extend([*component as u8 + 1, 0]));
    head.extend([from, to, 0]);
    segment(out, 0xda, &head);
    let mut bits = Bits::default();
    let mut before = [0; 3];
    let units = units(way, components);
    for (at, unit) in units.iter().enumerate() {
        if way.has_restarts && at > 0 {
            out.extend(std::mem::take(&mut bits).finish());
            out.extend([0xff, 0xd0 + ((at - 1) % 8) as u8]);
            before = [0; 3];
        }
        for (component, patch) in unit {
            if from == 0 {
                let value = (i32::from(PATCHES[*patch].0[*component]) - 128) * 8;
                bits.difference(value - before[*component]);
                before[*component] = value;
            }
            if to > 0 {
                bits.put(0, 1);
            }
        }
    }
    out.extend(bits.finish());
}

/// What is coded together: component and patch of each block.
fn units(way: Way, components: &[usize]) -> Vec<Vec<(usize, usize)>> {
    let mut units = Vec::new();
    if let [component] = components {
        let (h, v) = way.sampling(*component);
        let (width, height) = way.size();
        let blocks =
            |length: u16, own: u16, most: u8| (length * own).div_ceil(u16::from(most)).div_ceil(8);
        for y in 0..blocks(height, v, way.luma.1) {
            for x in 0..blocks(width, h, way.luma.0) {
                units.push(vec![(*component, usize::from(y / v * COLUMNS + x / h))]);
            }
        }
        return units;
    }
    for patch in 0..usize::from(COLUMNS * ROWS) {
        let blocks = components.iter().flat_map(|component| {
            let (h, v) = way.sampling(*component);
            (0..h * v).map(move |_| (*component, patch))
        });
        units.push(blocks.collect());
    }
    units
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            self.held = self.held << 1 | (value >> at & 1);
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.held as u8);
                if self.held as u8 == 0xff {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// Its category, and its bits.
    fn difference(&mut self, value: i32) {
        let category = 32 - value.unsigned_abs().leading_zeros();
        match category {
            0 => self.put(0, 2),
            1..=5 => self.put(category + 1, 3),
            _ => self.put((1 << (category - 2)) - 2, category - 2),
        }
        let low = if value < 0 { value - 1 } else { value };
        self.put(low as u32 & ((1 << category) - 1), category);
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count > 0 {
            self.put(1, 1);
        }
        self.out
    }
}
