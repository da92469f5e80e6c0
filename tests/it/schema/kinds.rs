//! What a person types, what is accepted, what is shown, and stepping, for every kind.

use editree::schema::kind::Kind;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{all_params, endpoint, values};
use editree::schema::Param;

fn kind(short: &str, name: &str) -> Kind {
    endpoint(short).param(name).unwrap().kind.clone()
}

#[test]
fn what_a_person_types_becomes_what_the_service_takes() {
    let table = [
        ("pro", "safety_tolerance", "2", json!("2")),
        ("pro", "num_images", " 4 ", json!(4)),
        ("pro", "guidance_scale", "3", json!(3.0)),
        ("pro", "guidance_scale", "7.25", json!(7.25)),
        ("pro", "sync_mode", "on", json!(true)),
        ("pro", "sync_mode", "No", json!(false)),
        ("pro", "output_format", "PNG", json!("png")),
        ("pro", "aspect_ratio", "16:9", json!("16:9")),
        ("pro", "seed", "0", json!(0)),
        ("pro", "seed", "9007199254740993", json!(9_007_199_254_740_993_i64)),
        ("pro", "seed", "18446744073709551615", json!(u64::MAX)),
        ("redux", "image_size", "landscape_4_3", json!("landscape_4_3")),
        ("redux", "image_size", "1280x720", json!({ "width": 1280, "height": 720 })),
        ("redux", "image_size", "1280 × 720", json!({ "width": 1280, "height": 720 })),
        ("ultra-redux", "aspect_ratio", "5:4", json!("5:4")),
        (
            "pro-multi",
            "image_urls",
            "https://a/1 https://a/2",
            json!(["https://a/1", "https://a/2"]),
        ),
    ];
    for (short, name, text, expected) in table {
        assert_eq!(kind(short, name).parse(text), Ok(expected), "{short}.{name} {text}");
    }
}

/// Parameter, what is typed, the answer.
const REFUSED: &str = "\
pro.num_images        | 9         | 9 is above 4 (1 to 4)
pro.num_images        | 0         | 0 is below 1 (1 to 4)
pro.num_images        | 1.5       | `1.5` is not a whole number (1 to 4)
pro.guidance_scale    | 0         | 0 is below 1 (1 to 20)
pro.guidance_scale    | 20.5      | 20.5 is above 20 (1 to 20)
pro.guidance_scale    | nan       | `nan` is not a number (1 to 20)
pro.seed              | abc       | `abc` is not a whole number (0 or more)
pro.seed              | -1        | -1 is below 0 (0 or more)
pro.seed              |           | a value is missing (0 or more)
pro.sync_mode         | maybe     | `maybe` is not on or off (on or off)
pro.output_format     | webp      | `webp` is not one of the choices (jpeg, png)
pro.output_format     | jpg       | `jpg` is not one of the choices (did you mean `jpeg`?)
redux.image_size      | 0x720     | 0 is below 1 (each side 1 to 14142)
redux.image_size      | squar     | `squar` is not one of the choices (did you mean `square` or `square_hd`?)
pro.image_url         | two words | `two words` is not an address (an address or a data URI)";

#[test]
fn what_is_not_accepted_is_answered_with_what_would_be() {
    for row in REFUSED.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let (short, name) = cells[0].split_once('.').unwrap();
        let problem = kind(short, name).parse(cells[1]).unwrap_err();
        assert_eq!(problem.to_string(), cells[2], "{row}");
    }
}

