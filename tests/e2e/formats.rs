//! Pictures of every format through the real binary, and what of them leaves.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder as _, ImageFormat};

use crate::command::{editree, json, photo, said};
use crate::pty::{Start, Terminal};
use crate::service::Service;

/// The six patches under the name of each format.
fn files(folder: &Path) -> Vec<String> {
    let six = image::open(photo("chelsea.png")).unwrap().thumbnail(96, 64).to_rgb8();
    let six = DynamicImage::ImageRgb8(six);
    let mut names: Vec<String> = ["png", "jpg", "webp", "gif", "tiff", "bmp", "qoi"]
        .into_iter()
        .map(|ending| {
            let name = format!("a.{ending}");
            six.save_with_format(folder.join(&name), ImageFormat::from_extension(ending).unwrap())
                .unwrap();
            name
        })
        .collect();
    let jpeg = std::fs::read(folder.join("a.jpg")).unwrap();
    let raw = [b"II\x2a\0\x08\0\0\0\x01\0\xfe\0\x04\0\x01\0\0\0\x01\0\0\0\0\0\0\0", &jpeg[..]];
    std::fs::write(folder.join("a.dng"), raw.concat()).unwrap();
    names.push("a.dng".into());
    let built_in = [
        (cfg!(feature = "heic"), "heic"),
        (cfg!(feature = "jxl"), "jxl"),
        (cfg!(feature = "jp2"), "jp2"),
    ];
    for (_, ending) in built_in.into_iter().filter(|(is_there, _)| *is_there) {
        let name = format!("a.{ending}");
        std::fs::copy(photo(&format!("six-patches.{ending}")), folder.join(&name)).unwrap();
        names.push(name);
    }
    names
}

/// Run with `--nocapture` to see the table.
#[test]
fn every_format_is_opened_shown_sent_compared_and_healed() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let ask = |arguments: &[&str]| {
        let output = service.editree(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    println!("| format | open | show | send | compare | heal |\n|---|---|---|---|---|---|");
    for name in files(folder.path()) {
        let opened = ask(&["import", &name, "--json"]);
        let opened: serde_json::Value = serde_json::from_str(&opened).unwrap();
        let node = opened["node"].as_str().unwrap().to_owned();
        let shown = ask(&["show", &name]);
        assert!(shown.contains(['▄', '▀']), "{name}");
        let planned = ask(&["run", "-i", &name, "Make it red", "--dry-run"]);
        let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
        let format = planned["sent"][0]["format"].as_str().unwrap().to_owned();
        ask(&["run", "-i", &name, "Add a red circle", "-o", "child.png"]);
        let sent = service.ledger().last().unwrap()["input"]["image_url"].to_string();
        assert!(sent.contains(&format!("image/{format}")), "{name}: {sent:.60}");
        let same = ask(&["compare", &node, &name, "--json"]);
        let same: serde_json::Value = serde_json::from_str(&same).unwrap();
        assert_eq!(same["changed"]["fraction"], 0.0, "{name}");
        let healed = service.editree(
            folder.path(),
            &["heal", "child.png", "--parent", &name, "-o", "healed.png", "--json"],
        );
        // An edit may have changed too much to heal; it is told then.
        let healed = match healed.status.success() {
            true => "yes",
            false if said(&healed).contains("% changed; healing makes sense") => "too much changed",
            false => panic!("{name}: {}", said(&healed)),
        };
        println!("| {name} | {node} | yes | as {format} | equal | {healed} |");
    }
}

const SECRETS: [&[u8]; 4] =
    [b"serial 4711", b"GPSLatitude-secret", b"taken-by-nobody", b"xmp-secret"];

/// A photo with a serial number, a place, a name and a packet, each as a word to look for.
fn photo_with_secrets(path: &Path) {
    let place = SECRETS[1];
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let parts: [&[u8]; 4] =
            [&tag.to_be_bytes(), &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()];
        parts.concat()
    };
    let texts = [SECRETS[0], SECRETS[2]].map(|text| [text, b"\0"].concat());
    // Four entries: the maker, the artist, the directory of the place; then the texts.
    let begin = 8 + 2 + 3 * 12 + 4;
    let (first, second) = (texts[0].len() as u32, texts[1].len() as u32);
    let gps = begin + first + second;
    let block = [
        b"MM\0\x2a\0\0\0\x08\0\x03".to_vec(),
        entry(0x010f, 2, first, begin),
        entry(0x013b, 2, second, begin + first),
        entry(0x8825, 4, 1, gps),
        vec![0; 4],
        texts.concat(),
        // One text in the directory of the place.
        vec![0, 1],
        entry(0x001d, 2, place.len() as u32, gps + 18),
        vec![0; 4],
        place.to_vec(),
    ];
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    encoder.set_exif_metadata(block.concat()).unwrap();
    let picture = image::open(photo("chelsea.png")).unwrap().to_rgb8();
    DynamicImage::ImageRgb8(picture).write_with_encoder(encoder).unwrap();
    let packet = [b"http://ns.adobe.com/xap/1.0/\0", SECRETS[3]].concat();
    let length = (packet.len() as u16 + 2).to_be_bytes();
    file.splice(2..2, [&[0xff, 0xe1], &length[..], &packet].concat());
    std::fs::write(path, file).unwrap();
}

