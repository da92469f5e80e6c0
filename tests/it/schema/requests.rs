//! What would be sent, and why something cannot be sent.

use editree::schema::{Catalogue, Endpoint};
use serde_json::{Value, json};

use super::{endpoint, values};

const FLOUR: &str = "https://v3.fal.media/files/rabbit/rmgBxhwGYb2d3pl3x9sKf_output.png";
const WOMAN: &str = "https://v3.fal.media/files/penguin/XoW0qavfF-ahg-jX4BMyL_image.webp";
const DUCK: &str = "https://v3.fal.media/files/tiger/bml6YA7DWJXOigadvxk75_image.webp";
const DONUT: &str = "Put a donut next to the flour.";
const DUCKLING: &str = "Put the little duckling on top of the woman's t-shirt.";
const TIGER: &str = "Extreme close-up of a single tiger eye, direct frontal view. Detailed iris and pupil. Sharp focus on eye texture and color. Natural lighting to capture authentic eye shine and depth. The word \"FLUX\" is painted over it in big, white brush strokes with visible texture.";

/// The example of the page, and the endpoint, words and pictures to reach it. The settings are
/// those of the example itself.
fn examples() -> Vec<(&'static str, Value)> {
    let edit = json!({ "prompt": DONUT, "guidance_scale": 3.5, "num_images": 1,
        "output_format": "jpeg", "safety_tolerance": "2", "image_url": FLOUR });
    let combine = json!({ "prompt": DUCKLING, "guidance_scale": 3.5, "num_images": 1,
        "output_format": "jpeg", "safety_tolerance": "2", "image_urls": [WOMAN, DUCK] });
    vec![
        ("pro", json!({ "prompt": DONUT, "image_url": FLOUR })),
        ("pro", edit),
        ("pro-multi", json!({ "prompt": DUCKLING, "image_urls": [WOMAN, DUCK] })),
        ("pro-multi", combine),
        ("max", json!({ "prompt": DONUT, "image_url": FLOUR })),
        (
            "max",
            json!({ "prompt": DONUT, "guidance_scale": 3.5, "sync_mode": false, "num_images": 1,
                "output_format": "jpeg", "safety_tolerance": "2", "enhance_prompt": false,
                "image_url": FLOUR }),
        ),
        (
            "max-multi",
            json!({ "prompt": DUCKLING, "guidance_scale": 3.5, "sync_mode": false,
                "num_images": 1, "output_format": "jpeg", "safety_tolerance": "2",
                "enhance_prompt": false, "image_urls": [WOMAN, DUCK] }),
        ),
        ("max-text", json!({ "prompt": TIGER })),
        (
            "max-text",
            json!({ "prompt": TIGER, "guidance_scale": 3.5, "sync_mode": false, "num_images": 1,
                "output_format": "jpeg", "safety_tolerance": "2", "enhance_prompt": false,
                "aspect_ratio": "1:1" }),
        ),
    ]
}

/// Words, settings and pictures of a body, put together again by the endpoint.
fn rebuilt(endpoint: &Endpoint, body: &Value) -> Value {
    let mut set = values(&[("output_format", Value::Null)]);
    let mut pictures = Vec::new();
    for (name, value) in body.as_object().unwrap() {
        match name.as_str() {
            "prompt" => {}
            "image_url" => pictures.push(value.as_str().unwrap().to_owned()),
            "image_urls" => pictures = serde_json::from_value(value.clone()).unwrap(),
            _setting => {
                set.insert(name.clone(), value.clone());
            }
        }
    }
    let prompt = body["prompt"].as_str().unwrap();
    assert_eq!(endpoint.problems(prompt, &set, pictures.len()), []);
    Value::Object(endpoint.request(prompt, &set, &pictures))
}

#[test]
fn the_examples_of_the_pages_can_be_sent_to_the_letter() {
    for (short, body) in examples() {
        let rebuilt = rebuilt(&endpoint(short), &body);
        // As texts, since the order of the fields counts too.
        assert_eq!(rebuilt.to_string(), body.to_string(), "{short}");
    }
}

fn sent(short: &str, prompt: &str, set: &[(&str, Value)], pictures: &[&str]) -> String {
    let pictures: Vec<String> = pictures.iter().map(|address| (*address).to_owned()).collect();
    let endpoint = endpoint(short);
    let set = values(set);
    assert_eq!(endpoint.problems(prompt, &set, pictures.len()), []);
    serde_json::to_string_pretty(&endpoint.request(prompt, &set, &pictures)).unwrap()
}

