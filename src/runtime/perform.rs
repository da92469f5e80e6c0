//! One `match`: from effect to task.
//!
//! Store effects are handed over here and now, so that they keep their order; only the waiting
//! for their answer is a task. Effects for the screen are given back to the caller.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::app::HITS;
use crate::app::account::Account;
use crate::app::action::Annotation;
use crate::app::effect::{Effect, TaskKey};
use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::app::message::{StoreSnapshot, TaskEvent, TaskResult};
use crate::app::notice::{Notice, Tone};
use crate::picture;
use crate::schema::export::shell_quote;
use crate::store::connection::Reply;
use crate::store::{Ceiling, Store};
use crate::tree::{Hash, Node, Picture, PictureRef};

use super::client::{FetchRequest, Fetched, Provider};
use super::pictures::ImageCache;
use super::{Runtime, ScreenEffect};
use super::{comparison, files, save_as};

/// A write that takes longer is waited for aloud.
const SLOW_WRITE: Duration = Duration::from_secs(1);

impl Runtime {
    /// Begins what the effect asks for; what only a screen can do is returned.
    pub(crate) fn perform(&mut self, effect: Effect) -> Option<ScreenEffect> {
        match effect {
            Effect::Save { save_id, spec, ceiling } => {
                let ceiling = ceiling.map(|most| Ceiling { most, since: super::start_of_day() });
                let saved = self.store.save(*spec, ceiling, super::now());
                self.write(async move {
                    let saved = saved.await.map(Box::new).map_err(Failure::from);
                    TaskResult::Saved { save_id, saved }
                });
            }
            Effect::SetJobState { job, to, handle, why } => {
                let moved = self.store.move_job(job, to.clone(), handle, why, super::now());
                self.write(async move {
                    TaskResult::Moved { job, to, result: moved.await.map_err(Failure::from) }
                });
            }
            Effect::Finish { job, outcome } => {
                let finished = self.store.finish(job, *outcome, super::now());
                self.write(async move {
                    let next = finished.await.map(|next| next.map(Box::new));
                    TaskResult::Finished { job, next: next.map_err(Failure::from) }
                });
            }
            Effect::AppendDecision(entry) => {
                let decided = self.store.decide(entry, super::now());
                self.write(
                    async move { TaskResult::Decided(decided.await.map_err(Failure::from)) },
                );
            }
            Effect::RecordCost { .. }
            | Effect::SaveAnswer { .. }
            | Effect::SavePartialOutcome { .. }
            | Effect::RecordConsent(_)
            | Effect::SaveDraft(_)
            | Effect::AppendLog(_)
            | Effect::Heartbeat => self.keep(effect),
            Effect::LoadAccount
            | Effect::LoadNodes(_)
            | Effect::Search { .. }
            | Effect::LoadSnapshot => self.load(effect),
            Effect::OpenFiles { paths, purpose } => {
                let (store, login) = (self.store.clone(), self.login.clone());
                self.write(async move {
                    let files = open_files(&store, paths, &login).await;
                    TaskResult::Opened { files, purpose }
                });
            }
            Effect::List(_)
            | Effect::PreviewFile(_)
            | Effect::Compare { .. }
            | Effect::CopyOut { .. }
            | Effect::Measure(_)
            | Effect::Annotate { .. }
            | Effect::PreviewHeal { .. }
            | Effect::Heal { .. } => {
                self.work_on_pictures(effect);
            }
            Effect::LoadPrices { .. }
            | Effect::Upload { .. }
            | Effect::Send { .. }
            | Effect::Follow { .. }
            | Effect::Fetch { .. }
            | Effect::CancelRemote { .. } => self.ask_the_service(effect),
            Effect::Abort(key) => self.tasks.abort(key),
            Effect::Copy { text, what } => return Some(ScreenEffect::Copy { text, what }),
            Effect::CopyPath { picture, scp } => {
                return Some(ScreenEffect::CopyPath { picture, scp });
            }
            Effect::OpenExternally(hash) => return Some(ScreenEffect::OpenExternally(hash)),
            Effect::InjectFault { profile, word } => {
                let done =
                    self.provider(&profile).and_then(|provider| provider.inject_fault(&word));
                self.write(async move { TaskResult::Done(done.map(Some)) });
            }
            Effect::Mouse(on) => return Some(ScreenEffect::Mouse(on)),
            Effect::EnableTmuxPassthrough => return Some(ScreenEffect::EnableTmuxPassthrough),
            Effect::EditInEditor(words) => return Some(ScreenEffect::EditInEditor(words)),
            Effect::Redraw => return Some(ScreenEffect::Redraw),
            Effect::Suspend => return Some(ScreenEffect::Suspend),
            Effect::Quit => return Some(ScreenEffect::Quit),
        }
        None
    }

