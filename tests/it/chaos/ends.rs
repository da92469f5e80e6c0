//! How a task ends that goes wrong, and by what it is known then.

use editree::app::effect::{Effect, ServiceEffect, StoreEffect, TaskKey};
use editree::app::failure::Failure;
use editree::app::message::{ServiceResult, StoreResult, TaskResult};

use crate::support::driver;

/// It fails; of a fetch that is partial some has come.
pub fn spoilt(effect: &Effect, failure: Failure, is_partial: bool) -> Option<TaskResult> {
    Some(match effect {
        Effect::Service(effect) => TaskResult::Service(match effect {
            ServiceEffect::Upload { job, .. } => {
                ServiceResult::Uploaded { job: *job, addresses: Err(failure) }
            }
            ServiceEffect::Send { job, .. } => {
                ServiceResult::Sent { job: *job, answer: Err(failure) }
            }
            ServiceEffect::Follow { job, .. } => {
                ServiceResult::Followed { job: *job, result: Err(failure) }
            }
            ServiceEffect::Fetch { job, .. } => match is_partial {
                false => ServiceResult::Fetched { job: *job, outcome: Err(failure) },
                true => {
                    let outcome = Box::new(driver::outcome(*job));
                    ServiceResult::FetchedPart { job: *job, outcome, failure }
                }
            },
            ServiceEffect::Settle { job, .. } => {
                ServiceResult::Settled { job: *job, result: Err(failure) }
            }
            ServiceEffect::CancelRemote { job, .. } => {
                ServiceResult::CancelAsked { job: *job, answer: Err(failure) }
            }
            ServiceEffect::LoadPrices { .. } => ServiceResult::Prices(Err(failure)),
            ServiceEffect::LoadBalance { .. } => ServiceResult::Balance(Err(failure)),
            ServiceEffect::LoadBills { requests, .. } => {
                ServiceResult::Bills { asked: requests.clone(), costs: Err(failure) }
            }
            ServiceEffect::FindModels { .. } => ServiceResult::ModelsFound(Err(failure)),
            ServiceEffect::AddModel { .. } => ServiceResult::ModelAdded(Err(failure)),
            ServiceEffect::InjectFault { .. } => return Some(TaskResult::Done(Err(failure))),
        }),
        Effect::Store(effect) => TaskResult::Store(match effect {
            StoreEffect::Save { save_id, .. } => {
                StoreResult::Saved { save_id: *save_id, saved: Err(failure) }
            }
            StoreEffect::SetJobState { job, to, .. } => {
                StoreResult::Moved { job: *job, to: to.clone(), result: Err(failure) }
            }
            StoreEffect::Finish { job, .. } => {
                StoreResult::Finished { job: *job, next: Err(failure) }
            }
            StoreEffect::LoadNodes(_) => StoreResult::Nodes(Err(failure)),
            StoreEffect::LoadSnapshot => StoreResult::Snapshot(Err(failure)),
            StoreEffect::Search { text, .. } => {
                StoreResult::Found { text: text.clone(), nodes: Err(failure) }
            }
            StoreEffect::LoadAccount => StoreResult::Account(Err(failure)),
            StoreEffect::LoadUnbilled(_) => StoreResult::Unbilled(Err(failure)),
            _ => StoreResult::Kept(Err(failure)),
        }),
        Effect::Picture(_) | Effect::Translate(_) => TaskResult::Lost(failure),
        Effect::Screen(_) | Effect::Abort(_) => return None,
    })
}

/// The task that the effect is, as far as a lost one must be told by it.
pub fn key(effect: &Effect) -> TaskKey {
    match effect {
        Effect::Service(
            ServiceEffect::Upload { job, .. }
            | ServiceEffect::Send { job, .. }
            | ServiceEffect::Settle { job, .. }
            | ServiceEffect::Follow { job, .. }
            | ServiceEffect::Fetch { job, .. },
        ) => TaskKey::Job(*job),
        Effect::Service(ServiceEffect::CancelRemote { job, .. }) => TaskKey::Cancel(*job),
        Effect::Store(_) => TaskKey::Write(1),
        _ => TaskKey::Nodes,
    }
}
