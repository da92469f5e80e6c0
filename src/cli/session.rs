//! What the workbench and the headless commands have in common: store, service and model, open.

use std::io::IsTerminal as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::ended::exit_code;
use super::fallen::Fallen;
use super::{CommandError, say};
use crate::app::action::{Action, Purpose, SessionAction};
use crate::app::draft::{Draft, Owner};
use crate::app::effect::{Effect, PictureEffect, ScreenEffect, ServiceEffect};
use crate::app::failure::Failure;
use crate::app::message::{Message, TaskEvent};
use crate::app::model::{Model, Start};
use crate::app::money::consent::Limits;
use crate::app::money::{Piped, Spent};
use crate::app::notice::{Notice, Tone};
use crate::app::session::{Profile, Service, Snippet};
use crate::app::{begin, update};
use crate::config::Config;
use crate::config::file::{Auth, Kind};
use crate::fal::profile;
use crate::graphics::hints::Hints;
use crate::graphics::probe::Probe;
use crate::runtime::Private;
use crate::runtime::client::KeySource;
use crate::runtime::examine::examine;
use crate::runtime::open_files::open_files;
use crate::runtime::profiles::{self, Addresses, Wishes};
use crate::runtime::screen::elsewhere::Wanted;
use crate::runtime::screen::falls::Sabotage;
use crate::runtime::screen::{self, Left, ScreenOptions};
use crate::runtime::{self, Runtime};
use crate::schema::Usd;
use crate::store::{Opening, Options, Store, watch};
use crate::tree::PictureRef;
use crate::ui::Ui;
use crate::ui::keys::Keymap;
use crate::workbench::Workbench;

/// So long the service keeps results by default (its page about the queue).
const RESULTS_DAYS: u32 = 7;
const MILLISECONDS_A_DAY: i64 = 86_400_000;
/// A sweep does not wait longer to know what the account holds.
const BALANCE_PATIENCE: Duration = Duration::from_secs(10);

/// A model and what performs its effects.
pub(crate) struct Session {
    pub(crate) model: Model,
    pub(crate) runtime: Runtime,
}

impl Session {
    /// Opens store and service for a command. `adopt`: take over what dead instances have left.
    pub(crate) async fn open(
        config: &Config,
        take_over_orphans: bool,
    ) -> Result<Self, CommandError> {
        let (store, opening) = open_store(config, take_over_orphans).await?;
        // The person's draft is none of a command's business.
        let opening = Opening { draft: Draft::default(), ..opening };
        Self::with(config, store, opening, Owner::Command).await
    }

    async fn with(
        config: &Config,
        store: Store,
        opening: Opening,
        owner: Owner,
    ) -> Result<Self, CommandError> {
        let mut runtime = Runtime::new(store, config.environment.login.clone(), private(config));
        runtime.translate = config.file.translate.command.clone();
        let profile = &config.profile;
        let kind = kind(config);
        let auth = auth(config);
        let options = profile.addresses.options.for_submit()?;
        let wishes = Wishes { options, headers: profile.headers()? };
        let key = profile.key.clone();
        let keys = Some(key_source(config));
        let store = &runtime.store;
        let service = profiles::open(kind, auth, key, keys, store, wishes, private(config)).await?;
        runtime.add_provider(&profile.name, service.provider);
        let mut model = Model::new(start(config, service.host, opening, owner));
        model.money.limits = limits(config);
        Ok(Self { model, runtime })
    }

    /// What adopted jobs need next; once.
    pub(crate) fn begin(&mut self) {
        let effects = begin(&mut self.model);
        self.perform(effects);
    }