    /// Writes whose answer is only whether they were kept.
    fn keep(&mut self, effect: Effect) {
        let kept = match effect {
            Effect::RecordCost { job, cost } => self.store.charge(job, cost),
            Effect::SaveAnswer { job, answer } => self.store.keep_answer(job, *answer),
            Effect::SavePartialOutcome { job, outcome } => self.store.keep_part(job, *outcome),
            Effect::RecordConsent(profile) => self.store.consent(profile, super::now()),
            Effect::SaveDraft(draft) => self.store.keep_draft(*draft),
            Effect::AppendLog(lines) => self.store.keep_log(lines),
            Effect::Heartbeat => self.store.heartbeat(),
            // `perform` hands over nothing else.
            _ => return,
        };
        self.kept(kept);
    }

    /// What the store has is read.
    fn load(&mut self, effect: Effect) {
        match effect {
            Effect::LoadAccount => {
                let entries = self.store.entries();
                self.tasks.start(TaskKey::Account, async move {
                    let entries = entries.await.map_err(Failure::from);
                    TaskResult::Account(
                        entries.map(|entries| Box::new(Account::of(&entries, super::local_day))),
                    )
                });
            }
            Effect::LoadNodes(nodes) => {
                let nodes = self.store.load_nodes(nodes);
                self.write(async move { TaskResult::Nodes(nodes.await.map_err(Failure::from)) });
            }
            Effect::Search { text, query, utc_offset } => {
                let found = self.store.search(query, utc_offset, HITS);
                self.tasks.start(TaskKey::Search, async move {
                    TaskResult::Found { text, nodes: found.await.map_err(Failure::from) }
                });
            }
            Effect::LoadSnapshot => {
                let snapshot = self.store.snapshot(super::start_of_day());
                let day_ends = super::end_of_day();
                let task = async move {
                    let snapshot =
                        snapshot.await.map(|snapshot| StoreSnapshot { day_ends, ..snapshot });
                    TaskResult::Snapshot(snapshot.map(Box::new).map_err(Failure::from))
                };
                self.tasks.start(TaskKey::Snapshot, task);
            }
            // `perform` hands over nothing else.
            _ => {}
        }
    }

