//! Commands that put something on top.

use super::super::Ui;
use super::super::cells::folded;
use super::super::copy_menu;
use super::super::keys::table::Command;
use super::super::overlay::commands::Commands;
use super::super::overlay::files::Files;
use super::super::overlay::input::{Input, InputPurpose};
use super::super::overlay::keep::Keep;
use super::super::overlay::list::List;
use super::super::overlay::menu::Menu;
use super::super::overlay::picker::Item;
use super::super::overlay::references::References;
use super::super::overlay::search::Search;
use super::super::overlay::sweep::Sweep;
use super::super::overlay::text_view::TextView;
use super::super::overlay::{Overlay, OverlayAction, about, account, trash};
use super::super::pane::Pane;
use crate::app::action::Action;
use crate::app::draft::Choice;
use crate::app::model::{Model, Service, Snippet};

impl Ui {
    /// Commands that put something on top.
    pub(super) fn open(&mut self, model: &Model, command: Command) -> Vec<Action> {
        use Command as C;
        if command == C::Snippet && model.snippets.is_empty() {
            return Self::say("no snippets: they stand in the config file under [snippets]");
        }
        let item = |label: &str, detail: &str| Item { label: label.into(), detail: detail.into() };
        let overlay: Option<Box<dyn Overlay>> = match command {
            C::Help => {
                Some(Box::new(Commands::help(self.focus, self.in_prompt(), self.sheet.is_some())))
            }
            C::CommandLine => Some(Box::new(Commands::all())),
            C::HistorySearch => {
                let row = |words: &String| (item(words, ""), OverlayAction::Recall(words.clone()));
                Some(Box::new(List::new(
                    "what was sent before",
                    model.prompts.iter().map(row).collect(),
                )))
            }
            C::PaneMenu => {
                let row = |pane: &Pane| {
                    (pane.letter(), pane.name(), OverlayAction::Command(C::Focus(*pane)))
                };
                Some(Box::new(Menu::new("go to", Pane::ALL.iter().map(row).collect())))
            }
            C::Leader => Some(Box::new(leader())),
            C::References => Some(Box::new(References::new(model))),
            C::WholeTree => {
                self.focus_on(Pane::Tree);
                self.layout_options.full = Some(Pane::Tree);
                None
            }
            C::CopyMenu => copy_menu::menu(model).map(|menu| Box::new(menu) as _),
            C::Account | C::About | C::Filter | C::OpenFile => return self.open_asking(command),
            C::Keep => Some(Box::new(Keep::new(&self.prompt.text()))),
            C::TrashList => Some(Box::new(trash::list(model))),
            C::Endpoint => Some(Box::new(endpoints(model))),
            C::Profile => Some(Box::new(profiles(model))),
            C::Snippet => Some(Box::new(Self::snippets(model))),
            C::Sweep => Some(Box::new(Sweep::new(model))),
            C::InjectFault if !model.profile.simulated => {
                return Self::say("this service is real: drills are for --sim");
            }
            C::InjectFault => Some(Box::new(drills())),
            C::Graphics => Some(Box::new(self.graphics_overlay())),
            _ => match self.line_of(model, command) {
                Some((title, line, text)) => Some(Box::new(Input::new(title, line, text))),
                None => return Self::say("there is no picture for that"),
            },
        };
        self.overlays.extend(overlay);
        Vec::new()
    }

    /// What is empty until something has been found out.
    fn open_asking(&mut self, command: Command) -> Vec<Action> {
        let (overlay, action): (Box<dyn Overlay>, _) = match command {
            Command::Account => (Box::new(account::view()), Action::Account),
            Command::About => (Box::new(about::view()), Action::Measure),
            Command::OpenFile => (Box::new(Files::default()), Action::List(".".into())),
            _ => {
                let text = self.filter.clone().unwrap_or_default();
                (Box::new(Search::new(text.clone())), Action::Search(text))
            }
        };
        self.overlays.push(overlay);
        vec![action]
    }

    /// What a command wants to be typed: the question, what it is for, and what stands there
    /// already.
    pub(super) fn line_of(
        &self,
        model: &Model,
        command: Command,
    ) -> Option<(&'static str, InputPurpose, String)> {
        let none = String::new();
        let node = model.current_node();
        Some(match command {
            Command::OpenFile => ("path of a picture on this machine", InputPurpose::Open, none),
            Command::InjectFault => (
                "STEP:WHAT[@PERCENT][*TIMES], such as status:drop*3",
                InputPurpose::InjectFault,
                none,
            ),
            Command::Project => ("project: another one, or a new one", InputPurpose::Project, none),
            Command::NameBranch => (
                "name of the branch",
                InputPurpose::Name(node?.id),
                node?.name.clone().unwrap_or_default(),
            ),
            Command::Rebase => {
                let recipe = node?.recipe.as_ref()?;
                ("this step in other words", InputPurpose::Rebase(node?.id), recipe.prompt.clone())
            }
            Command::Replay => {
                let title = "pictures to do the same steps on, such as shots/*.png";
                (title, InputPurpose::Replay(node?.id), none)
            }
            Command::Save => {
                let title = "copy it to: a path, or empty for {node}-{prompt}.{ext}";
                (title, InputPurpose::Save(model.current?), none)
            }
            _ => return None,
        })
    }

