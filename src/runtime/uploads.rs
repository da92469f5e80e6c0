//! Inputs become addresses: known ones again, small ones as text, others by an upload.
//!
//! It sends nothing that is paid. Invariant: the same bytes are not sent twice while their address
//! holds, also when several jobs want them at once; an address that has gone is replaced.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinSet;

use crate::app::failure::{Failure, FailureKind};
use crate::app::job::JobId;
use crate::app::message::TaskEvent;
use crate::fal::Client;
use crate::fal::upload::{self, File};
use crate::fal::url_check::Presence;
use crate::schema::output_size::InputNeed;
use crate::store::Store;
use crate::store::media::Media;
use crate::store::uploads::Address;
use crate::tree::{Hash, Input, Timestamp};

use super::sent_form::{self, SentForm};
use super::tasks::Report;
use super::{Private, convert};

/// So long an address is taken to hold without looking, in milliseconds.
const TRUSTED_MS: i64 = 60 * 60 * 1000;

/// The way of pictures to one profile's service.
#[derive(Clone, Debug)]
pub(crate) struct Uploads {
    inner: Arc<Inner>,
}

/// Addresses that are remembered beside the store's.
const MOST_SLOTS: usize = 2_000;

#[derive(Debug)]
struct Inner {
    client: Client,
    media: Media,
    shelf: Option<UploadCache>,
    /// No upload host: everything is sent inline.
    inline: bool,
    private: Private,
    slots: Mutex<HashMap<Hash, Arc<Slot>>>,
    /// Which pictures went out by address with which job.
    used: Mutex<HashMap<JobId, Vec<Hash>>>,
}

/// Held while its picture is on the way, so that others wait instead of sending it too.
type Slot = tokio::sync::Mutex<Option<Address>>;

/// Where addresses are kept beyond this run.
#[derive(Clone, Debug)]
pub(crate) struct UploadCache {
    pub(crate) store: Store,
    /// The origin of the host that gives out addresses.
    pub(crate) place: String,
}

impl Uploads {
    pub(crate) fn new(
        client: Client,
        media: Media,
        inline: bool,
        shelf: Option<UploadCache>,
        private: Private,
    ) -> Self {
        let (slots, used) = (Mutex::default(), Mutex::default());
        Self { inner: Arc::new(Inner { client, media, shelf, inline, private, slots, used }) }
    }

    /// An address for every input, in order; they travel side by side.
    pub(crate) async fn addresses(
        &self,
        job: JobId,
        inputs: &[Input],
        need: InputNeed,
        report: &Report,
    ) -> Result<Vec<String>, Failure> {
        let meter = Arc::new(ProgressSum::new(job, inputs.len(), report.clone()));
        let mut addresses = vec![String::new(); inputs.len()];
        let mut pictures = Vec::new();
        // Dropping it ends what is on the way.
        let mut busy = JoinSet::new();
        for (index, input) in inputs.iter().enumerate() {
            match input {
                Input::Url(url) => put(&mut addresses, index, url.clone()),
                Input::Picture(picture) => {
                    let (this, meter, hash) = (self.clone(), Arc::clone(&meter), picture.picture);
                    busy.spawn(
                        async move { (index, this.address(hash, need, index, &meter).await) },
                    );
                }
            }
        }
        while let Some(ended) = busy.join_next().await {
            let lost = |_| Failure::new(FailureKind::Bug, "an upload of editree panicked");
            let (index, address) = ended.map_err(lost)?;
            let (sent, url) = address?;
            pictures.push(sent);
            put(&mut addresses, index, url);
        }
        self.inner.used.lock().insert(job, pictures);
        Ok(addresses)
    }

