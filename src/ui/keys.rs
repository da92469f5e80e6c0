//! Every command once: its name, its keys, its sentence. Help, footer, palette, README and the
//! remapping in the config file all come from this table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::pane::Pane;

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    Run,
    Newline,
    NormalMode,
    Insert,
    HistorySearch,
    EditOutside,
    Snippet,
    UndoText,
    RedoText,
    Take,
    NextPane,
    PreviousPane,
    Focus(Pane),
    PaneMenu,
    OneNormal,
    EditPicture,
    Follow,
    Reroll,
    Rerun,
    AddReference,
    References,
    Compare,
    CompareMode,
    Heal,
    PickPartner,
    Star,
    Trash,
    Undo,
    Redo,
    NameBranch,
    WholeTree,
    CopyMenu,
    Account,
    TrashList,
    OpenOutside,
    Filter,
    NextMatch,
    PreviousMatch,
    FullScreen,
    Larger,
    Smaller,
    Help,
    CommandLine,
    Leader,
    Redraw,
    Suspend,
    Close,
    Leave,
    Quit,
    Parent,
    Child,
    NextSibling,
    PreviousSibling,
    Down,
    Up,
    ZoomIn,
    OneToOne,
    Exact,
    ZoomOut,
    FitPicture,
    Cancel,
    CancelWaiting,
    PauseLine,
    MoveDown,
    MoveUp,
    Release,
    ErrorsOnly,
    LogEnd,
    ToJob,
    Less,
    More,
    OpenField,
    DefaultField,
    SeedMode,
    ResetForm,
    Endpoint,
    Profile,
    OpenFile,
    Graphics,
    Mark,
    Mouse,
    Sync,
    Drill,
    Remove,
    AddAddress,
}

/// Where a row's keys mean it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In the prompt and in normal mode.
    Everywhere,
    Prompt,
    Normal,
    In(Pane),
    /// In the list of references, while it is on top.
    InReferences,
    /// Only by name, or from a menu.
    ByName,
}

