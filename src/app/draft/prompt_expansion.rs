//! Several prompts in one: `a {red|blue} hat`, `take {1..4}`.
//!
//! Pure. Braces with neither a bar nor two dots in them are words like all others.

/// More at one press are surely a slip, and each costs.
pub const MAX_VARIANTS: usize = 20;

/// One way to read a part of the prompt, or several.
type Choices = Vec<String>;

/// Every way to read the prompt, in the order in which it stands there; itself where there is
/// only one. At most one more than [`MAX_VARIANTS`], so that too many are noticed and none are made.
pub fn expand(prompt: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    for choices in parts(prompt) {
        all = all
            .iter()
            .flat_map(|begun| choices.iter().map(move |choice| format!("{begun}{choice}")))
            .take(MAX_VARIANTS + 1)
            .collect();
    }
    all
}

fn parts(prompt: &str) -> Vec<Choices> {
    let (mut parts, mut rest) = (Vec::new(), prompt);
    while let Some((before, after)) = rest.split_once('{') {
        let inside = after.split_once('}');
        match inside.and_then(|(inside, after)| Some((choices(inside)?, after))) {
            Some((choices, after)) => {
                parts.push(vec![before.to_owned()]);
                parts.push(choices);
                rest = after;
            }
            None => {
                parts.push(vec![format!("{before}{{")]);
                rest = after;
            }
        }
    }
    parts.push(vec![rest.to_owned()]);
    parts
}

fn choices(inside: &str) -> Option<Choices> {
    if inside.contains('{') {
        return None;
    }
    if inside.contains('|') {
        return Some(inside.split('|').map(|choice| choice.trim().to_owned()).collect());
    }
    let (from, to) = inside.split_once("..")?;
    let (from, to) = (from.trim().parse::<i64>().ok()?, to.trim().parse::<i64>().ok()?);
    let most = MAX_VARIANTS as i64;
    let numbers: Choices = match from <= to {
        true => (from..=to.min(from.saturating_add(most))).map(|n| n.to_string()).collect(),
        false => (to.max(from.saturating_sub(most))..=from).rev().map(|n| n.to_string()).collect(),
    };
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_dots_make_several_prompts_in_their_order() {
        assert_eq!(expand("a {red|blue} hat"), ["a red hat", "a blue hat"]);
        assert_eq!(expand("{a|b}{1..2}"), ["a1", "a2", "b1", "b2"]);
        assert_eq!(expand("{3..1}"), ["3", "2", "1"]);
        assert_eq!(expand("with{ a hat|}"), ["witha hat", "with"]);
    }

    #[test]
    fn other_braces_are_words() {
        for words in ["", "plain", "a {b} c", "an open { brace", "} {", "{x..y}", "a | b"] {
            assert_eq!(expand(words), [words]);
        }
        assert_eq!(expand("{ {a|b}"), ["{ a", "{ b"]);
    }

    #[test]
    fn too_many_are_noticed_and_not_made() {
        assert_eq!(expand("{1..1000000}").len(), MAX_VARIANTS + 1);
        assert_eq!(expand(&"{a|b}".repeat(60)).len(), MAX_VARIANTS + 1);
        assert_eq!(expand("{-9223372036854775808..9223372036854775807}").len(), MAX_VARIANTS + 1);
    }
}