    /// A picture that the service has made lies there already, for `keep` if that is known.
    pub(crate) async fn remember_made(&self, hash: Hash, url: &str, keep: Option<Duration>) {
        let is_address = url.starts_with("https://") || url.starts_with("http://");
        if is_address && !self.inner.inline {
            let at = super::now();
            let time = keep.map(|time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
            let expires = time.map(|time| Timestamp(at.0.saturating_add(time)));
            let address = Address { url: url.to_owned(), at, expires };
            let name = made(hash);
            let slot = self.slot(name);
            // Whoever uploads it right now will know a better address.
            if let Ok(mut known) = slot.try_lock() {
                self.keep(name, &mut known, address).await;
            }
        }
    }

    /// The service could not fetch what the job pointed to: the next try sends it anew.
    pub(crate) async fn forget(&self, job: JobId) {
        let pictures = self.inner.used.lock().remove(&job).unwrap_or_default();
        for hash in pictures {
            let slot = self.slot(hash);
            self.drop_address(hash, &mut *slot.lock().await).await;
        }
    }

    /// The job is over; its pictures were readable.
    pub(crate) fn settle(&self, job: JobId) {
        self.inner.used.lock().remove(&job);
    }

    /// Under which name the address is known, and the address.
    async fn address(
        &self,
        hash: Hash,
        need: InputNeed,
        index: usize,
        meter: &ProgressSum,
    ) -> Result<(Hash, String), Failure> {
        let (media, private) = (self.inner.media.clone(), self.inner.private);
        let sent = move || -> Result<_, Failure> {
            let (bytes, format) = media.read_with_format(hash)?;
            Ok(sent_form::of(hash, bytes, format, (need, private)))
        };
        let sent = super::blocking(sent).await??;
        // What the service has made itself is never too large, and tells it nothing new, even where
        // it cannot be read here.
        if sent.as_ref().map_or(true, |sent| sent.is_plain) {
            let made = made(hash);
            let slot = self.slot(made);
            if let Some(url) = self.still_good(made, &mut *slot.lock().await).await {
                return Ok((made, url));
            }
        }
        let SentForm { name, bytes, format, .. } = sent?;
        let slot = self.slot(name);
        let mut known = slot.lock().await;
        if let Some(url) = self.still_good(name, &mut known).await {
            return Ok((name, url));
        }
        let mime = format!("image/{format}");
        if self.inner.inline || upload::is_cheaper_inside(bytes.len()) {
            return Ok((name, upload::data_uri(&bytes, &mime)));
        }
        let ending = if format == "jpeg" { "jpg" } else { &format };
        let title = format!("{}.{ending}", &name.to_string().get(..12).unwrap_or("picture"));
        let file = File { name: &title, mime: &mime, keep: None };
        let tell = |event| meter.tell(index, event);
        let sent = self.inner.client.upload_file(bytes, file, tell).await;
        let url = sent.map_err(convert::failure)?;
        let address = Address { url: url.clone(), at: super::now(), expires: None };
        self.keep(name, &mut known, address).await;
        Ok((name, url))
    }

    /// The known address, if it was seen lately or is seen now.
    async fn still_good(&self, hash: Hash, known: &mut Option<Address>) -> Option<String> {
        let now = super::now();
        let fresh = |address: &Address| {
            let age = now.0 - address.at.0;
            let holds = address.expires.is_none_or(|expires| expires > now);
            (0..TRUSTED_MS).contains(&age) && holds
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
        let mut slots = self.inner.slots.lock();
        if slots.len() >= MOST_SLOTS {
            // The store has the addresses too; whoever is sending holds its own slot.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(hash).or_default())
    }
}

/// The name of a file's own address at the service that made it: what was sent from here under the
/// file's name may have been another form of it.
fn made(hash: Hash) -> Hash {
    Hash::derived(&[hash], "made")
}

/// The bytes of all of a job's pictures together.
struct ProgressSum {
    job: JobId,
    report: Report,
    files: Mutex<Vec<(u64, u64)>>,
}

impl ProgressSum {
    fn new(job: JobId, files: usize, report: Report) -> Self {
        Self { job, report, files: Mutex::new(vec![(0, 0); files]) }
    }

    fn tell(&self, index: usize, event: upload::UploadEvent) {
        let (done, all) = match event {
            upload::UploadEvent::Sent { bytes, total } => (bytes, total),
            upload::UploadEvent::Waiting(waiting) => {
                let why = convert::waiting(&waiting);
                let _ = self.report.send(TaskEvent::Waiting { job: self.job, why });
                return;
            }
        };
        let mut files = self.files.lock();
        if let Some(file) = files.get_mut(index) {
            *file = (done, all);
        }
        let (done, all) =
            files.iter().fold((0, 0), |(done, all), file| (done + file.0, all + file.1));
        // Nobody listens any more at the very end.
        let _ = self.report.send(TaskEvent::Progress { job: self.job, done, all });
    }
}

fn put(addresses: &mut [String], index: usize, address: String) {
    if let Some(place) = addresses.get_mut(index) {
        *place = address;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::fal::profile::{Auth, Hosts, Key, Settings};
    use crate::simulator::{self, Running};
    use crate::store::Options;
    use crate::tree::{NodeId, PictureRef};
    use tokio::sync::mpsc;

    struct Bench {
        simulator: Running,
        store: Store,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        async fn new() -> Self {
            let simulator = simulator::start(simulator::Settings::default()).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let options = Options {
                project: "main".into(),
                simulated: false,
                day_start: Timestamp(0),
                now: Timestamp(0),
                take_over_orphans: false,
                with_page: true,
                log_days: 90,
            };
            let (store, _) = Store::open(folder.path(), options).unwrap();
            Self { simulator, store, _folder: folder }
        }

        /// As a run that has just begun.
        fn uploads(&self, inline: bool) -> Uploads {
            let hosts = Hosts::under(&self.simulator.base.parse().unwrap()).unwrap();
            let key = Key::new(&self.simulator.key).unwrap();
            let client = Client::new(Settings::new(hosts, Auth::Key, Some(key))).unwrap();
            let shelf = UploadCache { store: self.store.clone(), place: "here".into() };
            Uploads::new(client, self.store.media(), inline, Some(shelf), Private::Dropped)
        }

        /// A picture of about so many bytes in the store: noise, which nothing makes smaller.
        fn picture(&self, bytes: usize) -> Hash {
            let mut random = fastrand::Rng::with_seed(7);
            let pixel = |_, _| image::Rgb([random.u8(..), random.u8(..), random.u8(..)]);
            let noise = image::RgbImage::from_fn(bytes as u32 / 300, 100, pixel);
            let file = crate::picture::encode_png_rgb(&noise, &[]).unwrap();
            self.store.media().write(&file).unwrap()
        }

        fn files(&self) -> u64 {
            self.simulator.ledger()["files"].as_u64().unwrap()
        }
    }

    const LARGE: usize = 200_000;

    fn input(hash: Hash) -> Input {
        Input::Picture(PictureRef { node: NodeId(1), picture: hash })
    }

    async fn addresses(uploads: &Uploads, job: u32, inputs: &[Input]) -> Vec<String> {
        let (report, _news) = mpsc::unbounded_channel();
        uploads.addresses(JobId(job), inputs, InputNeed::default(), &report).await.unwrap()
    }

    #[tokio::test]
    async fn the_same_bytes_travel_once_for_several_jobs_and_runs() {
        let bench = Bench::new().await;
        let inputs = [input(bench.picture(LARGE))];
        let uploads = bench.uploads(false);
        let (first, second) =
            tokio::join!(addresses(&uploads, 1, &inputs), addresses(&uploads, 2, &inputs));
        assert_eq!((&first, bench.files()), (&second, 1));
        let third = addresses(&bench.uploads(false), 3, &inputs).await;
        assert_eq!((third, bench.files()), (first, 1));
    }

    #[tokio::test]
    async fn an_address_that_has_gone_is_replaced() {
        let bench = Bench::new().await;
        let hash = bench.picture(LARGE);
        let url = format!("{}/files/gone.bin", bench.simulator.cdn());
        let gone = Address { url: url.clone(), at: Timestamp(0), expires: None };
        bench.store.keep_upload(hash, "here", gone).await.unwrap();
        let found = addresses(&bench.uploads(false), 1, &[input(hash)]).await;
        assert_ne!(found, [url]);
        assert_eq!(bench.files(), 1);
        let kept = bench.store.upload(hash, "here", Timestamp(1)).await.unwrap().unwrap();
        assert_eq!(found, [kept.url]);
    }

    #[tokio::test]
    async fn what_the_model_could_not_read_is_sent_anew_with_the_next_try() {
        let bench = Bench::new().await;
        let inputs = [input(bench.picture(LARGE))];
        let uploads = bench.uploads(false);
        let first = addresses(&uploads, 1, &inputs).await;
        uploads.forget(JobId(1)).await;
        assert_ne!(addresses(&uploads, 2, &inputs).await, first);
        uploads.settle(JobId(2));
        uploads.forget(JobId(2)).await;
        addresses(&uploads, 3, &inputs).await;
        assert_eq!(bench.files(), 2);
    }

    #[tokio::test]
    async fn small_pictures_go_as_text_and_addresses_as_they_are() {
        let bench = Bench::new().await;
        let url = "https://example.com/a.png";
        let inputs = [Input::Url(url.into()), input(bench.picture(1_000))];
        let found = addresses(&bench.uploads(false), 1, &inputs).await;
        assert_eq!(found[0], url);
        assert!(found[1].starts_with("data:image/"), "{}", &found[1][..30]);
        let inline = addresses(&bench.uploads(true), 2, &[input(bench.picture(LARGE))]).await;
        assert!(inline[0].starts_with("data:image/"));
        assert_eq!(bench.files(), 0);
    }

    fn large() -> Vec<u8> {
        let pixel = |x: u32, y: u32| image::Rgba([(x * y % 251) as u8, x as u8, y as u8, 255]);
        let picture = image::RgbaImage::from_fn(1_500, 1_000, pixel);
        crate::picture::encode_png(&picture, &[]).unwrap()
    }

    #[tokio::test]
    async fn a_reduced_picture_travels_once_too() {
        let bench = Bench::new().await;
        let hash = bench.store.media().write(&large()).unwrap();
        let uploads = bench.uploads(false);
        let (report, _news) = mpsc::unbounded_channel();
        let inputs = [input(hash)];
        let small = InputNeed { most_pixels: Some(900_000), ..InputNeed::default() };
        let first = uploads.addresses(JobId(2), &inputs, small, &report).await.unwrap();
        let again = uploads.addresses(JobId(3), &inputs, small, &report).await.unwrap();
        assert_eq!((&first, bench.files()), (&again, 1));
        let whole =
            uploads.addresses(JobId(4), &inputs, InputNeed::default(), &report).await.unwrap();
        assert_ne!(whole, first, "who uses all pixels gets all");
    }

    #[tokio::test]
    async fn a_picture_that_the_service_made_is_not_sent_back_to_it() {
        let bench = Bench::new().await;
        // A signature or words of the service's own are no reason to send it back.
        let file = crate::picture::encode_png(
            &image::RgbaImage::from_pixel(8, 8, image::Rgba([9, 9, 9, 255])),
            &[("Software", "made there")],
        );
        let hash = bench.store.media().write(&file.unwrap()).unwrap();
        let uploads = bench.uploads(false);
        uploads.remember_made(hash, "https://v3.example/files/made.png", None).await;
        let found = addresses(&uploads, 1, &[input(hash)]).await;
        assert_eq!(found, ["https://v3.example/files/made.png"]);
        assert_eq!(bench.files(), 0);
    }

    #[tokio::test]
    async fn progress_is_told_in_bytes_of_all_pictures_together() {
        let bench = Bench::new().await;
        let pictures = [bench.picture(LARGE), bench.picture(LARGE + 300)];
        let length = |hash| bench.store.media().read_with_format(hash).unwrap().0.len() as u64;
        let all_bytes = length(pictures[0]) + length(pictures[1]);
        let inputs = pictures.map(input);
        let (report, mut event) = mpsc::unbounded_channel();
        bench
            .uploads(false)
            .addresses(JobId(1), &inputs, InputNeed::default(), &report)
            .await
            .unwrap();
        let mut last = (0, 0);
        while let Ok(TaskEvent::Progress { done, all, .. }) = event.try_recv() {
            last = (done, all);
        }
        assert_eq!(last, (all_bytes, all_bytes));
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_not_sent_but_where_the_service_has_made_it() {
        let bench = Bench::new().await;
        let hash = bench.store.media().write(b"\0\0\0\x14ftypavif\0\0\0\0 and a place").unwrap();
        let uploads = bench.uploads(false);
        let (report, _news) = mpsc::unbounded_channel();
        let inputs = [input(hash)];
        let sent = uploads.addresses(JobId(1), &inputs, InputNeed::default(), &report).await;
        assert!(sent.unwrap_err().message.contains("was not sent"));
        uploads.remember_made(hash, "https://v3.example/files/made.avif", None).await;
        let found = addresses(&uploads, 2, &inputs).await;
        assert_eq!(found, ["https://v3.example/files/made.avif"]);
        assert_eq!(bench.files(), 0);
    }
}
