//! Which uploads are unfinished: a file that outlives the command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use url::Url;

use crate::session;

/// A file as it was when its upload began.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) size_bytes: u64,
    /// Changes with the site, the path, the size and the time of the last change.
    key: String,
}

impl File {
    /// Reads the facts of a file; its bytes are read part by part.
    pub(super) async fn look_at(path: &Path, site: &Url) -> anyhow::Result<Self> {
        let facts = tokio::fs::metadata(path).await.context("read the file")?;
        if !facts.is_file() {
            bail!("it is not a file");
        }
        if facts.len() == 0 {
            bail!("the file is empty; there is nothing to upload");
        }
        let changed = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let changed = changed
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let path = super::absolute(path)?;
        Ok(Self {
            size_bytes: facts.len(),
            key: format!("{site} {} {} {changed}", path.display(), facts.len()),
        })
    }
}

/// The unfinished uploads, by file.
pub(super) struct Journal {
    path: PathBuf,
    /// Files are sent side by side, and share the journal.
    lock: Mutex<()>,
}

impl Journal {
    pub(super) fn open() -> anyhow::Result<Self> {
        Ok(Self {
            path: session::directory()?.join("uploads.json"),
            lock: Mutex::new(()),
        })
    }

    /// Id of the video that the file was being uploaded to.
    pub(super) fn find(&self, file: &File) -> anyhow::Result<Option<String>> {
        Ok(self.read()?.remove(&file.key))
    }

    pub(super) fn remember(&self, file: &File, id: &str) -> anyhow::Result<()> {
        self.change(|uploads| {
            uploads.insert(file.key.clone(), id.to_owned());
        })
    }

    pub(super) fn forget(&self, file: &File) -> anyhow::Result<()> {
        self.change(|uploads| {
            uploads.remove(&file.key);
        })
    }

    fn read(&self) -> anyhow::Result<BTreeMap<String, String>> {
        Ok(session::read(&self.path)?.unwrap_or_default())
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> anyhow::Result<()> {
        // What it guards is a file, which a panic elsewhere leaves whole.
        let _guard = self
            .lock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut uploads = self.read()?;
        change(&mut uploads);
        session::write(&self.path, &uploads)
    }
}
