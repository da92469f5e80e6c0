//! Boxes with words through the real binary: as they are sent, compared and healed.

use serde_json::Value;

use crate::command::{photo, said};
use crate::service::Service;

/// What the documentation of the model shows, for these three.
const SENT: &str = "Edit <ref_image_0> inside these boxes only. <region_1>: make it black \
    and white; <region_2>: make it sepia; <region_3>: make it blue. Leave all pixels outside \
    of the boxes untouched.\n\
    [{\"id\":\"region_1\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
    \"src_bbox\":[50,60,400,350],\"tgt_bbox\":[50,60,400,350],\"desc\":\"make it black and white\"},\
    {\"id\":\"region_2\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
    \"src_bbox\":[500,100,900,450],\"tgt_bbox\":[500,100,900,450],\"desc\":\"make it sepia\"},\
    {\"id\":\"region_3\",\"kind\":\"anchor\",\"from\":\"ref_image_0\",\
    \"src_bbox\":[300,600,800,950],\"tgt_bbox\":[300,600,800,950],\"desc\":\"make it blue\"}]";

#[test]
fn three_boxes_are_sent_as_documented_compared_by_the_ledger_and_healed_to_the_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    let ask = |arguments: &[&str]| {
        let output = service.editree(folder.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let boxes = [
        "50,60,400,350: make it black and white",
        "500,100,900,450: make it sepia",
        "300,600,800,950: make it blue",
    ];
    let mut run = vec!["run", "-m", "flux3", "-i", "photo.png"];
    boxes.iter().for_each(|text| run.extend(["--region", text]));
    run.push("");
    std::fs::copy(photo("chelsea.png"), folder.path().join("photo.png")).unwrap();
    ask(&run);
    let ledger = service.ledger();
    let submit = ledger.last().unwrap();
    assert_eq!(submit["input"]["prompt"], SENT);

    let compared: Value = serde_json::from_str(&ask(&["compare", "n1", "n2", "--json"])).unwrap();
    let regions = submit["truth"]["regions"].as_array().unwrap();
    assert_eq!(regions.len(), 3);
    for (at, region) in regions.iter().enumerate() {
        let (real, found) = (region["changed"].as_f64(), compared["boxes"][at].as_f64());
        let apart = (real.unwrap() - found.unwrap()).abs();
        assert!(apart < 0.05, "box {}: {found:?} and not {real:?}", at + 1);
    }
    let outside = compared["outside_boxes"].as_f64().unwrap();
    assert!(outside < 0.005, "nothing outside changed, and {outside} is told");
    let told = ask(&["compare", "n1", "n2"]);
    assert!(told.contains("box 3: ") && told.contains("outside the boxes: nothing"), "{told}");

    ask(&["heal", "n2", "-o", "healed.png"]);
    let open = |name: &str| image::open(folder.path().join(name)).unwrap().to_rgb8();
    let (parent, healed) = (open("photo.png"), open("healed.png"));
    assert_eq!(parent.dimensions(), healed.dimensions());
    let (width, height) = parent.dimensions();
    let part = |part: u32, all: u32| (part * all + 500) / 1_000;
    let is_in = |x: u32, y: u32, [top, left, bottom, right]: [u32; 4]| {
        (part(left, width)..part(right, width)).contains(&x)
            && (part(top, height)..part(bottom, height)).contains(&y)
    };
    let parts = [[50, 60, 400, 350], [500, 100, 900, 450], [300, 600, 800, 950]];
    // The corner in which a simulated picture says that it is one is kept.
    let marked = parent.enumerate_pixels().filter(|(x, y, pixel)| {
        let is_outside = !parts.iter().any(|part| is_in(*x, *y, *part));
        is_outside && healed.get_pixel(*x, *y) != *pixel
    });
    let marked: Vec<_> = marked.map(|(x, y, _)| (x, y)).collect();
    let corner = |(x, y): &(u32, u32)| *x > width * 3 / 4 && *y > height * 4 / 5;
    assert!(marked.iter().all(corner), "{:?}", marked.iter().find(|at| !corner(at)));
}

#[test]
fn a_box_that_cannot_be_one_or_a_model_that_takes_none_is_refused_before_it_costs() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    service.configure(folder.path(), "");
    std::fs::copy(photo("chelsea.png"), folder.path().join("photo.png")).unwrap();
    for (model, text, why) in [
        ("flux3", "1,2,3: a hat", "3 numbers and not 4"),
        ("flux3", "0,0,0,10", "no part of a picture"),
        ("pro", "0,0,100,100: a hat", "takes no boxes"),
    ] {
        let run = ["run", "-m", model, "-i", "photo.png", "--region", text, "Make it red"];
        let output = service.editree(folder.path(), &run);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(why), "{}", said(&output));
    }
    assert_eq!(service.ledger().len(), 0);
}
