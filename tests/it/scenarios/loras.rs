//! A list of objects is filled row by row in the form.

use editree::app::effect::{Effect, StoreEffect};
use serde_json::json;

use crate::support::driver::Driver;

/// The form, with the row of the weights selected.
fn form() -> Driver {
    let mut driver = Driver::new(120, 40);
    driver.press("<Esc>:model kontext-lora<Enter><A-2>");
    let endpoint = driver.model().endpoint().unwrap();
    let row = endpoint.form().position(|param| param.name == "loras").unwrap();
    driver.press(&"j".repeat(row));
    driver
}

#[test]
fn weights_are_added_changed_and_removed_by_rows() {
    let mut driver = form();
    assert!(driver.screen().contains("Each is a row below"), "{}", driver.screen());
    driver.press("<Enter>https://x.example/a.safetensors<Enter>");
    driver.press("<Enter>me/b*0.5<Enter>");
    let screen = driver.screen();
    for words in ["1 Address", "https://x.example/a.safetensors", "2 Address", "me/b", "Strength"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    // The strength of the first, the address of the second.
    driver.press("jjlll");
    driver.press("j<Enter>me/c<Enter>");
    driver.press("<Esc>iMake it red<Enter>");
    let sent = driver.take().into_iter().find_map(|effect| match effect {
        Effect::Store(StoreEffect::Save { spec, .. }) => Some(spec.recipe.values),
        _ => None,
    });
    let wanted = json!([
        { "path": "https://x.example/a.safetensors", "scale": 1.3 },
        { "path": "me/c", "scale": 0.5 },
    ]);
    assert_eq!(sent.unwrap()["loras"], wanted);

    let mut driver = form();
    driver.press("<Enter>me/a me/b*2<Enter>j");
    driver.tick(60_000);
    assert!(driver.screen().contains("remove it"), "{}", driver.screen());
    driver.press("<Backspace>");
    assert_eq!(driver.model().draft.values["loras"], json!([{ "path": "me/b", "scale": 2.0 }]));
    driver.press("<Backspace>");
    assert_eq!(driver.model().draft.values.get("loras"), None, "the last one takes the list along");
}

#[test]
fn a_row_that_the_service_would_refuse_is_told_where_it_is_typed() {
    let mut driver = form();
    driver.press("<Enter>me/a<Enter>jj<Enter>9<Enter>");
    let screen = driver.screen();
    assert!(screen.contains("9 is above 4"), "{screen}");
    assert_eq!(driver.model().draft.values["loras"], json!([{ "path": "me/a" }]));
}