/// One row: name, command, where, keys, sentence.
pub type Row = (&'static str, Command, Where, &'static [&'static str], &'static str);

use Command as C;
use Pane::{Canvas, Form, Log, Prompt, Queue, Tree};
use Where::{ByName, Everywhere, In, InReferences, Normal};

/// The table. A pane's own key wins over the general one.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    ("run", C::Run, Where::Prompt, &["enter"], "send the request"),
    ("newline", C::Newline, Where::Prompt, &["ctrl-j", "alt-enter"], "begin a new line"),
    ("normal", C::NormalMode, Where::Prompt, &["esc"], "leave the prompt for the single keys"),
    ("history", C::HistorySearch, Where::Prompt, &["ctrl-r"], "search what was sent before"),
    ("editor", C::EditOutside, Where::Prompt, &["ctrl-x ctrl-e"], "write the prompt in $EDITOR"),
    ("snippet", C::Snippet, Where::Prompt, &["ctrl-t"], "insert a snippet of the config file"),
    ("undo-text", C::UndoText, Where::Prompt, &["ctrl-_", "ctrl-/"], "undo typing"),
    ("redo-text", C::RedoText, Where::Prompt, &["alt-/"], "redo typing"),
    ("take", C::Take, Where::Prompt, &["tab"], "take what is offered, else go to the next pane"),
    ("one-normal", C::OneNormal, Where::Prompt, &["ctrl-o"], "one normal-mode key, then back"),
    ("next-pane", C::NextPane, Normal, &["tab"], "go to the next pane"),
    ("previous-pane", C::PreviousPane, Everywhere, &["shift-tab"], "go to the pane before"),
    ("prompt", C::Focus(Prompt),
    Everywhere, &["alt-1"], "go to the prompt"),
    ("parameters", C::Focus(Form),
    Everywhere, &["alt-2"], "go to the parameters"),
    ("tree", C::Focus(Tree),
    Everywhere, &["alt-3"], "go to the tree"),
    ("queue", C::Focus(Queue),
    Everywhere, &["alt-4"], "go to the queue"),
    ("log", C::Focus(Log),
    Everywhere, &["alt-5"], "go to the log"),
    ("canvas", C::Focus(Canvas),
    Everywhere, &["alt-6"], "go to the canvas"),
    ("panes", C::PaneMenu, Normal, &["g"], "go to a pane by its letter"),
    ("insert", C::Insert, Normal, &["i"], "back to the prompt"),
    ("edit", C::EditPicture, Normal, &["e", "alt-e"], "go on from this picture"),
    ("follow", C::Follow, Normal, &["F"], "follow the newest result, or not"),
    ("reroll", C::Reroll, Normal, &["r", "alt-r"], "the same again with a new seed"),
    ("rerun", C::Rerun, Normal, &["R"], "exactly the same again"),
    ("reference", C::AddReference, Normal, &["a", "alt-a"], "add this picture as a reference"),
    ("references", C::References, Normal, &["A"], "order or remove the references"),
    ("compare", C::Compare, Normal, &["c", "alt-c"], "compare with the parent, again: swap"),
    ("compare-mode", C::CompareMode, Normal, &["m", "alt-m"], "how to compare: swap, side by side, wipe, onion, heat map"),
    ("heal", C::Heal, Normal, &["H", "alt-H"], "take back from the parent what the edit did not mean to change; 30H takes back less"),
    ("partner", C::PickPartner, Normal, &["C"], "compare others with this picture, again: with their parents"),
    ("star", C::Star, Normal, &["*", "alt-*"], "mark the keeper"),
    ("trash", C::Trash, Normal, &["d"], "put into the trash"),
    ("undo", C::Undo, Normal, &["z", "alt-z"], "undo a decision"),
    ("redo", C::Redo, Normal, &["Z", "alt-Z"], "redo a decision"),
    ("name", C::NameBranch, Normal, &["b"], "name the branch"),
    ("whole-tree", C::WholeTree, Normal, &["T"], "the whole tree"),
    ("copy", C::CopyMenu, Normal, &["y"], "copy words, seed, address or code"),
    ("account", C::Account, Normal, &["$"], "what was paid, and how long pictures are waited for"),
    ("open-outside", C::OpenOutside, Normal, &["o"], "open in another program"),
    ("filter", C::Filter, Normal, &["/"], "find by words, endpoint, cost, seed or day"),
    ("next-match", C::NextMatch, Normal, &["n"], "next match"),
    ("previous-match", C::PreviousMatch, Normal, &["N"], "match before"),
    ("full-screen", C::FullScreen, Normal, &["f"], "this pane alone"),
    ("larger", C::Larger, Normal, &["+"], "make the side panes wider"),
    ("smaller", C::Smaller, Normal, &["_"], "make the side panes narrower"),
    ("parent", C::Parent, Normal, &["h", "alt-h"], "to the parent"),
    ("child", C::Child, Normal, &["l", "alt-l"], "to the child last visited"),
    ("next-sibling", C::NextSibling, Normal, &["j", "alt-j"], "to the next picture beside it"),
    ("previous-sibling", C::PreviousSibling, Normal, &["k", "alt-k"], "to the one before"),
    ("zoom-in", C::ZoomIn, In(Canvas),
    &["="], "zoom in"),
    ("zoom-out", C::ZoomOut, In(Canvas),
    &["-"], "zoom out"),
    ("fit", C::FitPicture, In(Canvas),
    &["0"], "the whole picture"),
    ("one-to-one", C::OneToOne, In(Canvas),
    &["#"], "one pixel of the picture for each of the screen"),
    ("exact", C::Exact, In(Canvas),
    &["!"], "every pixel as it is, however long it takes"),
    ("row-down", C::Down, In(Tree),
    &["j", "down"], "next row"),
    ("row-up", C::Up, In(Tree),
    &["k", "up"], "row before"),
    ("mark-row", C::Mark, In(Tree),
    &["v"], "mark the row: d and * then do all marked ones"),
    ("job-down", C::Down, In(Queue),
    &["j", "down"], "next job"),
    ("job-up", C::Up, In(Queue),
    &["k", "up"], "job before"),
    ("mark-job", C::Mark, In(Queue),
    &["v"], "mark the job: x and Enter then do all marked ones"),
    ("cancel", C::Cancel, In(Queue),
    &["x"], "cancel the job"),
    ("cancel-waiting", C::CancelWaiting, In(Queue),
    &["X"], "drop all that wait here"),
    ("pause", C::PauseLine, In(Queue),
    &["p"], "pause our own line"),
    ("later", C::MoveDown, In(Queue),
    &["J"], "let it leave later"),
    ("sooner", C::MoveUp, In(Queue),
    &["K"], "let it leave sooner"),
    ("release", C::Release, In(Queue),
    &["enter"], "send what is held, put away what is unknown"),
    ("line-down", C::Down, In(Log),
    &["j", "down"], "next line"),
    ("line-up", C::Up, In(Log),
    &["k", "up"], "line before"),
    ("errors", C::ErrorsOnly, In(Log),
    &["e"], "warnings and errors only"),
    ("log-end", C::LogEnd, In(Log),
    &["F"], "to the end, and stay there"),
    ("to-job", C::ToJob, In(Log),
    &["enter"], "to the line's job"),
    ("field-down", C::Down, In(Form),
    &["j", "down"], "next parameter"),
    ("field-up", C::Up, In(Form),
    &["k", "up"], "parameter before"),
    ("less", C::Less, In(Form),
    &["h", "left"], "the value before"),
    ("more", C::More, In(Form),
    &["l", "right"], "the next value"),
    ("type-value", C::OpenField, In(Form),
    &["enter"], "type the value"),
    ("default", C::DefaultField, In(Form),
    &["backspace"], "back to the default"),
    ("seed-mode", C::SeedMode, In(Form),
    &["s"], "seed: random, fixed, locked"),
    ("reference-down", C::Down, InReferences,
    &["j", "down"], "next reference"),
    ("reference-up", C::Up, InReferences,
    &["k", "up"], "reference before"),
    ("reference-later", C::MoveDown, InReferences,
    &["J"], "one place later"),
    ("reference-sooner", C::MoveUp, InReferences,
    &["K"], "one place sooner"),
    ("reference-remove", C::Remove, InReferences,
    &["d"], "take it out"),
    ("reference-address", C::AddAddress, InReferences,
    &["u"], "add one by its address"),
    ("reference-add", C::AddReference, InReferences,
    &["a"], "add the picture on the canvas"),
    ("reset", C::ResetForm, ByName, &[], "all parameters back to their defaults"),
    ("model", C::Endpoint, ByName, &[], "choose the endpoint"),
    ("profile", C::Profile, ByName, &[], "go over to another service"),
    ("open", C::OpenFile, ByName, &[], "open a picture by its path"),
    ("graphics", C::Graphics, ByName, &[], "how pictures are shown here, and why"),
    ("sim", C::Drill, ByName, &[], "drills with the simulator: slow, failing, filtered, dropped"),
    ("trash-list", C::TrashList, ByName, &[], "what lies in the trash; Enter brings it back"),
    ("sync", C::Sync, ByName, &[], "run and answer in one call, or through the queue; such a call cannot be picked up after a crash"),
    ("mouse", C::Mouse, ByName, &[], "let the mouse click and scroll here, or leave it to the terminal"),
    ("help", C::Help, Everywhere, &["f1"], "the keys of this place"),
    ("keys", C::Help, Normal, &["?"], "the keys of this place"),
    ("command", C::CommandLine, Normal, &[":"], "any command by its name"),
    ("menu", C::Leader, Normal, &["space"], "files, history, endpoint, profile"),
    ("redraw", C::Redraw, Everywhere, &["ctrl-l"], "draw the screen anew"),
    ("suspend", C::Suspend, Everywhere, &["ctrl-z"], "suspend editree"),
    ("close", C::Close, Normal, &["esc"], "close what is on top"),
    ("leave", C::Leave, Normal, &["q"], "close what is on top; with nothing on top: quit"),
    ("quit", C::Quit, Everywhere, &["ctrl-c"], "leave; everything is kept"),
];

