//! Commands on the session: files, profile, project, help, quit.

use unicode_width::UnicodeWidthStr as _;

use super::{Args, CommandRow, Stakes, sheet};
use crate::app::action::{Action, DraftAction, Purpose, SessionAction};
use crate::app::draft::Choice;
use crate::app::model::Model;
use crate::app::notice::Notice;
use crate::app::session::Service;
use crate::schema::Endpoint;
use crate::ui::Ui;
use crate::ui::cells::{folded, padded};
use crate::ui::hint;
use crate::ui::mode::KeyContext::{ByName, Everywhere, Normal};
use crate::ui::overlay::commands::Commands;
use crate::ui::overlay::files::Files;
use crate::ui::overlay::find_models::FindModels;
use crate::ui::overlay::input::InputSpec;
use crate::ui::overlay::list::{IN_USE, List};
use crate::ui::overlay::menu::Menu;
use crate::ui::overlay::picker::Item;
use crate::ui::overlay::text_view::TextView;
use crate::ui::overlay::{OverlayAction, account, graphics};
use crate::ui::pane::Pane;
use crate::ui::panes::{self, Slot};

#[rustfmt::skip]
pub const ROWS: &[CommandRow] = &[
    CommandRow::new("account", Normal, &["$"], "show costs and latency", account).sought_as(&["price", "cost", "money", "spent", "budget", "bill", "usage", "dollar"]),
    CommandRow::new("model", ByName, &[], "choose the model; :model max", |ui, model, args| ui.choose_by_name("model", endpoints(model), args)).chooses(endpoints).sought_as(&["price", "engine", "cheaper", "kontext", "flux"]),
    CommandRow::new("models", ByName, &[], "find more models; at the service, to add one: :models WORDS", models).takes_text().sought_as(&["catalogue", "add", "new", "endpoint"]),
    CommandRow::new("profile", ByName, &[], "switch profile; :profile NAME", |ui, model, args| ui.choose_by_name("switch profile", profiles(model), args)).chooses(profiles).sought_as(&["service", "account", "server", "key", "login"]),
    CommandRow::new("project", ByName, &[], "switch or create a project; :project NAME", |ui, model, args| ui.ask(model, &PROJECT, args)).takes_text().sought_as(&["workspace", "folder"]),
    CommandRow::new("open", ByName, &[], "open a picture; :open PATH, or browse", open).takes_path().aliases(&["e"], "open a picture: :e FILE").sought_as(&["load", "import", "file", "image", "photo", "browse"]),
    CommandRow::new("paste-picture", Everywhere, &["ctrl-v"], "paste a picture; from the terminal's clipboard: a reference in the prompt, else opened", paste_picture).sought_as(&["clipboard", "insert"]),
    CommandRow::new("graphics", ByName, &[], "explain how pictures are shown; :graphics sixel shows them so", graphics).chooses(ways).sought_as(&["protocol", "sixel", "kitty", "blocks", "blurry"]),
    CommandRow::new("sim", ByName, &[], "inject a simulator fault; slow, failing, filtered, dropped", simulator).chooses(drills).sought_as(&["test", "error"]),
    CommandRow::new("help", Everywhere, &["f1", "ctrl-g"], "show this pane's keys", help).aliases(&["h"], "show this pane's keys").sought_as(&["shortcuts", "manual", "legend", "marks", "symbols", "signs"]),
    CommandRow::new("keys", Normal, &["?"], "show this pane's keys", help).sought_as(&["shortcuts", "manual"]),
    CommandRow::new("command", Normal, &[":"], "run a command by name", command).sought_as(&["palette"]),
    CommandRow::new("menu", Normal, &["space"], "open the menu; files, search, endpoint, profile", menu),
    CommandRow::new("messages", ByName, &[], "show the last messages; fifty, whole", messages).sought_as(&["notices", "errors", "log", "warnings"]),
    CommandRow::new("redraw", Everywhere, &["ctrl-l"], "redraw the screen", |_, _, _| vec![Action::Session(SessionAction::Redraw)]).sought_as(&["refresh", "clear", "repaint", "garbled"]),
    CommandRow::new("suspend", Everywhere, &["ctrl-z"], "suspend editree", |_, _, _| vec![Action::Session(SessionAction::Suspend)]).stakes(Stakes::Leaves).sought_as(&["background", "shell"]),
    CommandRow::new("close", Normal, &["esc"], "close the top view", close).counted().sought_as(&["cancel", "escape", "exit"]),
    CommandRow::new("leave", Normal, &["q"], "close the top view; or quit", leave).stakes(Stakes::Leaves).sought_as(&["exit", "close"]),
    CommandRow::new("quit", Everywhere, &["ctrl-c"], "quit, pictures and draft stay", |_, _, _| vec![Action::Session(SessionAction::Quit)]).stakes(Stakes::Leaves).aliases(&["q", "q!", "qa", "qa!", "wq", "wqa", "x"], "quit, as in vim; pictures and draft stay").sought_as(&["exit", "leave", "close", "bye", "stop"]),
];

