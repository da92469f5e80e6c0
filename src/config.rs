//! Arguments, environment and config file become one `Config`. The only reader of either.
//!
//! Nothing is sent and nothing is opened here. Invariant: the key is in no `Debug` text.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub mod arguments;
mod check;
pub mod environment;
pub mod file;
pub mod keyring;
pub mod keys;
mod network;
pub mod options;
mod picture_name;
pub mod profile;

use arguments::Common;
use environment::Environment;
use file::File;
use profile::Profile;

use crate::graphics::protocol::Protocol;
use crate::limits;

/// Everything that was decided before anything is done.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    pub config_file: PathBuf,
    /// `main` or `simulator` unless named.
    pub project: String,
    pub profile: Profile,
    /// The project that was asked for, whatever the profile.
    named_project: Option<String>,
    pub graphics: Option<Protocol>,
    /// Private words of photos may leave with them.
    pub keep_metadata: bool,
    pub budget: file::Budget,
    /// Chord and command.
    pub keys: Vec<(String, String)>,
    /// Name and text.
    pub snippets: Vec<(String, String)>,
    pub environment: Environment,
    pub file: File,
}

/// The command line, the environment or the config file cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub message: String,
    pub hint: Option<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            format!("cannot read the config file `{}`: {error}", path.display()),
            "name another with --config FILE",
        )
    }

    fn broken(path: &Path, line: Option<usize>, message: &str) -> Self {
        let place = match line {
            Some(line) => format!("`{}` line {line}", path.display()),
            None => format!("`{}`", path.display()),
        };
        let message = message.lines().next().unwrap_or_default();
        Self::new(
            format!("the config file {place} cannot be used: {message}"),
            "fix that line, or name another file with --config FILE",
        )
    }
}

impl Config {
    /// Decides everything from what was typed, from this process's environment and the file.
    pub fn resolve(common: &Common) -> Result<Self, Error> {
        let (environment, config_file, file) = read(common)?;
        Self::decide(common, environment, config_file, file)
    }

    /// The same from what was read before.
    fn decide(
        common: &Common,
        environment: Environment,
        config_file: PathBuf,
        file: File,
    ) -> Result<Self, Error> {
        let profile = Profile::choose(common, &file, &environment)?;
        let line = environment.line.first().filter(|_| !profile.is_simulated());
        match line {
            Some(problem) => Err(problem.clone()),
            None => Ok(Self::with(common, environment, config_file, file, profile)),
        }
    }

    /// As [`Config::resolve`], and all that cannot be used instead of the first of it; the profile
    /// that was asked for has no key where it is among that.
    pub fn examine(common: &Common) -> (Self, Vec<Error>) {
        let mut environment = Environment::read();
        let config_file = environment.config_file(common);
        let (file, mut problems) = File::examine(&config_file, common.config.is_some());
        let variables = file.profiles.values().filter_map(|profile| profile.key_env.as_deref());
        environment.read_keys(variables);
        problems.extend(environment.key_problems());
        problems.extend(environment.line.clone());
        let profile = Profile::choose(common, &file, &environment).unwrap_or_else(|problem| {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
            Profile::without_key(common, &file)
        });
        let config = Self::with(common, environment, config_file, file, profile);
        if let Err(problem) = config.editor() {
            let hint = "fix EDITOR, or VISUAL if it is set";
            problems.push(Error::new(format!("EDITOR: {problem}"), hint));
        }
        (config, problems)
    }

    /// As far as completions need it: no keyring is asked for a key.
    pub fn to_complete(common: &Common) -> Option<Self> {
        let (environment, config_file, file) = read(common).ok()?;
        let profile = Profile::likely(common, &file, &environment);
        Some(Self::with(common, environment, config_file, file, profile))
    }

    pub fn profile_names(&self) -> Vec<String> {
        Profile::names(&self.file)
    }

    /// As [`Config::resolve`], for a command that is about the key itself: none is needed yet, and
    /// the service is meant unless another profile is named.
    pub fn resolve_for_key(common: &Common) -> Result<Self, Error> {
        let (environment, config_file, file) = read(common)?;
        let profile = Profile::for_key(common, &file, &environment)?;
        Ok(Self::with(common, environment, config_file, file, profile))
    }

