//! What the person meant. Keys, palette and command line all end here.

use std::path::PathBuf;

use serde_json::Value;

use super::draft::{Choice, Draft, RunOptions, Seed};
use super::job::JobId;
use crate::schema::Usd;
use crate::schema::regions::Region;
use crate::tree::decision::Mark;
use crate::tree::{Hash, Input, NodeId, PictureRef, Recipe};

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Changes of the draft.
    Draft(DraftAction),
    /// Sends requests, and acts on those in the queue.
    Queue(QueueAction),
    /// Moves in the tree, marks and searches its nodes.
    Tree(TreeAction),
    /// Acts on single pictures.
    Picture(PictureAction),
    /// The program itself, and what is around it.
    Session(SessionAction),
}

impl Action {
    pub fn mark(node: NodeId, mark: Mark) -> Self {
        Self::Tree(TreeAction::Mark { node, mark })
    }
}

/// Changes of the draft.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftAction {
    /// The prompt now reads so. Its first letter pins the draft's parent.
    SetPrompt(String),
    /// What was typed and given up for older words, the newest last.
    SetAsidePrompts(Vec<String>),
    /// All of it at once, as a command says it; what was put aside stays.
    Compose {
        draft: Box<Draft>,
        run: RunOptions,
    },
    /// `None`: back to the default.
    Set {
        name: String,
        value: Option<Value>,
    },
    SetSeed(Seed),
    /// All parameters back to their defaults.
    ResetValues,
    Choose(Choice),
    /// The draft goes on from this picture (`e`); `None`: from no picture, text to image.
    Parent(Option<PictureRef>),
    AddReference(Input),
    DropReference(usize),
    MoveReference {
        from: usize,
        to: usize,
    },
    /// The boxes of the draft are these now.
    SetRegions(Vec<Region>),
    /// Files to become root nodes; the purpose says what else they become.
    /// Paths may be patterns such as `shots/*.png`.
    AddFiles {
        paths: Vec<PathBuf>,
        purpose: Purpose,
    },
    /// What is in this folder?
    List(PathBuf),
    /// What does this file show?
    PreviewFile(PathBuf),
    /// The prompt comes back in English, from the command of `[translate]`.
    Translate,
    /// The prompt goes to `$EDITOR` and comes back.
    EditInEditor,
}

/// Sends requests, and acts on those in the queue.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueAction {
    /// Sends the draft, when it is valid; else says why not.
    Run,
    /// The same after it was asked about; why its words are hardly meant as a prompt.
    RunUnlikely(String),
    /// Orders are run and answered in one call from now on, or go through the queue.
    Sync(bool),
    /// The recipe of the current node again with new seeds, this many times.
    Reroll {
        times: u16,
    },
    /// The recipe of the current node again, the same seed.
    Rerun,
    Cancel(JobId),
    /// All that wait in our queue.
    CancelWaiting,
    /// A job that waits in the queue stays there until it is released.
    Hold(JobId),
    /// A held job goes into the queue.
    Release(JobId),
    /// The word that was asked for was given, or not.
    Answer(bool),
    /// A request that failed, once more; one that is maybe paid asks first.
    SendAgain(JobId),
    /// "Maybe paid" is taken note of and put away.
    Dismiss(JobId),
    /// Nothing new leaves until pressed again.
    PauseQueue,
    MoveJob {
        job: JobId,
        by: i32,
    },
    /// All of these, as single requests; asked about together.
    Sweep(Vec<Recipe>),
    /// The same, after it was told how many they are.
    Grid(Vec<Recipe>),
    /// The lines of the prompt one after the other, each on the last result.
    Steps,
    /// A step with other words, and what followed it, beside the old branch.
    Rebase {
        node: NodeId,
        words: String,
    },
    /// The steps that led to a node, on each file that this path or pattern means.
    Replay {
        node: NodeId,
        on: PathBuf,
    },
}