/// Columns of a message.
const MESSAGE: usize = 76;

fn paste_picture(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let purpose = if ui.in_prompt() { Purpose::References } else { Purpose::Parent };
    vec![Action::Session(SessionAction::PastePicture(purpose))]
}

const PROJECT: InputSpec = InputSpec {
    title: "project name, existing or new",
    initial: |_| Some(String::new()),
    accept: |_, name| name.map(|it| Action::Session(SessionAction::Project(it))),
};

const OPEN: InputSpec = InputSpec {
    title: "path of a picture",
    initial: |_| Some(String::new()),
    accept: |_, path| {
        Some(Action::Draft(DraftAction::AddFiles {
            paths: vec![path?.into()],
            purpose: Purpose::Parent,
        }))
    },
};

const FAULT: InputSpec = InputSpec {
    title: "STEP:WHAT[@PERCENT][*TIMES], such as status:drop*3",
    initial: |_| Some(String::new()),
    accept: |_, fault| fault.map(|it| Action::Session(SessionAction::InjectFault(it))),
};

fn account(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    ui.put_on_top(account::view());
    vec![Action::Session(SessionAction::Account)]
}

fn open(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    if args.text.is_some() {
        return ui.ask(model, &OPEN, args);
    }
    ui.put_on_top(Files::default());
    vec![Action::Draft(DraftAction::List(".".into()))]
}

/// Models of the service's catalogue; asked at once for the words that are given.
fn models(ui: &mut Ui, _: &Model, args: Args) -> Vec<Action> {
    let mut overlay = FindModels::new(args.text.unwrap_or_default());
    let ask = overlay.ask();
    let mut actions = ui.put_on_top(overlay);
    actions.push(ask);
    actions
}

/// How pictures are shown, or another way to show them.
fn graphics(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    match args.text {
        Some(_) => ui.choose_by_name("pictures", ways(model), args),
        None => ui.put_on_top(graphics::view(&ui.graphics)),
    }
}

fn ways(_: &Model) -> Vec<(Item, Vec<Action>)> {
    let row = |(_, word): (char, &str)| {
        let item = Item { label: word.into(), detail: "pictures".into() };
        (item, vec![Action::Session(SessionAction::ShowPicturesAs(word.into()))])
    };
    graphics::WAYS.into_iter().map(row).collect()
}

/// Of the next request.
fn price(model: &Model) -> String {
    let quote = model.next_quote();
    if quote.amount.is_some() { model.told(quote) } else { "pays".into() }
}

fn help(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let (keymap, here) = (&ui.keymap, ui.context());
    let key = |row: &CommandRow| keys_of(ui, row);
    // Nobody goes where one is.
    let goes_nowhere = |row: &CommandRow| ui.sheet().is_none() && row.name == ui.focus().name();
    let rows = keymap.grouped().into_iter().filter(|(_, row)| !goes_nowhere(row)).collect();
    let help = Commands::help(rows, key, here, &price(model));
    ui.put_on_top(help)
}

fn command(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let commands = commands(ui, model);
    ui.put_on_top(commands)
}

fn commands(ui: &Ui, model: &Model) -> Commands {
    let (keymap, here) = (&ui.keymap, ui.context());
    let key = |row: &CommandRow| keys_of(ui, row);
    Commands::all(keymap.grouped(), key, &likely(model), (Some(here), &price(model)))
}

/// Its own keys, or the way to it through the menu.
fn keys_of(ui: &Ui, row: &CommandRow) -> String {
    let own = ui.keymap.keys_in_help(row, ui.context());
    let letter = MENU.iter().find(|(.., name)| *name == row.name).map(|(letter, ..)| *letter);
    match (letter, ui.keymap.chord_of("menu")) {
        (Some(letter), Some(_)) if own.is_empty() => {
            format!("{} {letter}", ui.keymap.keys_from("menu", ui.context()))
        }
        _ => own,
    }
}

/// What one may want to do now.
fn likely(model: &Model) -> Vec<&'static str> {
    let is_made = model.current_node().is_some_and(|node| node.parent.is_some());
    let jobs = model.jobs.counts();
    let is_open = jobs.under_way + jobs.unknown + model.jobs.waiting().len() > 0;
    let all = [
        ("open", !is_made),
        ("queue", is_open),
        ("compare", is_made),
        ("heal", is_made),
        ("reroll", is_made),
        ("edit", model.current.is_some()),
        ("sheet", model.tree.shown_len() > 1),
        ("undo", is_made),
        ("account", true),
        ("help", true),
        ("quit", true),
    ];
    all.into_iter().filter(|(_, is_likely)| *is_likely).map(|(name, _)| name).collect()
}

