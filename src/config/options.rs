//! What can be asked of the service beside the input: the same words on the command line and in
//! the config file.
//!
//! Nothing is sent here. Invariant: what comes out is what the service takes, or an error says why
//! not.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::Error;
use crate::fal::submit_options;
use crate::fal::submit_options::SubmitOptions;

/// `[profiles.NAME.options]`, and the options of `editree run` of the same names.
#[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[command(next_help_heading = "Service options")]
pub struct Options {
    /// Fail without cost unless work begins within this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub start_timeout: Option<f64>,
    /// `low`: run after all normal requests, including other people's.
    #[arg(long, value_name = "HOW")]
    pub priority: Option<Priority>,
    /// Prefer the same machine for requests with the same hint.
    #[arg(long, value_name = "TEXT")]
    pub runner_hint: Option<String>,
    /// Ask the service to store neither input nor output; the result is gone after minutes.
    #[arg(long)]
    pub no_store: bool,
    /// Delete the resulting pictures from the service after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub keep_media: Option<u64>,
    /// Let only your account read the resulting pictures at the service; uploads keep the account's
    /// setting.
    #[arg(long)]
    pub private: bool,
    /// Fail at once if this many requests already wait.
    #[arg(long, value_name = "N")]
    pub max_queue_length: Option<u32>,
    /// Do not let the service fall back to another endpoint.
    #[arg(long)]
    pub no_fallback: bool,
    /// Do not let the service retry the request by itself.
    #[arg(long)]
    pub no_retry: bool,
    /// Tag for splitting the bill; may be repeated.
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    #[serde(skip)]
    pub tag: Vec<(String, String)>,
    /// A header for the service, such as `x-app-fal-upload-policy`; may be repeated. Only names that
    /// begin with `x-fal-` or `x-app-fal-`; better in the config file, where nobody else sees the value.
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    #[serde(skip)]
    pub header: Vec<(String, Hidden)>,
    /// The config file's way to write tags.
    #[arg(skip)]
    pub tags: BTreeMap<String, String>,
}

/// `--priority`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub enum Priority {
    Normal,
    Low,
}

impl Options {
    /// These, and the profile's where these say nothing.
    pub fn over(self, profile: Self) -> Self {
        let mut tags = profile.tags;
        tags.extend(profile.tag.into_iter().chain(self.tags).chain(self.tag));
        Self {
            start_timeout: self.start_timeout.or(profile.start_timeout),
            priority: self.priority.or(profile.priority),
            runner_hint: self.runner_hint.or(profile.runner_hint),
            no_store: self.no_store || profile.no_store,
            keep_media: self.keep_media.or(profile.keep_media),
            private: self.private || profile.private,
            max_queue_length: self.max_queue_length.or(profile.max_queue_length),
            no_fallback: self.no_fallback || profile.no_fallback,
            no_retry: self.no_retry || profile.no_retry,
            tag: Vec::new(),
            header: self.header,
            tags,
        }
    }

    /// As the client takes them, without a webhook.
    pub fn for_submit(&self) -> Result<SubmitOptions, Error> {
        let seconds = |seconds: f64| {
            let wrong = |_| wrong(format!("`start_timeout` cannot be {seconds} s"));
            Duration::try_from_secs_f64(seconds).map_err(wrong)
        };
        let tags = self.tags.clone().into_iter().chain(self.tag.clone());
        let options = SubmitOptions {
            start_timeout: self.start_timeout.map(seconds).transpose()?,
            priority: self.priority.map(|priority| match priority {
                Priority::Normal => submit_options::Priority::Normal,
                Priority::Low => submit_options::Priority::Low,
            }),
            hint: self.runner_hint.clone(),
            webhook: None,
            store_io: self.no_store.then_some(false),
            max_queue_length: self.max_queue_length,
            keep_media: self.keep_media.map(Duration::from_secs),
            private: self.private,
            no_retry: self.no_retry,
            no_fallback: self.no_fallback,
            tags: tags.collect(),
        };
        options.check().map_err(|error| wrong(error.message))?;
        Ok(options)
    }
}

fn wrong(message: String) -> Error {
    Error::new(message, "fix or remove this option")
}

/// A value that is shown nowhere.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("…")
    }
}

fn header(text: &str) -> Result<(String, Hidden), String> {
    // What is wrong with it is told later, by whoever does not repeat the value.
    let (name, value) = text.split_once('=').unwrap_or(("", text));
    Ok((name.trim().to_owned(), Hidden(value.to_owned())))
}

fn tag(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a tag is NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str) -> Options {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_command_line_goes_over_the_profile() {
        let profile = parse(
            "start_timeout = 60\npriority = \"low\"\nno_store = true\n[tags]\nteam = \"a\"\nx = \"1\"",
        );
        let typed = Options {
            start_timeout: Some(30.0),
            tag: vec![tag("team = b").unwrap()],
            ..Options::default()
        };
        let options = typed.over(profile).for_submit().unwrap();
        assert_eq!(options.start_timeout, Some(Duration::from_secs(30)));
        assert_eq!(options.priority, Some(submit_options::Priority::Low));
        assert_eq!(options.store_io, Some(false));
        assert_eq!(options.tags, [("team".into(), "b".into()), ("x".into(), "1".into())]);
        assert_eq!(Options::default().for_submit().unwrap(), SubmitOptions::default());
    }

    #[test]
    fn what_the_service_would_not_take_is_refused() {
        for text in ["start_timeout = 1", "start_timeout = -5", "[tags]\nA = \"b\""] {
            let error = parse(text).for_submit().unwrap_err();
            assert!(error.hint.is_some(), "{error}");
        }
        assert!(toml::from_str::<Options>("start_timout = 3").is_err());
        assert!(tag("team").is_err());
    }
}
