//! Inputs become addresses: known ones again, small ones as text, others by an upload.
//!
//! It sends nothing that is paid. Invariant: the same bytes are not sent twice while their address
//! holds, also when several jobs want them at once; an address that has gone is replaced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::app::news::News;
use crate::fal::Client;
use crate::fal::presence::Presence;
use crate::fal::upload::{self, File};
use crate::store::Store;
use crate::store::media::Media;
use crate::store::uploads::Address;
use crate::tree::{Hash, Input, Timestamp};

use super::provider::Report;
use super::words;

/// So long an address is taken to hold without looking, in milliseconds.
const TRUSTED: i64 = 60 * 60 * 1000;

/// The way of pictures to one profile's service.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    media: Media,
    shelf: Option<Shelf>,
    /// There is no place to upload to: everything goes as text.
    inline: bool,
    slots: Mutex<HashMap<Hash, Arc<Slot>>>,
    /// Which pictures went out by address with which job.
    used: Mutex<HashMap<JobId, Vec<Hash>>>,
}

/// Held while its picture is on the way, so that others wait instead of sending it too.
type Slot = tokio::sync::Mutex<Option<Address>>;

/// Where addresses are kept beyond this run.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) store: Store,
    /// The origin of the host that gives out addresses.
    pub(crate) place: String,
}

