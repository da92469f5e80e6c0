//! A person knows better than any answer: ways to show pictures that are asked for, chosen and
//! written down; and what a terminal is told beside pictures.

use editree::graphics::probe::{Manners, Probe};
use editree::graphics::protocol::Protocol;
use editree::graphics::terminals::Notice;

use super::scripts::{all, environment_of};

const FOOT: [&str; 2] = ["\x1bP>|foot(1.28.0)\x1b\\", "\x1b[?62;4;22c"];

fn feed(probe: &mut Probe, replies: &[&str]) {
    for reply in replies {
        probe.reply(reply.as_bytes());
    }
}

#[test]
fn what_is_chosen_on_the_way_goes_before_all_else_until_another_terminal_is_here() {
    let mut probe = Probe::new(environment_of("foot"), Some(Protocol::Blocks));
    feed(&mut probe, &FOOT);
    let told = |probe: &Probe| (probe.verdict().protocol, probe.verdict().why);
    assert_eq!(told(&probe), (Protocol::Blocks, "asked for with --graphics".into()));
    probe.choose(Some(Protocol::Iterm2));
    assert_eq!(told(&probe), (Protocol::Iterm2, "chosen with `:graphics`".into()));
    probe.choose(None);
    assert_eq!(told(&probe), (Protocol::Sixel, "foot draws sixels".into()));
    probe.choose(Some(Protocol::None));
    feed(&mut probe, &["\x1bP>|mlterm(3.9.0)\x1b\\"]);
    assert_eq!(told(&probe).0, Protocol::Blocks, "the choice was for foot");
}

#[test]
fn what_was_refused_may_be_chosen_again() {
    let mut probe = Probe::new(environment_of("xterm-256color"), None);
    feed(&mut probe, &["\x1b_Gi=31;OK\x1b\\", "\x1b[?62;c"]);
    probe.refuse_kitty("EINVAL");
    assert_eq!(probe.verdict().protocol, Protocol::Blocks);
    probe.choose(Some(Protocol::KittyDirect));
    assert_eq!(probe.verdict().protocol, Protocol::KittyDirect);
}

#[test]
fn the_config_file_speaks_of_terminals_by_their_names() {
    let wanted = vec![("libghostty".to_owned(), Protocol::Blocks), ("foot".into(), Protocol::None)];
    for (replies, protocol, why) in [
        (&FOOT[..], Protocol::None, "`foot` of [graphics] in the config file"),
        (
            &["\x1bP>|libghostty\x1b\\", "\x1b_Gi=31;OK\x1b\\"],
            Protocol::Blocks,
            "`libghostty` of [graphics] in the config file",
        ),
        (&["\x1bP>|XTerm(398)\x1b\\", "\x1b[?64;4c"], Protocol::Sixel, "xterm draws sixels"),
    ] {
        let environment = environment_of("xterm-256color");
        let mut probe = Probe::new(environment, None).wanting(wanted.clone());
        feed(&mut probe, replies);
        let verdict = probe.verdict();
        assert_eq!((verdict.protocol, verdict.why.as_str()), (protocol, why));
    }
}

/// Who may print what it does not know, or tell progress as a notice, gets a bell and nothing else.
#[test]
fn terminals_are_told_only_what_they_are_known_to_understand() {
    let plain = Manners {
        notice: Notice::Bell,
        shows_progress: false,
        keeps_titles: false,
        orders_letters: false,
    };
    let titled = Manners { keeps_titles: true, ..plain };
    let known = [
        ("kitty", Manners { notice: Notice::Osc99, ..titled }),
        ("Ghostty", Manners { notice: Notice::Osc777, shows_progress: true, ..plain }),
        ("WezTerm", Manners { notice: Notice::Osc777, shows_progress: true, ..plain }),
        ("iTerm2", Manners { notice: Notice::Osc9, ..titled }),
        ("GNOME Terminal", Manners { orders_letters: true, ..titled }),
        ("foot", Manners { notice: Notice::Osc777, ..titled }),
    ];
    for script in all() {
        let manners = script.verdict(&script.replies).manners;
        let name = script.name;
        if let Some((_, expected)) = known.iter().find(|(known, _)| *known == name) {
            assert_eq!(manners, *expected, "{name}");
        }
        // What stands in between hands on little, whatever is outside.
        for between in ["tmux", "mosh", "GNU screen", "Zellij, old"] {
            let is_between = name.starts_with(between);
            assert!(!is_between || manners.notice == Notice::Bell, "{name}: {manners:?}");
            assert!(!is_between || !manners.shows_progress, "{name}: {manners:?}");
        }
    }
}
