//! What is known of a panic that ended the workbench, so that the next start is a safe one: the
//! draft is there, what may have made it fall is not shown by itself.
//!
//! A file in the data folder; reads and writes nothing else. Invariant: after the first fall no
//! picture is shown by itself; after the second in a row the words of the draft are put aside too,
//! from where Down brings them back. Leaving as usual ends it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{CommandError, code};
use crate::app::draft::MOST_ASIDE;
use crate::store::Opening;

const NAME: &str = "fell.txt";
/// It is ours and short; what is longer is not.
const LONGEST: u64 = 4 << 10;

/// Falls in a row, and where the last one was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fallen {
    times: u32,
    place: String,
}

impl Fallen {
    pub(super) fn find(folder: &Path) -> Option<Self> {
        let path = path(folder);
        if !path.symlink_metadata().is_ok_and(|known| known.is_file()) {
            return None;
        }
        let mut text = String::new();
        let file = std::fs::File::open(path).ok()?;
        // What cannot be read is a fall all the same.
        let _ = file.take(LONGEST).read_to_string(&mut text);
        let (times, place) = text.split_once('\n').unwrap_or_default();
        Some(Self { times: times.parse().unwrap_or(1), place: place.trim().to_owned() })
    }

    pub(super) fn again(before: Option<Self>, place: &str) -> Self {
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        Self { times, place: place.to_owned() }
    }

    /// The sentence the program ends with.
    pub(super) fn keep(self, folder: &Path) -> CommandError {
        let text = format!("{}\n{}\n", self.times, self.place);
        let kept = std::fs::write(path(folder), text).is_ok();
        let next = if kept { "; the next start shows no pictures" } else { "" };
        CommandError::new(code::INTERNAL, format!("editree crashed: {}", self.place))
            .hint(format!("the draft and all sent requests are kept{next}; please report this"))
    }

    pub(super) fn forget(folder: &Path) {
        let _ = std::fs::remove_file(path(folder));
    }

    /// Takes out of the draft what may have made it fall; what to say of it.
    pub(super) fn make_safe(&self, opening: &mut Opening) -> String {
        let mut text = "safe start, pictures are off".to_owned();
        let draft = &mut opening.draft;
        if self.times > 1 && !draft.prompt.is_empty() {
            draft.aside.push(std::mem::take(&mut draft.prompt));
            let much = draft.aside.len().saturating_sub(MOST_ASIDE);
            draft.aside.drain(..much);
            text.push_str(", the draft's words are put aside, next to the prompts of before");
        }
        format!("{text}: editree crashed in the last session: {}", self.place)
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_in_a_row_are_counted_until_it_is_left_as_usual() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let folder = folder.path();
        assert_eq!(Fallen::find(folder), None);
        let command_error = Fallen::again(None, "here").keep(folder);
        assert_eq!(command_error.code, code::INTERNAL);
        let first = Fallen::find(folder);
        assert_eq!(first, Some(Fallen { times: 1, place: "here".into() }));
        Fallen::again(first, "there").keep(folder);
        assert_eq!(Fallen::find(folder), Some(Fallen { times: 2, place: "there".into() }));
        std::fs::write(path(folder), [0xff; 9000])?;
        assert_eq!(Fallen::find(folder), Some(Fallen { times: 1, place: String::new() }));
        Fallen::forget(folder);
        assert_eq!(Fallen::find(folder), None);
        std::fs::create_dir(path(folder))?;
        assert_eq!(Fallen::find(folder), None);
        Ok(())
    }
}
