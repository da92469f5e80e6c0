//! What lies between: proxies of three kinds, authorities that nobody else knows.
//!
//! Nothing leaves this machine: behind each proxy is the simulator as the service's own hosts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::thread;

use crate::pty::environment;
use crate::service::Service;

fn editree(folder: &Path, key: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_editree"));
    let command = command.args(arguments).env_clear().envs(environment(folder));
    let command = command.env("FAL_KEY", key).envs(variables.iter().copied());
    command.current_dir(folder).output().expect("editree runs")
}

fn said(output: &Output) -> String {
    let both = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

const PHOTO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/photos/coffee.png");

/// An edit with an upload, by the service's own addresses.
fn edits(service: &Service, folder: &Path, variables: &[(&str, &str)]) {
    let before = service.ledger().len();
    let arguments = ["run", "-i", PHOTO, "Make it sepia"];
    let output = editree(folder, &service.key, &arguments, variables);
    assert_eq!(output.status.code(), Some(0), "{variables:?}: {}", said(&output));
    assert_eq!(service.ledger().len(), before + 1, "{variables:?}");
}

/// Takes connections and hands each to `greet`, which tells where they go; then bytes go both ways.
fn relay(
    greet: impl Fn(&mut TcpStream) -> Option<TcpStream> + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let greet = std::sync::Arc::new(greet);
    thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let greet = std::sync::Arc::clone(&greet);
            thread::spawn(move || {
                let Some(mut far) = greet(&mut near) else { return };
                let (mut back, mut to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut back, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
                let _ = std::io::copy(&mut near, &mut far);
                let _ = far.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    address
}

/// A SOCKS5 proxy that wants a name and a password; what it is asked for lies behind `next`.
fn socks(next: &str) -> SocketAddr {
    let next = next.trim_start_matches("http://").to_owned();
    relay(move |near| {
        let mut bytes = |count: usize| -> Option<Vec<u8>> {
            let mut bytes = vec![0; count];
            near.read_exact(&mut bytes).ok()?;
            Some(bytes)
        };
        let greeting = bytes(2)?;
        assert!(bytes(usize::from(greeting[1]))?.contains(&2), "a password is offered");
        near.write_all(&[5, 2]).ok()?;
        let text = |near: &mut TcpStream| -> Option<String> {
            let mut length = [0];
            near.read_exact(&mut length).ok()?;
            let mut text = vec![0; usize::from(length[0])];
            near.read_exact(&mut text).ok()?;
            String::from_utf8(text).ok()
        };
        near.read_exact(&mut [0]).ok()?;
        let (name, password) = (text(near)?, text(near)?);
        assert_eq!((name.as_str(), password.as_str()), ("me", "word"));
        near.write_all(&[1, 0]).ok()?;
        let mut head = [0; 4];
        near.read_exact(&mut head).ok()?;
        assert_eq!(head, [5, 1, 0, 3], "connect, by name: no name is looked up here");
        let host = text(near)?;
        let mut port = [0; 2];
        near.read_exact(&mut port).ok()?;
        near.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
        let mut far = TcpStream::connect(&next).ok()?;
        write!(far, "CONNECT {host}:{} HTTP/1.1\r\n\r\n", u16::from_be_bytes(port)).ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            far.read_exact(&mut byte).ok()?;
            head.push(byte[0]);
        }
        Some(far)
    })
}

#[test]
fn the_service_is_reached_through_a_proxy_whose_authority_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    let service = Service::start(folder.path(), &["--tls", tls.to_str().unwrap()]);
    let proxy = ("HTTPS_PROXY", service.proxy.as_str());
    edits(&service, folder.path(), &[proxy, ("SSL_CERT_FILE", &service.authority)]);
    edits(&service, folder.path(), &[proxy, ("SSL_CERT_DIR", tls.to_str().unwrap())]);

    // A name and a password on the way, and in no word.
    let socks = format!("socks5h://me:word@{}", socks(&service.proxy));
    edits(&service, folder.path(), &[("ALL_PROXY", &socks), ("SSL_CERT_FILE", &service.authority)]);

    let doctor = editree(
        folder.path(),
        &service.key,
        &["doctor"],
        &[("ALL_PROXY", &socks), ("SSL_CERT_FILE", &service.authority)],
    );
    let told = said(&doctor);
    let address = socks.replace("me:word@", "");
    for words in [
        "1 authorities, from `SSL_CERT_FILE`",
        &format!("`{address}` is between here and the service"),
        "as the service's",
        "answers and accepts the key",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("word@"), "{told}");
}

#[test]
fn an_authority_that_nobody_knows_is_told_with_the_proxy_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    let service = Service::start(folder.path(), &["--tls", tls.to_str().unwrap()]);
    let proxy = ("HTTPS_PROXY", service.proxy.as_str());
    let output = editree(folder.path(), &service.key, &["key", "status", "--check"], &[proxy]);
    let told = said(&output);
    for words in ["`queue.fal.run`", &service.proxy, "UnknownIssuer", "SSL_CERT_FILE"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named_without_its_password_and_no_other_host_is() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = socket.local_addr().unwrap();
    drop(socket);
    let proxy = format!("http://me:word@{dead}");
    let variables = [("HTTPS_PROXY", proxy.as_str())];
    let output = editree(folder.path(), "id:secret", &["run", "a lighthouse"], &variables);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains(&format!("`queue.fal.run` through `http://{dead}`")), "{told}");
    assert!(!told.contains("word@") && !told.contains("falrun.com"), "{told}");
}

/// The store of this machine as the program sees it, in a namespace where mounting is allowed.
#[test]
fn the_authorities_of_the_machine_itself_are_trusted() {
    const STORE: &str = "/etc/ssl/certs/ca-certificates.crt";
    const MOUNT: &str = "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"";
    let folder = tempfile::tempdir().unwrap();
    let within = |arguments: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", MOUNT, "sh"]);
        command.args(arguments).env_clear().envs(environment(folder.path()));
        command
    };
    let tls = folder.path().join("tls");
    let service = Service::start(folder.path(), &["--tls", tls.to_str().unwrap()]);
    let can = within(&[&service.authority, STORE, "true"]).output();
    if !can.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: nothing can be mounted here");
        return;
    }
    let editree = env!("CARGO_BIN_EXE_editree");
    let arguments = [&service.authority, STORE, editree, "run", "-i", PHOTO, "Make it sepia"];
    let variables = [("HTTPS_PROXY", &service.proxy), ("FAL_KEY", &service.key)];
    let output = within(&arguments).envs(variables).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(service.ledger().len(), 1);
}

#[test]
fn an_edit_goes_over_ipv6_as_over_ipv4() {
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--listen", "[::1]:0"]);
    service.configure(folder.path(), "");
    assert!(service.base.starts_with("http://[::1]:"), "{}", service.base);
    edits(&service, folder.path(), &[]);
    // An address is no name, and is passed by a proxy that is for names.
    let nobody = [("HTTP_PROXY", "http://127.0.0.1:9"), ("NO_PROXY", "::1")];
    edits(&service, folder.path(), &nobody);
}
