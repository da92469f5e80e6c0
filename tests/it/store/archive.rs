//! A backup is a whole store in one file; what is not one changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use editree::app::draft::Draft;
use editree::store::archive::restore::restore;
use editree::store::error::{Error, Kind};
use editree::store::{Opening, Store};
use editree::tree::decision::{Change, Entry};
use editree::tree::{Node, Timestamp};
use tempfile::TempDir;

use super::{
    Shelf, all_nodes, finished, first_picture, open_root, options, png, save, simulated, spec,
};

/// A folder, a store in it, and a backup beside it.
struct Safe {
    folder: TempDir,
    shelf: Shelf,
    nodes: Vec<Node>,
}

impl Safe {
    fn new() -> Self {
        let (folder, shelf) = (tempfile::tempdir().unwrap(), Shelf::new());
        let store = shelf.store();
        let root = open_root(&store, "cat");
        let made = finished(&store, spec("blue", Some(first_picture(&root))), 300).node.id;
        let star = Change::Star { node: made, on: true };
        store.decide(Entry::Did(star), Timestamp(400)).wait().unwrap();
        let draft = Draft { prompt: "half a thought".into(), ..Draft::default() };
        store.keep_draft(draft).wait().unwrap();
        let (other, _) = Store::open(shelf.path(), simulated()).unwrap();
        open_root(&other, "dog");
        fs::create_dir(shelf.path().join("models")).unwrap();
        fs::write(shelf.path().join("models/me--lora.json"), "{}").unwrap();
        // Nothing of these belongs into an archive.
        fs::write(shelf.path().join("media/notes.txt"), "mine").unwrap();
        fs::create_dir(shelf.path().join(format!("media/{}.png", "a".repeat(64)))).unwrap();
        let nodes = all_nodes(&store).unwrap();
        let archived = store.back_up(folder.path().join("all.tar")).wait().unwrap();
        let odd = archived.odd.len();
        assert_eq!((archived.nodes, archived.pictures, archived.files, odd), (3, 3, 8, 1));
        assert_eq!(archived.bytes, fs::metadata(folder.path().join("all.tar")).unwrap().len());
        Self { folder, shelf, nodes }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("all.tar")
    }

    /// Restores these bytes to a new folder.
    fn refuse(&self, bytes: &[u8]) -> Error {
        let (file, to) = (self.folder.path().join("odd.tar"), self.folder.path().join("to"));
        fs::write(&file, bytes).unwrap();
        let error = restore(&file, &to, false).expect_err("it must be refused");
        let mut left: Vec<_> =
            fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["instances"], "{error}");
        error
    }
}

fn open(folder: &Path) -> (Store, Opening) {
    Store::open(folder, options()).unwrap()
}

fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    use std::io::Read as _;
    let mut archive = tar::Archive::new(archive);
    let one = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    archive.entries().unwrap().map(one).collect()
}

fn header(length: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(length as u64);
    header.set_mode(0o600);
    header
}

fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = header(bytes.len());
        // As somebody with another intention would write it: unchecked.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

#[test]
fn a_store_comes_back_with_everything_in_it() {
    let safe = Safe::new();
    let to = safe.folder.path().join("deep/down");
    let restored = restore(&safe.file(), &to, false).unwrap();
    assert_eq!((restored.archived.nodes, restored.replaced), (3, None));
    let (store, opening) = open(&to);
    assert_eq!(opening.notes, Vec::<String>::new());
    assert_eq!(opening.draft.prompt, "half a thought");
    assert!(opening.decisions.can_undo());
    assert_eq!(all_nodes(&store).unwrap(), safe.nodes);
    let hash = safe.nodes[0].pictures[0].hash;
    assert_eq!(store.media().read(hash).unwrap(), png("cat"));
    let (other, _) = Store::open(&to, simulated()).unwrap();
    assert_eq!(all_nodes(&other).unwrap().len(), 1);
    assert_eq!(fs::read(to.join("models/me--lora.json")).unwrap(), b"{}");
    assert!(!to.join("media/notes.txt").exists());
    let checked = store.check().wait().unwrap();
    assert!(checked.missing.is_empty() && checked.integrity == "ok");
    // Nothing lies about, neither here nor there.
    let mut left: Vec<_> = fs::read_dir(safe.shelf.path()).unwrap().flatten().collect();
    left.retain(|entry| entry.file_name().to_string_lossy().ends_with(".part"));
    assert_eq!((left.len(), fs::read_dir(safe.folder.path()).unwrap().count()), (0, 2));
}

#[test]
fn a_backup_takes_the_place_of_no_file() {
    let safe = Safe::new();
    let before = fs::read(safe.file()).unwrap();
    let error = safe.shelf.store().back_up(safe.file()).wait().unwrap_err();
    assert_eq!(error.kind, Kind::Taken);
    assert_eq!(fs::read(safe.file()).unwrap(), before);
    let nowhere = safe.shelf.store().back_up("/nowhere/at/all.tar".into()).wait();
    assert!(nowhere.unwrap_err().message.contains("/nowhere/at/all.tar"));
}

#[test]
fn a_backup_is_of_one_moment_though_others_go_on() {
    let safe = Safe::new();
    let (store, other) = (safe.shelf.store(), safe.shelf.store());
    let archived = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            (0..30).for_each(|number| drop(open_root(&other, &format!("{number}"))));
        });
        let archived = store.back_up(safe.folder.path().join("busy.tar")).wait().unwrap();
        writer.join().unwrap();
        archived
    });
    let to = safe.folder.path().join("to");
    restore(&safe.folder.path().join("busy.tar"), &to, false).unwrap();
    let (store, _) = open(&to);
    let checked = store.check().wait().unwrap();
    assert!(checked.nodes >= archived.nodes && checked.missing.is_empty(), "{checked:?}");
    assert_eq!(checked.integrity, "ok");
}

