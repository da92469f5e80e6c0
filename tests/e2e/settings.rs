//! What is set and cannot be used: said, with exit 2, and never taken for not set.

use std::path::Path;
use std::process::Output;

use crate::command::{editree, with_variables};

const SECRET: &str = "00112233445566778899aabbccddeeff";

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    [String::from_utf8_lossy(out), String::from_utf8_lossy(err)].concat()
}

fn config(folder: &Path, text: &str) {
    let place = folder.join("config/editree");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("config.toml"), text).unwrap();
}

#[test]
fn a_key_that_cannot_be_used_is_told_and_nothing_is_simulated() {
    let blank = format!("id {SECRET} more");
    let umlaut = format!("schlüssel:{SECRET}");
    for (variables, reason) in [
        (vec![("FAL_KEY", blank.as_str())], "blank"),
        (vec![("FAL_KEY", umlaut.as_str())], "letter"),
        (vec![("FAL_KEY", "$FAL_KEY")], "name of a key"),
        (vec![("FAL_KEY", "\"\"")], "nothing"),
        (vec![("FAL_KEY_ID", "id")], "`FAL_KEY_SECRET` is not"),
        (vec![("FAL_KEY_SECRET", SECRET)], "`FAL_KEY_ID` is not"),
    ] {
        for arguments in [&["run", "a lighthouse", "-o", "x.png"][..], &[], &["tree"]] {
            let folder = tempfile::tempdir().unwrap();
            let output = with_variables(folder.path(), arguments, &variables);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(2), "{variables:?} {arguments:?}: {said}");
            assert!(said.contains("FAL_KEY") && said.contains(reason), "{said}");
            assert!(!said.contains(SECRET) && !said.contains("schl"), "{said}");
            assert!(!folder.path().join("x.png").exists());
        }
    }
    // Asked for by name, the simulator needs no key.
    let folder = tempfile::tempdir().unwrap();
    let broken = [("FAL_KEY", "$FAL_KEY")];
    assert_eq!(with_variables(folder.path(), &["tree", "--sim"], &broken).status.code(), Some(0));
    // What is set to nothing is not set.
    assert_eq!(
        with_variables(folder.path(), &["tree"], &[("FAL_KEY", " ")]).status.code(),
        Some(0)
    );
}

#[test]
fn a_line_that_cannot_be_used_is_told_where_it_would_be_used() {
    let key = ("FAL_KEY", "id:secret");
    for (name, value) in [
        ("HTTPS_PROXY", "gopher://me:word@127.0.0.1:1080"),
        ("ALL_PROXY", "not a proxy"),
        ("NO_PROXY", "http://localhost"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = with_variables(folder.path(), &["run", "a lighthouse"], &[key, (name, value)]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(name), "{}", said(&output));
        assert!(!said(&output).contains("word@"), "{}", said(&output));
        // The simulator is near: no line is needed.
        let output = with_variables(folder.path(), &["tree", "--sim"], &[(name, value)]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
}

#[test]
fn a_wrong_address_of_a_profile_is_a_mistake_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    config(folder.path(), "[profiles.lan]\nkey_env = \"K\"\nqueue_url = \"http://10.0.0.1/q\"\n");
    let arguments = ["run", "--profile", "lan", "a lighthouse"];
    let output = with_variables(folder.path(), &arguments, &[("K", "id:secret")]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let said = said(&output);
    assert!(said.contains("config.toml` line 3") && said.contains("profile `lan`"), "{said}");
}

#[test]
fn the_doctor_tells_all_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    config(
        folder.path(),
        "[budget]\nday = -1\n[theme]\ncolours = \"red\"\n[keys]\n\"f99\" = \"heal\"\n",
    );
    let variables = [
        ("FAL_KEY", "id secret"),
        ("HTTPS_PROXY", "gopher://127.0.0.1:1"),
        ("NO_PROXY", "a b"),
        ("SSL_CERT_DIR", "/nowhere"),
    ];
    let output = with_variables(folder.path(), &["doctor"], &variables);
    // As every other command with these settings.
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let said = said(&output);
    for what in
        ["line 2", "line 4", "line 6", "`FAL_KEY`", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_DIR"]
    {
        assert!(said.contains(what), "{what}: {said}");
    }
    // With a profile that can be used the rest is looked at as well.
    let output = with_variables(folder.path(), &["doctor", "--sim", "--json"], &variables);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = |what: &str| {
        let findings = json["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["what"] == what).count()
    };
    assert_eq!((found("setting"), found("store")), (7, 1), "{json}");
}

#[test]
fn a_dry_run_looks_for_the_nodes_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["run", "--dry-run", "-i", "n999", "Make it red"][..],
        &["sweep", "--dry-run", "-i", "n999", "-s", "seed=1..2", "Make it red"],
    ] {
        let output = with_variables(folder.path(), arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains("n999"), "{}", said(&output));
    }
}

#[test]
fn config_names_its_file_whatever_is_wrong_and_prints_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let config = |arguments: &[&str]| editree(folder.path(), &[&["config"], arguments].concat());
    let example = config(&["--example"]);
    assert!(example.status.success());
    let place = folder.path().join("config/editree");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("config.toml"), &example.stdout).unwrap();
    let good = config(&[]);
    assert!(good.status.success(), "{}", said(&good));
    std::fs::write(place.join("config.toml"), "[budget]\ndya = 1\n").unwrap();
    let broken = config(&[]);
    let told = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert_eq!(broken.status.code(), Some(2));
    assert!(told.contains("config.toml is read") && said(&broken).contains("dya"), "{told}");
}

