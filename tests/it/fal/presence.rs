//! Whether an uploaded file is still there.

use editree::fal::url_check::Presence;

use super::server::{Act, Server, deserted, with};

#[tokio::test]
async fn only_a_clear_no_counts_as_gone() {
    let table = [
        (with(206, &[], b"x"), Presence::There),
        (with(200, &[], b"whole"), Presence::There),
        (with(416, &[], b""), Presence::There),
        (with(404, &[], b""), Presence::Gone),
        (with(410, &[], b""), Presence::Gone),
        (with(403, &[], b""), Presence::Unclear),
        (with(503, &[], b""), Presence::Unclear),
        (with(302, &[("location", "http://127.0.0.1/")], b""), Presence::Unclear),
        (Act::Send(Vec::new()), Presence::Unclear),
    ];
    for (act, wanted) in table {
        let server = Server::start(move |_, _| act.clone());
        let presence = server.client().presence(server.url().as_str()).await;
        assert_eq!((presence, server.count()), (wanted, 1));
        let asked = server.seen().remove(0);
        assert_eq!(asked.header("authorization"), None);
        assert_eq!(asked.header("range"), Some("bytes=0-0"));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_unclear() {
    let server = Server::start(|_, _| with(200, &[], b""));
    let (_kept, nobody) = deserted();
    for url in ["", "data:image/png;base64,AA==", "http://192.0.2.1/x", nobody.as_str()] {
        assert_eq!(server.client().presence(url).await, Presence::Unclear, "{url}");
    }
    assert_eq!(server.count(), 0);
}