/// A key with its modifiers, the same whatever encoding the terminal uses; written `ctrl-x`.
pub type Chord = String;

/// The chord of a key event, or `None` for one that only modifies.
pub fn chord(key: &KeyEvent) -> Option<Chord> {
    let mut modifiers = key.modifiers;
    let name = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        // 0x1F: the old encoding of Ctrl-_ and of Ctrl-/ is told as Ctrl-7.
        KeyCode::Char('7' | '/' | '-') if modifiers.contains(KeyModifiers::CONTROL) => "_".into(),
        KeyCode::Char(c) => {
            let shifted = modifiers.contains(KeyModifiers::SHIFT);
            modifiers.remove(KeyModifiers::SHIFT);
            if modifiers.contains(KeyModifiers::CONTROL) {
                c.to_lowercase().to_string()
            } else if shifted {
                c.to_uppercase().to_string()
            } else {
                c.to_string()
            }
        }
        KeyCode::BackTab => {
            modifiers.insert(KeyModifiers::SHIFT);
            "tab".into()
        }
        KeyCode::Enter => "enter".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::Backspace => "backspace".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::PageUp => "pageup".into(),
        KeyCode::PageDown => "pagedown".into(),
        KeyCode::Insert => "insert".into(),
        KeyCode::F(number) => format!("f{number}"),
        _ => return None,
    };
    let mut text = String::new();
    for (modifier, word) in [
        (KeyModifiers::CONTROL, "ctrl-"),
        (KeyModifiers::ALT, "alt-"),
        (KeyModifiers::SHIFT, "shift-"),
    ] {
        if modifiers.contains(modifier) {
            text.push_str(word);
        }
    }
    Some(text + &name)
}