    fn with(
        common: &Common,
        environment: Environment,
        config_file: PathBuf,
        file: File,
        profile: Profile,
    ) -> Self {
        let project = project(common.project.as_deref(), &profile);
        Self {
            data_dir: common
                .data_dir
                .clone()
                .unwrap_or_else(|| environment.data_home.join("editree")),
            config_file,
            project,
            named_project: common.project.clone(),
            profile,
            graphics: common.graphics.unwrap_or_default().0,
            keep_metadata: common.keep_metadata,
            budget: file.budget,
            keys: file.keys.clone().into_iter().collect(),
            snippets: file.snippets.clone().into_iter().collect(),
            environment,
            file,
        }
    }

    /// This program again with another profile of the file and all else as it was. A project of
    /// the other kind is left: real and simulated never mix.
    pub fn command_for(&self, name: &str) -> Result<Command, Error> {
        let profile = Profile::named(name, &self.file, &self.environment)?;
        let stays = profile.is_simulated() == self.profile.is_simulated();
        self.again(name, self.named_project.as_deref().filter(|_| stays))
    }

    /// The same with another project.
    pub fn command_in(&self, project: &str) -> Result<Command, Error> {
        self.again(&self.profile.name, Some(project))
    }

    fn again(&self, profile: &str, project: Option<&str>) -> Result<Command, Error> {
        let program = std::env::current_exe().map_err(|error| {
            Error::new(format!("editree cannot find itself: {error}"), "start it again by hand")
        })?;
        if limits::is_of_the_shell(&self.config_file) {
            let message = "the config came through a pipe, which can be read only once";
            return Err(Error::new(message, "name a file with --config FILE"));
        }
        let mut command = Command::new(program);
        command.arg("--profile").arg(profile).env_remove("EDITREE_SIM");
        command.arg("--data-dir").arg(&self.data_dir);
        if self.config_file.exists() {
            command.arg("--config").arg(&self.config_file);
        }
        let flag = self.graphics.and_then(|protocol| protocol.row().flag);
        command.args(["--graphics", flag.unwrap_or("auto")]);
        if self.keep_metadata {
            command.arg("--keep-metadata");
        }
        command.env_remove("EDITREE_PROJECT");
        if let Some(project) = project {
            command.arg("--project").arg(project);
        }
        Ok(command)
    }

    /// All profiles by name, each with what keeps it from being used.
    pub fn services(&self) -> Vec<(String, Option<String>)> {
        let obstacle = |name: &str| Profile::obstacle(name, &self.file, &self.environment);
        let names = Profile::names(&self.file).into_iter();
        names.map(|name| (name.clone(), obstacle(&name))).collect()
    }

    /// The words of `$VISUAL` or `$EDITOR`, as a shell reads them; `vi` without either.
    pub fn editor(&self) -> Result<Vec<String>, String> {
        match shell_words::split(&self.environment.editor) {
            Ok(words) if words.is_empty() => Ok(vec!["vi".into()]),
            Ok(words) => Ok(words),
            Err(_) => Err(format!("`{}` has a quote without its end", self.environment.editor)),
        }
    }
}

/// Everything there is to decide from.
fn read(common: &Common) -> Result<(Environment, PathBuf, File), Error> {
    let mut environment = Environment::read();
    let config_file = environment.config_file(common);
    let file = File::read(&config_file, common.config.is_some())?;
    let variables = file.profiles.values().filter_map(|profile| profile.key_env.as_deref());
    environment.read_keys(variables);
    Ok((environment, config_file, file))
}

fn project(named: Option<&str>, profile: &Profile) -> String {
    let usual = if profile.is_simulated() { "simulator" } else { "main" };
    named.unwrap_or(usual).to_owned()
}

/// Where the data lies, for commands that need no service.
pub fn data_dir(common: &Common) -> PathBuf {
    let usual = || Environment::read().data_home.join("editree");
    common.data_dir.clone().unwrap_or_else(usual)
}

/// A variable's text, if it is set to something.
pub(crate) fn filled(value: Option<OsString>) -> Option<String> {
    let text = value?.into_string().ok()?;
    (!text.trim().is_empty()).then_some(text)
}
