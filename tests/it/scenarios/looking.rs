//! Comparing and healing in the workbench.

use editree::app::compare::{ComparisonView, HealPreview, NotHealed};
use editree::app::draft::sent_picture::SentPicture;
use editree::app::effect::{Effect, HealSpec, PictureEffect, ScreenEffect, ServiceEffect};
use editree::app::failure::{Failure, FailureKind};
use editree::app::message::{PictureResult, ServiceResult, TaskResult};
use editree::schema::output_size::InputNeed;
use editree::schema::{Catalogue, Fit};
use editree::tree::{Hash, Node, NodeId, NodeState, PictureRef};

use crate::support::driver::{Driver, hash, outcome, root};

fn edited() -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it red<Enter>");
    driver.answer_all();
    driver
}

fn findings() -> ComparisonView {
    ComparisonView {
        description: vec![
            "8 % changed at the top".into(),
            "rest same, 41.0 dB".into(),
            "0.4 % larger, moved 1.0 px right, 1.2 px down".into(),
        ],
        in_short: vec!["8 % at the top".into(), "rest same, 41.0 dB".into()],
        size: (1024, 1024),
        aligned: hash(901),
        blend: hash(902),
        heat: hash(903),
        unchanged_psnr_db: Some(41.0),
        changed_fraction: 0.08,
        beside_regions: None,
        fit: None,
    }
}

/// The pair that is asked to be compared.
fn asked(driver: &mut Driver) -> Vec<(Hash, Hash)> {
    let pair = |effect: Effect| match effect {
        Effect::Picture(PictureEffect::Compare { a, b, .. }) => Some((a, b)),
        _ => None,
    };
    driver.take().into_iter().filter_map(pair).collect()
}

fn shown(driver: &Driver) -> Vec<Hash> {
    driver.frame().placements.iter().map(|placement| placement.picture).collect()
}

#[test]
fn a_pair_is_compared_once_and_told_in_words() {
    let mut driver = edited();
    driver.press("<A-c>");
    assert!(driver.screen().contains("comparing"), "{}", driver.screen());
    let pairs = asked(&mut driver);
    let [(a, b)] = pairs.as_slice() else { panic!("{pairs:?}") };
    driver.finish(TaskResult::Picture(PictureResult::Compared {
        a: *a,
        b: *b,
        found: Ok(Box::new(findings())),
    }));
    assert!(driver.screen().contains("8 % changed at the top"), "{}", driver.screen());
    driver.press("<A-c><A-c><A-m>");
    assert_eq!(asked(&mut driver), [], "known by now");
}

#[test]
fn the_modes_go_round_and_each_shows_its_own_picture() {
    let mut driver = edited();
    driver.press("<A-c>");
    let pair = asked(&mut driver)[0];
    let found = Ok(Box::new(findings()));
    driver.finish(TaskResult::Picture(PictureResult::Compared { a: pair.0, b: pair.1, found }));
    assert_eq!(shown(&driver), [pair.0]);
    driver.press("<A-m>");
    assert_eq!(shown(&driver), [pair.0, pair.1], "side by side");
    driver.press("<A-m>");
    assert_eq!(shown(&driver), [pair.0, hash(901)], "the wipe");
    driver.press("<A-m>");
    assert_eq!(shown(&driver), [hash(902)], "half of each");
    driver.press("<A-m>");
    assert_eq!(shown(&driver), [hash(903)], "the heat map");
    driver.press("<A-m>");
    assert_eq!(shown(&driver), [pair.1], "off");
}

#[test]
fn side_by_side_each_has_its_name_below_and_the_footer_leads_on_and_out() {
    let mut driver = edited();
    driver.press("<A-c><A-m>");
    let screen = driver.screen();
    let names = screen.lines().find(|line| line.contains("n1 before")).unwrap_or_default();
    assert!(names.contains("n2 after"), "{screen}");
    let left = &driver.frame().placements[0].area;
    let row = screen.lines().nth(usize::from(left.bottom())).unwrap_or_default();
    assert_eq!(row, names, "directly below them");
    assert!(!screen.contains("Alt-c compare with the parent"), "it is compared: {screen}");
    driver.workbench.model.notice = None;
    driver.press("<Esc>");
    let screen = driver.screen();
    assert!(screen.contains("m next: wipe") && screen.contains("Esc back"), "{screen}");
    driver.press("i");
    let screen = driver.screen();
    assert!(screen.contains("Alt-m next: wipe"), "{screen}");
    assert!(screen.contains("Esc then Esc back"), "{screen}");
    driver.press("<Esc>");
    driver.press("<Esc>");
    assert_eq!(driver.frame().placements.iter().filter(|it| it.area.width > 20).count(), 1);
}

