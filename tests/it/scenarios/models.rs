//! Finding models at the service and adding one, from the workbench.

use editree::app::effect::{Effect, ServiceEffect, TaskKey};
use editree::app::found_models::{FoundModel, FoundModels};
use editree::app::message::{ServiceResult, TaskResult};
use editree::schema::Catalogue;

use crate::support::driver::Driver;

fn asked(driver: &mut Driver) -> Vec<String> {
    let words = |effect| match effect {
        Effect::Service(ServiceEffect::FindModels { words, .. }) => Some(words),
        _ => None,
    };
    driver.take().into_iter().filter_map(words).collect()
}

fn answer(driver: &mut Driver, words: &str, ids: &[(&str, bool)]) {
    let model = |(id, is_deprecated): &(&str, bool)| FoundModel {
        id: (*id).into(),
        title: format!("The {id}"),
        about: String::new(),
        is_deprecated: *is_deprecated,
    };
    let models = ids.iter().map(model).collect();
    let found = FoundModels { words: words.into(), models, as_of: None };
    let result = TaskResult::Service(ServiceResult::ModelsFound(Ok(found)));
    driver.finish_task(TaskKey::FindModels, result);
}

#[test]
fn models_are_searched_while_one_types_one_question_at_a_time_and_enter_adds_one() {
    let mut driver = Driver::new(100, 30);
    driver.press("<Esc>:models<Enter>");
    assert_eq!(asked(&mut driver), [""]);
    driver.press("seed");
    assert_eq!(asked(&mut driver), [""; 0], "one question at a time");
    answer(&mut driver, "", &[("some/other", false)]);
    assert_eq!(asked(&mut driver), ["seed"], "the last words, and no others");
    assert!(driver.screen().contains("searching"), "{}", driver.screen());
    driver.press("<Enter>");
    assert!(!driver.screen().contains("being added"), "what is shown is of other words");
    answer(
        &mut driver,
        "seed",
        &[("bytedance/seedream", true), ("fal-ai/flux-pro/kontext", false)],
    );
    let screen = driver.screen();
    for words in ["bytedance/seedream", "deprecated", "here as pro", "2 models"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    driver.press("<Enter>");
    let add = |effect| match effect {
        Effect::Service(ServiceEffect::AddModel { id, .. }) => Some(id),
        _ => None,
    };
    let added: Vec<String> = driver.take().into_iter().filter_map(add).collect();
    assert_eq!(added, ["bytedance/seedream"]);
    let mut endpoint = Catalogue::builtin().find("pro").unwrap().clone();
    (endpoint.id, endpoint.short) = ("bytedance/seedream".into(), "seedream".into());
    endpoint.price = None;
    let result = TaskResult::Service(ServiceResult::ModelAdded(Ok(Box::new(endpoint))));
    driver.finish_task(TaskKey::AddModel, result);
    let screen = driver.screen();
    assert!(screen.contains("`seedream` is chosen; its price is not known"), "{screen}");
    assert_eq!(driver.model().endpoint().unwrap().id, "bytedance/seedream");
}

#[test]
fn a_model_that_is_here_already_is_only_chosen() {
    let mut driver = Driver::new(100, 30);
    driver.press("<Esc>:models max<Enter>");
    assert_eq!(asked(&mut driver), ["max"]);
    answer(&mut driver, "max", &[("fal-ai/flux-pro/kontext/max", false)]);
    driver.press("<Enter>");
    assert!(driver.take().is_empty(), "nothing is asked for");
    assert_eq!(driver.model().endpoint().unwrap().short, "max");
}
