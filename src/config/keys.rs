//! Keys that were given to us to keep: in the system's keyring, or in a file for the owner alone.
//!
//! It asks nobody and checks no key with a service. For each profile there is one small file: it
//! holds the key, or says that the keyring does, so that no keyring is asked in vain. Invariant: a
//! file that others can read is not used.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;

use super::Error;
use super::keyring::Keyring;
use crate::fal::profile::Key;
use crate::limits;

/// In place of a key; no key has blanks.
const IN_KEYRING: &str = "in the system keyring";

/// Where kept keys are.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// One file for each profile.
    pub folder: PathBuf,
    pub keyring: Option<Keyring>,
}

/// Where a key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Keyring(PathBuf),
    File(PathBuf),
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keyring(program) => write!(out, "the system keyring (`{}`)", program.display()),
            Self::File(path) => write!(out, "the file `{}`", path.display()),
        }
    }
}

impl Keys {
    /// Where the profile's key is kept, without fetching it.
    pub fn place(&self, profile: &str) -> Option<Place> {
        let path = self.file(profile)?;
        let text = limits::read_text(&path, limits::KEY).ok()?;
        Some(match (text.trim() == IN_KEYRING, &self.keyring) {
            (true, Some(keyring)) => Place::Keyring(keyring.program.clone()),
            (true, None) => Place::Keyring(PathBuf::from("none here")),
            (false, _) => Place::File(path),
        })
    }

    /// The profile's key, if it is kept.
    ///
    /// # Errors
    /// When it is kept and cannot be had: the file is open to others, the keyring is closed.
    pub fn find(&self, profile: &str) -> Result<Option<Key>, Error> {
        let Some(path) = self.file(profile) else {
            return Ok(None);
        };
        let text = match limits::read_text(&path, limits::KEY) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(trouble(&path, &error)),
        };
        if text.trim() == IN_KEYRING {
            return self.in_keyring(profile).map(Some);
        }
        let mode = fs::metadata(&path).map_err(|error| trouble(&path, &error))?.permissions();
        if mode.mode() & 0o077 != 0 {
            let message = format!("others can read the key in `{}`", path.display());
            let hint = format!("chmod 600 {}; better still, make a new key", path.display());
            return Err(Error::new(message, hint));
        }
        let key = Key::new(&text).map_err(|error| {
            let message =
                format!("the key in `{}` cannot be used: {}", path.display(), error.message);
            Error::new(message, format!("editree key set --profile {profile}"))
        })?;
        Ok(Some(key))
    }

    /// Keeps the key in the keyring.
    ///
    /// # Errors
    /// When there is none, or it does not take it.
    pub fn keep_in_keyring(&self, profile: &str, key: &Key) -> Result<Place, Error> {
        let file = "keep it in a file instead: editree key set --file";
        let Some(keyring) = &self.keyring else {
            return Err(Error::new("there is no system keyring here", file));
        };
        let closed =
            |words| Error::new(format!("the system keyring did not take it: {words}"), file);
        keyring.keep(profile, key).map_err(closed)?;
        self.write(profile, |sink| sink.write_all(IN_KEYRING.as_bytes()))?;
        Ok(Place::Keyring(keyring.program.clone()))
    }

    /// Keeps the key in a file that only its owner can read.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep_in_file(&self, profile: &str, key: &Key) -> Result<Place, Error> {
        // An older one in the keyring would only be forgotten there.
        let _ = self.forget(profile);
        self.write(profile, |sink| key.write_to(sink)).map(Place::File)
    }

    /// Drops the key wherever it is kept.
    ///
    /// # Errors
    /// When it is kept and cannot be dropped.
    pub fn forget(&self, profile: &str) -> Result<Option<Place>, Error> {
        let (Some(place), Some(path)) = (self.place(profile), self.file(profile)) else {
            return Ok(None);
        };
        if let (Place::Keyring(_), Some(keyring)) = (&place, &self.keyring) {
            let closed = |words| {
                let message = format!("the key stays in the system keyring: {words}");
                Error::new(message, "unlock the keyring and try again")
            };
            keyring.drop_key(profile).map_err(closed)?;
        }
        fs::remove_file(&path).map_err(|error| trouble(&path, &error))?;
        Ok(Some(place))
    }

    fn in_keyring(&self, profile: &str) -> Result<Key, Error> {
        let again = format!("unlock it, or say the key again: editree key set --profile {profile}");
        let Some(keyring) = &self.keyring else {
            let message = format!("the key of `{profile}` is in a system keyring that is not here");
            return Err(Error::new(message, again));
        };
        keyring.find_key(profile).map_err(|words| {
            let message = format!("the key of `{profile}` is not in the system keyring: {words}");
            Error::new(message, again)
        })
    }

    /// Never open to others, not even for a moment, and never half of it.
    fn write(
        &self,
        profile: &str,
        fill: impl FnOnce(&mut fs::File) -> std::io::Result<()>,
    ) -> Result<PathBuf, Error> {
        let Some(path) = self.file(profile) else {
            let message = format!("profile name `{profile}` cannot be a file name");
            return Err(Error::new(message, "give the profile another name"));
        };
        let part = path.with_extension("part");
        let written = (|| {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
            let _ = fs::remove_file(&part);
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
            fill(&mut file)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&part, &path)
        })();
        written.map_err(|error| trouble(&path, &error))?;
        Ok(path)
    }

    /// `None` for names that would lead elsewhere.
    fn file(&self, profile: &str) -> Option<PathBuf> {
        let plain = !profile.is_empty() && !profile.starts_with('.') && !profile.contains('/');
        let somewhere = !self.folder.as_os_str().is_empty();
        (plain && somewhere).then(|| self.folder.join(format!("{profile}.key")))
    }
}

fn trouble(path: &std::path::Path, error: &std::io::Error) -> Error {
    let message = format!("the key file `{}`: {error}", path.display());
    Error::new(message, "look at the folder's owner and permissions")
}
