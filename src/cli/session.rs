//! What the workbench and the headless commands have in common: store, service and model, open.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::model::{Model, Profile, Snippet, Spent, Start};
use crate::app::news::Cause;
use crate::app::{begin, update};
use crate::config::Config;
use crate::runtime::{self, Runtime, Screen, service};
use crate::schema::{Catalogue, Usd};
use crate::store::{Opening, Options, Store};

use super::Trouble;

/// A model and what performs its effects.
pub(crate) struct Session {
    pub(crate) model: Model,
    pub(crate) runtime: Runtime,
}

impl Session {
    /// Opens store and service. `adopt`: take over what a dead instance has left.
    pub(crate) async fn open(config: &Config, adopt: bool) -> Result<Self, Trouble> {
        let (store, opening) = open_store(config, adopt).await?;
        let mut runtime = Runtime::new(store);
        let service = service::open(&config.profile, runtime.store.media()).await?;
        runtime.add_provider(&config.profile.name, Arc::clone(&service.provider));
        let model = Model::new(start(config, &service.host, opening));
        let mut session = Self { model, runtime };
        let effects = begin(&mut session.model);
        session.perform(effects);
        Ok(session)
    }

    /// Steps the model and begins what it asks for; what needs a screen comes back.
    pub(crate) fn step(&mut self, cause: Cause) -> Vec<Screen> {
        self.model.now = runtime::now();
        let effects = update(&mut self.model, cause);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Vec<Screen> {
        effects.into_iter().filter_map(|effect| self.runtime.perform(effect)).collect()
    }

    /// Goes on until `done` says so, telling `watch` after each step.
    pub(crate) async fn until(
        &mut self,
        mut done: impl FnMut(&Model) -> bool,
        mut watch: impl FnMut(&Model),
    ) {
        while !done(&self.model) {
            let cause = tokio::select! {
                cause = self.runtime.next() => cause,
                () = tokio::time::sleep(std::time::Duration::from_secs(1)) => Cause::Tick,
            };
            self.step(cause);
            watch(&self.model);
        }
    }

    /// Everything that was asked of the store is durable.
    pub(crate) async fn settle(&mut self) {
        self.step(Cause::Tick);
        while !self.runtime.is_idle() {
            let cause = self.runtime.next().await;
            self.step(cause);
        }
    }
}

/// The workbench on the screen.
pub(crate) fn workbench(config: Config, pictures: Vec<PathBuf>) -> Result<u8, Trouble> {
    let runtime = executor()?;
    runtime.block_on(runtime::screen::run(config, pictures))
}

/// One executor for all commands: a few threads are plenty.
pub(crate) fn executor() -> Result<tokio::runtime::Runtime, Trouble> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| Trouble::new(super::code::OWN, format!("cannot start: {error}")))
}

async fn open_store(config: &Config, adopt: bool) -> Result<(Store, Opening), Trouble> {
    let folder = config.data_dir.clone();
    let options = Options {
        project: config.project.clone(),
        simulated: config.profile.is_simulated(),
        day_start: runtime::start_of_day(),
        adopt,
    };
    let opened = runtime::blocking(move || Store::open(&folder, options)).await?;
    opened.map_err(|error| crate::app::failure::Failure::from(error).into())
}

fn start(config: &Config, host: &str, opening: Opening) -> Start {
    let profile = Profile {
        name: config.profile.name.clone(),
        simulated: config.profile.is_simulated(),
        host: host.to_owned(),
        limit: config.profile.limit,
        others: config.profiles.clone(),
    };
    let snippets = config.snippets.iter();
    let snippets = snippets.map(|(name, text)| Snippet { name: name.clone(), text: text.clone() });
    let spent = Spent {
        session: Usd(0),
        day: opening.spent,
        day_budget: config.budget.day.and_then(Usd::from_f64),
    };
    Start {
        now: runtime::now(),
        profile,
        catalogue: Catalogue::builtin(),
        project: config.project.clone(),
        snippets: snippets.collect(),
        spent,
        draft: opening.draft,
        nodes: opening.nodes,
        jobs: opening.jobs,
        decisions: opening.decisions,
        log: opening.log,
        prompts: opening.prompts,
        current: opening.current,
    }
}