    fn snippets(model: &Model) -> List {
        let row = |snippet: &Snippet| {
            let item = Item { label: snippet.name.clone(), detail: snippet.text.clone() };
            (item, OverlayAction::Snippet(snippet.text.clone()))
        };
        let title = "snippets (Tab goes through the places in <brackets>)";
        List::new(title, model.snippets.iter().map(row).collect())
    }

    fn graphics_overlay(&self) -> TextView {
        let words = self.graphics_words();
        match self.graphics.tmux_swallows {
            true => TextView::new("t lets pictures through tmux", words)
                .offering('t', Action::EnableTmuxPassthrough),
            false => TextView::new("pictures on this terminal", words),
        }
    }

    fn graphics_words(&self) -> Vec<String> {
        let graphics = &self.graphics;
        let (width, height) = graphics.cell;
        let mut lines =
            vec![format!("shown as {}", graphics.protocol), format!("because {}", graphics.why)];
        if !graphics.evidence.is_empty() {
            lines.push(format!("known by {}", graphics.evidence));
        }
        lines.push(format!("a cell has {width}×{height} pixels"));
        let line =
            graphics.link.as_ref().map(|link| format!("the line, as its answers tell: {link}"));
        lines.extend(line);
        let sharp = "! brings every pixel, # one pixel of the picture on each of the screen";
        lines.extend(graphics.level.map(|level| format!("pictures are {level}; {sharp}")));
        lines.extend(graphics.advice.iter().map(|advice| format!("for better pictures: {advice}")));
        lines
            .push("another way: start with --graphics kitty, iterm2, sixel, blocks or none".into());
        lines.iter().flat_map(|line| folded(line, COLUMNS)).collect()
    }
}

/// What an overlay has room for on a screen of eighty columns.
const COLUMNS: usize = 76;

/// After the leader key.
fn leader() -> Menu {
    use Command as C;
    Menu::new(
        "menu",
        vec![
            ('f', "open a picture of this machine", OverlayAction::Command(C::OpenFile)),
            (
                'h',
                "search everything: words, endpoint, cost, day",
                OverlayAction::Command(C::Filter),
            ),
            ('m', "choose the endpoint", OverlayAction::Command(C::Endpoint)),
            ('i', "about this picture: recipe, changes, wear", OverlayAction::Command(C::About)),
            ('k', "say what shall stay", OverlayAction::Command(C::Keep)),
            ('s', "copy this picture into a file", OverlayAction::Command(C::Save)),
            ('p', "go over to another service", OverlayAction::Command(C::Profile)),
            ('g', "how pictures are shown here", OverlayAction::Command(C::Graphics)),
            ('?', "all commands", OverlayAction::Command(C::CommandLine)),
        ],
    )
}

/// What can go wrong, to be met where it costs nothing.
fn drills() -> List {
    const DRILLS: [(&str, &str); 11] = [
        ("slow: each picture takes ten seconds", "run:delay=10000"),
        ("busy: the next two requests are turned away", "submit:429*2"),
        ("failing: the model fails once", "run:500*1"),
        ("filtered: the next picture comes back black", "run:filter*1"),
        ("lost: the next answer to a request never arrives", "submit:lose*1"),
        ("dropped: three downloads in ten break off", "download:drop@30"),
        ("held: nothing runs until it is released", "run:hold"),
        ("release what is held", "release"),
        ("worn: results are shifted, larger and re-encoded", "habits:strong"),
        ("exact: results lie exactly where they were", "habits:off"),
        ("off: all is well again", "off"),
    ];
    let row = |(label, word): &(&str, &str)| {
        let item = Item { label: (*label).into(), detail: (*word).into() };
        (item, OverlayAction::Actions(vec![Action::InjectFault((*word).into())]))
    };
    let own = Item { label: "another, by its specification".into(), detail: "…".into() };
    let mut rows: Vec<(Item, OverlayAction)> = DRILLS.iter().map(row).collect();
    rows.push((own, OverlayAction::Input(InputPurpose::InjectFault)));
    List::new("drills with the simulator", rows)
}

fn profiles(model: &Model) -> List {
    let row = |other: &Service| {
        let detail = match &other.obstacle {
            Some(obstacle) => obstacle.clone(),
            None if other.name == model.profile.name => "in use".into(),
            None => String::new(),
        };
        let item = Item { label: other.name.clone(), detail };
        (item, OverlayAction::Actions(vec![Action::Profile(other.name.clone())]))
    };
    List::new("go over to", model.profile.others.iter().map(row).collect())
}

fn endpoints(model: &Model) -> List {
    let mut rows = Vec::new();
    let mut families: Vec<&str> =
        model.catalogue.endpoints().filter_map(|endpoint| endpoint.family.as_deref()).collect();
    families.dedup();
    families.sort_unstable();
    families.dedup();
    for family in families {
        let item =
            Item { label: format!("{family}: whichever fits the pictures"), detail: "auto".into() };
        let choice = Choice::Auto { family: family.to_owned() };
        rows.push((item, OverlayAction::Actions(vec![Action::Choose(choice)])));
    }
    for endpoint in model.catalogue.endpoints() {
        let price =
            endpoint.price.as_ref().map_or("price unknown".into(), |price| price.each.to_string());
        let item = Item { label: format!("{}: {}", endpoint.short, endpoint.id), detail: price };
        rows.push((
            item,
            OverlayAction::Actions(vec![Action::Choose(Choice::Fixed(endpoint.id.clone()))]),
        ));
    }
    List::new("endpoint", rows)
}