    fn work_on_pictures(&mut self, effect: Effect) {
        match effect {
            Effect::Compare { a, b } => {
                let image_cache = self.image_cache.clone();
                self.tasks.start(TaskKey::Compare(a, b), async move {
                    let found =
                        super::blocking(move || comparison::compare(&image_cache, a, b)).await;
                    let found = found.and_then(|found| found).map(Box::new);
                    TaskResult::Compared { a, b, found }
                });
            }
            Effect::List(folder) => self.tasks.start(TaskKey::List, async move {
                match super::blocking(move || files::list(&folder)).await {
                    Ok(listing) => TaskResult::Listed(Box::new(listing)),
                    Err(failure) => TaskResult::Done(Err(failure)),
                }
            }),
            Effect::PreviewFile(path) => {
                let image_cache = self.image_cache.clone();
                self.tasks.start(TaskKey::PreviewFile, async move {
                    match super::blocking(move || files::peek(&image_cache, path)).await {
                        Ok(peek) => TaskResult::FilePreviewed(Box::new(peek)),
                        Err(failure) => TaskResult::Done(Err(failure)),
                    }
                });
            }
            Effect::Measure(pairs) => {
                let (image_cache, report) = (self.image_cache.clone(), self.report.clone());
                self.tasks.start(TaskKey::Measure, async move {
                    for pair in pairs {
                        let image_cache = image_cache.clone();
                        let measure = move || comparison::measure(&image_cache, pair.0, pair.1);
                        match super::blocking(measure).await.and_then(|found| found) {
                            Ok(similarity) => {
                                // The screen may be gone by now.
                                let _ = report.send(TaskEvent::Measured { pair, similarity });
                            }
                            Err(failure) => return TaskResult::Done(Err(failure)),
                        }
                    }
                    TaskResult::Done(Ok(None))
                });
            }
            Effect::Heal { child, parent, strength } => {
                let (image_cache, store) = (self.image_cache.clone(), self.store.clone());
                self.tasks.start(TaskKey::Heal(child.picture), async move {
                    let healed = heal(image_cache, &store, child, parent, strength).await;
                    TaskResult::Healed(healed.map(Box::new))
                });
            }
            Effect::PreviewHeal { child, parent, strength } => {
                let image_cache = self.image_cache.clone();
                self.tasks.start(TaskKey::PreviewHeal, async move {
                    let heal_preview = super::blocking(move || {
                        comparison::try_heal(&image_cache, parent, child, strength)
                    });
                    TaskResult::HealPreviewed(
                        heal_preview.await.and_then(|heal_preview| heal_preview).map(Box::new),
                    )
                });
            }
            Effect::Annotate { on, annotation } => {
                let (image_cache, store) = (self.image_cache.clone(), self.store.clone());
                self.tasks.start(TaskKey::Annotate(on.picture), async move {
                    let node = draw(image_cache, &store, on, annotation).await.map(Box::new);
                    TaskResult::Annotated { on, node }
                });
            }
            Effect::CopyOut { picture, target, model } => {
                let store = self.store.clone();
                self.write(async move {
                    let path = save_as::copy_out(&store, picture, target, &model).await;
                    let path = path.map(|path| path.display().to_string());
                    TaskResult::CopiedOut { picture, path }
                });
            }
            // `perform` hands over nothing else.
            _ => {}
        }
    }

    fn ask_the_service(&mut self, effect: Effect) {
        let report = self.report.clone();
        match effect {
            Effect::LoadPrices { profile, endpoints } => {
                let provider = self.provider(&profile);
                self.tasks.start(TaskKey::Prices, async move {
                    TaskResult::Prices(match provider {
                        Ok(provider) => provider.prices(&endpoints).await,
                        Err(failure) => Err(failure),
                    })
                });
            }
            Effect::Upload { job, profile, inputs, most_pixels } => {
                let provider = self.provider(&profile);
                self.work(job, async move {
                    let addresses = match provider {
                        Ok(provider) => {
                            provider.addresses(job, &inputs, most_pixels, &report).await
                        }
                        Err(failure) => Err(failure),
                    };
                    TaskResult::Uploaded { job, addresses }
                });
            }
            Effect::Send { job, request } => {
                let provider = self.provider(&request.profile);
                self.work(job, async move {
                    let answer = match provider {
                        Ok(provider) => provider.send(job, &request, &report).await,
                        Err(failure) => Err(failure),
                    };
                    TaskResult::Sent { job, answer }
                });
            }
            Effect::Follow { job, profile, handle, .. } => {
                let provider = self.provider(&profile);
                self.work(job, async move {
                    let result = match provider {
                        Ok(provider) => provider.follow(job, &handle, &report).await,
                        Err(failure) => Err(failure),
                    };
                    TaskResult::Followed { job, result }
                });
            }
            Effect::Fetch { job, profile, handle, answer, have } => {
                let provider = self.provider(&profile);
                self.work(job, async move {
                    let wanted =
                        FetchRequest { job, handle, answer: answer.map(|answer| *answer), have };
                    match provider {
                        Ok(provider) => fetched(job, provider.fetch(wanted, &report).await),
                        Err(failure) => TaskResult::Fetched { job, outcome: Err(failure) },
                    }
                });
            }
            Effect::CancelRemote { job, profile, handle, .. } => {
                let provider = self.provider(&profile);
                self.tasks.start(TaskKey::Cancel(job), async move {
                    let answer = match provider {
                        Ok(provider) => provider.cancel(&handle).await,
                        Err(failure) => Err(failure),
                    };
                    TaskResult::CancelAsked { job, answer }
                });
            }
            // `perform` hands over nothing else.
            _ => {}
        }
    }

