//! What follows from the answers of scripted terminals. The whole table is a snapshot, so every
//! reason and every advice is read before it is kept.

use std::fmt::Write as _;

use editree::graphics::hints::Hints;
use editree::graphics::probe::{Between, Probe, Verdict};
use editree::graphics::protocol::Protocol;
use editree::graphics::{Colours, kitty, wrap, wrap_for_screen};
use editree::terminal::filter::{Filter, Sorted};
use proptest::prelude::*;

use super::scripts::{Script, all, environment_of, in_tmux, single};

fn name(protocol: Protocol) -> String {
    format!("{protocol:?}")
}

/// What a person sees of it, from the beginning to the end.
fn told(script: &Script) -> String {
    let steps = (0..=script.replies.len()).map(|count| script.verdict(&script.replies[..count]));
    let mut protocols: Vec<String> = steps.map(|verdict| name(verdict.protocol)).collect();
    protocols.dedup();
    let verdict = script.verdict(&script.replies);
    let (width, height) = verdict.cell;
    let mut text = format!("{} [{}]\n", script.name, script.environment);
    let _ = write!(text, "  {}; {:?}; {width}×{height}", protocols.join(" → "), verdict.colours);
    if let Some([r, g, b]) = verdict.background {
        let _ = write!(text, "; on #{r:02x}{g:02x}{b:02x}");
    }
    for (is, word) in [
        (verdict.wrap, "wrapped"),
        (verdict.is_halved, "half"),
        (verdict.keyboard, "keyboard"),
        (!verdict.is_settled, "not settled"),
    ] {
        if is {
            let _ = write!(text, "; {word}");
        }
    }
    let _ = write!(text, "\n  {}\n  known by {}\n", verdict.why, verdict.evidence);
    if let Some(advice) = verdict.advice {
        let _ = writeln!(text, "  advice: {advice}");
    }
    text
}