#[test]
fn an_untouched_draft_sends_words_pictures_and_the_preset() {
    insta::assert_snapshot!(sent("pro", DONUT, &[], &["https://a/1"]), @r#"
    {
      "prompt": "Put a donut next to the flour.",
      "output_format": "png",
      "image_url": "https://a/1"
    }
    "#);
    insta::assert_snapshot!(sent("pro-multi", DUCKLING, &[("seed", json!(7))], &["https://a/1", "https://a/2"]), @r#"
    {
      "prompt": "Put the little duckling on top of the woman's t-shirt.",
      "seed": 7,
      "output_format": "png",
      "image_urls": [
        "https://a/1",
        "https://a/2"
      ]
    }
    "#);
    insta::assert_snapshot!(sent("pro-text", "A tiger", &[("aspect_ratio", json!("16:9"))], &[]), @r#"
    {
      "prompt": "A tiger",
      "output_format": "png",
      "aspect_ratio": "16:9"
    }
    "#);
    insta::assert_snapshot!(sent("redux", "", &[("image_size", json!({"width": 1280, "height": 720}))], &["https://a/1"]), @r#"
    {
      "image_size": {
        "width": 1280,
        "height": 720
      },
      "output_format": "png",
      "image_url": "https://a/1"
    }
    "#);
    insta::assert_snapshot!(sent("ultra-redux", "at dusk", &[("raw", json!(true))], &["data:image/png;base64,AA=="]), @r#"
    {
      "prompt": "at dusk",
      "output_format": "png",
      "raw": true,
      "image_url": "data:image/png;base64,AA=="
    }
    "#);
}

/// Endpoint, words, one setting as JSON, number of pictures, the answer.
const DRAFTS: &str = r#"
pro         | x | seed             | 1     | 1 |
pro         |   | seed             | 1     | 1 | prompt: the prompt is empty (say what to change)
pro         | x | seed             | "abc" | 1 | seed: `abc` is not a whole number (0 or more)
pro         | x | num_images       | 0     | 1 | num_images: 0 is below 1 (1 to 4)
pro         | x | num_images       | 9     | 1 | num_images: 9 is above 4 (1 to 4)
pro         | x | guidance_scale   | 0     | 1 | guidance_scale: 0 is below 1 (1 to 20)
pro         | x | safety_tolerance | 2     | 1 | safety_tolerance: `2` is not a text (1, 2, 3, 4, 5, 6)
pro         | x | safety_tolerance | "2"   | 1 |
pro         | x | seed             | null  | 0 | image_url: `pro` needs a picture (open or paste one)
pro         | x | seed             | null  | 9 | image_url: `pro` takes one picture, and there are 9 (leave the others out)
pro-multi   | x | seed             | null  | 0 | image_urls: `pro-multi` takes several pictures, and there is none (1 or more)
pro-multi   | x | seed             | null  | 9 |
pro-text    |   | seed             | null  | 0 | prompt: the prompt is empty (say what the picture shows)
pro-text    | x | seed             | null  | 1 | : `pro-text` takes no picture, and there is 1 (leave the pictures out)
redux       |   | seed             | null  | 1 |
pro         | x | sede             | 1     | 1 | sede: `pro` has no setting `sede` (did you mean `seed`?)
pro         | x | prompt           | "y"   | 1 | prompt: `prompt` is not a setting
redux       | x | raw              | true  | 1 | raw: `redux` has no setting `raw`
ultra-redux | x | aspect_ratio     | "7:5" | 1 |
"#;

#[test]
fn every_reason_why_a_draft_cannot_be_sent_is_named() {
    for row in DRAFTS.trim().lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let set = values(&[(cells[2], serde_json::from_str(cells[3]).unwrap())]);
        let problems = endpoint(cells[0]).problems(cells[1], &set, cells[4].parse().unwrap());
        let words: Vec<String> =
            problems.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
        assert_eq!(words.join("; "), cells[5], "{row}");
    }
    let blank = endpoint("pro").problems(" \n", &values(&[]), 1);
    assert_eq!(blank.len(), 1, "white space says nothing");
}

#[test]
fn several_problems_come_in_the_order_of_the_schema() {
    let set =
        values(&[("num_images", json!(9)), ("guidance_scale", json!(99)), ("bogus", json!(1))]);
    let problems = endpoint("pro").problems("", &set, 0);
    let fields: Vec<&str> = problems.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["prompt", "guidance_scale", "num_images", "image_url", "bogus"]);
}

#[test]
fn a_required_setting_without_a_default_is_asked_for() {
    let mut endpoint = endpoint("pro");
    let mut mask = endpoint.param("image_url").unwrap().clone();
    mask.name = "mask_url".to_owned();
    endpoint.params.push(mask);
    let problems = endpoint.problems("x", &values(&[]), 1);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].1.message, "`mask_url` is needed");
    assert_eq!(endpoint.problems("x", &values(&[("mask_url", json!("https://m"))]), 1), []);
    assert!(endpoint.form().any(|param| param.name == "mask_url"));
}

#[test]
fn the_form_holds_neither_words_nor_pictures() {
    for endpoint in Catalogue::builtin().endpoints() {
        let names: Vec<&str> = endpoint.form().map(|param| param.name.as_str()).collect();
        for name in ["prompt", "image_url", "image_urls"] {
            assert!(!names.contains(&name), "{}", endpoint.short);
        }
        assert_eq!(names.contains(&"seed"), endpoint.has_seed());
    }
}
