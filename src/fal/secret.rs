//! A key as people paste it, made the key that they mean.
//!
//! Repairs what can mean one thing only, and says what is wrong with the rest. Invariant: no reason
//! holds a part of the key.

/// What stands around a key in shell lines, in headers and in texts of word processors.
const QUOTES: &str = "\"'`´“”„‟‘’‚‛«»‹›";

/// The key without what was copied with it.
pub(super) fn cleaned(text: &str) -> Result<String, &'static str> {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let bare = unwrapped(without_comment(&text));
    // Each half may have quotes of its own.
    let whole = match bare.split_once(':') {
        Some((id, secret)) => format!("{}:{}", unwrapped(id), unwrapped(secret)),
        None => bare.to_owned(),
    };
    let whole = match whole.contains(char::is_whitespace) {
        true => joined(&whole).ok_or("it has a blank or a line break inside; copy it again")?,
        false => whole,
    };
    if whole.is_empty() || whole == ":" {
        return Err("nothing of it is left without quotes and blanks");
    }
    if whole.starts_with(':') || whole.ends_with(':') {
        return Err("one half of it is missing: a key is `id:secret`");
    }
    if whole.starts_with(['$', '<', '{']) {
        return Err("it is the name of a key, not the key itself");
    }
    if whole.chars().any(|c| QUOTES.contains(c)) {
        return Err("it has a quote inside; copy it again");
    }
    if !whole.chars().all(|c| c.is_ascii_graphic()) {
        return Err("it holds a letter that no key has; copy it again");
    }
    Ok(whole)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A shell's comment begins behind a blank.
fn without_comment(text: &str) -> &str {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '#' && before.is_whitespace() {
            return text.get(..at).unwrap_or_default();
        }
        before = c;
    }
    text
}

/// Without blanks and quotes around, and without the words of shells and headers before it.
fn unwrapped(text: &str) -> &str {
    let is_wrapping = |c: char| {
        c.is_whitespace() || c.is_control() || QUOTES.contains(c) || matches!(c, ';' | ',')
    };
    let mut text = text.trim_matches(is_wrapping);
    while let Some(rest) = without_word(text) {
        text = rest.trim_matches(is_wrapping);
    }
    text
}

/// What stands behind `export`, `FAL_KEY=`, `Authorization:`, `Key` or `Bearer`.
fn without_word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let (word, rest) = text.split_at_checked(end)?;
    let (word, behind) = (word.to_ascii_lowercase(), rest.trim_start());
    let is_name = ["key", "token", "secret"].iter().any(|part| word.contains(part));
    match word.as_str() {
        "export" | "set" | "key" | "bearer" if rest.starts_with(char::is_whitespace) => {
            (!behind.starts_with(['=', ':'])).then_some(behind)
        }
        "authorization" => behind.strip_prefix([':', '=']),
        _ if is_name => behind.strip_prefix('=').filter(|value| !value.trim().is_empty()),
        _ => None,
    }
}

/// Torn by a line end or a blank: only what then looks as every key does can be meant.
fn joined(text: &str) -> Option<String> {
    let whole: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (id, secret) = whole.split_once(':')?;
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    let are_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_usual = groups == [8, 4, 4, 4, 12] && secret.len() == 32;
    (is_usual && are_hex(id) && are_hex(secret)).then(|| whole.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const KEY: &str = "0a1b2c3d-1111-2222-3333-444455556666:00112233445566778899aabbccddeeff";

    #[test]
    fn what_was_copied_with_a_key_is_taken_off() {
        let (id, secret) = KEY.split_once(':').unwrap_or_default();
        for text in [
            KEY.to_owned(),
            format!("  {KEY}\r\n"),
            format!("\"{KEY}\""),
            format!("'{KEY}'"),
            format!("`{KEY}`"),
            format!("“{KEY}”"),
            format!("„{KEY}“"),
            format!("‘{KEY}’"),
            format!("«{KEY}»"),
            format!("Key {KEY}"),
            format!("key {KEY}"),
            format!("KEY  {KEY}"),
            format!("Bearer {KEY}"),
            format!("bearer\t{KEY}"),
            format!("Authorization: Key {KEY}"),
            format!("authorization : key {KEY}"),
            format!("\"Authorization: Key {KEY}\""),
            format!("FAL_KEY={KEY}"),
            format!("fal_key = '{KEY}'"),
            format!("export FAL_KEY={KEY}"),
            format!("export FAL_KEY=\"{KEY}\";"),
            format!("set FAL_KEY={KEY}"),
            format!("{KEY} # mine"),
            format!("export FAL_KEY='{KEY}'  # of the team"),
            format!("\"{id}\":\"{secret}\""),
            format!("'{id}' : '{secret}'"),
            format!("{id}:\n{secret}"),
            format!("{id}:{}\n  {}", &secret[..10], &secret[10..]),
            format!("{} {}:{secret}", &id[..9], &id[9..]),
            format!("\u{feff}{id}\u{200b}:{secret}\u{a0}"),
        ] {
            assert_eq!(cleaned(&text).as_deref(), Ok(KEY), "{text:?}");
        }
        for text in ["sk-abc_DEF.123==", "id:secret", "key:secret", "a:b:c"] {
            assert_eq!(cleaned(text).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_may_mean_several_things_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "nothing"),
            ("\"\"", "nothing"),
            ("# only a comment", "nothing"),
            ("id secret", "blank"),
            ("id:sec ret", "blank"),
            ("one:two\nthree:four", "blank"),
            ("id:", "half"),
            (":secret", "half"),
            ("$FAL_KEY", "name"),
            ("<your key>", "blank"),
            ("<key>", "name"),
            ("id:schlüssel", "letter"),
            ("{\"a\":1}", "name"),
            ("id:se\"cret", "quote"),
        ] {
            let said = cleaned(text).unwrap_err();
            assert!(said.contains(reason), "{text:?}: {said}");
            assert!(!said.contains("schl") && !said.contains("cret "), "{said}");
        }
    }
}