/// Moves in the tree, marks and searches its nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum TreeAction {
    /// The canvas shows this picture; it becomes the current one.
    Show(PictureRef),
    /// This one's picture, wherever it is in the tree.
    GoTo(NodeId),
    Go {
        to: Direction,
        times: u16,
    },
    Follow(bool),
    /// The sheet shows the last takes: they are offered no more.
    SawTakes,
    /// Rates, names, stars or trashes a node.
    Mark {
        node: NodeId,
        mark: Mark,
    },
    Undo {
        times: u16,
    },
    Redo {
        times: u16,
    },
    /// Find what these words mean; asked again with every letter.
    Search(String),
    /// These nodes are on screen without their words.
    Need(Vec<NodeId>),
}

/// Acts on single pictures.
#[derive(Clone, Debug, PartialEq)]
pub enum PictureAction {
    /// Find out what B has become of A; once for each pair.
    Compare {
        a: Hash,
        b: Hash,
    },
    /// A cue on the picture, or another frame.
    Annotate {
        on: PictureRef,
        annotation: Annotation,
    },
    /// How much has the branch worn down?
    Measure,
    /// What would healing as strongly as this make of it?
    PreviewHeal {
        child: PictureRef,
        strength: u8,
    },
    /// Take back from its parent what the current picture was not meant to change.
    Heal {
        strength: u8,
    },
    /// The picture's path on this machine, or the line that brings it over by scp.
    CopyPath {
        picture: Hash,
        scp: bool,
    },
    OpenExternally(Hash),
    /// The picture itself, to the clipboard of the terminal.
    CopyPicture(Hash),
    /// The picture into a file of this name, which may hold words in braces.
    CopyOut {
        picture: PictureRef,
        name: String,
    },
}

/// The program itself, and what is around it.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionAction {
    /// What was paid and waited for is wanted on the screen.
    Account,
    /// Balance and exact costs, without a person having asked.
    LookAtAccount,
    /// Models of the service's catalogue with these words.
    FindModels(String),
    /// The description of one more model is wanted here, and it is chosen.
    AddModel(String),
    /// What shall go wrong at the simulator.
    InjectFault(String),
    /// Leave this service for another, without leaving the program.
    Profile(String),
    /// Leave this project for another; it is begun if there is none of that name.
    Project(String),
    /// Text for the clipboard; `what` names it in the notice.
    Copy {
        text: String,
        what: String,
    },
    /// The picture on the clipboard of the terminal comes here.
    PastePicture(Purpose),
    /// The mouse clicks and scrolls here, or the terminal keeps it.
    Mouse(bool),
    /// Words for the footer from the screen itself: a refused key, a hint.
    Say(super::notice::Notice),
    /// What the footer says speaks of what is no longer there.
    Unsay,
    /// Pictures are shown in this way from now on: a word of `--graphics`.
    ShowPicturesAs(String),
    /// tmux shall hand pictures on.
    EnableTmuxPassthrough,
    /// The tree in lines, where there is no screen: all of it, or what is around the current picture.
    TellTree {
        is_whole: bool,
    },
    Redraw,
    Suspend,
    Quit,
}

/// What is drawn here, free, as a node of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Annotation {
    /// A red box that the prompt can speak of.
    Box(Bounds),
    /// A red arrow to one of the corners of the bounds.
    Arrow { at: Bounds, to_right: bool, to_bottom: bool },
    /// What lies within the bounds, with ground where there is nothing.
    Frame(Bounds),
}

/// A rectangle in pixels of a picture; a frame may reach beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bounds {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// What files are opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The first becomes what the draft goes on from; the rest stand beside it.
    Parent,
    References,
    /// Each stands for itself; the draft and the canvas stay as they are.
    Roots,
    /// The steps that led to this node are done again on each, as was agreed to.
    Replay {
        node: NodeId,
        terms: Terms,
    },
}

/// On what terms requests leave: what the answer to a question has covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The day's spending may reach this, by the store's own count.
    pub ceiling: Option<Usd>,
    /// A budget will be exceeded, and that was agreed to.
    pub is_agreed: bool,
    /// What was agreed to; `None`: it could not be told.
    pub most: Option<Usd>,
}

/// Where to from the current picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Parent,
    /// The child last visited, else the newest.
    Child,
    NextSibling,
    PreviousSibling,
    Newest,
    /// The picture that the branch began with.
    Root,
}
