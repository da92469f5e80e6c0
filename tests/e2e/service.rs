//! The simulator as a process of its own, and a profile that takes it for a service that costs.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::pty::environment;

pub struct Service {
    child: Child,
    pub base: String,
    pub queue: String,
    pub key: String,
}

impl Service {
    /// Serves until it is dropped; `options` are those of `editree simulate`.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
            .args(["simulate", "--json", "--speed", "50"])
            .args(options)
            .env_clear()
            .envs(environment(folder))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the simulator starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its line");
        BufReader::new(out).read_line(&mut line).expect("its line");
        let said: Value = serde_json::from_str(&line).expect("one object");
        let word = |name: &str| said[name].as_str().expect("a text").to_owned();
        Self { base: word("base"), queue: word("queue"), key: word("key"), child }
    }

    /// A config file whose default profile is this service.
    pub fn configure(&self, folder: &Path, more: &str) {
        let base = &self.base;
        let place = folder.join("config/editree");
        std::fs::create_dir_all(&place).unwrap();
        let text = format!(
            "default_profile = \"here\"\n{more}\n[profiles.here]\nkind = \"fal\"\n\
             run_url = \"{base}/_run\"\nqueue_url = \"{base}/_queue\"\n\
             rest_url = \"{base}/_rest\"\ncdn_url = \"{base}/_cdn\"\n"
        );
        std::fs::write(place.join("config.toml"), text).unwrap();
    }

    /// Every submit that the simulator has accepted, with what it charged.
    pub fn ledger(&self) -> Vec<Value> {
        let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let asked = reqwest::Client::new()
            .get(format!("{}/_sim/ledger", self.base))
            .header("Authorization", format!("Key {}", self.key));
        let text = executor.block_on(async { asked.send().await.unwrap().text().await.unwrap() });
        let ledger: Value = serde_json::from_str(&text).unwrap();
        ledger["submits"].as_array().unwrap().clone()
    }

    /// editree with this service's key.
    pub fn editree(&self, folder: &Path, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_editree"))
            .args(arguments)
            .env_clear()
            .envs(environment(folder))
            .env("FAL_KEY", &self.key)
            .current_dir(folder)
            .output()
            .expect("editree runs")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // By its own pid.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
