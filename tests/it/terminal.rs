//! The input filter: keys out are keys in, replies out are replies in.

use editree::terminal::filter::Filter;
use proptest::prelude::*;

const REPLIES: [&[u8]; 10] = [
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1bP>|kitty(0.41.1)\x1b\\",
    b"\x1b]11;rgb:1414/1616/1a1a\x1b\\",
    b"\x1b[?2026;2$y",
    b"\x1b[?2;0;992;720S",
    b"\x1b[?62;4c",
    b"\x1b[0n",
    b"\x1b[6;20;10t",
    b"\x1b[?997;1n",
    b"\x1b[?1u",
];
const KEYS: [&[u8]; 12] = [
    b"a",
    "é漢👍".as_bytes(),
    b"\r",
    b"\n",
    b"\x1b[A",
    b"\x1b[1;5C",
    b"\x1bOP",
    b"\x1bh",
    b"\x1b[97;5u",
    b"\x1b[<0;3;4M",
    b"\x1b[3~",
    b"\x1b[200~paste \x1b_Gi=1;OK\x1b\\ \x1b[0n more\x1b[201~",
];

/// Everything at once, or split at every byte, with the same result.
fn filter(pieces: &[&[u8]], split: bool) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut filter, mut keys, mut replies) = (Filter::default(), Vec::new(), Vec::new());
    let all = pieces.concat();
    let chunks: Vec<&[u8]> = if split { all.chunks(1).collect() } else { vec![&all] };
    for chunk in chunks {
        let out = filter.feed(chunk);
        keys.extend(out.keys);
        replies.extend(out.replies);
    }
    keys.extend(filter.release());
    (keys, replies)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replies_and_keys_are_told_apart_however_they_are_mixed_and_split(
        order in proptest::collection::vec((any::<bool>(), 0usize..12), 0..24), split in any::<bool>()
    ) {
        let pick = |(is_key, number): &(bool, usize)| {
            if *is_key { KEYS[*number] } else { REPLIES[number % REPLIES.len()] }
        };
        let pieces: Vec<&[u8]> = order.iter().map(pick).collect();
        let keys: Vec<u8> = order.iter().filter(|(is_key, _)| *is_key).map(pick).collect::<Vec<_>>().concat();
        let replies: Vec<Vec<u8>> = order.iter().filter(|(is_key, _)| !*is_key).map(|one| pick(one).to_vec()).collect();
        let (got_keys, got_replies) = filter(&pieces, split);
        prop_assert_eq!(got_keys, keys);
        prop_assert_eq!(got_replies, replies);
    }

    #[test]
    fn no_byte_is_ever_lost(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (keys, replies) = filter(&[&bytes], true);
        prop_assert_eq!(keys.len() + replies.concat().len(), bytes.len());
    }
}

#[test]
fn a_lone_escape_is_held_until_it_is_released() {
    let mut filter = Filter::default();
    assert_eq!(filter.feed(b"\x1b").keys, b"");
    assert!(filter.is_holding() && !filter.is_long());
    assert_eq!(filter.release(), b"\x1b");
    assert!(!filter.is_holding());
}