/// A command where words are sent, known or misspelt: nobody pays for `:help`. It stands in the
/// command line, where Enter runs it by the rule of that line; words begin with no colon and letter.
pub fn typed_where_words_are_sent(ui: &mut Ui, model: &Model, words: &str) -> Option<Vec<Action>> {
    let typed = words.trim().strip_prefix(':')?;
    let line = typed.trim_start_matches([':', ' ']);
    let word = line.split_whitespace().next()?;
    let is_known = || ui.keymap.grouped().iter().any(|(_, row)| row.is_named(word));
    if !typed.starts_with(char::is_alphanumeric) && !is_known() {
        return None;
    }
    let commands = commands(ui, model).with_line(line);
    // What is no command after all can be had back; a command is no earlier prompt, but undone.
    let mut actions = match is_known() {
        true => {
            ui.prompt.replace("");
            ui.words()
        }
        false => ui.take_up(model, ""),
    };
    actions.extend(ui.put_on_top(commands));
    Some(actions)
}

/// With what they advised, in the keys that hold.
fn messages(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    let line = |notice: &Notice| {
        let (hours, minutes, seconds) = model.clock(notice.at);
        let hint = notice.hint.as_ref().map(|hint| hint::text(ui, hint));
        let hint = hint.map_or(String::new(), |hint| format!(" · {hint}"));
        folded(&format!("{hours:02}:{minutes:02}:{seconds:02} {}{hint}", notice.text), MESSAGE)
    };
    let lines: Vec<String> = model.notices.iter().rev().flat_map(line).collect();
    match lines.is_empty() {
        true => Ui::say("no messages yet"),
        false => ui.put_on_top(TextView::new("messages · newest first", lines)),
    }
}

/// A number that waits for its command goes first.
fn close(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    if ui.sheet().is_some() {
        return sheet::leave(ui, model);
    }
    match args.count.is_some() || ui.close() {
        true => Vec::new(),
        false if is_in_drawer(ui) => ui.go_to(Pane::CANVAS),
        false => Ui::say("nothing to close; q quits, i goes to the prompt"),
    }
}

/// The keys go to a pane that is a line as long as they do not.
fn is_in_drawer(ui: &Ui) -> bool {
    matches!(panes::spec(ui.focus()).slot, Slot::Drawer)
}

fn leave(ui: &mut Ui, model: &Model, _: Args) -> Vec<Action> {
    if ui.sheet().is_some() {
        return sheet::leave(ui, model);
    }
    if ui.close() { Vec::new() } else { vec![Action::Session(SessionAction::Quit)] }
}

/// Letter, words and command of each row of the menu, in the order of the headings of help.
const MENU: [(char, &str, &str); 9] = [
    ('i', "show details", "about"),
    ('g', "explain how pictures are shown", "graphics"),
    ('f', "open a picture", "open"),
    ('m', "choose the model", "model"),
    ('k', "keep parts unchanged", "keep"),
    ('s', "save as a file", "save"),
    ('h', "find pictures", "filter"),
    ('p', "switch profile", "profile"),
    ('?', "list all commands", "command"),
];

fn menu(ui: &mut Ui, _: &Model, _: Args) -> Vec<Action> {
    let all = ui.keymap.grouped();
    let row = |(letter, text, name)| {
        let (group, row) = all.iter().find(|(_, row)| row.name == name)?;
        Some(((letter, text, OverlayAction::Command(row)), *group))
    };
    let (rows, groups) = MENU.into_iter().filter_map(row).unzip();
    ui.put_on_top(Menu::new::<&str>("menu", rows).grouped(groups))
}

/// Faults that the simulator can inject: a name with what it does, and the simulator's word for it.
const DRILLS: [(&str, &str); 13] = [
    ("slow: each picture takes ten seconds", "run:delay=10000"),
    ("busy: the next two requests are rejected", "submit:429*2"),
    ("failing: the model fails once", "run:500*1"),
    ("filtered: the next picture comes back black", "run:filter*1"),
    ("lost: the next response never arrives", "submit:lose*1"),
    ("dropped: 30 % of downloads break off", "download:drop@30"),
    ("private: files are open to the account only", "files:hide"),
    ("submit-only: the key may do nothing else", "key:submit"),
    ("held: nothing runs until released", "run:hold"),
    ("release: run what is held", "release"),
    ("artifacts: shift, upscale, re-encode", "habits:strong"),
    ("exact: no artifacts", "habits:off"),
    ("off: no faults", "off"),
];