/// The table with the config file's changes.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<(Where, Chord, Command)>,
    /// As many rows are the table's own; those of the config file follow.
    defaults: usize,
}

impl Default for Keymap {
    fn default() -> Self {
        let rows = TABLE.iter().flat_map(|(_, command, place, chords, _)| {
            chords.iter().map(move |chord| (*place, (*chord).to_owned(), *command))
        });
        let rows: Vec<_> = rows.collect();
        Self { defaults: rows.len(), rows }
    }
}

impl Keymap {
    /// With chords of the config file. A chord that is given twice, or that already means another
    /// command in the same place, is refused with the reason.
    pub fn with(overrides: &[(String, String)]) -> Result<Self, String> {
        let mut keymap = Self::default();
        for (chord, name) in overrides {
            let Some((_, command, place, ..)) = TABLE.iter().find(|row| row.0 == name) else {
                return Err(format!("[keys] `{chord}`: there is no command `{name}`"));
            };
            let place = if *place == ByName { Normal } else { *place };
            let chord = normal_form(chord).ok_or_else(|| format!("[keys] `{chord}` is no key"))?;
            let taken = keymap.rows.iter().find(|(other, known, meaning)| {
                *known == chord && overlaps(*other, place) && meaning != command
            });
            if let Some((_, _, meaning)) = taken {
                let other = name_of(*meaning);
                return Err(format!("[keys] `{chord}` for `{name}` already means `{other}`"));
            }
            keymap.rows.push((place, chord, *command));
        }
        Ok(keymap)
    }

    /// What the chord means in this pane and mode.
    pub fn find(&self, chord: &str, pane: Pane, in_prompt: bool) -> Option<Command> {
        let meaning = |place: Where| {
            let row = self.rows.iter().find(|(other, known, _)| *other == place && known == chord);
            row.map(|(_, _, command)| *command)
        };
        if in_prompt {
            let alt = || chord.starts_with("alt-").then(|| meaning(Normal)).flatten();
            return meaning(Where::Prompt).or_else(|| meaning(Everywhere)).or_else(alt);
        }
        meaning(In(pane)).or_else(|| meaning(Everywhere)).or_else(|| meaning(Normal))
    }

