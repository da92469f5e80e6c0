//! JSON as the service's toolkit reads it: by Python's rules, with Python's words and places.
//!
//! Any of the five encodings, NaN and Infinity, whole numbers of any length; positions count
//! letters from 0. Invariant: what Python refuses is refused at the same letter with the same words.

use serde_json::{Map, Number, Value};

/// Before a number that JSON has no value for, as a text. In a text that was sent it is doubled.
const TAG: &str = "\u{fdd0}";
const TWICE: &str = "\u{fdd0}\u{fdd0}";
/// As deep as Python follows brackets.
const DEEPEST: usize = 990;
/// Digits of a whole number that Python reads.
const LONGEST: usize = 4_300;

/// Why it cannot be read.
#[derive(Debug, PartialEq)]
pub(super) enum Wrong {
    /// Not even text, or deeper or longer than Python goes.
    Unreadable,
    /// At this letter.
    Invalid(usize, &'static str),
}

pub(super) fn parse(bytes: &[u8]) -> Result<Value, Wrong> {
    let letters = decoded(bytes).ok_or(Wrong::Unreadable)?;
    let mut reader = Reader { letters: &letters, at: 0 };
    reader.skip_blanks();
    let value = reader.value(0)?;
    reader.skip_blanks();
    match reader.at == letters.len() {
        true => Ok(value),
        false => Err(Wrong::Invalid(reader.at, "Extra data")),
    }
}

/// A number that is none in JSON: not finite.
pub(super) fn float(value: &Value) -> Option<f64> {
    match value.as_str()?.strip_prefix(TAG)? {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _digits => None,
    }
}

/// The digits of a whole number beyond 64 bits.
pub(super) fn digits(value: &Value) -> Option<&str> {
    let text = value.as_str()?.strip_prefix(TAG)?;
    text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()).then_some(text)
}

/// As a refusal repeats it; whole numbers are left to [`written`].
pub(super) fn echo(value: &Value) -> Value {
    match value {
        Value::String(text) if float(value).is_some() => text.trim_start_matches(TAG).into(),
        Value::Array(items) => items.iter().map(echo).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), echo(field))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// As text, with whole numbers of any length as numbers.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::String(text) => digits(value).map_or_else(|| quoted(text), str::to_owned),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let field = |(name, field): (&String, &Value)| quoted(name) + ":" + &written(field);
            let fields: Vec<String> = fields.iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text as it was sent.
fn quoted(text: &str) -> String {
    Value::from(text.replace(TWICE, TAG)).to_string()
}

fn decoded(bytes: &[u8]) -> Option<Vec<char>> {
    let wide = |bytes: &[u8], is_big: bool| -> Option<Vec<char>> {
        let (units, rest) = bytes.as_chunks::<2>();
        let unit = |pair: &[u8; 2]| match is_big {
            true => u16::from_be_bytes(*pair),
            false => u16::from_le_bytes(*pair),
        };
        let letters = char::decode_utf16(units.iter().map(unit));
        let letters = letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest.is_empty().then(|| letters.collect())
    };
    let widest = |bytes: &[u8], is_big: bool| -> Option<Vec<char>> {
        let (units, rest) = bytes.as_chunks::<4>();
        let unit = |four: &[u8; 4]| match is_big {
            true => u32::from_be_bytes(*four),
            false => u32::from_le_bytes(*four),
        };
        let letters = units.iter().map(|four| char::from_u32(unit(four)));
        if rest.is_empty() { letters.collect() } else { None }
    };
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => widest(rest, true),
        [0xff, 0xfe, 0, 0, rest @ ..] => widest(rest, false),
        [0xfe, 0xff, rest @ ..] => wide(rest, true),
        [0xff, 0xfe, rest @ ..] => wide(rest, false),
        [0xef, 0xbb, 0xbf, rest @ ..] => narrow(rest),
        [0, 0, _, _, ..] => widest(bytes, true),
        [0, _, _, _, ..] | [0, _] => wide(bytes, true),
        [_, 0, 0, 0, ..] => widest(bytes, false),
        [_, 0, _, _, ..] | [_, 0] => wide(bytes, false),
        _ => narrow(bytes),
    }
}

