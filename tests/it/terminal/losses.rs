//! What a terminal refuses or loses is sent once more, and then another way is taken.

use std::time::Instant;

use editree::graphics::protocol::Protocol;
use editree::terminal::image_request::Mode;
use editree::terminal::pictures::Loss;
use proptest::prelude::*;

use super::screen::{Rig, frame, placement};

/// What a terminal says after a portion, about the picture that was sent last.
#[derive(Clone, Copy, Debug)]
enum Word {
    Nothing,
    Refused,
    Gone,
    /// Of a picture that is none of ours.
    Stranger,
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![Just(Word::Nothing), Just(Word::Refused), Just(Word::Gone), Just(Word::Stranger)]
}

fn id_in(bytes: &str) -> Option<u32> {
    let (_, rest) = bytes.rsplit_once(",i=")?;
    rest.split([',', ';']).next()?.parse().ok()
}

/// Bytes of uploads that leave while the terminal says these words, and how often it was lost.
fn sent(words: &[Word]) -> (usize, usize) {
    let frame = frame(&["text"], &[placement(7, (2, 1, 6, 4))]);
    let mut rig = Rig::new(Protocol::KittyDirect);
    rig.show(&frame);
    let (mut bytes, mut losses, mut id) = (0, 0, 0);
    let mut words = words.iter().cycle();
    // Long enough for a terminal that never stops to complain.
    for _ in 0..400 {
        if let Some(portion) = rig.queue.next(Instant::now()) {
            let text = String::from_utf8_lossy(&portion.bytes).into_owned();
            bytes += usize::from(text.contains("m=1") || text.contains("m=0"));
            id = id_in(&text).unwrap_or(id);
            rig.queue.acknowledge(Instant::now());
        }
        let (id, code) = match words.next().unwrap() {
            Word::Nothing => continue,
            Word::Refused => (id, "EINVAL"),
            Word::Gone => (id, "ENOENT"),
            Word::Stranger => (99, "ENOENT"),
        };
        match rig.screen.take_loss(id, code, &mut rig.queue) {
            Loss::None => {}
            Loss::Once => losses += 1,
            Loss::Again(_) => {
                losses += 1;
                let mode = Mode { protocol: Protocol::None, wrap: false, ascii: false };
                rig.screen.set_mode(mode, &mut rig.queue);
            }
        }
        rig.show(&frame);
    }
    (bytes, losses)
}

/// A stand-in is sent in three pieces.
const PIECES: usize = 3;

#[test]
fn a_picture_that_is_refused_is_sent_twice_and_then_no_more() {
    assert_eq!(sent(&[Word::Nothing]), (PIECES, 0));
    let (pieces, losses) = sent(&[Word::Nothing, Word::Nothing, Word::Nothing, Word::Refused]);
    assert!(pieces <= 2 * PIECES, "{pieces}");
    assert_eq!(losses, 2);
    assert_eq!(sent(&[Word::Stranger]), (PIECES, 0), "not one of ours");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answers_at_all_make_more_than_three_times_the_picture_leave(
        words in proptest::collection::vec(word(), 1..12)
    ) {
        let (pieces, losses) = sent(&words);
        prop_assert!(pieces <= 3 * PIECES && losses <= 2, "{pieces} pieces, {losses} losses");
    }
}