#[test]
fn the_simulator_is_never_the_service_and_never_fights_with_a_variable() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("config/editree");
    std::fs::create_dir_all(&place).unwrap();
    std::fs::write(place.join("config.toml"), "[profiles.sim]\nlimit = 3\n").unwrap();
    let refused = editree(folder.path(), &["--sim", "run", "x"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("embedded simulator"), "{}", said(&refused));
    std::fs::remove_file(place.join("config.toml")).unwrap();
    let asked =
        |arguments: &[&str], variable| said(&with_variables(folder.path(), arguments, &[variable]));
    let off = asked(&["--profile", "fal", "tree"], ("EDITREE_SIM", "0"));
    assert!(!off.contains("both the simulator"), "{off}");
    let both = asked(&["--sim", "tree"], ("EDITREE_PROFILE", "fal"));
    assert!(both.contains("both the simulator and profile `fal`"), "{both}");
    assert!(both.contains("EDITREE_PROFILE"), "{both}");
}

#[test]
fn the_status_of_a_key_that_cannot_be_used_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let status = with_variables(folder.path(), &["key", "status"], &[("FAL_KEY", "two words")]);
    assert_eq!(status.status.code(), Some(2), "{}", said(&status));
    assert!(said(&status).contains("is set and cannot be used"), "{}", said(&status));
}

#[test]
fn a_config_may_come_from_a_command_of_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let shell = |config: &str| {
        let program = env!("CARGO_BIN_EXE_editree");
        let line = format!("'{program}' --config <({config}) config");
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &line]).env_clear().envs(crate::pty::environment(folder.path()));
        command.output().unwrap()
    };
    let good = shell("sleep 0.2; echo '[budget]'; sleep 0.2; echo 'day = 1.5'");
    assert!(good.status.success(), "{}", said(&good));
    let wrong = shell("echo '[budget]'; echo 'day = -1.5'");
    assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
    assert!(said(&wrong).contains("line 2"), "{}", said(&wrong));
    let endless = shell("cat /dev/zero");
    assert_eq!(endless.status.code(), Some(2));
    assert!(said(&endless).contains("larger than 1 MiB"), "{}", said(&endless));
    // A pipe that somebody has put in its place is waited for by nobody.
    let pipe = folder.path().join("pipe.toml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
    let output = editree(folder.path(), &["--config", "pipe.toml", "config"]);
    assert!(said(&output).contains("not a regular file"), "{}", said(&output));
}