#[test]
fn an_archive_that_was_cut_or_changed_anywhere_is_refused_whole() {
    let safe = Safe::new();
    let whole = fs::read(safe.file()).unwrap();
    let end = whole.len() - 1024;
    for length in (0..end).step_by(end / 40 + 1).chain([1, 511, 512, 513, end - 1, end - 700]) {
        let error = safe.refuse(&whole[..length]);
        assert_eq!(error.kind, Kind::Damaged, "{length}: {error}");
        assert!(error.message.contains("odd.tar"), "{error}");
    }
    let entries = entries(&whole);
    for (place, (name, bytes)) in entries.iter().enumerate() {
        let mut changed = entries.clone();
        let middle = bytes.len() / 2;
        changed[place].1[middle] ^= 1;
        assert_eq!(safe.refuse(&archive(&changed)).kind, Kind::Damaged, "{name}");
        let mut short = entries.clone();
        short.remove(place);
        assert_eq!(safe.refuse(&archive(&short)).kind, Kind::Damaged, "{name}");
        let mut twice = entries.clone();
        twice.insert(place, entries[place].clone());
        assert_eq!(safe.refuse(&archive(&twice)).kind, Kind::Damaged, "{name}");
    }
    assert!(safe.refuse(&[b'x'; 4096]).message.contains("not a complete editree backup"));
}

#[test]
fn nothing_in_an_archive_leads_out_of_it() {
    let safe = Safe::new();
    let entries = entries(&fs::read(safe.file()).unwrap());
    let outside = safe.folder.path().join("outside");
    let absolute = outside.display().to_string();
    for name in
        ["../outside", "media/../../outside", &absolute, "media/x.png", ".bashrc", "config.toml"]
    {
        let more = [vec![(name.to_owned(), b"x".to_vec())], entries.clone()].concat();
        let error = safe.refuse(&archive(&more));
        assert!(error.message.contains("does not belong"), "{name}: {error}");
    }
    let hash = "b".repeat(64);
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::Fifo,
    ] {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = header(0);
        header.set_entry_type(kind);
        if matches!(kind, tar::EntryType::Symlink | tar::EntryType::Link) {
            header.set_link_name("/etc/passwd").unwrap();
        }
        tar.append_data(&mut header, format!("media/{hash}.png"), std::io::empty()).unwrap();
        let error = safe.refuse(&tar.into_inner().unwrap());
        assert!(error.message.contains("not a regular file"), "{kind:?}: {error}");
    }
    assert!(!outside.exists());
}

#[test]
fn a_store_that_is_not_empty_is_replaced_only_on_a_word_and_kept() {
    let safe = Safe::new();
    let shelf = Shelf::new();
    open_root(&shelf.store(), "bird");
    let error = restore(&safe.file(), shelf.path(), false).unwrap_err();
    assert_eq!(error.kind, Kind::Taken);
    assert!(error.hint.unwrap().contains("--replace"));
    assert_eq!(all_nodes(&shelf.store()).unwrap().len(), 1);
    // Without rows it is not empty either.
    fs::remove_file(shelf.path().join("editree.db")).unwrap();
    assert_eq!(restore(&safe.file(), shelf.path(), false).unwrap_err().kind, Kind::Taken);
    let restored = restore(&safe.file(), shelf.path(), true).unwrap();
    assert_eq!(all_nodes(&shelf.store()).unwrap(), safe.nodes);
    let (old, opening) = open(&restored.replaced.unwrap());
    assert!(opening.notes.concat().contains("are back"));
    assert_eq!(all_nodes(&old).unwrap().len(), 1);
}

#[test]
fn a_store_that_somebody_uses_is_left_alone() {
    let safe = Safe::new();
    let shelf = Shelf::new();
    let _store = shelf.store();
    let error = restore(&safe.file(), shelf.path(), true).unwrap_err();
    assert_eq!(error.kind, Kind::Busy);
    // One that was opened once and never used is empty.
    let shelf = Shelf::new();
    drop(shelf.store());
    assert_eq!(restore(&safe.file(), shelf.path(), false).unwrap().archived.nodes, 3);
}

#[test]
fn a_restore_that_was_cut_off_has_not_happened_or_is_finished_at_the_next_start() {
    let safe = Safe::new();
    let whole = tempfile::tempdir().unwrap();
    restore(&safe.file(), whole.path(), false).unwrap();
    let names = ["editree.db", "media", "models"];
    for moved in 0..=names.len() {
        let shelf = Shelf::new();
        open_root(&shelf.store(), "bird");
        let ready = shelf.path().join("restored");
        fs::create_dir(&ready).unwrap();
        for (place, name) in names.iter().enumerate() {
            let at = if place < moved { shelf.path() } else { ready.as_path() };
            let old = shelf.path().join(name);
            if place < moved && old.is_dir() {
                fs::remove_dir_all(&old).unwrap();
            }
            copy(&whole.path().join(name), &at.join(name));
        }
        let (store, opening) = shelf.open();
        assert_eq!(all_nodes(&store).unwrap(), safe.nodes, "{moved}");
        assert_eq!(opening.notes, Vec::<String>::new(), "{moved}");
        assert!(!ready.exists());
        save(&store, spec("go on", Some(first_picture(&safe.nodes[0]))));
    }
    // Cut off before: the half of it means nothing.
    let shelf = Shelf::new();
    copy(&whole.path().join("media"), &shelf.path().join("restoring.1/media"));
    assert_eq!(all_nodes(&shelf.store()).unwrap(), []);
    restore(&safe.file(), shelf.path(), false).unwrap();
    assert!(!shelf.path().join("restoring.1").exists());
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
