//! Several prompts in one, written as other tools write them: `a {red|blue} hat`, `take {1..4}`,
//! `{0..1..0.25}`, `{red|{dark|light} blue}`, `{2::red|blue}`, `{2$$ and $$oak|elm|ash}`.
//!
//! Pure, and the only place that knows braces: the prompt, `run`, `sweep` and `--plain` ask here.
//! A group is a pair of braces with a bar of its own, or a range, in it; all others are words. A
//! backslash makes a brace or a bar a letter, and a JSON object is left as it is. Where others draw
//! by weight, here each choice is one request. Invariant: what [`escape`] gives expands to the very
//! words that it was given.

mod pick;
mod pieces;
pub mod range;

use pick::Pick;
use pieces::{Piece, pieces};
use range::numbers;

/// More at one press are surely a slip, and each costs.
pub const MAX_VARIANTS: usize = 20;

/// As many are made at most: one more than is allowed, so that too many are noticed.
const MOST: usize = MAX_VARIANTS + 1;

/// Every way to read the prompt, in the order in which it stands there; itself where there is
/// only one. At most one more than [`MAX_VARIANTS`], so that too many are noticed and none are made.
pub fn expand(prompt: &str) -> Vec<String> {
    if !prompt.contains(['{', '\\']) {
        return vec![prompt.to_owned()];
    }
    let mut all = readings(&pieces(prompt));
    // A request without words is none where the others have some.
    if all.iter().any(|words| !words.trim().is_empty()) {
        all.retain(|words| !words.trim().is_empty());
    }
    all
}

/// The words so that they mean themselves.
pub fn escape(words: &str) -> String {
    if matches!(expand(words).as_slice(), [same] if same == words) {
        return words.to_owned();
    }
    let mut escaped = String::with_capacity(words.len() + 8);
    let mut backslashes = 0;
    for letter in words.chars() {
        if matches!(letter, '{' | '}' | '|') {
            escaped.extend(std::iter::repeat_n('\\', backslashes + 1));
        }
        backslashes = if letter == '\\' { backslashes + 1 } else { 0 };
        escaped.push(letter);
    }
    escaped
}

/// One way to read what was looked at so far.
#[derive(Clone, Default)]
struct Begun {
    words: String,
    /// The last choice was empty, and a blank stands before it already.
    has_gap: bool,
}

impl Begun {
    fn add(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        let is_joined = std::mem::take(&mut self.has_gap);
        if is_joined && words.starts_with([',', '.', ';', ':', '!', '?']) {
            self.words.truncate(self.words.trim_end_matches(' ').len());
        }
        self.words.push_str(words.strip_prefix(' ').filter(|_| is_joined).unwrap_or(words));
    }

    fn choosing(&self, choice: &str) -> Self {
        let mut begun = self.clone();
        begun.add(choice);
        begun.has_gap |=
            choice.is_empty() && (begun.words.is_empty() || begun.words.ends_with(' '));
        begun
    }
}

fn readings(pieces: &[Piece]) -> Vec<String> {
    let mut all = vec![Begun::default()];
    let mut rest = pieces;
    while let Some((piece, behind)) = rest.split_first() {
        rest = behind;
        if let Some((choices, after)) = group(piece, behind) {
            let with = |begun: &Begun| {
                let begun = begun.clone();
                choices.iter().map(move |choice| begun.choosing(choice))
            };
            all = all.iter().flat_map(with).take(MOST).collect();
            rest = after;
            continue;
        }
        all.iter_mut().for_each(|begun| begun.add(piece.letters()));
    }
    all.into_iter().map(|begun| begun.words).collect()
}

/// The choices of the group that this brace opens, and what stands behind it; `None`: it is words.
fn group<'a>(piece: &Piece, behind: &'a [Piece]) -> Option<(Vec<String>, &'a [Piece])> {
    let Piece::Open(Some(length)) = piece else { return None };
    let (inside, after) = behind.split_at_checked(*length)?;
    let choices = choices(inside)?;
    Some((choices, after.get(1..)?))
}

fn choices(inside: &[Piece]) -> Option<Vec<String>> {
    let mut all = pieces::alternatives(inside);
    if let [only] = all.as_slice() {
        let [Piece::Words(text)] = only.as_slice() else { return None };
        return numbers(text, MOST);
    }
    let pick = all.first_mut().and_then(|first| Pick::take_from(first));
    // Before anything inside is read, which would be read again as words.
    if pick.as_ref().is_some_and(|pick| !pick.is_possible(all.len())) {
        return None;
    }
    let of = |alternative: &mut Vec<Piece>| {
        drop_weight(alternative);
        let readings = readings(alternative);
        readings.iter().map(|words| words.trim().to_owned()).collect::<Vec<_>>()
    };
    let each = all.iter_mut().map(of);
    match pick {
        Some(pick) => Some(pick.choices(&each.collect::<Vec<_>>())),
        None => Some(each.flatten().take(MOST).collect()),
    }
}

