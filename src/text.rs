//! Which letters of a text from a person, a file or a server may reach a terminal: the one list (I10).
//!
//! Knows no screen; each place decides what stands for what is left out. Invariant: what is neither
//! [`steers`] nor [`hides`] does nothing in a terminal but be seen.

/// What a terminal obeys, and what turns the direction of the text around it.
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What takes no room, so that two texts may look the same. The joiners U+200C and U+200D are not
/// among them: scripts and emoji need them.
pub fn hides(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{feff}')
}

/// Neither steers nor hides.
pub fn is_plain(c: char) -> bool {
    !steers(c) && !hides(c)
}

/// For a plain terminal: lines of what is plain.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || is_plain(*c)).collect()
}

/// In a locale without UTF-8 nothing else can be shown. As many columns as before, where a letter
/// takes one; what has no likeness becomes `?`.
pub fn to_ascii(text: &str) -> String {
    text.chars().map(ascii).collect()
}

fn ascii(letter: char) -> char {
    match letter {
        '\0'..='\x7f' => letter,
        '…' => '~',
        '·' | '–' | '—' | '‑' | '─' | '━' => '-',
        '×' | '✗' => 'x',
        '‘' | '’' | '‹' | '›' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '→' | '▸' | '▶' => '>',
        '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '│' | '┃' | '▌' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        '★' => '*',
        '●' | '○' | '◌' | '◔' | '◕' | '◐' => 'o',
        '◆' => '#',
        '■' => '<',
        '•' | '✓' => '+',
        '▀'..='▟' => '#',
        '\u{a0}' => ' ',
        other => {
            let plain = nucleo_matcher::chars::normalize(other);
            if plain.is_ascii() { plain } else { '?' }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plain_locale_cannot_show_is_written_with_what_it_can() {
        let told = "café 3×2 · “no”… → n1 猫";
        assert_eq!(to_ascii(told), "cafe 3x2 - \"no\"~ > n1 ?");
    }

    #[test]
    fn what_steers_or_hides_is_left_out_and_scripts_and_emoji_stay() {
        let emoji = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        for text in ["a\nb", "café 猫", "می\u{200c}خواهم", emoji] {
            assert_eq!(plain(text), text);
        }
        let hostile = "a\x1b[2J\u{9b}\u{7}\u{61c}\u{202e}\u{2066}\u{200b}\u{feff}\u{2028}\rb";
        assert_eq!(plain(hostile), "a[2Jb");
    }
}
