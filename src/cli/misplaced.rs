//! Words in places that are not theirs: pictures where the prompt stands, a prompt in pieces.
//!
//! Decides nothing but what to say. Invariant: what is refused here would have been sent as other
//! words than those that were meant, or not at all.

use std::path::Path;

use super::CommandError;
use super::inputs::is_address;
use super::values::NodeName;
use crate::picture::signature;
use crate::schema::export::shell_quote;

/// Of a command that takes one prompt, and its pictures behind `-i`.
pub(super) fn check_prompt(
    command: &str,
    inputs: &[String],
    (prompt, more): (Option<&str>, &[String]),
) -> Result<(), CommandError> {
    let words: Vec<&str> = prompt.into_iter().chain(more.iter().map(String::as_str)).collect();
    let is_file = |word: &str| Path::new(word).is_file();
    let is_node = |word: &str| NodeName::parse(word).is_some();
    let (pictures, words): (Vec<&str>, Vec<&str>) = match words.as_slice() {
        [] => return Ok(()),
        // `night` may be the name of a file as well.
        [one] if !(is_node(one) || is_file(one) && names_a_picture(one)) => return Ok(()),
        // The name of a picture that is no file is a slip.
        all => all.iter().partition(|word| is_node(word) || is_file(word) || names_a_picture(word)),
    };
    let named = inputs.iter().map(String::as_str).chain(pictures.iter().copied());
    let with: String = named.map(|picture| format!("-i {} ", quoted(picture))).collect();
    let prompt = match words.as_slice() {
        [] => "WORDS".to_owned(),
        words => shell_quote(&words.join(" ")),
    };
    let (message, how) = match (pictures.first(), words.len()) {
        (Some(picture), 0) => (format!("`{picture}` is a picture, not a prompt"), A_PICTURE),
        (Some(picture), _) => (format!("`{picture}` stands where the prompt belongs"), A_PICTURE),
        (None, _) => ("the prompt is one word of the shell".to_owned(), "quote it"),
    };
    Err(CommandError::usage(message).hint(format!("{how}: editree {command} {with}{prompt}")))
}

const A_PICTURE: &str = "a picture goes behind -i";

/// Of `heal`, which takes the picture that was edited, and the other one behind `--parent`.
pub(super) fn check_healed(child: &str, more: &[String]) -> Result<(), CommandError> {
    let Some(parent) = more.first() else { return Ok(()) };
    let (child, from) = (quoted(child), quoted(parent));
    Err(CommandError::usage(format!("`{parent}` is one picture too many"))
        .hint(format!("what it was made from: editree heal {child} --parent {from}")))
}

/// Of `replay`, whose steps come first.
pub(super) fn check_steps(steps: &str, pictures: &[String]) -> Result<(), CommandError> {
    if !names_a_picture(steps) {
        return Ok(());
    }
    let node = pictures.iter().find(|picture| NodeName::parse(picture).is_some());
    let node = node.map_or("NODE", String::as_str);
    Err(CommandError::usage(format!("`{steps}` is a picture, no steps"))
        .hint(format!("the steps come first: editree replay {node} {}", quoted(steps))))
}

fn names_a_picture(word: &str) -> bool {
    let ending = Path::new(word).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    is_address(word) || !ending.is_empty() && signature::is_known(&ending)
}

/// As few signs as the shell needs.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "./_-@+".contains(letter);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => shell_quote(word),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_the_prompt_is_answered_with_the_line_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("my photo.jpg");
        std::fs::write(&file, []).unwrap();
        let file = file.to_str().unwrap();
        let told = |words: &[&str]| {
            let more: Vec<String> = words.iter().skip(1).map(|it| (*it).to_owned()).collect();
            let inputs = ["n3".to_owned()];
            check_prompt("run", &inputs, (words.first().copied(), &more))
                .err()
                .map(|it| it.hint.unwrap())
        };
        let hat = format!("a picture goes behind -i: editree run -i n3 -i '{file}' 'Add a hat'");
        for words in [&[file, "Add a hat"][..], &["Add a hat", file], &["Add", file, "a", "hat"]] {
            assert_eq!(told(words), Some(hat.clone()), "{words:?}");
        }
        let alone = format!("a picture goes behind -i: editree run -i n3 -i '{file}' WORDS");
        assert_eq!(told(&[file]), Some(alone));
        let node = "a picture goes behind -i: editree run -i n3 -i n7.2 'it'\\''s red'";
        assert_eq!(told(&["n7.2", "it's red"]).as_deref(), Some(node));
        let missing = "a picture goes behind -i: editree run -i n3 -i no.jpg 'Add a hat'";
        assert_eq!(told(&["no.jpg", "Add a hat"]).as_deref(), Some(missing));
        let pieces = "quote it: editree run -i n3 'Add a hat'";
        assert_eq!(told(&["Add", "a", "hat"]).as_deref(), Some(pieces));
        for words in [&["Add a hat"][..], &["no.jpg"], &[]] {
            assert_eq!(told(words), None, "{words:?}");
        }
    }
}