/// What the fault of this word is called, and does.
pub fn drill(word: &str) -> Option<&'static str> {
    DRILLS.iter().find(|(_, known)| *known == word).map(|(label, _)| *label)
}

fn drills(model: &Model) -> Vec<(Item, Vec<Action>)> {
    let row = |(label, word): &(&str, &str)| {
        let item = Item { label: (*label).into(), detail: (*word).into() };
        (item, vec![Action::Session(SessionAction::InjectFault((*word).into()))])
    };
    DRILLS.iter().filter(|_| model.profile.simulated).map(row).collect()
}

/// A fault by its name, or in the words of the simulator.
fn simulator(ui: &mut Ui, model: &Model, args: Args) -> Vec<Action> {
    let drills = drills(model);
    if drills.is_empty() {
        return Ui::say("faults can only be injected with --sim");
    }
    let is_named = |text: &String| drills.iter().any(|(item, _)| item.name() == text);
    if let Some(text) = args.text.as_ref().filter(|text| !is_named(text)) {
        return match text.contains(':') {
            true => ui.ask(model, &FAULT, args),
            false => Ui::say(&format!("no fault is called `{text}`: `:sim` alone lists them")),
        };
    }
    if args.text.is_some() {
        return ui.choose_by_name("fault", drills, args);
    }
    let row = |(item, actions)| (item, OverlayAction::Actions(actions));
    let own = Item { label: "other: enter a specification".into(), detail: "…".into() };
    let own = (own, OverlayAction::Ask(&FAULT));
    let rows = drills.into_iter().map(row).chain([own]).collect();
    ui.put_on_top(List::new("inject a simulator fault", rows).with_names())
}

fn profiles(model: &Model) -> Vec<(Item, Vec<Action>)> {
    let row = |other: &Service| {
        let detail = match &other.obstacle {
            Some(obstacle) => obstacle.clone(),
            None => used(other.name == model.profile.name, ""),
        };
        let choose = Action::Session(SessionAction::Profile(other.name.clone()));
        (Item { label: other.name.clone(), detail }, vec![choose])
    };
    model.profile.others.iter().map(row).collect()
}

/// Marks the row on which a list begins: `Enter` alone changes nothing.
fn used(is_used: bool, detail: &str) -> String {
    let parts = is_used.then_some(IN_USE).into_iter().chain([detail]);
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn endpoints(model: &Model) -> Vec<(Item, Vec<Action>)> {
    let all = || model.catalogue.endpoints();
    let choose = |choice| vec![Action::Draft(DraftAction::Choose(choice))];
    let unit = all().filter_map(in_short).map(|(_, unit)| unit.width()).max().unwrap_or(0);
    // Sums end together, and what they are for begins together.
    let detail = |endpoint: &Endpoint, choice: &Choice| {
        let told = in_short(endpoint).map(|(sum, of)| format!("{sum} {}", padded(&of, unit)));
        used(*choice == model.draft.choice, told.as_deref().unwrap_or("price not known"))
    };
    // In the order of the endpoints: Kontext's stand first.
    let mut families: Vec<&str> = Vec::new();
    for family in all().filter_map(|endpoint| endpoint.family.as_deref()) {
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let families = families.into_iter().filter_map(|family| {
        let first = all().find(|endpoint| endpoint.family.as_deref() == Some(family))?;
        let choice = Choice::Auto { family: family.to_owned() };
        let label = format!("{family}: {}", first.title);
        let item = Item { label, detail: detail(first, &choice) };
        Some((in_short(first).is_some(), (item, choose(choice))))
    });
    let alone = |endpoint: &Endpoint| {
        let choice = Choice::Fixed(endpoint.id.clone());
        // The family of that name stands above: this is the one endpoint alone.
        let is_double = endpoint.family.as_ref() == Some(&endpoint.short);
        let label = match is_double {
            true => format!("{}: {}, this endpoint only", endpoint.id, endpoint.title),
            false => format!("{}: {}", endpoint.short, endpoint.title),
        };
        let item = Item { label, detail: detail(endpoint, &choice) };
        (in_short(endpoint).is_some(), (item, choose(choice)))
    };
    let others = all().filter(|endpoint| endpoint.family.is_none()).map(alone);
    let members = all().filter(|endpoint| endpoint.family.is_some()).map(alone);
    // Those whose price nobody knows stand below all others.
    let rows = families.chain(others).chain(members);
    let (priced, unpriced): (Vec<_>, Vec<_>) = rows.partition(|(is_priced, _)| *is_priced);
    priced.into_iter().chain(unpriced).map(|(_, row)| row).collect()
}

/// What it costs at least, and for what.
fn in_short(endpoint: &Endpoint) -> Option<(String, String)> {
    endpoint.price.as_ref()?.in_short()
}
