//! The session as a whole: leaving it, going over to another profile or project, and what is handed
//! on to the screen.

use crate::app::action::SessionAction;
use crate::app::draft::edit;
use crate::app::effect::{Effect, ScreenEffect, ServiceEffect, StoreEffect};
use crate::app::follow_up::Effects;
use crate::app::job::transitions::move_to;
use crate::app::job::{JobId, State};
use crate::app::model::Model;
use crate::app::money::bills;
use crate::app::notice::{Notice, Tone};
use crate::app::session::{Exit, models};

pub(in crate::app) fn on_action(model: &mut Model, out: &mut Effects, action: SessionAction) {
    match action {
        SessionAction::Account => {
            out.push(Effect::Store(StoreEffect::LoadAccount));
            bills::look(model, out);
        }
        SessionAction::LookAtAccount => bills::look(model, out),
        SessionAction::FindModels(words) => models::search(model, out, words),
        SessionAction::AddModel(id) => models::add(model, out, id),
        SessionAction::InjectFault(word) => {
            let profile = model.profile.name.clone();
            out.push(Effect::Service(ServiceEffect::InjectFault { profile, word }));
        }
        SessionAction::Profile(name) => switch_profile(model, out, name),
        SessionAction::Project(name) => change_project(model, out, name),
        SessionAction::Copy { text, what } => {
            out.push(Effect::Screen(ScreenEffect::Copy { text, what }));
        }
        SessionAction::PastePicture(purpose) => {
            out.push(Effect::Screen(ScreenEffect::PastePicture(purpose)));
        }
        SessionAction::Mouse(on) => {
            let text = match on {
                true => "mouse on; in most terminals Shift selects text",
                false => "mouse off: the terminal selects text again",
            };
            model.say(Notice::new(Tone::Info, text));
            out.push(Effect::Screen(ScreenEffect::Mouse(on)));
        }
        SessionAction::Say(notice) => model.say(notice),
        SessionAction::Unsay => model.notice = None,
        SessionAction::ShowPicturesAs(word) => {
            out.push(Effect::Screen(ScreenEffect::ShowPicturesAs(word)));
        }
        SessionAction::EnableTmuxPassthrough => {
            out.push(Effect::Screen(ScreenEffect::EnableTmuxPassthrough));
        }
        SessionAction::TellTree { is_whole } => {
            out.push(Effect::Screen(ScreenEffect::TellTree { is_whole }));
        }
        SessionAction::Redraw => out.push(Effect::Screen(ScreenEffect::Redraw)),
        SessionAction::Suspend => out.push(Effect::Screen(ScreenEffect::Suspend)),
        SessionAction::Quit => quit(model, out),
    }
}

/// Leaves this service for another: what was sent goes on there, the draft stays here.
fn switch_profile(model: &mut Model, out: &mut Effects, name: String) {
    if name == model.profile.name {
        return model.say(Notice::new(Tone::Info, format!("`{name}` is in use already")));
    }
    let Some(other) = model.profile.others.iter().find(|other| other.name == name) else {
        return model.say(Notice::new(Tone::Warning, format!("there is no profile `{name}`")));
    };
    if let Some(obstacle) = &other.obstacle {
        let notice = Notice::new(Tone::Warning, obstacle.clone());
        return model.say(notice);
    }
    leave(model, out, Exit { profile: Some(name), ..Exit::default() });
}

/// The same for a project. The simulator keeps to its own, so that nothing simulated is taken for
/// real.
fn change_project(model: &mut Model, out: &mut Effects, name: String) {
    if name == model.session.project {
        return model.say(Notice::new(Tone::Info, format!("`{name}` is open already")));
    }
    leave(model, out, Exit { project: Some(name), ..Exit::default() });
}

pub(in crate::app) fn quit(model: &mut Model, out: &mut Effects) {
    leave(model, out, Exit::default());
}

/// Leaves with everything kept: what is not sent is held and named.
fn leave(model: &mut Model, out: &mut Effects, exit: Exit) {
    if model.session.exit.is_some() {
        return;
    }
    model.session.exit = Some(exit);
    let ours: Vec<(JobId, State)> = model
        .jobs
        .values()
        .filter(|job| job.owned && !job.state.is_final())
        .map(|job| (job.id, job.state.clone()))
        .collect();
    for (id, state) in ours {
        match state {
            State::Saved | State::Uploading => {
                move_to(
                    model,
                    out,
                    id,
                    State::Held("editree was left before it was sent".into()),
                    None,
                );
                exit_message_for(model, id, "not sent; held until the next start");
            }
            State::Held(_) => exit_message_for(model, id, "held, not sent"),
            State::Sending
            | State::Queued(_)
            | State::Running
            | State::Fetching
            | State::Waiting(_)
            | State::Cancelling => exit_message_for(model, id, goes_on(model)),
            State::Unknown => {
                exit_message_for(model, id, "possibly billed; see the queue at the next start")
            }
            State::Done | State::Failed | State::Cancelled | State::Dismissed => {}
        }
    }
    edit::keep(model, out);
    if model.log.has_unwritten() {
        out.push(Effect::Store(StoreEffect::AppendLog(model.log.take_unwritten())));
    }
    out.push(Effect::Screen(ScreenEffect::Quit));
}

fn goes_on(model: &Model) -> &'static str {
    match model.profile.simulated {
        true => "lost when the simulator exits; send it again",
        false => "continues; the next start follows it",
    }
}

fn exit_message_for(model: &mut Model, id: JobId, what: &str) {
    let prompt = model.jobs.get(&id).map(|job| job.spec.recipe.caption()).unwrap_or_default();
    let line = format!("{} `{prompt}`: {what}", model.called(id));
    if let Some(exit) = &mut model.session.exit {
        exit.messages.push(line);
    }
}