    /// Steps the model and begins what it asks for; what needs a screen comes back.
    pub(crate) fn step(&mut self, message: Message) -> Vec<ScreenEffect> {
        self.model.now = runtime::now();
        let effects = update(&mut self.model, message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Vec<ScreenEffect> {
        effects.into_iter().filter_map(|effect| self.runtime.perform(effect)).collect()
    }

    /// One cause further, or a tick when nothing happens for a second.
    pub(crate) async fn advance(&mut self) {
        let message = tokio::select! {
            message = self.runtime.next() => message,
            () = tokio::time::sleep(Duration::from_secs(1)) => Message::Tick,
        };
        self.step(message);
    }

    /// What the account holds, where the service tells it soon.
    pub(crate) async fn know_balance(&mut self) {
        let profile = self.model.profile.name.clone();
        self.runtime.perform(Effect::Service(ServiceEffect::LoadBalance { profile }));
        let told = async {
            while self.model.money.balance.is_none() {
                self.advance().await;
            }
        };
        // Without an answer it is not held against anything.
        let _ = tokio::time::timeout(BALANCE_PATIENCE, told).await;
    }

    /// Everything that was asked of the store is durable.
    pub(crate) async fn settle(&mut self) -> Result<(), Failure> {
        self.step(Message::Tick);
        self.runtime.store.settle().await.map_err(Failure::from)
    }
}

/// The workbench on the screen. Going over to another service is this program again in the place
/// of this one: nothing of the old service is left in memory, and what was sent is adopted.
///
/// After a panic the next starts are safe ones, until one is left as usual.
pub(crate) fn workbench(
    config: Config,
    pictures: Vec<PathBuf>,
    plain: bool,
    sabotage: Sabotage,
) -> Result<u8, CommandError> {
    // A pipe must be asked for: its lines may cost money.
    let is_dumb = config.environment.term == "dumb" && std::io::stdin().is_terminal();
    let is_plain = plain || config.file.plain || is_dumb;
    let keymap = Keymap::with(&config.keys).map_err(|problem| {
        CommandError::usage(problem.to_string()).hint("fix [keys] in the config file")
    })?;
    let fallen = Fallen::find(&config.data_dir);
    let executor = executor()?;
    let left = executor.block_on(async {
        let (store, mut opening) = open_quietly(&config, true, true).await?;
        let mut notes = std::mem::take(&mut opening.notes);
        notes.extend(fallen.as_ref().map(|fallen| fallen.make_safe(&mut opening)));
        let mut session = Session::with(&config, store, opening, Owner::Workbench).await?;
        if fallen.is_some() {
            session.model.current = None;
            session.model.session.is_safe_start = true;
        }
        let shown = Shown { keymap, pictures, notes, is_plain };
        show(&config, session, shown, sabotage).await
    });
    executor.shutdown_background();
    let left = left?;
    if let Some(place) = &left.fell {
        return Err(Fallen::again(fallen, place).keep(&config.data_dir));
    }
    Fallen::forget(&config.data_dir);
    for line in &left.words {
        say(line);
    }
    let mut command = match (&left.next_profile, &left.next_project) {
        (Some(profile), _) => config.command_for(profile)?,
        (None, Some(project)) => config.command_in(project)?,
        (None, None) => {
            let refused = if left.is_refused { super::code::INTERRUPTED } else { 0 };
            let worst = left.followed.iter().map(exit_code).max().unwrap_or(0);
            return Ok(if worst == 0 { refused } else { worst });
        }
    };
    // Returns only when it fails.
    let error = command.exec();
    Err(CommandError::new(super::code::INTERNAL, format!("cannot start again: {error}")))
}

/// What a workbench is opened with.
struct Shown {
    keymap: Keymap,
    pictures: Vec<PathBuf>,
    notes: Vec<String>,
    /// On lines instead of a screen.
    is_plain: bool,
}

async fn show(
    config: &Config,
    mut session: Session,
    shown: Shown,
    sabotage: Sabotage,
) -> Result<Left, CommandError> {
    let Shown { keymap, pictures, notes, is_plain } = shown;
    let more = open_pictures(&mut session, pictures).await?;
    session.begin();
    if let Some(effect) = more {
        session.runtime.perform(effect);
    }
    for note in notes {
        session.step(Message::TaskEvent(TaskEvent::Notice(Notice::new(Tone::Warning, note))));
    }
    if !session.model.profile.simulated {
        session.step(Message::Action(Action::Session(SessionAction::LookAtAccount)));
    }
    let Session { model, mut runtime } = session;
    if !model.profile.simulated {
        let endpoints = model.catalogue.endpoints().map(|endpoint| endpoint.id.clone());
        let profile = model.profile.name.clone();
        runtime.perform(Effect::Service(ServiceEffect::LoadPrices {
            profile,
            endpoints: endpoints.collect(),
        }));
    }
    let (report, store) = (runtime.report(), runtime.store.clone());
    tokio::spawn(watch::watch(store, move || report.send(TaskEvent::StoreChanged).is_ok()));
    tokio::spawn(examine(runtime.store.path().to_owned(), runtime.report()));
    let environment = &config.environment;
    let ascii = !environment.utf8 || config.file.theme.ascii;
    let mut workbench = Workbench { model, ui: Ui::new(keymap) };
    workbench.model.session.folder = runtime::typed_path::here();
    if is_plain {
        let is_terminal = std::io::stdin().is_terminal();
        workbench.model.trail.chooses = false;
        workbench.model.money.piped = (!is_terminal).then(Piped::default);
        return Ok(runtime::plain::run(workbench, runtime, environment.utf8, is_terminal).await?);
    }
    let bench = ScreenOptions {
        workbench,
        runtime,
        probe: Probe::new(hints(config), config.graphics).wanting(config.file.graphics()),
        editor: config.editor(),
        is_remote: environment.ssh,
        utf8: !ascii,
        theme: config.file.theme(),
        shapes: config.file.shapes(),
        wanted: Wanted {
            notice: config.file.notice(),
            progress: config.file.notify.progress,
            title: config.file.notify.title,
        },
        sabotage,
    };
    Ok(screen::run(bench).await?)
}

/// What the environment tells of the terminal.
pub(crate) fn hints(config: &Config) -> Hints {
    let environment = &config.environment;
    let mono = environment.no_color || config.file.theme.colours.as_deref() == Some("mono");
    Hints {
        term: environment.term.clone(),
        colorterm: environment.colorterm.clone(),
        term_program: environment.term_program.clone(),
        lc_terminal: environment.lc_terminal.clone(),
        inline_files: viuer::is_iterm_supported(),
        tmux: environment.tmux,
        screen: environment.screen,
        ssh: environment.ssh,
        x11: environment.x11 && !environment.ssh,
        utf8: environment.utf8,
        no_color: mono,
    }
}

/// The first picture of the command line is what one begins with, and a first start on the
/// simulator gets a sample. The others, which may be hundreds, are opened behind the screen.
async fn open_pictures(
    session: &mut Session,
    mut pictures: Vec<PathBuf>,
) -> Result<Option<Effect>, CommandError> {
    if pictures.is_empty() {
        if session.model.profile.simulated && session.model.nodes.is_empty() {
            let node = screen::sample(&session.runtime).await?;
            begin_with(&mut session.model, node);
        }
        return Ok(None);
    }
    let rest = pictures.split_off(1);
    let (store, login) = (&session.runtime.store, &session.runtime.login);
    // A pattern may mean several.
    for (place, node) in (0..).zip(open_files(store, pictures, login).await) {
        match place {
            0 => begin_with(&mut session.model, node?),
            _ => session.model.insert_node(node?),
        }
    }
    if let Some(missing) = rest.iter().find(|path| !path.exists() && !is_pattern(path)) {
        let opened = open_files(store, vec![missing.clone()], login).await;
        opened.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    let purpose = Purpose::Roots;
    Ok((!rest.is_empty())
        .then_some(Effect::Picture(PictureEffect::OpenFiles { paths: rest, purpose })))
}

fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

fn begin_with(model: &mut Model, node: crate::tree::Node) {
    let first = node.pictures.first().map(|picture| picture.hash);
    let picture = first.map(|picture| PictureRef { node: node.id, picture });
    model.insert_node(node);
    model.current = picture;
    model.draft.parent = picture;
    model.draft.references.clear();
}

/// Without work for so long a helper thread ends, and with it its cache of freed blocks, which holds
/// up to 230 kB (glibc 2.36).
const REST: Duration = Duration::from_secs(1);

/// One executor for all commands: a few threads are plenty.
pub(crate) fn executor() -> Result<tokio::runtime::Runtime, CommandError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).thread_keep_alive(REST).enable_all();
    builder
        .build()
        .map_err(|error| CommandError::new(super::code::INTERNAL, format!("cannot start: {error}")))
}

/// The store alone, for commands that ask nobody. What is to be known of it is told.
pub(crate) async fn open_store(
    config: &Config,
    take_over_orphans: bool,
) -> Result<(Store, Opening), CommandError> {
    // Who goes on with what others have left tells how it came so far.
    let with_page = take_over_orphans;
    let (store, opening) = open_quietly(config, take_over_orphans, with_page).await?;
    opening.notes.iter().for_each(|note| say(note));
    Ok((store, opening))
}

/// The same; the notes are the caller's to tell.
pub(crate) async fn open_quietly(
    config: &Config,
    take_over_orphans: bool,
    with_page: bool,
) -> Result<(Store, Opening), CommandError> {
    let folder = config.data_dir.clone();
    let options = Options {
        project: config.project.clone(),
        simulated: config.profile.is_simulated(),
        day_start: runtime::start_of_day(),
        now: runtime::now(),
        take_over_orphans,
        with_page,
        log_days: config.file.log.days,
    };
    let opened = runtime::blocking(move || Store::open(&folder, options)).await?;
    opened.map_err(|error| Failure::from(error).into())
}

pub(super) fn auth(config: &Config) -> profile::Auth {
    match config.profile.auth {
        Auth::Key => profile::Auth::Key,
        Auth::Bearer => profile::Auth::Bearer,
    }
}

/// A key that is kept while the program runs goes on with what another was refused for.
fn key_source(config: &Config) -> KeySource {
    let (kept, profile) = (config.environment.kept.clone(), config.profile.name.clone());
    KeySource(Arc::new(move || kept.find(&profile).ok().flatten()))
}

pub(super) fn private(config: &Config) -> Private {
    match config.keep_metadata {
        true => Private::Kept,
        false => Private::Dropped,
    }
}

pub(super) fn kind(config: &Config) -> profiles::Kind {
    let profile = &config.profile;
    let addresses = Addresses {
        run: profile.addresses.run_url.clone(),
        queue: profile.addresses.queue_url.clone(),
        rest: profile.addresses.rest_url.clone(),
        cdn: profile.addresses.cdn_url.clone(),
        api: profile.addresses.api_url.clone(),
        backups: profile.addresses.backup_urls.clone(),
    };
    match profile.kind {
        Kind::Fal => profiles::Kind::Fal(addresses),
        Kind::Gateway => profiles::Kind::Gateway(addresses),
        Kind::Sim => {
            let catalogue = super::catalogue::catalogue(&config.data_dir);
            profiles::Kind::Simulator { speed: 1.0, catalogue }
        }
    }
}

/// What may leave without a question.
pub(super) fn limits(config: &Config) -> Limits {
    let confirm = config.file.confirm;
    Limits { requests: confirm.requests, amount: Usd::from_f64(confirm.amount).unwrap_or_default() }
}

fn start(config: &Config, host: String, opening: Opening, owner: Owner) -> Start {
    let others = config.services().into_iter();
    let profile = Profile {
        name: config.profile.name.clone(),
        simulated: config.profile.is_simulated(),
        host,
        consented: opening.consents.contains(&config.profile.name),
        limit: config.profile.limit,
        others: others.map(|(name, obstacle)| Service { name, obstacle }).collect(),
    };
    let snippets = config.snippets.iter();
    let snippets = snippets.map(|(name, text)| Snippet { name: name.clone(), text: text.clone() });
    let spent = Spent {
        session: Usd(0),
        day: opening.spent,
        day_budget: config.budget.day.and_then(Usd::from_f64),
        session_budget: config.budget.session.and_then(Usd::from_f64),
        day_ends: runtime::end_of_day(),
    };
    Start {
        now: runtime::now(),
        utc_offset_ms: runtime::utc_offset_ms(),
        profile,
        catalogue: super::catalogue::catalogue(&config.data_dir),
        project: config.project.clone(),
        snippets: snippets.collect(),
        translates: !config.file.translate.command.is_empty(),
        spent,
        results_kept_ms: i64::from(config.profile.addresses.results_days.unwrap_or(RESULTS_DAYS))
            * MILLISECONDS_A_DAY,
        draft: opening.draft,
        owner,
        nodes: opening.nodes,
        jobs: opening.jobs,
        decisions: opening.decisions,
        log: opening.log,
        prompts: opening.prompts,
        current: opening.current,
    }
}