#[test]
fn arrows_move_the_wipe_and_both_halves_fill_the_frame() {
    let mut driver = edited();
    driver.press("<A-c>");
    let pair = asked(&mut driver)[0];
    let found = Ok(Box::new(findings()));
    driver.finish(TaskResult::Picture(PictureResult::Compared { a: pair.0, b: pair.1, found }));
    driver.press("<Esc>mm");
    let widths = |driver: &Driver| {
        let placements = driver.frame().placements;
        placements.iter().map(|placement| placement.area.width).collect::<Vec<_>>()
    };
    let before = widths(&driver);
    driver.press("<Right><Right>");
    let after = widths(&driver);
    assert!(after[0] > before[0], "{before:?} {after:?}");
    assert_eq!(before.iter().sum::<u16>(), after.iter().sum::<u16>());
    driver.press(&"<Right>".repeat(20));
    assert_eq!(shown(&driver), [pair.0], "at the end only the one before");
}

#[test]
fn healing_makes_a_free_node_that_one_goes_on_from() {
    let mut driver = edited();
    driver.press("<A-H>");
    let effects = driver.take();
    let heal = effects.iter().find_map(|effect| match effect {
        Effect::Picture(PictureEffect::Heal(spec)) => {
            Some((spec.child, spec.parent, spec.strength))
        }
        _ => None,
    });
    let Some((child, parent, 50)) = heal else { panic!("{effects:?}") };
    assert_eq!((child.node, parent), (NodeId(2), hash(1)));
    let edited = driver.model().nodes[&NodeId(2)].clone();
    let mut picture = edited.pictures[0].clone();
    picture.hash = hash(77);
    let node = Node {
        id: NodeId(3),
        state: NodeState::Done,
        recipe: None,
        title: Some("healed from n2".into()),
        parent: Some(child),
        pictures: vec![picture],
        ..edited
    };
    driver.finish(TaskResult::Picture(PictureResult::Healed(Ok(Box::new((
        node,
        "a patch at the top".into(),
    ))))));
    assert_eq!(
        driver.model().draft.parent,
        Some(PictureRef { node: NodeId(3), picture: hash(77) })
    );
    assert!(driver.screen().contains("healed as n3, free"), "{}", driver.screen());
    // Healed once more from its parent, it would be the edit undone.
    driver.take();
    driver.press("<A-H>");
    assert!(driver.screen().contains("n3 was made here, not by an edit"), "{}", driver.screen());
    assert!(
        driver
            .take()
            .iter()
            .all(|effect| !matches!(effect, Effect::Picture(PictureEffect::Heal { .. })))
    );
}

#[test]
fn what_cannot_be_healed_says_why() {
    let mut driver = edited();
    driver.press("<A-h><A-H>");
    assert!(driver.screen().contains("an opened file has no parent"), "{}", driver.screen());
    driver.press("<A-l><A-H>");
    let refused = Failure::new(FailureKind::Picture, "81 % changed");
    driver.finish(TaskResult::Picture(PictureResult::Healed(Err(refused))));
    assert!(driver.screen().contains("81 % changed"), "{}", driver.screen());
}

#[test]
fn a_picture_that_has_worn_down_is_told_with_the_way_out() {
    let mut driver = edited();
    driver.press("<A-c>");
    let pair = asked(&mut driver)[0];
    let worn = ComparisonView { unchanged_psnr_db: Some(24.0), ..findings() };
    driver.finish(TaskResult::Picture(PictureResult::Compared {
        a: pair.0,
        b: pair.1,
        found: Ok(Box::new(worn)),
    }));
    assert!(driver.screen().contains("Alt-H: restore them"), "{}", driver.screen());
}

