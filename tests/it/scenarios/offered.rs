//! I9: a run is offered, and sends, if and only if the draft is valid; otherwise the reason is on
//! the screen. For every parameter of every endpoint that takes one picture or none.

use editree::app::draft::Choice;
use editree::schema::kind::Kind;
use editree::schema::{Catalogue, Param};
use serde_json::{Value, json};

use crate::support::driver::Driver;

/// One that the service rejects, where the kind has any.
fn rejected(param: &Param) -> Option<Value> {
    Some(match &param.kind {
        Kind::Switch | Kind::Picture | Kind::Pictures { .. } => json!(7),
        // A number may be a text of another endpoint.
        Kind::Text { .. } | Kind::Choice { .. } | Kind::Size { .. } | Kind::Object { .. } => {
            json!({ "x": 1 })
        }
        Kind::Integer { max, .. } => json!(max.map_or(json!("x"), |max| json!(max + 1))),
        Kind::Number { max, .. } => json!(max.map_or(json!("x"), |max| json!(max + 1.0))),
        Kind::Seed { .. } => json!(-1),
        Kind::Values { .. } | Kind::Either { .. } | Kind::Tuple { .. } => json!({}),
        Kind::List { .. } => json!({ "x": 1 }),
        Kind::Json => return None,
    })
}

/// One that it accepts: what stands there before anything is changed, else the next.
fn accepted(param: &Param) -> Value {
    let start = param.start().cloned().unwrap_or(Value::Null);
    match param.check(&start) {
        Ok(()) => start,
        Err(_) => param.step(None, 1).expect("a next value"),
    }
}

fn on(endpoint: &str, pictures: bool) -> Driver {
    let mut driver = Driver::new(160, 50);
    driver.workbench.model.draft.choice = Choice::Fixed(endpoint.to_owned());
    if !pictures {
        driver.workbench.model.draft.parent = None;
    }
    driver
}

/// Whether `Enter` sends, which must be what the screen says.
fn is_sent(driver: &mut Driver, place: &str, name: &str) -> bool {
    driver.take();
    let before = driver.screen();
    driver.press("<Enter>");
    let is_sent = driver.saves() == 1;
    let reason = driver.model().blockers().first().map(|(_, problem)| problem.message.clone());
    if let (false, Some(reason)) = (is_sent, &reason) {
        let reason: String = reason.chars().take(12).collect();
        assert!(driver.screen().contains(&reason), "{place}: {reason}: {}", driver.screen());
        assert!(before.contains(name), "{place} before it was tried: {before}");
    }
    is_sent
}

#[test]
fn each_parameter_blocks_with_a_reason_or_the_run_is_sent() {
    let catalogue = Catalogue::builtin();
    let mut tried = 0;
    for endpoint in catalogue.endpoints() {
        let pictures = endpoint.takes.accepts(1);
        if !pictures && !endpoint.takes.accepts(0) {
            continue;
        }
        for param in endpoint.form() {
            // A seed has its own modes in the draft.
            if param.name == "prompt" || param.name == "seed" {
                continue;
            }
            let place = format!("{} {}", endpoint.short, param.name);
            let values = [Some((accepted(param), true)), rejected(param).map(|no| (no, false))];
            for (value, is_good) in values.into_iter().flatten() {
                let mut driver = on(&endpoint.id, pictures);
                driver.press("Make it red");
                driver.workbench.model.draft.values.insert(param.name.clone(), value.clone());
                assert_eq!(driver.model().blockers().is_empty(), is_good, "{place}: {value}");
                let sent = is_sent(&mut driver, &place, &param.name);
                assert_eq!(sent, is_good, "{place}: {value}\n{}", driver.screen());
                tried += 1;
            }
        }
    }
    assert!(tried > 60, "{tried}");
}
