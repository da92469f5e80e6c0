//! Effects of the service: each call is a task, by the provider of the profile that the job names.

use std::future::Future;
use std::sync::Arc;

use crate::app::effect::{ServiceEffect, TaskKey};
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::app::message::{ServiceResult, TaskResult};
use crate::fal::submit_options::Gate;

use super::super::Runtime;
use super::super::client::{FetchRequest, Fetched, Provider};
use super::super::models;
use super::super::settle::{Asked, settle};

impl Runtime {
    pub(super) fn ask_service(&mut self, effect: ServiceEffect) {
        let report = self.report.clone();
        match effect {
            ServiceEffect::LoadPrices { profile, endpoints } => self.call(
                TaskKey::Prices,
                &profile,
                |provider| async move { provider.prices(&endpoints).await },
                ServiceResult::Prices,
            ),
            ServiceEffect::LoadBalance { profile } => self.call(
                TaskKey::Balance,
                &profile,
                |provider| async move { provider.balance().await },
                ServiceResult::Balance,
            ),
            ServiceEffect::LoadBills { profile, requests } => {
                let asked = requests.clone();
                self.call(
                    TaskKey::Bills,
                    &profile,
                    |provider| async move { provider.bills(&requests).await },
                    |costs| ServiceResult::Bills { asked, costs },
                );
            }
            ServiceEffect::FindModels { profile, words } => {
                let folder = self.store.data_dir();
                self.call(
                    TaskKey::FindModels,
                    &profile,
                    |it| async move { models::find(&it.client, &folder, &words).await },
                    ServiceResult::ModelsFound,
                );
            }
            ServiceEffect::AddModel { profile, id } => {
                let folder = self.store.data_dir();
                self.call(
                    TaskKey::AddModel,
                    &profile,
                    |it| async move { models::add(&it.client, &folder, &id).await },
                    |added| ServiceResult::ModelAdded(added.map(Box::new)),
                );
            }
            ServiceEffect::Upload { job, profile, inputs, need } => self.call(
                TaskKey::Job(job),
                &profile,
                |it| async move { it.addresses(job, &inputs, need, &report).await },
                move |addresses| ServiceResult::Uploaded { job, addresses },
            ),
            ServiceEffect::Send { job, request } => {
                let store = self.store.clone();
                let gate: Gate = Arc::new(move || {
                    let left = store.leave(job);
                    Box::pin(async move { left.await.is_ok() })
                });
                self.call(
                    TaskKey::Job(job),
                    &request.profile.clone(),
                    |provider| async move { provider.send(job, &request, gate, &report).await },
                    move |answer| ServiceResult::Sent { job, answer },
                );
            }
            ServiceEffect::Settle { job, profile, endpoint, body, sent_at, sync } => {
                let (store, asked) = (self.store.clone(), Asked { endpoint, body, sent_at, sync });
                self.call(
                    TaskKey::Job(job),
                    &profile,
                    |provider| async move { settle(&provider, &store, asked).await },
                    move |result| ServiceResult::Settled { job, result },
                );
            }
            ServiceEffect::Follow { job, profile, handle, is_urgent, .. } => self.call(
                TaskKey::Job(job),
                &profile,
                |provider| async move { provider.follow(job, &handle, is_urgent, &report).await },
                move |result| ServiceResult::Followed { job, result },
            ),
            ServiceEffect::Fetch { job, profile, handle, answer, have } => {
                let answer = answer.map(|answer| *answer);
                let wanted = FetchRequest { job, handle, answer, have };
                self.call(
                    TaskKey::Job(job),
                    &profile,
                    |provider| async move { provider.fetch(wanted, &report).await },
                    move |outcome| fetched(job, outcome),
                );
            }
            ServiceEffect::CancelRemote { job, profile, handle, .. } => self.call(
                TaskKey::Cancel(job),
                &profile,
                |provider| async move { provider.cancel(&handle).await },
                move |answer| ServiceResult::CancelAsked { job, answer },
            ),
            ServiceEffect::InjectFault { profile, word } => {
                let done = self.provider(&profile).and_then(|it| it.inject_fault(&word));
                self.write(async move { TaskResult::Done(done.map(Some)) });
            }
        }
    }

    fn call<T, F>(
        &mut self,
        key: TaskKey,
        profile: &str,
        call: impl FnOnce(Arc<Provider>) -> F,
        result: impl FnOnce(Result<T, Failure>) -> ServiceResult + Send + 'static,
    ) where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
        T: Send + 'static,
    {
        let call = self.provider(profile).map(call);
        self.tasks.start(key, async move {
            let answer = match call {
                Ok(call) => call.await,
                Err(failure) => Err(failure),
            };
            TaskResult::Service(result(answer))
        });
    }

    pub(crate) fn provider(&self, profile: &str) -> Result<Arc<Provider>, Failure> {
        self.providers.get(profile).cloned().ok_or_else(|| {
            Failure::new(FailureKind::Auth, format!("profile `{profile}` is not open in this run"))
                .hint(format!("start editree with --profile {profile} to go on with it"))
        })
    }
}

fn fetched(job: JobId, fetched: Result<Fetched, Failure>) -> ServiceResult {
    match fetched {
        Ok(Fetched::Whole(outcome)) => {
            ServiceResult::Fetched { job, outcome: Ok(Box::new(outcome)) }
        }
        Ok(Fetched::Part(outcome, failure)) => {
            ServiceResult::FetchedPart { job, outcome: Box::new(outcome), failure }
        }
        Err(failure) => ServiceResult::Fetched { job, outcome: Err(failure) },
    }
}
