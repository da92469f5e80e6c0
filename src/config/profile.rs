//! Which service, at which addresses, with which key.
//!
//! The simulator is the default only when nobody asked for a profile and there is no key; a
//! profile that is named and finds no key is a mistake to be told, never a silent simulation.

use super::Error;
use super::arguments::Common;
use super::environment::{DEFAULT_KEY, Environment};
use super::file::{Auth, File, Kind};
use crate::fal::extra_headers::ExtraHeaders;
use crate::fal::profile::Key;

/// A profile with everything that a client needs.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub kind: Kind,
    pub auth: Auth,
    pub key: Option<Key>,
    /// As the config file has it; what is left out is the service's own.
    pub addresses: super::file::Profile,
    /// Requests under way at once; `None`: as the service is seen to run.
    pub limit: Option<usize>,
}

impl Profile {
    pub(super) fn choose(
        common: &Common,
        file: &File,
        environment: &Environment,
    ) -> Result<Self, Error> {
        if common.sim {
            let other = common.profile.as_deref().filter(|name| *name != "sim");
            return other.map_or_else(|| Self::named("sim", file, environment), both_asked_for);
        }
        match common.profile.as_ref().or(file.default_profile.as_ref()) {
            Some(name) => Self::named(name, file, environment),
            None if environment.key(DEFAULT_KEY).is_some() => Self::named("fal", file, environment),
            // It was set: whoever did so does not want a simulation.
            None if environment.key_problem(DEFAULT_KEY).is_some() => {
                Self::named("fal", file, environment)
            }
            None if environment.kept.place("fal").is_some() => {
                Self::named("fal", file, environment)
            }
            None => Self::named("sim", file, environment),
        }
    }

    /// The profile whose key is to be set, dropped or found, without a key.
    pub(super) fn for_key(
        common: &Common,
        file: &File,
        environment: &Environment,
    ) -> Result<Self, Error> {
        let asked = common.profile.as_ref().or(file.default_profile.as_ref());
        let name = if common.sim { "sim" } else { asked.map_or("fal", String::as_str) };
        let mut profile = Self::bare(name, file)?;
        if profile.is_simulated() {
            return Err(Error::new("the simulator needs no key", "name another with --profile"));
        }
        profile.key = environment.key(profile.variable()).cloned();
        Ok(profile)
    }

    /// The profile that was asked for, to be looked at; the service's own where that is unknown.
    pub(super) fn without_key(common: &Common, file: &File) -> Self {
        let asked = common.profile.as_ref().or(file.default_profile.as_ref());
        let service = super::file::Profile::default();
        let name = asked.map_or("fal", String::as_str);
        Self::bare(name, file).unwrap_or_else(|_| Self::of("fal", service))
    }

    /// The profile that would be chosen, without its key.
    pub(super) fn likely(common: &Common, file: &File, environment: &Environment) -> Self {
        let is_asked = common.profile.is_some() || file.default_profile.is_some();
        let has_key = environment.key(DEFAULT_KEY).is_some()
            || environment.key_problem(DEFAULT_KEY).is_some()
            || environment.kept.place("fal").is_some();
        if !common.sim && (is_asked || has_key) {
            return Self::without_key(common, file);
        }
        let simulator = super::file::Profile { kind: Kind::Sim, ..Default::default() };
        Self::of("sim", simulator)
    }

    /// The profile of that name with its key.
    pub(super) fn named(name: &str, file: &File, environment: &Environment) -> Result<Self, Error> {
        let mut profile = Self::bare(name, file)?;
        profile.key = profile.find_key(environment)?;
        Ok(profile)
    }

    /// What keeps the profile from being used, if anything. No keyring is asked: it may want its
    /// person to unlock it, and nobody has chosen this profile yet.
    pub(super) fn obstacle(name: &str, file: &File, environment: &Environment) -> Option<String> {
        let profile = match Self::bare(name, file) {
            Ok(profile) => profile,
            Err(error) => return Some(error.message),
        };
        match environment.kept.place(name) {
            Some(_) => None,
            None => profile.find_key(environment).err().map(|error| error.message),
        }
    }

    fn bare(name: &str, file: &File) -> Result<Self, Error> {
        let builtin = match name {
            "sim" => Some(Kind::Sim),
            "fal" => Some(Kind::Fal),
            _ => None,
        };
        let addresses = match (file.profiles.get(name), builtin) {
            (Some(profile), _) => profile.clone(),
            (None, Some(kind)) => super::file::Profile { kind, ..Default::default() },
            (None, None) => return Err(unknown(name, file)),
        };
        Ok(Self::of(name, addresses))
    }

    fn of(name: &str, addresses: super::file::Profile) -> Self {
        let usual = match addresses.kind {
            Kind::Gateway => Auth::Bearer,
            Kind::Fal | Kind::Sim => Auth::Key,
        };
        Self {
            name: name.to_owned(),
            kind: addresses.kind,
            auth: addresses.auth.unwrap_or(usual),
            key: None,
            limit: addresses.limit,
            addresses,
        }
    }

    /// Those of the profile, and those that were typed for this run.
    pub fn headers(&self) -> Result<ExtraHeaders, Error> {
        let kept = self.addresses.headers.iter();
        let kept = kept.map(|(name, value)| (name.as_str(), value.0.as_str()));
        let typed = self.addresses.options.header.iter();
        let typed = typed.map(|(name, value)| (name.as_str(), value.0.as_str()));
        ExtraHeaders::new(kept.chain(typed)).map_err(|error| {
            Error::new(error.message, "fix it in [profiles.NAME.headers] or after --header")
        })
    }

    /// The environment variable that its key is looked for in.
    pub fn variable(&self) -> &str {
        self.addresses.key_env.as_deref().unwrap_or(DEFAULT_KEY)
    }

    /// The environment goes before what is kept: it is set for this run.
    fn find_key(&self, environment: &Environment) -> Result<Option<Key>, Error> {
        if self.is_simulated() {
            return Ok(None);
        }
        let (name, variable) = (&self.name, self.variable());
        if let Some(key) = environment.key(variable) {
            return Ok(Some(key.clone()));
        }
        if let Some(problem) = environment.key_problem(variable) {
            return Err(problem);
        }
        match environment.kept.find(name)? {
            Some(key) => Ok(Some(key)),
            None => Err(Error::new(
                format!("profile `{name}` needs a key and `{variable}` is not set"),
                format!(
                    "set {variable}, or `editree key set --profile {name}`; or try without: \
                     editree --sim"
                ),
            )),
        }
    }

    pub(super) fn names(file: &File) -> Vec<String> {
        let mut names: Vec<String> = vec!["fal".into(), "sim".into()];
        names.extend(
            file.profiles.keys().filter(|name| !["fal", "sim"].contains(&name.as_str())).cloned(),
        );
        names
    }

    /// Nothing is sent and nothing costs.
    pub fn is_simulated(&self) -> bool {
        self.kind == Kind::Sim
    }
}

fn unknown(name: &str, file: &File) -> Error {
    let names = Profile::names(file).join("`, `");
    Error::new(
        format!("there is no profile `{name}`"),
        format!("known are `{names}`; others go into the config file as [profiles.NAME]"),
    )
}
fn both_asked_for<T>(name: &str) -> Result<T, Error> {
    let hint = "leave out --sim or --profile; EDITREE_SIM and EDITREE_PROFILE say the same";
    Err(Error::new(format!("both the simulator and profile `{name}` are asked for"), hint))
}