#[test]
fn a_number_is_no_text_and_a_text_is_no_number() {
    let table = [
        ("safety_tolerance", json!(2)),
        ("num_images", json!("2")),
        ("num_images", json!(2.0)),
        ("guidance_scale", json!("3.5")),
        ("sync_mode", json!("true")),
        ("seed", json!(-1)),
        ("aspect_ratio", json!("1:2")),
        ("image_url", json!(["https://a"])),
    ];
    for (name, value) in table {
        assert!(kind("pro", name).check(&value).is_err(), "{name} {value}");
    }
    assert_eq!(kind("pro", "guidance_scale").check(&json!(4)), Ok(()));
    let size = kind("redux", "image_size");
    for wrong in
        [json!({ "width": 5 }), json!({ "width": 5, "height": 5, "depth": 5 }), json!([5, 5])]
    {
        assert!(size.check(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_message_never_holds_a_whole_data_uri() {
    let uri = format!("data:image/png;base64,{} ", "A".repeat(9000));
    let problem = kind("pro", "image_url").check(&json!(uri)).unwrap_err();
    assert!(problem.to_string().chars().count() < 120);
}

#[test]
fn choices_go_round_and_numbers_stop() {
    let guidance = kind("pro", "guidance_scale");
    assert_eq!(guidance.step(Some(&json!(3.5)), 1), Some(json!(4.0)));
    assert_eq!(guidance.step(Some(&json!(3.7)), -1), Some(json!(3.5)));
    assert_eq!(guidance.step(Some(&json!(3.7)), 1), Some(json!(4.0)));
    assert_eq!(guidance.step(Some(&json!(20.0)), 3), Some(json!(20.0)));
    let strength = kind("ultra-redux", "image_prompt_strength");
    assert_eq!(strength.step(Some(&json!(0.1)), 1), Some(json!(0.15)));
    assert_eq!(strength.step(Some(&json!(0.3)), -1), Some(json!(0.25)));
    assert_eq!(kind("pro", "num_images").step(Some(&json!(4)), 1), Some(json!(4)));
    assert_eq!(kind("pro", "seed").step(Some(&json!(0)), -1), Some(json!(0)));
    assert_eq!(kind("pro", "output_format").step(Some(&json!("png")), 1), Some(json!("jpeg")));
    assert_eq!(
        kind("redux", "image_size").step(Some(&json!({"width": 5, "height": 5})), -1),
        Some(json!("landscape_16_9"))
    );
    assert_eq!(kind("pro", "sync_mode").step(None, 1), Some(json!(true)));
    assert_eq!(kind("pro", "prompt").step(None, 1), None);
}

#[test]
fn sending_nothing_is_a_choice_where_it_means_something() {
    let edit = endpoint("pro");
    let ratio = edit.param("aspect_ratio").unwrap();
    assert_eq!(ratio.show(None), "as picture");
    assert_eq!(ratio.step(None, 1), Some(json!("21:9")));
    assert_eq!(ratio.step(Some(&json!("21:9")), -1), Some(Value::Null));
    assert_eq!(ratio.step(Some(&json!("9:21")), 1), Some(Value::Null));
    assert_eq!(ratio.step(Some(&Value::Null), -1), Some(json!("9:21")));
    assert_eq!(ratio.parse("as picture"), Ok(Value::Null));
    assert_eq!(edit.param("seed").unwrap().parse("random"), Ok(Value::Null));
    assert_eq!(edit.param("seed").unwrap().show(Some(&json!(7))), "7");
    let text = endpoint("pro-text");
    let ratio = text.param("aspect_ratio").unwrap();
    assert_eq!(ratio.show(None), "1:1");
    assert_eq!(ratio.step(Some(&json!("9:21")), 1), Some(json!("21:9")));
    let format = edit.param("output_format").unwrap();
    assert_eq!(format.show(None), "png");
    assert_eq!(format.show(Some(&Value::Null)), "jpeg");
}

#[test]
fn setting_what_is_there_already_changes_nothing() {
    let endpoint = endpoint("pro");
    let mut set = values(&[]);
    for (name, text) in [("output_format", "png"), ("seed", ""), ("num_images", "1")] {
        endpoint.set(&mut set, name, text).unwrap();
    }
    assert_eq!(set, values(&[]));
    endpoint.set(&mut set, "output_format", "default").unwrap();
    endpoint.set(&mut set, "seed", "7").unwrap();
    assert_eq!(set, values(&[("output_format", Value::Null), ("seed", json!(7))]));
    endpoint.set(&mut set, "seed", "random").unwrap();
    assert_eq!(set, values(&[("output_format", Value::Null)]));
    let wrong = |name: &str| endpoint.set(&mut values(&[]), name, "1").unwrap_err().to_string();
    assert_eq!(
        wrong("guidance"),
        "`pro` has no setting `guidance` (did you mean `guidance_scale`?)"
    );
    assert_eq!(wrong("image_url"), "`image_url` is not a setting");
}

/// Values of a kind, as a person or a recipe could have them.
fn any_value(kind: &Kind) -> BoxedStrategy<Value> {
    match kind.clone() {
        Kind::Text { .. } => any::<String>().prop_map(Value::from).boxed(),
        Kind::Integer { min, max, .. } => {
            (min.unwrap_or(i64::MIN)..=max.unwrap_or(i64::MAX)).prop_map(Value::from).boxed()
        }
        Kind::Number { min, max, .. } => {
            (min.unwrap_or(-1e300)..=max.unwrap_or(1e300)).prop_map(Value::from).boxed()
        }
        Kind::Switch => any::<bool>().prop_map(Value::from).boxed(),
        Kind::Choice { options, open: false } => {
            proptest::sample::select(options).prop_map(Value::from).boxed()
        }
        Kind::Choice { open: true, .. } => "[0-9]{1,2}:[0-9]{1,2}".prop_map(Value::from).boxed(),
        Kind::Size { presets, min, max } => prop_oneof![
            proptest::sample::select(presets).prop_map(Value::from),
            (min..=max, min..=max).prop_map(|(w, h)| json!({ "width": w, "height": h })),
        ]
        .boxed(),
        Kind::Picture => "[!-~]{1,60}".prop_map(Value::from).boxed(),
        Kind::Pictures { .. } => {
            proptest::collection::vec("[!-~]{1,30}", 1..5).prop_map(Value::from).boxed()
        }
        Kind::Seed { .. } => (0..=i64::MAX).prop_map(Value::from).boxed(),
        Kind::Json => any::<i32>().prop_map(|number| json!({ "n": [number] })).boxed(),
        Kind::List { of, .. } => {
            proptest::collection::vec(any_value(&of), 0..4).prop_map(Value::from).boxed()
        }
        Kind::Values { options } => proptest::sample::select(options).boxed(),
        Kind::Either { of } => proptest::strategy::Union::new(of.iter().map(any_value)).boxed(),
        Kind::Tuple { of } => {
            let parts: Vec<_> = of.iter().map(any_value).collect();
            parts.prop_map(Value::from).boxed()
        }
        Kind::Object { fields, .. } => {
            let field = |param: &Param| {
                let name = param.name.clone();
                any_value(&param.kind).prop_map(move |value| (name.clone(), value)).boxed()
            };
            let fields: Vec<_> = fields.iter().map(field).collect();
            fields
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into())
                .boxed()
        }
    }
}

fn any_param() -> impl Strategy<Value = (String, Kind, Value)> {
    let imported = super::import::every_document();
    let imported = imported.iter().flat_map(|endpoint| {
        endpoint.params.iter().map(|param| (endpoint.short.clone(), param.clone()))
    });
    let params =
        proptest::sample::select(all_params().into_iter().chain(imported).collect::<Vec<_>>());
    params.prop_flat_map(|(name, param)| {
        any_value(&param.kind).prop_map(move |value| (name.clone(), param.kind.clone(), value))
    })
}

fn number((min, max): (Option<f64>, Option<f64>), step: f64) -> Kind {
    Kind::Number { min, max, step, open_min: false, open_max: false, multiple_of: None }
}

/// Limits and grids other than those of the built-in endpoints.
fn any_number_kind() -> impl Strategy<Value = Kind> {
    let limit = || prop::option::of(-1000.0..1000.0_f64);
    (limit(), limit(), prop_oneof![Just(0.0), 0.001..10.0_f64]).prop_map(|(a, b, step)| {
        match (a, b) {
            (Some(a), Some(b)) => number((Some(a.min(b)), Some(a.max(b))), step),
            (min, max) => number((min, max), step),
        }
    })
}

proptest! {
    #[test]
    fn what_is_shown_can_be_typed((name, kind, value) in any_param()) {
        prop_assert_eq!(kind.check(&value), Ok(()), "{}", &name);
        prop_assert_eq!(kind.parse(&kind.show(&value)), Ok(value), "{}", &name);
    }

    #[test]
    fn what_is_accepted_from_a_person_is_accepted_by_the_service(
        (name, param) in proptest::sample::select(all_params()),
        text in any::<String>(),
    ) {
        if let Ok(value) = param.kind.parse(&text) {
            prop_assert_eq!(param.kind.check(&value), Ok(()), "{}", name);
        }
    }

    #[test]
    fn a_step_stays_in_range((name, kind, value) in any_param(), by in any::<i32>(), near in -3..3) {
        for by in [by, near] {
            for from in [Some(&value), Some(&Value::Null), None] {
                if let Some(next) = kind.step(from, by) {
                    prop_assert_eq!(kind.check(&next), Ok(()), "{} {}", &name, &next);
                }
            }
        }
    }

    #[test]
    fn a_step_of_any_number_stays_in_range(
        kind in any_number_kind(),
        from in prop::option::of(any::<f64>()),
        by in -1000..1000,
    ) {
        let from = from.map(Value::from);
        let next = kind.step(from.as_ref(), by).unwrap();
        prop_assert_eq!(kind.check(&next), Ok(()), "{}", next);
    }
}