#[test]
fn every_terminal_gets_what_is_best_and_safe_there() {
    let text: Vec<String> = all().iter().map(told).collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn before_any_answer_there_are_blocks_and_no_advice_that_may_be_wrong() {
    for script in all() {
        let verdict = script.verdict([]);
        assert_eq!(verdict.protocol, Protocol::Blocks, "{}", script.name);
        assert!(!verdict.wrap && !verdict.is_settled);
        let advice = verdict.advice.unwrap_or_default();
        assert!(!advice.contains("tmux set"), "{}: {advice}", script.name);
    }
}

/// Inside tmux its own answers come first: it gives them without asking anybody.
#[test]
fn late_or_early_the_answers_lead_to_the_same() {
    for script in single() {
        let wanted = script.verdict(&script.replies);
        for turn in 0..script.replies.len() {
            let mut turned = script.replies.clone();
            turned.rotate_left(turn);
            assert_eq!(script.verdict(&turned), wanted, "{}: {turned:?}", script.name);
            turned.reverse();
            assert_eq!(script.verdict(&turned), wanted, "{}: {turned:?}", script.name);
        }
    }
    for script in in_tmux().iter().filter(|script| script.replies.len() > 2) {
        let wanted = script.verdict(&script.replies);
        let (own, outside) = script.replies.split_at(2);
        for turn in 0..outside.len() {
            let mut turned = outside.to_vec();
            turned.rotate_left(turn);
            assert_eq!(script.verdict(own.iter().chain(&turned)), wanted, "{}", script.name);
        }
    }
}

#[test]
fn an_answer_that_comes_twice_changes_nothing() {
    for script in all() {
        let wanted = script.verdict(&script.replies);
        let twice = script.replies.iter().flat_map(|reply| [reply, reply]);
        let is_nested = wanted.why.contains("tmux") || script.name.starts_with("tmux");
        assert!(is_nested || script.verdict(twice) == wanted, "{}", script.name);
    }
}

#[test]
fn one_write_asks_everything_and_the_attributes_last() {
    let kitty = String::from_utf8(kitty::QUESTION.to_vec()).unwrap();
    let asked = format!(
        "\x1b[>q\x1b[>c\x1b[?u{kitty}\x1b]72;t=q\x1b\\\x1b[16t\x1b[14t\x1b[?2;1;0S\
         \x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b[c"
    );
    let mut plain = Probe::new(single()[0].hints(), None);
    assert_eq!(String::from_utf8(plain.queries()).unwrap(), asked);
    plain.reply(b"\x1b[?62c");
    assert_eq!(plain.more_queries(), b"", "once");
    // Who answers for drops in a window of X11 takes none.
    let mut local = Probe::new(environment_of("xterm-kitty DISPLAY=:0"), None);
    assert!(!local.queries().windows(4).any(|window| window == b"]72;"));
    let mut probe = Probe::new(in_tmux()[0].hints(), None);
    let first = String::from_utf8(probe.queries()).unwrap();
    assert!(
        !first.contains("_G") && !first.contains("]72;") && !first.contains("Ptmux"),
        "{first:?}"
    );
    // While tmux draws the screen anew it would drop what shall pass.
    assert!(!probe.reply(b"") && probe.more_queries().is_empty());
    probe.reply(b"\x1b[?1;2c");
    let inside = String::from_utf8(probe.more_queries()).unwrap();
    for asked in ["\x1b[>q", "\x1b[16t", "\x1b[c"] {
        let wrapped = String::from_utf8(wrap(asked.as_bytes())).unwrap();
        assert_eq!(inside.matches(&wrapped).count(), 1, "{asked:?}");
    }
    assert!(inside.ends_with("\x1b[c") && !inside.contains("_G"), "{inside:?}");
    // A terminal that may show pictures through tmux is asked for that.
    probe.reply(b"\x1bP>|kitty(0.48.2)\x1b\\");
    let outside = probe.more_queries();
    assert_eq!(outside, [wrap(kitty::QUESTION), b"\x1b[c".to_vec()].concat());
}

#[test]
fn tmux_that_only_its_answer_gives_away_is_asked_for_what_is_outside_once() {
    let script = &in_tmux()[1];
    let mut probe = script.probe();
    assert!(!probe.queries().windows(5).any(|window| window == b"tmux;"));
    assert_eq!(probe.more_queries(), b"");
    probe.reply(script.replies[0].as_bytes());
    assert_eq!(probe.more_queries(), b"");
    probe.reply(script.replies[1].as_bytes());
    let more = probe.more_queries();
    assert!(more.starts_with(&wrap(b"\x1b[>q")) && more.ends_with(b"\x1b[c"));
    assert_eq!(probe.more_queries(), b"");
    // Somebody has let pictures through since, or another terminal looks at it now.
    probe.ask_outside_again();
    assert_eq!(probe.more_queries(), more);
    probe.set_window(80, 24, 720, 432);
    assert!(probe.more_queries().starts_with(&more[..more.len() - 3]));
}

#[test]
fn another_font_is_asked_for_and_what_was_asked_for_stays_until_then() {
    let mut probe = Probe::new(single()[0].hints(), None);
    probe.queries();
    probe.set_window(100, 30, 900, 540);
    probe.reply(b"\x1b[4;540;900t");
    assert_eq!((probe.more_queries(), probe.verdict().cell), (vec![], (9, 18)));
    probe.set_window(200, 60, 1800, 1080);
    assert_eq!(probe.more_queries(), b"", "it has not answered the first questions");
    probe.reply(b"\x1b[?62c");
    assert_eq!(probe.more_queries(), b"\x1b[16t\x1b[14t\x1b[?2;1;0S\x1b[c");
    assert_eq!(probe.verdict().cell, (9, 18), "no old pixels in new columns");
    probe.set_window(200, 60, 1800, 1080);
    assert_eq!(probe.more_queries(), b"");
    probe.reply(b"\x1b[6;36;18t");
    assert_eq!(probe.verdict().cell, (18, 36));
}

#[test]
fn a_cell_is_what_the_best_answer_says() {
    let cell = |window: (u16, u16, u16, u16), replies: &[&str]| {
        let mut probe = Probe::new(Hints::default(), None);
        probe.set_window(window.0, window.1, window.2, window.3);
        for reply in replies {
            probe.reply(reply.as_bytes());
        }
        probe.verdict().cell
    };
    // An xterm with wide borders: what sixels may take is exact.
    assert_eq!(cell((124, 48, 1132, 800), &[]), (9, 16));
    assert_eq!(cell((124, 48, 1132, 800), &["\x1b[?2;0;992;720S"]), (8, 15));
    // A limit is no text area, and a failure is no answer.
    assert_eq!(cell((240, 67, 1920, 1005), &["\x1b[?2;0;1000;1000S"]), (8, 15));
    assert_eq!(cell((100, 30, 900, 540), &["\x1b[?1;3;0S", "\x1b[?2;3;0S"]), (9, 18));
    assert_eq!(cell((100, 30, 0, 0), &[]), (10, 20));
    assert_eq!(cell((0, 0, 0, 0), &["\x1b[4;540;900t", "\x1b[?2;0;900;540S"]), (10, 20));
}

#[test]
fn what_is_asked_for_goes_the_only_way_that_tmux_has() {
    let verdict = Probe::new(in_tmux()[0].hints(), Some(Protocol::KittyDirect)).verdict();
    assert_eq!((verdict.protocol, verdict.wrap), (Protocol::KittyPlaceholder, true));
    let verdict = Probe::new(single()[0].hints(), Some(Protocol::KittyDirect)).verdict();
    assert_eq!((verdict.protocol, verdict.wrap), (Protocol::KittyDirect, false));
}

#[test]
fn colours_are_as_many_as_are_sure() {
    let colours = |hints: Hints| Probe::new(hints, None).verdict().colours;
    let hints = || Hints { term: "xterm-256color".into(), utf8: true, ..Hints::default() };
    assert_eq!(colours(hints()), Colours::Palette256);
    assert_eq!(colours(Hints { colorterm: "truecolor".into(), ..hints() }), Colours::True);
    assert_eq!(colours(Hints { no_color: true, ..hints() }), Colours::Mono);
}

/// Keys that a person presses meanwhile.
const KEYS: [&str; 6] = ["a", "é漢", "\x1b[A", "\x1b[1;5C", "\r", "\x1bh"];

/// Replies with keys between them, as bytes, and the keys alone.
fn mixed(replies: &[String]) -> (Vec<u8>, Vec<u8>) {
    let mut keys = KEYS.iter().cycle();
    let (mut all, mut pressed) = (Vec::new(), Vec::new());
    for part in replies.iter().map(Some).chain([None]) {
        let key = keys.next().unwrap().as_bytes();
        all.extend(key);
        pressed.extend(key);
        all.extend(part.map(String::as_bytes).unwrap_or_default());
    }
    (all, pressed)
}

/// What the filter lets through of it as keys, and the verdict from the rest.
fn filtered<'a>(script: &Script, chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<u8>, Verdict) {
    let (mut filter, mut probe, mut pressed) = (Filter::default(), script.probe(), Vec::new());
    for sorted in chunks.flat_map(|chunk| filter.feed(chunk)) {
        match sorted {
            Sorted::Keys(keys) => pressed.extend(keys),
            Sorted::Reply(reply) => drop(probe.reply(&reply)),
            Sorted::Paste(_) | Sorted::PasteEnd => panic!("nothing was pasted"),
        }
    }
    (pressed, probe.verdict())
}

