//! How large a result will be.

use editree::schema::Fit;
use editree::schema::output_size::KONTEXT_SIZES;
use proptest::prelude::*;
use serde_json::json;

use super::{endpoint, values};

#[test]
fn each_of_the_seventeen_sizes_is_kept() {
    for size in KONTEXT_SIZES {
        for (short, times) in [("pro", 1), ("max", 2), ("pro-multi", 3)] {
            let input = (size.0 * times, size.1 * times);
            assert_eq!(endpoint(short).forecast(&values(&[]), Some(input)), Some(size));
        }
        assert!(KONTEXT_SIZES.contains(&(size.1, size.0)), "turned, it is a size too");
    }
}

#[test]
fn other_sizes_go_to_the_nearest_ratio() {
    let table = [
        ((1920, 1080), (1392, 752), "+4.1"),
        ((1080, 1920), (752, 1392), "-4.0"),
        ((1600, 1200), (1184, 880), "+0.9"),
        ((3000, 2000), (1248, 832), "+0.0"),
        ((1280, 1024), (1104, 944), "-6.4"),
        ((1024, 1280), (944, 1104), "+6.9"),
        ((2560, 1600), (1328, 800), "+3.7"),
        ((10000, 10), (1568, 672), ""),
        ((1, 5000), (672, 1568), ""),
        ((1, 1), (1024, 1024), "+0.0"),
        ((0, 0), (1024, 1024), "+0.0"),
    ];
    let endpoint = endpoint("pro");
    for (input, expected, change) in table {
        assert_eq!(endpoint.forecast(&values(&[]), Some(input)), Some(expected), "{input:?}");
        if !change.is_empty() {
            let percent = endpoint.reshaping(&values(&[]), input).unwrap() * 100.0;
            assert_eq!(format!("{percent:+.1}"), change, "{input:?}");
        }
    }
}

#[test]
fn a_chosen_ratio_wins_over_the_picture() {
    let table = [
        ("21:9", (1568, 672)),
        ("16:9", (1392, 752)),
        ("4:3", (1184, 880)),
        ("3:2", (1248, 832)),
        ("1:1", (1024, 1024)),
        ("2:3", (832, 1248)),
        ("3:4", (880, 1184)),
        ("9:16", (752, 1392)),
        ("9:21", (672, 1568)),
    ];
    for (ratio, expected) in table {
        let set = values(&[("aspect_ratio", json!(ratio))]);
        assert_eq!(endpoint("pro").forecast(&set, Some((500, 500))), Some(expected), "{ratio}");
        assert_eq!(endpoint("max-text").forecast(&set, None), Some(expected), "{ratio}");
    }
}

#[test]
fn from_words_a_picture_is_square_unless_told() {
    assert_eq!(endpoint("pro-text").forecast(&values(&[]), None), Some((1024, 1024)));
    assert_eq!(endpoint("pro").forecast(&values(&[]), None), None, "the picture decides");
}

#[test]
fn redux_has_names_of_sizes_and_sizes_of_ones_own() {
    let table = [
        (json!("square_hd"), Some((1024, 1024))),
        (json!("square"), Some((512, 512))),
        (json!("portrait_4_3"), Some((768, 1024))),
        (json!("portrait_16_9"), Some((576, 1024))),
        (json!("landscape_4_3"), Some((1024, 768))),
        (json!("landscape_16_9"), Some((1024, 576))),
        (json!({ "width": 1280, "height": 720 }), Some((1280, 720))),
        (json!("banner"), None),
        (json!(5), None),
    ];
    for (size, expected) in table {
        let set = values(&[("image_size", size)]);
        assert_eq!(endpoint("redux").forecast(&set, Some((50, 50))), expected);
    }
    assert_eq!(endpoint("redux").forecast(&values(&[]), None), Some((1024, 768)));
}

#[test]
fn ultra_has_about_four_megapixels() {
    let forecast = |ratio: &str| {
        endpoint("ultra-redux").forecast(&values(&[("aspect_ratio", json!(ratio))]), None)
    };
    assert_eq!(endpoint("ultra-redux").forecast(&values(&[]), None), Some((2752, 1536)));
    assert_eq!(forecast("1:1"), Some((2048, 2048)));
    assert_eq!(forecast("2:1"), Some((2912, 1440)));
    assert_eq!(forecast("2.35 : 1"), Some((3136, 1344)));
    for nonsense in ["wide", "1:0", "0:1", "-1:1", ":", "inf:1"] {
        assert_eq!(forecast(nonsense), None, "{nonsense}");
    }
}

#[test]
fn a_picture_is_squeezed_unless_another_shape_was_asked_for() {
    let wide = values(&[("aspect_ratio", json!("16:9"))]);
    let pro = endpoint("pro");
    assert_eq!(pro.fit(&values(&[]), Some((1920, 1080))), Fit::Stretch);
    assert_eq!(pro.fit(&wide, Some((1920, 1080))), Fit::Stretch);
    assert_eq!(pro.fit(&wide, Some((1000, 1000))), Fit::Crop);
    assert_eq!(endpoint("redux").fit(&values(&[]), Some((1000, 1000))), Fit::Crop);
}

proptest! {
    #[test]
    fn no_input_and_no_ratio_breaks_the_forecast(
        input in any::<(u32, u32)>(),
        ratio in "[0-9.]{1,12}:[0-9.]{1,12}",
    ) {
        for short in ["pro", "redux", "ultra-redux"] {
            let set = values(&[("aspect_ratio", json!(ratio))]);
            for set in [set, values(&[])] {
                let forecast = endpoint(short).forecast(&set, Some(input));
                prop_assert!(forecast.is_none_or(|(width, height)| width > 0 && height > 0));
                endpoint(short).fit(&set, Some(input));
            }
        }
    }
}