#[test]
fn a_film_is_shown_as_a_file_and_nobody_goes_on_from_it() {
    let mut driver = Driver::new(120, 40);
    driver.press("Make it move<Enter>");
    while let Some(effect) = (!driver.effects.is_empty()).then(|| driver.effects.remove(0)) {
        let result = match effect {
            Effect::Service(ServiceEffect::Fetch { job, .. }) => {
                let mut film = outcome(job);
                let file = &mut film.pictures[0];
                (file.width, file.height, file.format) = (0, 0, "mp4".into());
                file.bytes = 1_234_000;
                Some(TaskResult::Service(ServiceResult::Fetched {
                    job,
                    outcome: Ok(Box::new(film)),
                }))
            }
            effect => driver.answer(effect),
        };
        result.into_iter().for_each(|result| driver.finish(result));
    }
    let screen = driver.screen();
    assert!(screen.contains("not an image: mp4, 1234 kB"), "{screen}");
    assert!(shown(&driver).is_empty(), "there is nothing to place");
    assert_eq!(driver.model().draft.parent.map(|parent| parent.node), Some(NodeId(1)));
    driver.press("<A-c>");
    assert!(asked(&mut driver).is_empty(), "there is nothing to compare");
    driver.press("<A-e>Make it blue<Enter>");
    assert_eq!(driver.saves(), 0);
    assert!(driver.screen().contains("n2 is a file (mp4), no picture"), "{}", driver.screen());
}

#[test]
fn a_zoomed_picture_tells_its_place_in_numbers_and_on_a_map() {
    let mut driver = edited();
    driver.press("<Esc>==");
    let screen = driver.screen();
    assert!(screen.contains("░░░░████░░░░") && screen.contains("256×256"), "{screen}");
    assert!(screen.contains("at 384, 384") && screen.contains("of 1024×1024"), "{screen}");
    driver.press(&"<Left>".repeat(9));
    let screen = driver.screen();
    assert!(screen.contains("███░░░░░░░░░") && screen.contains("at 0, 384"), "{screen}");
    driver.press("0#<Right>");
    let crop = driver.frame().placements[0].crop.expect("a part of it");
    assert!(crop.x > (1024 - crop.width) / 2, "one to one can be panned too: {crop:?}");
    driver.press("0");
    assert!(!driver.screen().contains('░'), "{}", driver.screen());
}

#[test]
fn where_tmux_keeps_pictures_back_one_key_lets_them_through() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.ui.graphics.tmux_swallows = true;
    driver.press("<Esc>:graphics<Enter>");
    assert!(driver.screen().contains("t let them through tmux"), "{}", driver.screen());
    driver.press("t");
    assert_eq!(driver.take(), [Effect::Screen(ScreenEffect::EnableTmuxPassthrough)]);
    driver.workbench.ui.graphics.tmux_swallows = false;
    driver.press(":graphics<Enter>t");
    assert_eq!(driver.take(), [], "elsewhere the key means nothing");
}

#[test]
fn another_way_to_show_pictures_is_a_letter_or_a_word_away() {
    let mut driver = Driver::new(120, 40);
    driver.workbench.ui.graphics.terminal = "foot".into();
    let way = |word: &str| vec![Effect::Screen(ScreenEffect::ShowPicturesAs(word.into()))];
    driver.press("<Esc>:graphics<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("s sixel") && screen.contains("\"foot\" = \"blocks\""), "{screen}");
    driver.press("s");
    assert_eq!(driver.take(), way("sixel"));
    driver.press(":graphics auto<Enter>");
    assert_eq!(driver.take(), way("auto"));
}

#[test]
fn what_becomes_of_the_shape_is_told_before_sending_and_learnt_from_results() {
    let mut driver = Driver::new(120, 40);
    let first = driver.workbench.model.nodes.get_mut(&NodeId(1)).unwrap();
    (first.pictures[0].width, first.pictures[0].height) = (1000, 700);
    let screen = driver.screen();
    assert!(screen.contains("from n1 as 1000×700 png 1 kB → 1248×832"), "{screen}");
    assert!(screen.contains("5 % wider: stretched"), "{screen}");
    driver.press("Make it red<Enter>");
    driver.answer_all();
    let (a, b) = (hash(1), hash(2));
    let found = ComparisonView { fit: Some(Fit::Pad), ..findings() };
    driver.finish(TaskResult::Picture(PictureResult::Compared {
        a,
        b,
        found: Ok(Box::new(found)),
    }));
    driver.press("<A-h><A-e>");
    assert!(driver.screen().contains("5 % wider: extended"), "{}", driver.screen());
}