#[test]
fn answers_between_keys_split_at_any_byte_are_the_same_answers_and_the_same_keys() {
    for script in all().iter().filter(|script| !script.name.contains("with a name")) {
        let (all, pressed) = mixed(&script.replies);
        let wanted = (pressed, script.verdict(&script.replies));
        for at in 0..=all.len() {
            let (first, rest) = all.split_at(at);
            let got = filtered(script, [first, rest].into_iter());
            assert_eq!(got, wanted, "{} split at {at}", script.name);
        }
        assert_eq!(filtered(script, all.chunks(1)), wanted, "{} byte by byte", script.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// A terminal may answer anything at all: there is always a verdict, and never pixels that
    /// nobody has confirmed.
    #[test]
    fn no_answer_is_too_strange(
        replies in proptest::collection::vec("\u{1b}(P>\\||\\[\\?|\\[|_G|\\]11;)[ -~]{0,24}[a-z\u{1b}\u{7}]?", 0..12),
        at in 0usize..40,
    ) {
        let scripts = all();
        let script = &scripts[at % scripts.len()];
        let mut probe = script.probe();
        for reply in &replies {
            probe.reply(reply.as_bytes());
            let Verdict { protocol, cell, why, evidence, .. } = probe.verdict();
            let has = |part: &str| replies.iter().any(|reply| reply.contains(part));
            prop_assert!(protocol != Protocol::KittyPlaceholder || has("OK"));
            prop_assert!(protocol != Protocol::KittyDirect || has("OK"));
            prop_assert!((4..=64).contains(&cell.0) && (6..=128).contains(&cell.1));
            prop_assert!(!why.is_empty() && !evidence.chars().any(char::is_control));
        }
    }
}

#[test]
fn a_terminal_that_turns_light_is_asked_for_its_colours_again() {
    let mut probe = Probe::new(single()[0].hints(), None);
    probe.queries();
    probe.reply(b"\x1b]10;rgb:eeee/eeee/eeee\x1b\\");
    probe.reply(b"\x1b]11;rgb:0000/0000/0000\x1b\\");
    probe.reply(b"\x1b[?62c");
    let verdict = probe.verdict();
    assert_eq!((verdict.foreground, verdict.background), (Some([238; 3]), Some([0; 3])));
    assert!(probe.more_queries().is_empty());
    probe.reply(b"\x1b[?997;2n");
    let asked = probe.more_queries();
    assert_eq!(asked, b"\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b[c");
    assert!(probe.more_queries().is_empty(), "once");
}

#[test]
fn terminals_with_few_colours_are_known_by_name() {
    let colours = |term: &str| {
        let hints = Hints { term: term.into(), utf8: true, ..Hints::default() };
        Probe::new(hints, None).verdict().colours
    };
    for term in ["dumb", "vt100", "xterm-mono", "vt220"] {
        assert_eq!(colours(term), Colours::Mono, "{term}");
    }
    assert_eq!([colours("linux"), colours("xterm-16color")], [Colours::Ansi16; 2]);
    assert_eq!(colours("xterm-256color"), Colours::Palette256);
    for (features, colours) in [
        ("256,RGB,title", Colours::True),
        ("256,title", Colours::Palette256),
        ("bpaste,title", Colours::Ansi16),
    ] {
        let mut probe = in_environment("tmux-256color TMUX=1 COLORTERM=truecolor");
        probe.take_tmux_features(features);
        assert_eq!(probe.verdict().colours, colours, "tmux with {features}");
    }
}

fn in_environment(environment: &str) -> Probe {
    Probe::new(environment_of(environment), None)
}

fn feed(probe: &mut Probe, replies: &[&str]) {
    for reply in replies {
        probe.reply(reply.as_bytes());
    }
}

const TMUX: &str = "\x1bP>|tmux 3.3a\x1b\\";

/// The variables of the outer one are inherited by the inner one.
#[test]
fn of_tmux_and_screen_the_inner_one_is_known_by_what_it_says() {
    let both = "screen-256color TMUX=1 STY=1 TERM_PROGRAM=tmux COLORTERM=truecolor";
    let mut screen_in_tmux = in_environment(both);
    feed(&mut screen_in_tmux, &["\x1b[>83;40900;0c", "\x1b[?1;2c"]);
    let verdict = screen_in_tmux.verdict();
    assert_eq!((verdict.between.is_tmux(), verdict.colours), (false, Colours::Palette256));
    assert_eq!(verdict.why, "GNU screen blocks pictures");
    let mut tmux_in_screen = in_environment(both);
    feed(&mut tmux_in_screen, &[TMUX, "\x1b[>84;0;0c", "\x1b[?1;2c"]);
    assert!(tmux_in_screen.verdict().between.is_tmux());
    // Before any of them has answered, nothing is wrapped.
    assert!(!in_environment(both).verdict().between.is_tmux());
}

/// In another's pane without its variables (ssh out of tmux, `docker exec`): an escape that nobody
/// has said to know would become a title there.
#[test]
fn kittys_question_waits_until_it_is_known_who_is_here() {
    for environment in ["screen-256color", "xterm-256color", "tmux-256color", "xterm-kitty TMUX=1"]
    {
        let mut probe = in_environment(environment);
        assert!(!probe.queries().windows(3).any(|window| window == b"\x1b_G"), "{environment}");
        feed(&mut probe, &[TMUX, "\x1b[>84;0;0c", "\x1b[?1;2c"]);
        let more = probe.more_queries();
        assert!(!more.windows(2).any(|window| window == b"_G"), "{environment}");
    }
    for environment in ["screen", "xterm-256color STY=1", "xterm"] {
        let mut probe = in_environment(environment);
        probe.queries();
        feed(&mut probe, &["\x1b[>83;50002;0c", "\x1b[?1;2c"]);
        assert_eq!(probe.more_queries(), b"", "{environment}");
    }
    let mut probe = in_environment("xterm-256color");
    probe.queries();
    feed(&mut probe, &["\x1bP>|WezTerm 20251025\x1b\\", "\x1b[>1;277;0c", "\x1b[?65;4c"]);
    assert!(probe.more_queries().starts_with(kitty::QUESTION));
}

/// Detached and attached from elsewhere: pictures, then none, then pictures.
#[test]
fn who_looks_at_a_tmux_session_may_change() {
    let mut probe = in_environment("tmux-256color TMUX=1 TERM_PROGRAM=tmux COLORTERM=truecolor");
    feed(&mut probe, &[TMUX, "\x1b[?1;2c"]);
    let kitty = ["\x1bP>|kitty(0.48.2)\x1b\\", "\x1b[?62;52;c", "\x1b_Gi=31;OK\x1b\\"];
    let foot = ["\x1bP>|foot(1.28.0)\x1b\\", "\x1b[?62;4;22c"];
    let mut shown = Vec::new();
    // The last gives no name.
    for outside in [&kitty[..], &foot, &kitty, &["\x1b[?6c"]] {
        probe.ask_again();
        assert!(probe.more_queries().starts_with(&wrap(b"\x1b[>q")));
        feed(&mut probe, &["\x1b[?1;2c"]);
        let (names, rest) = outside.split_at(1);
        feed(&mut probe, names);
        probe.more_queries();
        feed(&mut probe, rest);
        shown.push(probe.verdict().protocol);
    }
    let (blocks, placeholders) = (Protocol::Blocks, Protocol::KittyPlaceholder);
    assert_eq!(shown, [placeholders, blocks, placeholders, blocks]);
}

/// tmux answers every question about attributes itself: that says nothing of who is outside.
#[test]
fn tmux_that_answers_twice_passes_nothing_all_the_same() {
    let mut probe = in_environment("tmux-256color TMUX=1 TERM_PROGRAM=tmux COLORTERM=truecolor");
    feed(&mut probe, &[TMUX, "\x1b[?1;2c"]);
    for columns in [100, 101, 102] {
        probe.set_window(columns, 30, 900, 540);
        probe.more_queries();
        feed(&mut probe, &["\x1b[?1;2c"]);
        assert_eq!(probe.verdict().between, Between::Tmux { passes: false });
    }
    assert_eq!(probe.verdict().why, "tmux blocks pictures");
}

#[test]
fn another_terminal_that_comes_without_tmux_is_asked_everything_anew() {
    let mut probe = in_environment("xterm-256color");
    probe.queries();
    feed(&mut probe, &["\x1bP>|kitty(0.48.2)\x1b\\", "\x1b[?62;c"]);
    probe.more_queries();
    feed(&mut probe, &["\x1b_Gi=31;OK\x1b\\"]);
    assert_eq!(probe.verdict().protocol, Protocol::KittyDirect);
    probe.ask_again();
    assert!(probe.more_queries().starts_with(b"\x1b[>q"));
    feed(&mut probe, &["\x1bP>|foot(1.28.0)\x1b\\", "\x1b[?62;4;22c"]);
    assert_eq!(probe.verdict().protocol, Protocol::Sixel);
    assert!(probe.more_queries().starts_with(kitty::QUESTION));
}

/// libghostty-vt of pyghostty 0.1.3 knows raw pixels and no files.
#[test]
fn a_terminal_that_refuses_what_it_has_said_ok_to_gets_the_next_best() {
    let mut probe = in_environment("xterm-256color");
    feed(&mut probe, &["\x1b_Gi=31;OK\x1b\\", "\x1b[?62;4;22c"]);
    assert_eq!(probe.verdict().protocol, Protocol::KittyDirect);
    probe.refuse_kitty("EINVAL");
    let verdict = probe.verdict();
    assert_eq!(verdict.protocol, Protocol::Sixel);
    assert_eq!(verdict.why, "the terminal announces sixel; it refuses kitty graphics (EINVAL)");
    feed(&mut probe, &["\x1b_Gi=31;OK\x1b\\"]);
    assert_eq!(probe.verdict().protocol, Protocol::Sixel, "it has had its say");
    let mut asked_for = Probe::new(environment_of("xterm"), Some(Protocol::KittyDirect));
    asked_for.refuse_kitty("EINVAL");
    assert_eq!(asked_for.verdict().protocol, Protocol::Blocks);
}

/// Emacs eat in a terminal: a cell has 1×2 pixels, as blocks have.
#[test]
fn a_size_that_is_none_for_pixels_is_a_reason_for_blocks() {
    let mut probe = in_environment("eat-truecolor");
    probe.set_window(98, 29, 0, 0);
    feed(&mut probe, &["\x1b[?2;0;98;58S", "\x1b[?12;4c"]);
    let verdict = probe.verdict();
    assert_eq!(verdict.protocol, Protocol::Blocks);
    assert_eq!(verdict.why, "a cell has too few pixels for a picture");
}

#[test]
fn a_terminal_that_never_answers_is_not_waited_for() {
    let mut probe = in_environment("xterm-256color");
    assert!(!probe.verdict().is_settled && probe.give_up());
    let verdict = probe.verdict();
    assert!(
        verdict.is_settled && verdict.why == "the terminal answers no questions about pictures"
    );
    feed(&mut probe, &["\x1b[?62;4c"]);
    assert_eq!(probe.verdict().protocol, Protocol::Sixel, "better late than never");
}

#[test]
fn gnu_screen_gets_an_escape_in_parts_that_it_can_hold() {
    let long = [b"\x1b]52;c;".as_slice(), &[b'A'; 500], b"\x07"].concat();
    let wrapped = wrap_for_screen(&long);
    let parts: Vec<&[u8]> =
        wrapped.split(|byte| *byte == b'\\').filter(|part| !part.is_empty()).collect();
    assert_eq!(parts.len(), 3);
    let inside = |part: &&[u8]| part[2..part.len() - 1].to_vec();
    assert!(parts.iter().all(|part| part.starts_with(b"\x1bP") && part.len() < 256));
    assert_eq!(parts.iter().map(inside).collect::<Vec<_>>().concat(), long);
}
