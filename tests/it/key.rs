//! `editree key`: what is kept where, what is refused, and that no key is ever shown.
//! With the keyring program of Linux; the others differ in their arguments only.

#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use editree::simulator::{self, Running};
use tempfile::TempDir;

/// A keyring program of our own: as `secret-tool`, with a folder in place of the keyring.
const KEYRING: &str = r#"#!/bin/sh
echo "$@" >> "$KEYRING_FOLDER/arguments"
case "$1" in
    store) /bin/cat > "$KEYRING_FOLDER/secret" ;;
    lookup) /bin/cat "$KEYRING_FOLDER/secret" 2> /dev/null ;;
    clear) /bin/rm "$KEYRING_FOLDER/secret" ;;
esac
"#;
const CLOSED: &str = "#!/bin/sh\necho 'Cannot autolaunch D-Bus without X11' >&2\nexit 1\n";

struct Home {
    folder: TempDir,
    simulator: Running,
}

impl Home {
    /// With a simulator as its service and this keyring program, if any.
    async fn new(keyring: Option<&str>) -> Self {
        let simulator = simulator::start(simulator::Settings::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let home = Self { folder, simulator };
        fs::create_dir_all(home.path("bin")).unwrap();
        fs::create_dir_all(home.path("config/editree")).unwrap();
        let (run, queue) = (home.simulator.run(), home.simulator.queue());
        let (rest, cdn) = (home.simulator.rest(), home.simulator.cdn());
        let config = format!(
            "default_profile = \"here\"\n[profiles.here]\nrun_url = \"{run}\"\n\
             queue_url = \"{queue}\"\nrest_url = \"{rest}\"\ncdn_url = \"{cdn}\"\n"
        );
        fs::write(home.path("config/editree/config.toml"), config).unwrap();
        if let Some(text) = keyring {
            let program = home.path("bin/secret-tool");
            fs::write(&program, text).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key_file(&self) -> PathBuf {
        self.path("config/editree/keys/here.key")
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Output {
        self.run_with(arguments, input, &[]).await
    }

    async fn run_with(&self, arguments: &[&str], input: &str, env: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_editree"));
        command.args(arguments).env_clear();
        command.env("HOME", self.folder.path());
        command.env("XDG_CONFIG_HOME", self.path("config"));
        // Nothing else: the keyring of whoever runs the tests is none of our business.
        command.env("PATH", self.path("bin"));
        command.env("KEYRING_FOLDER", self.path("bin"));
        command.envs(env.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let input = input.to_owned();
        let output = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            // One that refuses at once does not read what it is given.
            let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
            child.wait_with_output().unwrap()
        });
        let output = output.await.unwrap();
        let secret = self.secret();
        for said in [&output.stdout, &output.stderr] {
            assert!(!String::from_utf8_lossy(said).contains(&secret), "the key is shown");
        }
        output
    }

    fn secret(&self) -> String {
        self.simulator.key.split_once(':').unwrap().1.to_owned()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn pasted(home: &Home) -> String {
    format!("  \"{}\"\r\n", home.simulator.key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_goes_to_the_keyring_and_is_found_there() {
    let home = Home::new(Some(KEYRING)).await;
    let set = home.run(&["key", "set"], &pasted(&home)).await;
    assert!(set.status.success(), "{}", said(&set));
    assert!(said(&set).contains("the service accepts the key"), "{}", said(&set));
    assert_eq!(fs::read_to_string(home.path("bin/secret")).unwrap(), home.simulator.key);
    assert!(!fs::read_to_string(home.key_file()).unwrap().contains(&home.secret()));
    let arguments = fs::read_to_string(home.path("bin/arguments")).unwrap();
    assert!(!arguments.contains(&home.secret()), "the key was an argument");

    let found = home.run(&["key", "where", "--check"], "").await;
    assert!(found.status.success(), "{}", said(&found));
    assert!(String::from_utf8_lossy(&found.stdout).starts_with("here: the system keyring"));

    let jobs = home.run(&["jobs"], "").await;
    assert!(jobs.status.success(), "the profile has its key now: {}", said(&jobs));

    let unset = home.run(&["key", "unset"], "").await;
    assert!(unset.status.success() && !home.path("bin/secret").exists(), "{}", said(&unset));
    assert_eq!(home.run(&["key", "where"], "").await.status.code(), Some(3));
    assert_eq!(home.run(&["jobs"], "").await.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keyring_a_file_is_used_only_when_it_is_asked_for() {
    for keyring in [None, Some(CLOSED)] {
        let home = Home::new(keyring).await;
        let set = home.run(&["key", "set"], &pasted(&home)).await;
        assert_eq!(set.status.code(), Some(2), "{}", said(&set));
        assert!(said(&set).contains("key set --file"), "{}", said(&set));
        assert!(!home.key_file().exists());
        let set = home.run(&["key", "set", "--file"], &pasted(&home)).await;
        assert!(set.status.success(), "{}", said(&set));
        assert_eq!(fs::read_to_string(home.key_file()).unwrap().trim(), home.simulator.key);
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(home.key_file()), 0o600);
        assert_eq!(mode(home.path("config/editree/keys")), 0o700);
        assert!(home.run(&["key", "where", "--check"], "").await.status.success());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_the_service_refuses_is_not_kept() {
    let home = Home::new(Some(KEYRING)).await;
    let set = home.run(&["key", "set"], "wrong:key-with-a-secret").await;
    assert_eq!(set.status.code(), Some(3), "{}", said(&set));
    assert!(said(&set).contains("--no-check"), "{}", said(&set));
    assert!(!home.key_file().exists() && !home.path("bin/secret").exists());
    for nothing in ["", " \n", "\"\"", "two words"] {
        let set = home.run(&["key", "set", "--no-check"], nothing).await;
        assert_eq!(set.status.code(), Some(2), "{nothing:?} {}", said(&set));
    }
    let set = home.run(&["key", "set", "--no-check"], "wrong:key-with-a-secret").await;
    assert!(set.status.success(), "{}", said(&set));
    let checked = home.run(&["key", "where", "--check"], "").await;
    assert_eq!(checked.status.code(), Some(3), "{}", said(&checked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_goes_before_what_is_kept_and_that_is_said() {
    let home = Home::new(Some(KEYRING)).await;
    home.run(&["key", "set"], &pasted(&home)).await;
    let env = [("FAL_KEY", "other:secret-of-another")];
    let found = home.run_with(&["key", "where"], "", &env).await;
    assert_eq!(String::from_utf8_lossy(&found.stdout), "here: the variable `FAL_KEY`\n");
    assert!(said(&found).contains("not used while `FAL_KEY` is set"), "{}", said(&found));
    let json = home.run_with(&["key", "where", "--json"], "", &env).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["source"], "the variable `FAL_KEY`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_file_that_others_can_read_is_not_used() {
    let home = Home::new(None).await;
    home.run(&["key", "set", "--file"], &pasted(&home)).await;
    fs::set_permissions(home.key_file(), fs::Permissions::from_mode(0o644)).unwrap();
    let jobs = home.run(&["jobs"], "").await;
    assert_eq!(jobs.status.code(), Some(2), "{}", said(&jobs));
    assert!(said(&jobs).contains("chmod 600"), "{}", said(&jobs));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulator_wants_no_key() {
    let home = Home::new(None).await;
    let set = home.run(&["--sim", "key", "set"], "a:b").await;
    assert_eq!(set.status.code(), Some(2), "{}", said(&set));
    assert!(said(&set).contains("needs no key"), "{}", said(&set));
}