/// Which of the secrets are in a file, or inside of what it holds as base64.
fn found(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let inside = text.split("base64,").skip(1).filter_map(|rest| {
        let end = rest.find(['"', '\'', ')']).unwrap_or(rest.len());
        base64_simd::STANDARD.decode_to_vec(rest[..end].trim()).ok()
    });
    let all: Vec<Vec<u8>> = std::iter::once(bytes.to_vec()).chain(inside).collect();
    let is_in = |secret: &&&[u8]| {
        all.iter().any(|bytes| bytes.windows(secret.len()).any(|part| part == **secret))
    };
    SECRETS.iter().filter(is_in).count()
}

#[test]
fn nothing_private_leaves_with_a_photo_unless_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    photo_with_secrets(&at("photo.jpg"));
    assert_eq!(found(&std::fs::read(at("photo.jpg")).unwrap()), SECRETS.len());
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    for (keep, wanted) in [(&[][..], 0), (&["--keep-metadata"][..], SECRETS.len())] {
        let ask = |arguments: &[&str]| {
            let output = service.editree(folder.path(), &[keep, arguments].concat());
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        };
        ask(&["run", "-i", "photo.jpg", "Make it red", "-o", "out.png"]);
        let sent = service.ledger().last().unwrap().to_string();
        assert!(sent.contains("base64,"), "a small photo goes inside: {sent:.200}");
        assert_eq!(found(sent.as_bytes()), wanted, "sent");
        ask(&["report", "@", "-o", "report.html"]);
        assert_eq!(found(&std::fs::read(at("report.html")).unwrap()), wanted, "report");
        assert_eq!(found(&std::fs::read(at("out.png")).unwrap()), 0, "result");
        ask(&["export", "@", "--as", "json"]);
    }
    // In the store it is as it came.
    let media = folder.path().join("data/editree/media");
    let kept = std::fs::read_dir(media).unwrap().flatten();
    let all: Vec<usize> =
        kept.map(|file| found(&std::fs::read(file.path()).unwrap_or_default())).collect();
    assert!(all.contains(&SECRETS.len()), "{all:?}");
}

#[test]
fn nothing_private_is_in_what_the_workbench_saves_of_a_photo() {
    let folder = tempfile::tempdir().unwrap();
    photo_with_secrets(&folder.path().join("photo.jpg"));
    for (keep, wanted) in [(None, 0), (Some("--keep-metadata"), SECRETS.len())] {
        let arguments: Vec<&str> = ["--sim", "photo.jpg"].into_iter().chain(keep).collect();
        let start = Start {
            folder: folder.path(),
            arguments: &arguments,
            size: (200, 40),
            environment: &[],
        };
        let mut terminal = Terminal::start(&start);
        terminal.wait_for("photo.jpg");
        let name = format!("copy-{wanted}.jpg");
        terminal.send(&format!("\x0f:save {name}\r"));
        terminal.wait_for(&format!("/{name}"));
        terminal.send("\x03");
        assert_eq!(terminal.end().code, 0);
        let saved = std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(found(&saved), wanted, "{keep:?}");
        assert!(image::load_from_memory(&saved).is_ok());
    }
}

#[test]
fn a_photo_that_is_cut_off_is_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(photo("rocket.jpg")).unwrap();
    std::fs::write(folder.path().join("half.jpg"), &whole[..whole.len() / 2]).unwrap();
    let output = editree(folder.path(), &["run", "-i", "half.jpg", "Make it red", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("cut off"), "{}", said(&output));
    let jobs = json(folder.path(), &["--sim", "tree", "--json"]);
    assert_eq!(jobs["nodes"].as_array().unwrap().len(), 0);
}