fn narrow(bytes: &[u8]) -> Option<Vec<char>> {
    Some(std::str::from_utf8(bytes).ok()?.chars().collect())
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let is_there = rest.iter().copied().take(word.len()).eq(word.chars());
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn wrong<T>(&self, words: &'static str) -> Result<T, Wrong> {
        Err(Wrong::Invalid(self.at, words))
    }

    fn value(&mut self, depth: usize) -> Result<Value, Wrong> {
        if depth > DEEPEST {
            return Err(Wrong::Unreadable);
        }
        match self.peek() {
            Some('"') => Ok(Value::String(self.text()?)),
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            _other if self.takes("null") => Ok(Value::Null),
            _other if self.takes("true") => Ok(Value::Bool(true)),
            _other if self.takes("false") => Ok(Value::Bool(false)),
            _other if self.takes("NaN") => Ok(tagged("nan")),
            _other if self.takes("Infinity") => Ok(tagged("inf")),
            _other if self.takes("-Infinity") => Ok(tagged("-inf")),
            _other => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Wrong> {
        const NAME: &str = "Expecting property name enclosed in double quotes";
        let mut fields = Map::new();
        self.at += 1;
        self.skip_blanks();
        if self.takes("}") {
            return Ok(Value::Object(fields));
        }
        loop {
            if self.peek() != Some('"') {
                return self.wrong(NAME);
            }
            let name = self.text()?;
            self.skip_blanks();
            if !self.takes(":") {
                return self.wrong("Expecting ':' delimiter");
            }
            self.skip_blanks();
            let value = self.value(depth + 1)?;
            fields.insert(name, value);
            self.skip_blanks();
            if self.takes("}") {
                return Ok(Value::Object(fields));
            }
            if !self.takes(",") {
                return self.wrong("Expecting ',' delimiter");
            }
            self.skip_blanks();
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Wrong> {
        let mut items = Vec::new();
        self.at += 1;
        self.skip_blanks();
        if self.takes("]") {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.takes("]") {
                return Ok(Value::Array(items));
            }
            if !self.takes(",") {
                return self.wrong("Expecting ',' delimiter");
            }
            self.skip_blanks();
        }
    }

    fn text(&mut self) -> Result<String, Wrong> {
        let begin = self.at;
        let endless = Err(Wrong::Invalid(begin, "Unterminated string starting at"));
        let mut units: Vec<u16> = Vec::new();
        self.at += 1;
        loop {
            let Some(letter) = self.peek() else { return endless };
            match letter {
                '"' => {
                    self.at += 1;
                    return Ok(String::from_utf16_lossy(&units).replace(TAG, TWICE));
                }
                '\\' => {
                    let Some(next) = self.letters.get(self.at + 1) else { return endless };
                    units.push(self.escape(*next)?);
                }
                '\0'..' ' => return self.wrong("Invalid control character at"),
                letter => {
                    units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, letter: char) -> Result<u16, Wrong> {
        let plain = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.at += 1;
                let four = self.letters.get(self.at + 1..self.at + 5).unwrap_or_default();
                let unit = four.iter().try_fold(0, |sum, c| Some(sum * 16 + c.to_digit(16)?));
                let Some(unit) = unit.filter(|_| four.len() == 4) else {
                    return self.wrong("Invalid \\uXXXX escape");
                };
                self.at += 5;
                return Ok(unit as u16);
            }
            _unknown => return self.wrong("Invalid \\escape"),
        };
        self.at += 2;
        Ok(plain as u16)
    }

    fn number(&mut self) -> Result<Value, Wrong> {
        let begin = self.at;
        let is_digit = |at: usize| self.letters.get(at).is_some_and(char::is_ascii_digit);
        let run = |from: usize| (from..).take_while(|at| is_digit(*at)).count();
        let is =
            |at: usize, letters: &str| self.letters.get(at).is_some_and(|c| letters.contains(*c));
        let whole = begin + usize::from(is(begin, "-"));
        let digits = if is(whole, "0") { 1 } else { run(whole) };
        if digits == 0 {
            return self.wrong("Expecting value");
        }
        let mut end = whole + digits;
        let after = end;
        if is(end, ".") && is_digit(end + 1) {
            end += 1 + run(end + 1);
        }
        let power = end + 1 + usize::from(is(end + 1, "+-"));
        if is(end, "eE") && is_digit(power) {
            end = power + run(power);
        }
        let text: String = self.letters.get(begin..end).unwrap_or_default().iter().collect();
        self.at = end;
        if end > after {
            let number: f64 = text.parse().unwrap_or(f64::NAN);
            return Ok(Number::from_f64(number)
                .map_or_else(|| tagged(if number > 0.0 { "inf" } else { "-inf" }), Value::Number));
        }
        let small = text.parse::<i64>().map(Value::from);
        match small.or_else(|_| text.parse::<u64>().map(Value::from)) {
            Ok(number) => Ok(number),
            Err(_) if digits > LONGEST => Err(Wrong::Unreadable),
            Err(_) => Ok(tagged(&text)),
        }
    }
}

fn tagged(number: &str) -> Value {
    Value::String(format!("{TAG}{number}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn what_json_cannot_hold_is_kept_and_repeated() {
        let read = |text: &str| parse(text.as_bytes()).unwrap();
        assert!(float(&read("NaN")).unwrap().is_nan());
        assert_eq!(float(&read("-1e400")), Some(f64::NEG_INFINITY));
        assert_eq!(digits(&read("18446744073709551616")), Some("18446744073709551616"));
        assert_eq!(echo(&read("[NaN, -Infinity, \"x\"]")), json!(["nan", "-inf", "x"]));
        let far = "{\"a\":[18446744073709551616,\"x\"],\"b\":-99999999999999999999}";
        assert_eq!(written(&echo(&read(far))), far);
        assert_eq!(read("{\"a\": 1, \"a\": -0.5e1}"), json!({ "a": -5.0 }));
        assert_eq!(read("\"\\ud83d\\ude00\\u00e9\\/\""), json!("😀é/"));
    }

    #[test]
    fn a_text_of_any_letters_comes_back_as_it_was() {
        let letters = ["\u{f8ff}", "\u{fdd0}", "\u{fdd0}\u{fdd0}", "\u{ffff}", "\\u0000"];
        for letter in letters {
            for text in ["{} hello", "say \\\"{} hi\\\"", "{}12", "{}-inf", "{}nan", "{}", "{}{}"] {
                let text = text.replace("{}", letter);
                let sent = format!("{{\"{text}\":[\"{text}\",\"a {text}\"]}}");
                let read = parse(sent.as_bytes()).unwrap();
                assert_eq!(written(&echo(&read)), sent);
            }
        }
    }

    #[test]
    fn brackets_and_digits_end_where_python_ends() {
        let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(parse(deep(900).as_bytes()).is_ok());
        assert_eq!(parse(deep(2_000).as_bytes()), Err(Wrong::Unreadable));
        assert_eq!(parse("9".repeat(4_301).as_bytes()), Err(Wrong::Unreadable));
        assert_eq!(parse(b"\xff"), Err(Wrong::Unreadable));
    }
}