/// A photo of a camera, as the runtime would make it ready.
fn leaves(bytes: u64, is_bare: bool) -> SentPicture {
    SentPicture {
        size: (1448, 1086),
        format: "jpeg".into(),
        bytes: Some(bytes),
        is_reduced: !is_bare,
        is_normalised: false,
        is_preview: false,
        is_bare,
    }
}

#[test]
fn what_leaves_of_the_pictures_is_told_as_it_was_made_ready() {
    let mut driver = Driver::new(120, 40);
    driver.press("a");
    assert_eq!(driver.take_asked_what_leaves(), [hash(1)]);
    driver.press("b");
    assert_eq!(driver.take_asked_what_leaves(), [], "asked once");
    let need = Catalogue::builtin().find("pro").unwrap().input_need();
    let described = |need, bytes, is_bare| {
        let sent = vec![(hash(1), Some(leaves(bytes, is_bare)))];
        TaskResult::Picture(PictureResult::Described { need, sent })
    };
    driver.finish(described(InputNeed::default(), 1, true));
    assert!(driver.screen().contains("as 1024×1024 png"), "not what another endpoint needs");
    driver.finish(described(need, 400_000, false));
    let told = "from n1 as 1448×1086 jpeg 0.4 MB, reduced →";
    assert!(driver.screen().contains(told), "{}", driver.screen());
    // It leaves half of the row to the words, and what does not go there stands below.
    driver.resize(80, 24);
    let told = "── n1 is sent as 1448×1086 jpeg 0.4 MB, reduced ──";
    assert!(driver.screen().contains("from n1 →"), "{}", driver.screen());
    assert!(driver.screen().contains(told), "{}", driver.screen());
    driver.finish(described(need, 300_000, true));
    assert!(driver.screen().contains("from n1 →"), "as good as the file: {}", driver.screen());
    driver.resize(120, 40);
    let told = "n1 is sent as 1448×1086 jpeg 0.3 MB, without metadata";
    assert!(driver.screen().contains(told), "{}", driver.screen());
    driver.press("<Esc>");
    driver.workbench.model.insert_node(root(2, "dog.png"));
    driver.press(":n2<Enter>a");
    assert_eq!(driver.take_asked_what_leaves(), [hash(2)], "the reference");
}

#[test]
fn the_strength_of_healing_is_tried_before_it_is_kept() {
    let mut driver = edited();
    let child = PictureRef { node: NodeId(2), picture: hash(2) };
    driver.take();
    driver.press("<Esc>:try-heal<Enter>");
    let spec = |strength| HealSpec { child, parent: hash(1), strength, regions: Vec::new() };
    let asked = |strength| Effect::Picture(PictureEffect::PreviewHeal(spec(strength)));
    assert_eq!(driver.take(), [asked(50)]);
    let (picture, size, words) = (hash(77), (1024, 1024), "a patch at the top".to_owned());
    let heal_preview = HealPreview { child, strength: 50, picture, size, description: words };
    let preview = Ok(Box::new(heal_preview));
    let previewed = PictureResult::HealPreviewed { child, strength: 50, preview };
    driver.finish(TaskResult::Picture(previewed));
    assert_eq!(shown(&driver), [hash(77)]);
    let screen = driver.screen();
    assert!(
        screen.contains("50 %") && screen.contains("kept from the edit: a patch at the top"),
        "{screen}"
    );
    driver.press("c");
    assert_eq!(shown(&driver), [hash(2)], "as it is");
    driver.press("<Right>");
    assert_eq!(driver.take(), [asked(60)]);
    driver.press("<Enter>");
    assert_eq!(driver.take(), [Effect::Picture(PictureEffect::Heal(spec(60)))]);
}

