//! Bytes changed by chance, as a generator of hostile ones: by flips, cuts, repeats and what stands at
//! the edges of numbers and formats.

/// What stands at the edges of numbers, texts and formats.
const EDGES: [&[u8]; 14] = [
    b"\x00\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"9999999999999999999999",
    b"-1",
    b"1e999",
    b"\x1b[2J",
    "\u{202e}".as_bytes(),
    b"\xff\xfe",
    b"{{{{{{{{",
    b"[[[[[[[[",
    b"\"",
    b"\n",
];

pub fn spoilt(bytes: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.usize(1..5) {
        if bytes.is_empty() {
            return bytes;
        }
        // Heads matter most.
        let at = match random.bool() {
            true => random.usize(..bytes.len()),
            false => random.usize(..bytes.len().min(200)),
        };
        let end = (at + random.usize(1..40)).min(bytes.len());
        match random.u8(0..7) {
            0 | 1 => bytes[at] ^= 1 << random.u8(0..8),
            2 => {
                let edge = EDGES[random.usize(..EDGES.len())];
                bytes.splice(at..end.min(at + edge.len()), edge.iter().copied());
            }
            3 => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at..end].repeat(random.usize(1..8));
                bytes.splice(at..at, again);
            }
            5 => bytes.truncate(at),
            _ => random.fill(&mut bytes[at..end]),
        }
    }
    bytes
}
