//! From repeated log lists to new lines only.
//!
//! Polling gives the whole list each time, the stream gives pieces, and a list may be cut to its
//! last lines or begin anew after the platform's retry. Invariant: no line is reported twice
//! because it was sent twice.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::status::LogLine;

/// What was reported so far, as one number for each line.
#[derive(Debug, Default)]
pub(super) struct LogTail {
    seen: Vec<u64>,
}

impl LogTail {
    /// The lines of `list` that are new, where `list` may begin with known ones.
    pub(super) fn fresh(&mut self, list: Vec<LogLine>) -> Vec<LogLine> {
        let marks: Vec<u64> = list.iter().map(mark).collect();
        let same = |(old, new): &(&u64, &u64)| old == new;
        let prefix = self.seen.iter().zip(&marks).take_while(same).count();
        let overlap = overlap(&self.seen, &marks);
        let known = prefix.max(overlap);
        if overlap >= prefix {
            self.seen.extend(marks.iter().skip(known));
        } else if known < marks.len() {
            // The list took another turn after a common beginning: follow the new one.
            self.seen = marks;
        }
        list.into_iter().skip(known).collect()
    }

    /// Notes lines that are new for certain.
    pub(super) fn add(&mut self, lines: &[LogLine]) {
        self.seen.extend(lines.iter().map(mark));
    }
}

fn mark(line: &LogLine) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// How many lines at the beginning of `new` are the last ones of `old`: the failure function of
/// Knuth, Morris and Pratt over `new`, run across `old`, so long lists stay linear.
fn overlap(old: &[u64], new: &[u64]) -> usize {
    let mut table = vec![0; new.len()];
    let mut length = 0;
    for (index, value) in new.iter().enumerate().skip(1) {
        length = step(new, &table, length, *value);
        if let Some(slot) = table.get_mut(index) {
            *slot = length;
        }
    }
    let tail = old.get(old.len().saturating_sub(new.len())..).unwrap_or_default();
    tail.iter().fold(0, |length, value| step(new, &table, length, *value))
}

fn step(new: &[u64], table: &[usize], mut length: usize, value: u64) -> usize {
    loop {
        if new.get(length) == Some(&value) {
            return length + 1;
        }
        if length == 0 {
            return 0;
        }
        length = table.get(length - 1).copied().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<LogLine> {
        let line = |letter: char| LogLine { message: letter.to_string(), level: None, at: None };
        text.chars().map(line).collect()
    }

    fn told(lists: &[&str]) -> String {
        let mut tail = LogTail::default();
        let fresh = lists.iter().flat_map(|list| tail.fresh(lines(list)));
        fresh.map(|line| line.message).collect()
    }

    #[test]
    fn lists_become_deltas() {
        let table: [(&[&str], &str); 10] = [
            (&["a", "ab", "ab", "abc"], "abc"),
            (&["", "a", "", "a"], "a"),
            (&["a", "aa", "aaa", "aaa"], "aaa"),
            (&["abc", "bcd", "cde"], "abcde"),
            (&["abc", "ab", "abcd"], "abcd"),
            (&["ab", "ac", "acd"], "abcd"),
            (&["ab", "x", "xy"], "abxy"),
            (&["abab", "abab", "ababc"], "ababc"),
            (&["aab", "aabaab", "aabaabc"], "aabaabc"),
            (&["abc", "c", "cd"], "abcd"),
        ];
        for (lists, wanted) in table {
            assert_eq!(told(lists), wanted, "{lists:?}");
        }
    }
}