#[test]
fn where_all_changed_healing_stays_on_the_canvas_and_says_why() {
    let mut driver = edited();
    let why = "n2 is not healed: 97 % changed, too much to heal";
    driver.press("<Esc>c");
    let (a, b) = (hash(1), hash(2));
    let found = Ok(Box::new(ComparisonView { changed_fraction: 0.97, ..findings() }));
    driver.finish(TaskResult::Picture(PictureResult::Compared { a, b, found }));
    driver.press("c");
    driver.take();
    for keys in [":try-heal<Enter>", "H"] {
        driver.press(keys);
        let screen = driver.screen();
        assert!(screen.contains(why) && !screen.contains("heal · n2"), "{keys}\n{screen}");
        assert_eq!(driver.take(), [], "{keys}");
    }
    // Where it is looked for, too.
    driver.press(":heal");
    let screen = driver.screen();
    let row = screen.lines().find(|line| line.contains("restore what should not"));
    assert!(row.is_some_and(|row| row.contains("all of it changed")), "{screen}");
}

#[test]
fn healing_that_is_refused_or_fails_keeps_nothing_and_may_be_tried_at_another_strength() {
    let mut driver = edited();
    let child = PictureRef { node: NodeId(2), picture: hash(2) };
    driver.press("<Esc>:try-heal<Enter>");
    driver.take();
    let refused = [(50, "70 % changed; 60 % at most", Some(60)), (60, "it is missing", None)];
    for (strength, words, enough) in refused {
        assert!(driver.screen().contains("healing…"), "{}", driver.screen());
        let failure = Failure::new(FailureKind::Picture, words);
        let preview = Err(NotHealed { failure, enough });
        let previewed = PictureResult::HealPreviewed { child, strength, preview };
        driver.finish(TaskResult::Picture(previewed));
        let screen = driver.screen();
        for part in words.split("; ") {
            assert!(screen.contains(part), "{part}\n{screen}");
        }
        assert!(screen.contains("! not healed: ") && !screen.contains("healing…"), "{screen}");
        let keys = screen.lines().last().unwrap();
        assert!(keys.contains("F1 help  Esc back") && !keys.contains("keep"), "{keys}");
        // A strength is told where another one helps.
        let is_told = enough.is_some();
        assert_eq!(screen.contains("heal · n2 · 50 %"), is_told, "{screen}");
        assert_eq!(screen.contains("strength 60 % heals it"), is_told, "{screen}");
        assert_eq!(keys.contains("Right stronger"), is_told, "{keys}");
        assert!(screen.contains("heal · n2") && !keys.contains("Left"), "{screen}");
        assert!(!screen.contains('✗'), "it is told once\n{screen}");
        driver.take();
        driver.press("<Enter>");
        let asked = driver.take();
        let is_kept = |it: &Effect| matches!(it, Effect::Picture(PictureEffect::Heal(_)));
        assert!(!asked.iter().any(is_kept), "{asked:?}");
        driver.press("<Right>");
        let asked = driver.take();
        let is_asked = matches!(&asked[..], [Effect::Picture(PictureEffect::PreviewHeal(_))]);
        assert!(is_asked, "{asked:?}");
    }
}

#[test]
fn what_has_no_parent_is_not_said_to_be_compared() {
    let mut driver = edited();
    driver.press("<Esc>mmh");
    let screen = driver.screen();
    assert!(screen.contains("[6] n1 cat.png · no parent to compare with"), "{screen}");
    assert!(!screen.contains("before"), "{screen}");
    driver.press("ml");
    assert!(driver.screen().contains("side by side · n1 | n2"), "{}", driver.screen());
}

#[test]
fn compared_pictures_are_laid_over_each_other_on_a_key() {
    let mut driver = edited();
    driver.press("<Esc>mm");
    let (a, b) = (hash(1), hash(2));
    driver.finish(TaskResult::Picture(PictureResult::Compared {
        a,
        b,
        found: Ok(Box::new(findings())),
    }));
    assert_eq!(shown(&driver), [hash(1), hash(2)], "each as it is");
    driver.press("x");
    assert_eq!(shown(&driver), [hash(1), hash(901)], "the second brought into the first's frame");
    assert!(driver.screen().contains("aligned"), "{}", driver.screen());
    driver.press("x");
    assert_eq!(shown(&driver), [hash(1), hash(2)]);
}

#[test]
fn help_of_a_field_has_the_room_that_the_fields_leave() {
    let mut driver = Driver::new(80, 24);
    driver.press("<A-2>");
    let screen = driver.screen();
    let words: Vec<&str> = screen.split_whitespace().collect();
    assert!(words.join(" ").contains("Default: random ("), "whole: {screen}");
}
