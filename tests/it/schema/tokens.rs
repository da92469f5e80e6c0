//! Tokens are counted as the models' own tokenizer counts them.

use editree::schema::tokens::{Reader, read};
use proptest::prelude::*;

/// Counts of `tokenizers` 0.23.3 over T5's vocabulary, with the token that ends the text:
/// `tests/official/tokens` prints them anew and compares thousands of lines.
const COUNTS: [(&str, usize); 39] = [
    ("", 1),
    ("Make it red", 4),
    ("Make it red ", 5),
    ("  Make   it red", 4),
    (" ", 2),
    ("Make it red, please.", 7),
    ("extraordinarily", 3),
    ("Add a red hat\nand a coat\ttoo", 12),
    ("Change the sky to a sunset, keep the face and the pose exactly as they are", 19),
    ("車の色を緑に変えて、背景はそのままにしてください。", 3),
    ("añade {un niño}", 15),
    ("Ändere die Farbe des Autos zu Grün", 15),
    ("für die schöne Straße", 7),
    ("ﬁne ½ … ‘quotes’ “double” – dash — em", 24),
    ("e\u{301}te\u{301} a\u{300}", 4),
    ("zero\u{200b}width", 3),
    ("non\u{a0}breaking", 3),
    ("full ＡＢＣ width", 4),
    ("🙂 emoji 👩 family", 10),
    ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 22),
    ("~~tilde~~ `code` \\ ^", 15),
    ("Сделай небо красным", 17),
    ("Zmień kolor na zielony, proszę", 18),
    ("1234567890 3.14 50% $5", 10),
    ("don't won't it's", 10),
    ("HELLO WORLD AllCaps", 9),
    ("a\r\nb", 5),
    ("ü ö ä é è ç ñ å ø ß", 21),
    ("Replace the text \"OPEN\" with \"CLOSED\" on the sign", 17),
    ("한국어 프롬프트", 5),
    ("Ελληνικά", 3),
    ("اجعلها حمراء", 5),
    ("image_url=https://example.com/a.png?x=1&y=2", 26),
    ("photorealistic, 8k, ultra-detailed, (masterpiece:1.2), bokeh", 24),
    ("Rends la voiture rouge et garde l'arrière-plan", 18),
    ("pon un sombrero rojo al gato", 17),
    ("Помести кота на диван, please", 19),
    ("İstanbul'da gün batımı", 16),
    ("the the the the the", 6),
];

#[test]
fn counts_are_those_of_the_reference() {
    for (text, tokens) in COUNTS {
        assert_eq!(read(text).tokens, tokens, "{text:?}");
    }
}

/// Lines of a file, each with the reference's count and a tab before it.
#[test]
fn counts_of_a_file_are_those_of_the_reference() {
    let Some(file) = std::env::var_os("EDITREE_TOKENS") else {
        println!("SKIPPED: EDITREE_TOKENS names no file; tests/official/tokens does");
        return;
    };
    let lines = std::fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let (count, text) = line.split_once('\t').unwrap();
        let (wanted, got): (usize, usize) = (count.parse().unwrap(), read(text).tokens);
        if wanted != got {
            wrong.push(format!("{got} instead of {wanted}: {text:?}"));
        }
    }
    println!("{} lines, {} counted otherwise", lines.lines().count(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn letters_that_the_encoder_has_no_token_for_are_told() {
    let text = "añade {un niño} y cambia el cielo";
    let cannot = |text: &str| read(text).advice(512);
    assert_eq!(cannot(text).as_deref(), Some("the model cannot read `ñ` `{` `}`"));
    assert_eq!(
        cannot("ñ and ~ and { and } and \\ and ^ in a long sentence of plain words").as_deref(),
        Some("the model cannot read `ñ` `~` `{` `}` `\\` …")
    );
    let japanese = "車の色を緑に変えて、背景はそのままにしてください。";
    let reading = read(japanese);
    assert_eq!(reading.tokens, 3);
    assert!(reading.unreadable.iter().eq([&(0..japanese.len())]));
    assert!(reading.advice(512).unwrap().contains("cannot read most of this"));
    assert_eq!(cannot("Make it red, for the beautiful woman's café"), None);
}

/// A key changes one word; what was read of the others is as good as read anew.
#[test]
fn a_text_that_grows_letter_by_letter_is_read_as_at_once() {
    let text = "Ändere die Farbe  des {Autos} zu grün, behalte\u{200b}das Gesicht 猫 bei ";
    let mut reader = Reader::default();
    let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
    for end in ends.clone().chain(ends.rev()) {
        let part = &text[..end];
        assert_eq!(*reader.read(part), read(part), "{part:?}");
    }
}

#[test]
fn what_is_read_ends_before_the_first_word_that_is_not() {
    assert_eq!(read("Make it red").read_part(512), None);
    // Each is one token, and the end is one.
    let text = "the ".repeat(511) + "and a coat";
    let reading = read(text.trim_end());
    assert_eq!(reading.read_part(512), Some(511 * 4));
    assert_eq!(read("the ".repeat(511).trim_end()).read_part(512), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_and_ranges_are_letters_of_it(text in "(\\PC|[a-z ]|\n|\u{200d}|🙂|ñ){0,60}") {
        let reading = read(&text);
        prop_assert!(reading.tokens >= 1 && reading.tokens <= text.len() * 4 + 2);
        let mut end = 0;
        for at in &reading.unreadable {
            prop_assert!(at.start >= end && text.get(at.clone()).is_some_and(|part| !part.is_empty()));
            end = at.end;
        }
        if let Some(part) = reading.read_part(12) {
            prop_assert!(text.is_char_boundary(part));
        }
    }
}