impl Uploads {
    pub(crate) fn new(client: Client, media: Media, inline: bool, shelf: Option<Shelf>) -> Self {
        let (slots, used) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { client, media, shelf, inline, slots, used }) }
    }

    /// An address for every input, in order; they travel side by side.
    pub(crate) async fn addresses(
        &self,
        job: JobId,
        inputs: &[Input],
        report: &Report,
    ) -> Result<Vec<String>, Failure> {
        let meter = Arc::new(Meter::new(job, inputs.len(), report.clone()));
        let mut addresses = vec![String::new(); inputs.len()];
        let mut pictures = Vec::new();
        // Dropping it ends what is on the way.
        let mut busy = JoinSet::new();
        for (index, input) in inputs.iter().enumerate() {
            match input {
                Input::Url(url) => put(&mut addresses, index, url.clone()),
                Input::Picture(picture) => {
                    let (this, meter, hash) = (self.clone(), Arc::clone(&meter), picture.picture);
                    pictures.push(hash);
                    busy.spawn(async move { (index, this.address(hash, index, &meter).await) });
                }
            }
        }
        while let Some(ended) = busy.join_next().await {
            let lost = |_| Failure::new(FailureKind::Bug, "an upload of editree panicked");
            let (index, address) = ended.map_err(lost)?;
            put(&mut addresses, index, address?);
        }
        lock(&self.inner.used).insert(job, pictures);
        Ok(addresses)
    }

    /// A picture that the service has made lies there already.
    pub(crate) async fn remember_made(&self, hash: Hash, url: &str) {
        let is_address = url.starts_with("https://") || url.starts_with("http://");
        if is_address && !self.inner.inline {
            let at = super::now();
            let address = Address { url: url.to_owned(), at, expires: None };
            let slot = self.slot(hash);
            // Whoever uploads it right now will know a better address.
            if let Ok(mut known) = slot.try_lock() {
                self.keep(hash, &mut known, address).await;
            }
        }
    }

    /// The service could not fetch what the job pointed to: the next try sends it anew.
    pub(crate) async fn forget(&self, job: JobId) {
        let pictures = lock(&self.inner.used).remove(&job).unwrap_or_default();
        for hash in pictures {
            let slot = self.slot(hash);
            self.drop_address(hash, &mut *slot.lock().await).await;
        }
    }

    /// The job is over; its pictures were readable.
    pub(crate) fn settle(&self, job: JobId) {
        lock(&self.inner.used).remove(&job);
    }

    async fn address(&self, hash: Hash, index: usize, meter: &Meter) -> Result<String, Failure> {
        let slot = self.slot(hash);
        let mut known = slot.lock().await;
        if let Some(url) = self.still_good(hash, &mut known).await {
            return Ok(url);
        }
        let media = self.inner.media.clone();
        let (bytes, format) = super::blocking(move || media.read_with_format(hash)).await??;
        let mime = format!("image/{format}");
        if self.inner.inline || upload::is_cheaper_inside(bytes.len()) {
            return Ok(upload::data_uri(&bytes, &mime));
        }
        let ending = if format == "jpeg" { "jpg" } else { &format };
        let name = format!("{}.{ending}", &hash.to_string().get(..12).unwrap_or("picture"));
        let file = File { name: &name, mime: &mime, keep: None };
        let tell = |done, all| meter.tell(index, done, all);
        let sent = self.inner.client.upload_file(bytes, file, tell).await;
        let url = sent.map_err(words::failure)?;
        let address = Address { url: url.clone(), at: super::now(), expires: None };
        self.keep(hash, &mut known, address).await;
        Ok(url)
    }

    /// The known address, if it was seen lately or is seen now.
    async fn still_good(&self, hash: Hash, known: &mut Option<Address>) -> Option<String> {
        let now = super::now();
        let fresh = |address: &Address| {
            let age = now.0 - address.at.0;
            let holds = address.expires.is_none_or(|expires| expires > now);
            (0..TRUSTED).contains(&age) && holds
        };
        if let Some(address) = known.as_ref().filter(|address| fresh(address)) {
            return Some(address.url.clone());
        }
        let address = match known.take() {
            Some(address) => address,
            None => self.shelved(hash, now).await?,
        };
        match self.inner.client.presence(&address.url).await {
            Presence::There => {
                let url = address.url.clone();
                self.keep(hash, known, Address { at: now, ..address }).await;
                Some(url)
            }
            Presence::Gone => {
                self.drop_address(hash, known).await;
                None
            }
            // It may come back; this time the picture is sent.
            Presence::Unclear => None,
        }
    }

    async fn shelved(&self, hash: Hash, now: Timestamp) -> Option<Address> {
        let shelf = self.inner.shelf.as_ref()?;
        // A store that fails costs an upload, not the job.
        shelf.store.upload(hash, &shelf.place, now).await.ok().flatten()
    }

    async fn keep(&self, hash: Hash, known: &mut Option<Address>, address: Address) {
        *known = Some(address.clone());
        if let Some(shelf) = &self.inner.shelf {
            let _ = shelf.store.keep_upload(hash, &shelf.place, address).await;
        }
    }

    async fn drop_address(&self, hash: Hash, known: &mut Option<Address>) {
        *known = None;
        if let Some(shelf) = &self.inner.shelf {
            let _ = shelf.store.forget_upload(hash, &shelf.place).await;
        }
    }

    fn slot(&self, hash: Hash) -> Arc<Slot> {
        Arc::clone(lock(&self.inner.slots).entry(hash).or_default())
    }
}

/// The bytes of all of a job's pictures together.
struct Meter {
    job: JobId,
    report: Report,
    files: Mutex<Vec<(u64, u64)>>,
}

impl Meter {
    fn new(job: JobId, files: usize, report: Report) -> Self {
        Self { job, report, files: Mutex::new(vec![(0, 0); files]) }
    }

    fn tell(&self, index: usize, done: u64, all: u64) {
        let mut files = lock(&self.files);
        if let Some(file) = files.get_mut(index) {
            *file = (done, all);
        }
        let (done, all) =
            files.iter().fold((0, 0), |(done, all), file| (done + file.0, all + file.1));
        // Nobody listens any more at the very end.
        let _ = self.report.send(News::Progress { job: self.job, done, all });
    }
}

fn put(addresses: &mut [String], index: usize, address: String) {
    if let Some(place) = addresses.get_mut(index) {
        *place = address;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
