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
    let words = text.split_whitespace().map(|word| {
        let latin = word.chars().filter(char::is_ascii_alphanumeric).count();
        let others = word.chars().count() - latin;
        latin.div_ceil(LETTERS) + others
    });
    words.sum()
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
    fn a_page_of_words_is_beyond_the_limit() {
        assert!(estimate(&"keep the colours as they are ".repeat(90)) > LIMIT);
    }
}
