//! Advice on prompts: what is noticed, what is left alone, what a fix does.

use editree::schema::lint::{hints, references, split};
use proptest::prelude::*;

/// The part of the prompt a hint is about, and the fix.
fn findings(prompt: &str) -> Vec<(&str, Option<String>)> {
    hints(prompt).into_iter().map(|hint| (hint.at.map_or("", |at| &prompt[at]), hint.fix)).collect()
}

#[test]
fn sound_prompts_are_left_alone() {
    let sound = [
        "",
        "Put a donut next to the flour.",
        "Put the little duckling on top of the woman's t-shirt.",
        "Restyle to Claymation style",
        "Change the car color to green",
        "replace ‘joy’ by ‘fal’",
        "Make it snow",
        "Remove the hat and put it on the table",
        "Replace the sign 'No parking without a permit' with \"Don't transform her dress\"",
        "Change the background to a beach while keeping the person in the exact same position",
        "Rotate the picture by 90 degrees",
        "Transform the scene into a winter evening",
    ];
    for prompt in sound {
        assert_eq!(findings(prompt), [], "{prompt}");
    }
}

#[test]
fn a_pronoun_before_anything_was_named_is_noticed() {
    for (prompt, pronoun) in [
        ("Give him a hat", "him"),
        ("Remove it", "it"),
        ("Make their eyes blue", "their"),
        ("Now change her hair to blonde", "her"),
    ] {
        let hints = hints(prompt);
        assert_eq!(hints.len(), 1, "{prompt}");
        assert_eq!(&prompt[hints[0].at.clone().unwrap()], pronoun);
    }
    assert_eq!(findings("Change the woman's coat, and give her a hat"), []);
}

#[test]
fn to_transform_clothes_is_to_change_them() {
    assert_eq!(
        findings("Transform the man's jacket into a red coat"),
        [("Transform", Some("Change the man's jacket into a red coat".to_owned()))]
    );
    assert_eq!(findings("please transform the man into a Viking"), [("transform", None)]);
}

#[test]
fn what_must_not_change_is_said_as_what_stays() {
    for (prompt, found, fixed) in [
        (
            "Paint the car red without changing the wheels.",
            "without changing the wheels",
            "Paint the car red, keep the wheels the same.",
        ),
        (
            "Paint the car red. Don’t change the wheels, please",
            "Don’t change the wheels",
            "Paint the car red. Keep the wheels the same, please",
        ),
        ("Do not touch the sky", "Do not touch the sky", "Keep the sky the same"),
    ] {
        assert_eq!(findings(prompt), [(found, Some(fixed.to_owned()))]);
        assert_eq!(findings(fixed), [], "a fixed prompt is sound");
    }
}

#[test]
fn what_is_not_wanted_is_better_not_named() {
    assert_eq!(findings("Show the street with no cars"), [("no cars", None)]);
    assert_eq!(findings("A beach without people"), [("without people", None)]);
}

#[test]
fn a_new_background_is_offered_a_keeping_clause() {
    let fixed =
        "Change the background to a beach, keep the subject in the same position, scale and pose";
    assert_eq!(
        findings("Change the background to a beach."),
        [("background", Some(fixed.to_owned()))]
    );
    assert_eq!(findings(fixed), []);
    assert_eq!(findings("Make a watercolor style of the photo").len(), 1);
}

#[test]
fn many_changes_at_once_are_noticed() {
    let prompt = "Change the car to red, remove the man, add a tree and turn the sky pink";
    let lines = "Change the car to red\nRemove the man\nAdd a tree\nTurn the sky pink";
    assert_eq!(findings(prompt), [("turn", Some(lines.to_owned()))]);
    assert_eq!(findings("Change the car to red, remove the man and add a tree"), []);
    assert!(hints(lines).iter().any(|hint| hint.message.contains(":steps sends these 4")));
}

#[test]
fn changes_are_split_one_a_line_and_quoted_words_stay_whole() {
    assert_eq!(split("Make it red"), None);
    let sign = "Put a sign \"stop, then turn left\" there; then remove the car!";
    let lines = "Put a sign \"stop, then turn left\" there\nRemove the car!";
    assert_eq!(split(sign).as_deref(), Some(lines));
}

#[test]
fn a_picture_that_is_not_there_is_noticed() {
    let found = |prompt: &str, pictures| {
        references(prompt, pictures)
            .into_iter()
            .map(|hint| (prompt[hint.at.unwrap()].to_owned(), hint.message))
            .collect::<Vec<_>>()
    };
    let prompt = "Put the hat from image 3 on the man in the second picture";
    assert_eq!(
        found(prompt, 2),
        [("image 3".to_owned(), "there is no image 3: 2 are given".to_owned())]
    );
    assert_eq!(found(prompt, 1).len(), 2);
    assert_eq!(found(prompt, 3), []);
    assert_eq!(found("Make image two brighter", 2), []);
    assert_eq!(found("The picture 1950 style", 1), [], "a year is no number of a picture");
}

/// Pieces that the rules look for, in any order, with odd signs between.
fn any_prompt() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "Transform",
        "her",
        "dress",
        "don't",
        "change",
        "without",
        "changing",
        "it",
        "remove",
        ",",
        ".",
        "'",
        "’",
        "“",
        "”",
        "é",
        "日本",
        "image",
        "3",
        "second",
        "background",
        "no",
        "do",
        "not",
        "\n",
        "  ",
        "\u{200d}",
        "İ",
    ]);
    let words = proptest::collection::vec(piece, 0..14);
    (words, any::<String>(), any::<bool>()).prop_map(|(words, noise, apart)| {
        format!("{}{noise}", words.join(if apart { " " } else { "" }))
    })
}

proptest! {
    #[test]
    fn no_prompt_breaks_the_rules_and_marks_lie_on_characters(prompt in any_prompt()) {
        for hint in hints(&prompt).into_iter().chain(references(&prompt, 1)) {
            prop_assert!(!hint.message.is_empty());
            prop_assert!(hint.at.is_none_or(|at| prompt.get(at).is_some()));
        }
    }
}
