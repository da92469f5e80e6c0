//! How much of a prompt the model reads: about the first 512 tokens.
//!
//! An estimate and always called so. The model's own tokenizer is a vocabulary of a megabyte; for
//! a warning far from the limit, the lengths of words are near enough.

/// The text encoder of FLUX.1 reads no more (its `max_sequence_length`).
pub const LIMIT: usize = 512;

/// Letters of Latin script that one token has on average, in longer words.
const LETTERS: usize = 5;

/// About how many tokens the text has: longer words are cut into parts, marks and letters of other
/// scripts stand for themselves.
pub fn estimate(text: &str) -> usize {
    text.split_whitespace().map(of_word).sum()
}

fn of_word(word: &str) -> usize {
    let latin = word.chars().filter(char::is_ascii_alphanumeric).count();
    let others = word.chars().count() - latin;
    latin.div_ceil(LETTERS) + others
}

/// So many bytes of the text are read, up to the first word that is not; `None`: all of it.
pub fn read_part(text: &str) -> Option<usize> {
    let mut count = 0;
    let words = text.split_inclusive(char::is_whitespace).scan(0, |at, word| {
        let begin = *at;
        *at += word.len();
        Some((begin, word))
    });
    for (begin, word) in words {
        count += of_word(word.trim_end());
        if count > LIMIT {
            return Some(begin);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_marks_and_other_scripts_count() {
        assert_eq!(estimate(""), 0);
        assert_eq!(estimate("Make it red, please"), 1 + 1 + 2 + 2);
        assert_eq!(estimate("extraordinarily"), 3);
        assert_eq!(estimate("犬と猫"), 3);
    }

    #[test]
    fn what_is_read_ends_before_a_word() {
        assert_eq!(read_part("Make it red"), None);
        let text = "hat ".repeat(LIMIT) + "and a coat";
        assert_eq!(read_part(&text), Some(LIMIT * 4));
    }

    #[test]
    fn a_page_of_words_is_beyond_the_limit() {
        assert!(estimate(&"keep the colours as they are ".repeat(90)) > LIMIT);
    }
}
