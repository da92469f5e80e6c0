//! Encodings of keys that the parser does not know, told in one that it knows.
//!
//! Pure, byte for byte: the keypad in application mode, xterm's `CSI 27`, and what kitty's protocol
//! tells besides a key: the sign that Shift makes of it and the Latin letter at its place. Invariant:
//! what is none of these goes through as it came.

/// Shift makes these of the keys of the other row, where the terminal does not tell the layout.
const PLAIN: &[u8] = b"`1234567890-=[]\\;',./";
const SHIFTED: &[u8] = b"~!@#$%^&*()_+{}|:\"<>?";

const SHIFT: u32 = 1;
const ALT: u32 = 2;
const CONTROL: u32 = 4;

/// The same keys.
pub(super) fn known(keys: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(keys.len()), keys);
    while let Some(first) = rest.first() {
        let (told, length) = match rest {
            [0x1b, b'O', key, ..] => (keypad(*key), 3),
            [0x1b, b'[', b'0'..=b'9', ..] => control(rest),
            _ => (None, 1),
        };
        match told {
            Some(told) => out.extend(told),
            None if length == 1 => out.push(*first),
            None => out.extend_from_slice(rest.get(..length).unwrap_or(rest)),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn keypad(key: u8) -> Option<Vec<u8>> {
    Some(vec![match key {
        b'M' => b'\r',
        b'X' => b'=',
        // `*` to `/`, and the digits behind them.
        b'j'..=b'y' => key - b'j' + b'*',
        _ => return None,
    }])
}

/// A sequence with numbers, and how long it is.
fn control(bytes: &[u8]) -> (Option<Vec<u8>>, usize) {
    let is_last = |byte: &u8| (0x40..=0x7e).contains(byte);
    let Some(end) = bytes.iter().skip(2).position(is_last).map(|at| at + 2) else {
        return (None, bytes.len());
    };
    let inside = bytes.get(2..end).and_then(|inside| std::str::from_utf8(inside).ok());
    let told = match (bytes.get(end), inside) {
        (Some(b'u'), Some(inside)) => of_kitty(inside),
        (Some(b'~'), Some(inside)) => of_xterm(inside),
        _ => None,
    };
    (told, end + 1)
}

/// `27;MODIFIERS;KEY`.
fn of_xterm(inside: &str) -> Option<Vec<u8>> {
    let (modifiers, key) = inside.strip_prefix("27;")?.split_once(';')?;
    let as_kitty = format!("{key};{modifiers}");
    of_kitty(&as_kitty).or_else(|| Some(format!("\x1b[{as_kitty}u").into_bytes()))
}

/// `KEY:SHIFTED:BASE;MODIFIERS`, and more that is of no interest.
fn of_kitty(inside: &str) -> Option<Vec<u8>> {
    let (keys, more) = inside.split_once(';')?;
    let modifiers: u32 = more.split([';', ':']).next()?.parse().ok()?;
    let held = modifiers.checked_sub(1)?;
    let mut keys = keys.split(':').map(|key| key.parse::<u32>().ok().and_then(char::from_u32));
    let key = keys.next()??;
    let (shifted, base) = (keys.next().flatten(), keys.next().flatten());
    let is_command = held & (ALT | CONTROL) != 0 && held & (ALT | CONTROL) != ALT | CONTROL;
    // Another script: the letter at its place on a Latin keyboard is meant.
    let is_foreign = key.is_alphabetic() && u32::from(key) >= GREEK;
    let base = base.filter(|base| is_command && is_foreign && base.is_ascii_graphic());
    let has_shift = held & SHIFT != 0;
    let key = match (base, shifted) {
        (Some(base), _) => base,
        (None, None) if has_shift => key,
        (None, _) => return None,
    };
    let shifted =
        has_shift.then(|| shift(key)).flatten().map(|sign| format!(":{}", u32::from(sign)));
    if base.is_none() && shifted.is_none() {
        return None;
    }
    let key = u32::from(key);
    Some(format!("\x1b[{key}{};{more}u", shifted.unwrap_or_default()).into_bytes())
}

/// The first letter behind the Latin ones.
const GREEK: u32 = 0x370;

fn shift(key: char) -> Option<char> {
    if key.is_ascii_lowercase() {
        return Some(key.to_ascii_uppercase());
    }
    let at = PLAIN.iter().position(|plain| char::from(*plain) == key)?;
    SHIFTED.get(at).copied().map(char::from)
}