    /// What the chord means in the list of references.
    pub fn find_in_references(&self, chord: &str) -> Option<Command> {
        let row =
            self.rows.iter().find(|(place, known, _)| *place == InReferences && known == chord);
        row.map(|(_, _, command)| *command)
    }

    /// Begins a chord of two keys, such as `ctrl-x ctrl-e`.
    pub fn is_prefix(&self, chord: &str) -> bool {
        let first = format!("{chord} ");
        self.rows.iter().any(|(_, known, _)| known.starts_with(&first))
    }

    /// The chord of a command that the person knows: one of the config file, else the first.
    pub fn chord_of(&self, command: Command) -> Option<&str> {
        let means = |row: &&(Where, Chord, Command)| row.2 == command;
        let (own, changed) = self.rows.split_at_checked(self.defaults)?;
        let row = changed.iter().find(means).or_else(|| own.iter().find(means));
        row.map(|(_, chord, _)| chord.as_str())
    }

    /// The keys that do it from the prompt, as people write them: `Alt-c`, or `Esc b`.
    pub fn from_prompt(&self, command: Command) -> Option<String> {
        let means = |row: &&(Where, Chord, Command)| row.2 == command;
        let works = |row: &&(Where, Chord, Command)| match row.0 {
            Where::Prompt | Everywhere => true,
            Normal => row.1.starts_with("alt-"),
            In(_) | InReferences | ByName => false,
        };
        // One of the config file stands last and goes first.
        let direct = self.rows.iter().rev().filter(means).find(works);
        let direct = direct.map(|(_, chord, _)| show(chord));
        direct.or_else(|| Some(format!("Esc {}", show(self.chord_of(command)?))))
    }
}

/// Name of a command, as the palette and the config file know it.
pub fn name_of(command: Command) -> &'static str {
    TABLE.iter().find(|row| row.1 == command).map_or("", |row| row.0)
}

fn overlaps(a: Where, b: Where) -> bool {
    a == b || a == Everywhere || b == Everywhere
}

fn normal_form(text: &str) -> Option<Chord> {
    let text = text.trim();
    (!text.is_empty() && !text.ends_with('-') || text == "-").then(|| text.to_owned())
}

/// The key table of the README.
pub fn markdown() -> String {
    let mut out = String::from("| where | key | does |\n|---|---|---|\n");
    for (name, _, place, chords, sentence) in TABLE {
        let place = match place {
            Everywhere => "anywhere",
            Where::Prompt => "prompt",
            Normal => "normal mode",
            In(pane) => pane.name(),
            InReferences => "references",
            ByName => "`:`",
        };
        let keys: Vec<String> = chords.iter().map(|chord| format!("`{}`", show(chord))).collect();
        let keys = if keys.is_empty() { format!("`:{name}`") } else { keys.join(" ") };
        out.push_str(&format!("| {place} | {keys} | {sentence} |\n"));
    }
    out
}

/// As people write it: `Ctrl-R`, `Alt-e`, `Space`.
pub fn show(chord: &str) -> String {
    let one = |key: &str| {
        let key = key.replace("ctrl-", "Ctrl-").replace("alt-", "Alt-").replace("shift-", "Shift-");
        let (head, last) = key.rsplit_once('-').map_or(("", key.as_str()), |(head, last)| {
            if last.is_empty() { ("", key.as_str()) } else { (head, last) }
        });
        let last = match last {
            word if word.len() > 1 && word.is_ascii() => {
                let mut word = word.to_owned();
                if let Some(first) = word.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                word
            }
            letter if head == "Ctrl" => letter.to_uppercase(),
            letter => letter.to_owned(),
        };
        if head.is_empty() { last } else { format!("{head}-{last}") }
    };
    chord.split(' ').map(one).collect::<Vec<_>>().join(" ")
}
