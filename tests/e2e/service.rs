//! The simulator as a process of its own, and a profile that takes it for a service that costs.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::pty::environment;

/// Longest wait for anything; machines are shared.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Service {
    child: Child,
    pub base: String,
    pub queue: String,
    /// With `--tls`: the proxy to the service's own hosts, and the file of its authority.
    pub proxy: String,
    pub authority: String,
    pub key: String,
}

impl Service {
    /// Serves until it is dropped; `options` are those of `editree simulate`.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_editree"))
            .args(["simulate", "--json"])
            .args(if options.contains(&"--speed") { &[][..] } else { &["--speed", "50"] })
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
        let tls = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        let (proxy, authority) = (tls("proxy"), tls("authority"));
        let (base, queue, key) = (word("base"), word("queue"), word("key"));
        Self { base, queue, proxy, authority, key, child }
    }

    /// A config file whose default profile is this service.
    pub fn configure(&self, folder: &Path, more: &str) {
        self.write_config(folder, more, &self.base);
    }

    /// The same, reached at another address.
    pub fn configure_through(&self, folder: &Path, address: SocketAddr) {
        self.write_config(folder, "", &format!("http://{address}"));
    }

    /// The same with the platform's own interface; `more` goes to the end.
    pub fn configure_with_api(&self, folder: &Path, more: &str) {
        self.write_config(folder, "", &self.base);
        let place = folder.join("config/editree/config.toml");
        let text = std::fs::read_to_string(&place).unwrap();
        std::fs::write(place, format!("{text}api_url = \"{}/_api\"\n{more}", self.base)).unwrap();
    }

    fn write_config(&self, folder: &Path, more: &str, base: &str) {
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
        self.whole_ledger()["submits"].as_array().unwrap().clone()
    }

    fn whole_ledger(&self) -> Value {
        let asked = reqwest::Client::new().get(format!("{}/_sim/ledger", self.base));
        serde_json::from_str(&self.ask(asked)).unwrap()
    }

    /// `off`, `release`, or a fault.
    pub fn inject(&self, word: &str) {
        self.ask(
            reqwest::Client::new().post(format!("{}/_sim/faults", self.base)).body(word.to_owned()),
        );
    }

    /// Until a call is held there.
    pub fn wait_until_held(&self) {
        self.wait_until(|ledger| ledger["held"].as_u64().is_some_and(|held| held > 0));
    }

    pub fn wait_until(&self, holds: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        while !holds(&self.whole_ledger()) {
            assert!(begin.elapsed() < PATIENCE, "{}", self.whole_ledger());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn port(&self) -> u16 {
        self.base.rsplit(':').next().unwrap().parse().unwrap()
    }

    fn ask(&self, request: reqwest::RequestBuilder) -> String {
        let executor = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let request = request.header("Authorization", format!("Key {}", self.key));
        executor.block_on(async { request.send().await.unwrap().text().await.unwrap() })
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
