//! Who is signed in, and where: kept in a file that only its owner can read.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use directories::ProjectDirs;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_with::skip_serializing_none;
use tempfile::NamedTempFile;
use url::Url;

/// A sign-in.
#[skip_serializing_none]
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// Address of the site.
    pub(crate) url: Url,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// When the access token ends.
    pub(crate) expires_at: Option<SystemTime>,
}

/// Before this much of its time is left, a token is renewed: a request may take that long to arrive.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

impl Session {
    /// Whether the access token should be renewed before it is used.
    pub(crate) fn is_stale(&self, now: SystemTime) -> bool {
        self.expires_at
            .is_some_and(|expires_at| now + RENEW_BEFORE >= expires_at)
    }

    /// The sign-in that the environment gives (`VOD_URL` and `VOD_TOKEN`), or the one that `vod login` kept.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let environment = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        if let Some(access_token) = environment("VOD_TOKEN") {
            let url =
                environment("VOD_URL").context("VOD_TOKEN is set, VOD_URL isn't; set both")?;
            return Ok(Self {
                url: url.parse().context("VOD_URL is not an address")?,
                access_token,
                refresh_token: None,
                expires_at: None,
            });
        }
        read(&directory()?.join("session.json"))?
            .context("you are not signed in; sign in with: vod login URL")
    }

    /// Keeps it for the next command.
    pub(crate) fn save(&self) -> anyhow::Result<()> {
        write(&directory()?.join("session.json"), self)
    }
}

/// Where this program keeps its files.
pub(crate) fn directory() -> anyhow::Result<PathBuf> {
    let directories = ProjectDirs::from("", "", "vod").context("find your home directory")?;
    Ok(directories.config_dir().to_owned())
}

/// The JSON in a file, `None` where there is no file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("read {}", path.display()))?,
    };
    let value = serde_json::from_slice(&text)
        .with_context(|| format!("understand {}; delete it to start anew", path.display()))?;
    Ok(Some(value))
}

/// Replaces a file in one step; it is readable by its owner only, as temporary files are.
pub(crate) fn write(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let save = || -> std::io::Result<()> {
        let directory = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(&serde_json::to_vec_pretty(value)?)?;
        file.persist(path)?;
        Ok(())
    };
    save().with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Session;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        let now = SystemTime::now();
        let ends_in = |seconds| Session {
            url: "https://site.example".parse().unwrap(),
            access_token: "token".to_owned(),
            refresh_token: None,
            expires_at: Some(now + Duration::from_secs(seconds)),
        };
        assert!(!ends_in(3600).is_stale(now));
        assert!(ends_in(59).is_stale(now));
        assert!(ends_in(0).is_stale(now));
    }
}
