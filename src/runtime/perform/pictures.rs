//! Effects on pictures and files: decoding, comparing and drawing are done on threads for that.

use std::future::Future;
use std::time::Duration;

use crate::app::action::{Annotation, Purpose};
use crate::app::compare::NotHealed;
use crate::app::effect::{HealSpec, PictureEffect, TaskKey};
use crate::app::failure::{Failure, FailureKind};
use crate::app::message::{PictureResult, TaskEvent, TaskResult};
use crate::picture;
use crate::store::Store;
use crate::tree::{Hash, Node, PictureRef};

use super::super::open_files::{described, find_files, keep_picture, open_files};
use super::super::pictures::ImageCache;
use super::super::tasks::Report;
use super::super::{Runtime, blocking, comparison, files, now, save_as, sent_form};

/// A picture on which nobody stays so long is not made ready to be sent.
const WALKED_ON: Duration = Duration::from_millis(200);

impl Runtime {
    pub(super) fn work_on_pictures(&mut self, effect: PictureEffect) {
        let (cache, store) = (self.image_cache.clone(), self.store.clone());
        match effect {
            PictureEffect::OpenFiles { paths, purpose } => {
                let login = self.login.clone();
                self.write(async move {
                    let files = open_files(&store, paths, &login).await;
                    TaskResult::Picture(PictureResult::Opened { files, purpose })
                });
            }
            PictureEffect::FindFiles { node, on } => {
                let login = self.login.clone();
                self.look(TaskKey::List, async move {
                    let paths = blocking(move || find_files(on, &login)).await?;
                    Ok(PictureResult::FilesFound { node, paths })
                });
            }
            PictureEffect::CopyOut { picture, target, model } => {
                let private = self.private;
                self.write(async move {
                    let copied = save_as::copy_out(&store, picture, target, &model, private).await;
                    TaskResult::Picture(PictureResult::CopiedOut { picture, copied })
                });
            }
            PictureEffect::DescribeSent { pictures, need } => {
                let private = self.private;
                self.look(TaskKey::DescribeSent, async move {
                    // Who walks on has asked for others by then.
                    tokio::time::sleep(WALKED_ON).await;
                    let describe = move || {
                        let of =
                            |hash| sent_form::told(store.media().read(hash).ok()?, need, private);
                        pictures.into_iter().map(|hash| (hash, of(hash))).collect()
                    };
                    Ok(PictureResult::Described { need, sent: blocking(describe).await? })
                });
            }
            PictureEffect::List(folder) => self.look(TaskKey::List, async move {
                let listing = blocking(move || files::list(&folder)).await?;
                Ok(PictureResult::Listed(Box::new(listing)))
            }),
            PictureEffect::PreviewFile(path) => self.look(TaskKey::PreviewFile, async move {
                let preview = blocking(move || files::peek(&cache, path)).await?;
                Ok(PictureResult::FilePreviewed(Box::new(preview)))
            }),
            PictureEffect::Compare { a, b, regions } => {
                self.look(TaskKey::Compare(a, b), async move {
                    let found = blocking(move || comparison::compare(&cache, a, b, &regions));
                    let found = found.await.and_then(|found| found).map(Box::new);
                    Ok(PictureResult::Compared { a, b, found })
                });
            }
            PictureEffect::Measure(pairs) => {
                let report = self.report.clone();
                self.tasks.start(TaskKey::Measure, async move {
                    TaskResult::Done(measure(cache, pairs, report).await.map(|()| None))
                });
            }
            PictureEffect::PreviewHeal(healing) => {
                let (child, strength) = (healing.child, healing.strength);
                self.look(TaskKey::PreviewHeal, async move {
                    let healed = blocking(move || comparison::try_heal(&cache, &healing));
                    let preview = healed.await.map_err(NotHealed::from);
                    let preview = preview.and_then(|healed| healed).map(Box::new);
                    Ok(PictureResult::HealPreviewed { child, strength, preview })
                });
            }
            PictureEffect::Heal(healing) => {
                self.look(TaskKey::Heal(healing.child.picture), async move {
                    let healed = heal(cache, &store, healing).await;
                    Ok(PictureResult::Healed(healed.map(Box::new)))
                });
            }
            PictureEffect::Annotate { on, annotation } => {
                self.look(TaskKey::Annotate(on.picture), async move {
                    let node = draw(cache, &store, on, annotation).await.map(Box::new);
                    Ok(PictureResult::Annotated { on, node })
                });
            }
        }
    }

    /// A task that takes the place of an earlier one of the same key.
    fn look(
        &mut self,
        key: TaskKey,
        task: impl Future<Output = Result<PictureResult, Failure>> + Send + 'static,
    ) {
        self.tasks.start(key, async move {
            task.await.map_or_else(|failure| TaskResult::Done(Err(failure)), TaskResult::Picture)
        });
    }
}

impl Runtime {
    /// Pictures that a person has pasted or dropped, by name and bytes, become root nodes, as those
    /// in files do.
    pub(crate) fn open_brought(&mut self, brought: Vec<(String, Vec<u8>)>, purpose: Purpose) {
        let store = self.store.clone();
        self.write(async move {
            let mut files = Vec::new();
            for (title, bytes) in brought {
                files.push(keep_brought(&store, title, bytes).await);
            }
            TaskResult::Picture(PictureResult::Opened { files, purpose })
        });
    }
}

async fn keep_brought(store: &Store, title: String, bytes: Vec<u8>) -> Result<Node, Failure> {
    let name = title.clone();
    let decode = move || {
        let decoded = picture::decode(&bytes, picture::Limits::default());
        let told = |error| Failure::new(FailureKind::Picture, format!("{name}: {error}"));
        decoded.map(|decoded| decoded.info()).map_err(told).map(|info| (bytes, info))
    };
    let (bytes, info) = blocking(decode).await??;
    keep_picture(store, bytes, info, title).await
}

/// Each is told as soon as it is known.
async fn measure(
    cache: ImageCache,
    pairs: Vec<(Hash, Hash)>,
    report: Report,
) -> Result<(), Failure> {
    for pair in pairs {
        let cache = cache.clone();
        let measured = blocking(move || comparison::measure(&cache, pair.0, pair.1)).await;
        let similarity = measured.and_then(|found| found)?;
        // The screen may be gone by now.
        let _ = report.send(TaskEvent::Measured { pair, similarity });
    }
    Ok(())
}

/// Heals and keeps the result beside its parent's line, free of charge.
async fn heal(
    image_cache: ImageCache,
    store: &Store,
    healing: HealSpec,
) -> Result<(Node, String), Failure> {
    let child = healing.child;
    let (bytes, kept) = blocking(move || comparison::heal(&image_cache, &healing)).await??;
    let title = format!("healed from {}", child.node);
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
    let bytes = blocking(move || comparison::draw(&image_cache, on.picture, annotation)).await??;
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
    let (store, now) = (store.clone(), now());
    let keep = move || store.keep_local(&bytes, picture, from, title, now);
    blocking(keep).await??.await.map_err(Failure::from)
}