    /// A write whose answer is only whether it was kept.
    fn kept(&mut self, kept: Reply<()>) {
        self.write(async move { TaskResult::Kept(kept.await.map_err(Failure::from)) });
    }

    /// A number of its own: writes never displace each other.
    fn write(&mut self, task: impl Future<Output = TaskResult> + Send + 'static) {
        self.writes += 1;
        let (store, report) = (self.store.clone(), self.report.clone());
        self.tasks.start(TaskKey::Write(self.writes), async move {
            tokio::pin!(task);
            tokio::select! {
                result = &mut task => return result,
                () = tokio::time::sleep(SLOW_WRITE) => {}
            }
            if let Some(holder) = store.lock_owner() {
                let text = format!("waiting for the store: {holder} is writing to it");
                let _ = report.send(TaskEvent::Notice(Notice::new(Tone::Info, text)));
            }
            task.await
        });
    }

    fn work(&mut self, job: JobId, task: impl Future<Output = TaskResult> + Send + 'static) {
        self.tasks.start(TaskKey::Job(job), task);
    }

    fn provider(&self, profile: &str) -> Result<Arc<Provider>, Failure> {
        self.providers.get(profile).cloned().ok_or_else(|| {
            Failure::new(FailureKind::Auth, format!("profile `{profile}` is not open in this run"))
                .hint(format!("start editree with --profile {profile} to go on with it"))
        })
    }
}

fn fetched(job: JobId, fetched: Result<Fetched, Failure>) -> TaskResult {
    match fetched {
        Ok(Fetched::Whole(outcome)) => TaskResult::Fetched { job, outcome: Ok(Box::new(outcome)) },
        Ok(Fetched::Part(outcome, failure)) => {
            TaskResult::FetchedPart { job, outcome: Box::new(outcome), failure }
        }
        Err(failure) => TaskResult::Fetched { job, outcome: Err(failure) },
    }
}

/// Heals and keeps the result beside its parent's line, free of charge.
async fn heal(
    image_cache: ImageCache,
    store: &Store,
    child: PictureRef,
    parent: Hash,
    strength: u8,
) -> Result<(Node, String), Failure> {
    let healing = move || comparison::heal(&image_cache, parent, child.picture, strength);
    let (bytes, kept) = super::blocking(healing).await??;
    let title = format!("{} healed", child.node);
    Ok((keep_local(store, bytes, child, title).await?, kept))
}

async fn draw(
    image_cache: ImageCache,
    store: &Store,
    on: PictureRef,
    annotation: Annotation,
) -> Result<Node, Failure> {
    let title = match annotation {
        Annotation::Box(_) => format!("{} with a red box", on.node),
        Annotation::Arrow { .. } => format!("{} with a red arrow", on.node),
        Annotation::Frame(at) => format!("{} in a frame of {}×{}", on.node, at.width, at.height),
    };
    let bytes =
        super::blocking(move || comparison::draw(&image_cache, on.picture, annotation)).await??;
    keep_local(store, bytes, on, title).await
}