/// `0.5::red`: how often others draw it.
fn drop_weight(alternative: &mut [Piece]) {
    let Some(Piece::Words(first)) = alternative.first_mut() else { return };
    let is_weight = |text: &str| text.trim().parse::<f64>().is_ok_and(|weight| weight >= 0.0);
    if let Some((_, words)) = first.split_once("::").filter(|(weight, _)| is_weight(weight)) {
        *first = words.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bars_and_dots_make_several_prompts_in_their_order() {
        assert_eq!(expand("a {red|blue} hat"), ["a red hat", "a blue hat"]);
        assert_eq!(expand("{a|b}{1..2}"), ["a1", "a2", "b1", "b2"]);
        assert_eq!(expand("{3..1}"), ["3", "2", "1"]);
        assert_eq!(expand("{1..10..4}"), ["1", "5", "9"]);
        assert_eq!(expand("{0.5..1.5..0.5} m"), ["0.5 m", "1.0 m", "1.5 m"]);
    }

    #[test]
    fn groups_stand_in_groups() {
        assert_eq!(expand("{red|{dark|light} blue}"), ["red", "dark blue", "light blue"]);
        assert_eq!(expand("{a|{b|{1..2}}}"), ["a", "b", "1", "2"]);
        assert_eq!(expand("{see {a|b}}"), ["{see a}", "{see b}"]);
    }

    #[test]
    fn what_stands_behind_a_backslash_is_a_letter() {
        assert_eq!(expand(r"\{a\|b\}"), ["{a|b}"]);
        assert_eq!(expand(r"{a\|b|c}"), ["a|b", "c"]);
        assert_eq!(expand(r"a \\{b|c}"), [r"a \b", r"a \c"]);
        assert_eq!(expand(r"C:\dir \n"), [r"C:\dir \n"], "others are left alone");
    }

    #[test]
    fn an_empty_choice_leaves_no_gap() {
        assert_eq!(expand("a {|red} hat"), ["a hat", "a red hat"]);
        assert_eq!(expand("a hat{, red|}, new"), ["a hat, red, new", "a hat, new"]);
        assert_eq!(expand("a hat {in red|}, new"), ["a hat in red, new", "a hat, new"]);
        assert_eq!(expand("{a hat|}"), ["a hat"], "nothing is no request");
        assert_eq!(expand("{|}"), ["", ""]);
    }

    #[test]
    fn weights_and_picks_of_other_tools_are_read() {
        assert_eq!(expand("{2::red|0.5::blue|green}"), ["red", "blue", "green"]);
        assert_eq!(expand("{x::y|z}"), ["x::y", "z"]);
        assert_eq!(expand("{2$$oak|elm|ash}"), ["oak, elm", "oak, ash", "elm, ash"]);
        assert_eq!(expand("{2$$ and $$a|{b|c}}"), ["a and b", "a and c"]);
        assert_eq!(expand("{1-2$$a|b}"), ["a", "b", "a, b"]);
        for words in ["{3$$a|b}", "{0$$a|b}", "{$$a$$}"] {
            assert_eq!(expand(words), [words], "no such pick");
        }
    }

    #[test]
    fn json_is_left_as_it_is() {
        for words in [
            r#"{"scene": "a|b", "colors": ["{red|blue}"]}"#,
            r#"Follow this: { "a" : {"b": "x|y"} } and nothing else"#,
            r#"{"cut": "off | here"#,
            "{}",
        ] {
            assert_eq!(expand(words), [words]);
        }
        let mixed = r#"{red|blue}, as {"a": "x|y"}"#;
        assert_eq!(expand(mixed), [r#"red, as {"a": "x|y"}"#, r#"blue, as {"a": "x|y"}"#]);
        assert_eq!(expand(r#"a {"red"|"blue"} hat"#), [r#"a "red" hat"#, r#"a "blue" hat"#]);
    }

    #[test]
    fn other_braces_are_words() {
        for words in ["", "plain", "a {b} c", "an open { brace", "} {", "{x..y}", "a | b", "{1..}"]
        {
            assert_eq!(expand(words), [words]);
        }
        assert_eq!(expand("{ {a|b}"), ["{ a", "{ b"]);
    }

    #[test]
    fn too_many_are_noticed_and_not_made() {
        assert_eq!(expand("{1..1000000}").len(), MOST);
        assert_eq!(expand(&"{a|b}".repeat(60)).len(), MOST);
        assert_eq!(expand("{-9223372036854775808..9223372036854775807}").len(), MOST);
        assert_eq!(expand(&format!("{{12$${}z}}", "a|".repeat(30))).len(), MOST);
        let deep = format!("{}a|b{}", "{".repeat(20_000), "}".repeat(20_000));
        assert!(expand(&deep).len() <= MOST);
    }

    const LETTERS: &str = r#"[{}|\\$:."a-c0-2 ,é]{0,40}"#;

    proptest! {
        #[test]
        fn any_text_expands_to_one_prompt_or_to_some(text in LETTERS) {
            let all = expand(&text);
            prop_assert!((1..=MOST).contains(&all.len()));
        }

        #[test]
        fn escaped_words_are_sent_as_they_are(text in LETTERS) {
            prop_assert_eq!(expand(&escape(&text)), [text.clone()]);
        }

        #[test]
        fn choices_of_plain_words_are_their_product(
            one in proptest::collection::vec("[a-z]{1,5}", 2..5),
            other in proptest::collection::vec("[a-z]{1,5}", 2..5),
        ) {
            let text = format!("x {{{}}} y {{{}}}", one.join("|"), other.join(" | "));
            let all = one.iter().flat_map(|a| other.iter().map(move |b| format!("x {a} y {b}")));
            prop_assert_eq!(expand(&text), all.take(MOST).collect::<Vec<_>>());
        }
    }
}