/// A picture that was made here becomes a node below the one that it was made from.
async fn keep_local(
    store: &Store,
    bytes: Vec<u8>,
    from: PictureRef,
    title: String,
) -> Result<Node, Failure> {
    let info = picture::inspect(&bytes)
        .map_err(|error| Failure::new(FailureKind::Bug, error.to_string()))?;
    let picture = described(&bytes, &info);
    let (store, now) = (store.clone(), super::now());
    let keep = move || store.keep_local(&bytes, picture, from, title, now);
    super::blocking(keep).await??.await.map_err(Failure::from)
}

/// Reads, checks and keeps each file as a root node. `login` is `user@host` of this machine.
pub(crate) async fn open_files(
    store: &Store,
    paths: Vec<PathBuf>,
    login: &str,
) -> Vec<Result<Node, Failure>> {
    let mut opened = Vec::with_capacity(paths.len());
    for path in paths.into_iter().flat_map(matching) {
        let is_here = path.exists();
        let line = format!("scp {} {login}:", shell_quote(&path.to_string_lossy()));
        let file = open_file(store, path).await;
        opened.push(file.map_err(|failure| match is_here {
            true => failure,
            false => failure.hint(format!("if it lies on your own machine, run there: {line}")),
        }));
    }
    opened
}

/// The files that a pattern such as `shots/*.png` means; itself where it is none.
fn matching(path: PathBuf) -> Vec<PathBuf> {
    let found = match path.to_str() {
        Some(text) if text.contains(['*', '?', '[']) && !path.exists() => glob::glob(text).ok(),
        Some(_) | None => None,
    };
    let files: Vec<PathBuf> =
        found.into_iter().flatten().flatten().filter(|path| path.is_file()).collect();
    if files.is_empty() { vec![path] } else { files }
}

async fn open_file(store: &Store, path: PathBuf) -> Result<Node, Failure> {
    let title = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let (bytes, info) = super::blocking(move || read_picture(&path)).await??;
    keep_picture(store, bytes, info, title).await
}

/// Keeps a picture that is already known to be one.
pub(crate) async fn keep_picture(
    store: &Store,
    bytes: Vec<u8>,
    info: picture::Info,
    title: String,
) -> Result<Node, Failure> {
    let picture = described(&bytes, &info);
    let (store, now) = (store.clone(), super::now());
    let keep = move || store.open_picture(&bytes, picture, title, now);
    super::blocking(keep).await??.await.map_err(Failure::from)
}

/// A picture before the store has named it by its content.
pub(crate) fn described(bytes: &[u8], info: &picture::Info) -> Picture {
    Picture {
        hash: Hash([0; 32]),
        width: info.width,
        height: info.height,
        format: info.format.name().to_owned(),
        bytes: bytes.len() as u64,
        nsfw: false,
        url: None,
    }
}

/// The file's bytes, if it is a picture within limits.
pub(crate) fn read_picture(path: &std::path::Path) -> Result<(Vec<u8>, picture::Info), Failure> {
    let fail = |message: String| Failure::new(FailureKind::Picture, message);
    let shown = path.display();
    let limit = picture::Limits::default().bytes;
    let length = std::fs::metadata(path).map(|metadata| (metadata.len(), metadata.is_dir()));
    match length {
        Ok((_, true)) => {
            return Err(fail(format!("`{shown}` is a folder")).hint("name a picture in it"));
        }
        Ok((length, false)) if length > limit => {
            return Err(fail(format!("`{shown}` has {length} bytes; {limit} is the limit")));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(fail(format!("there is no file `{shown}` on this machine"))
                .hint("if it lies on your own machine, bring it here first with scp"));
        }
        Err(error) => return Err(fail(format!("cannot read `{shown}`: {error}"))),
    }
    let bytes =
        std::fs::read(path).map_err(|error| fail(format!("cannot read `{shown}`: {error}")))?;
    match picture::decode(&bytes, picture::Limits::default()) {
        Ok(decoded) => Ok((bytes, decoded.info())),
        Err(error) => {
            let failure = fail(format!("`{shown}`: {error}"));
            Err(match error.hint() {
                Some(hint) => failure.hint(hint),
                None => failure,
            })
        }
    }
}
