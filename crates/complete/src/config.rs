//! Settings of the function.

use common::config::{ConfigError, required};

/// What the template sets.
///
/// | variable | meaning | default |
/// | --- | --- | --- |
/// | `VIDEOS_TABLE` | name of the table of video records | |
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// `VIDEOS_TABLE`.
    pub table: String,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], with the name of the variable; the function can't start.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// Reads variables from `lookup`.
    ///
    /// # Errors
    ///
    /// As [`Config::from_env`].
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(Self {
            table: required(&lookup, "VIDEOS_TABLE")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use common::config::ConfigError;

    #[test]
    fn the_table_is_needed() {
        assert_eq!(
            Config::from_vars(|_| None),
            Err(ConfigError::Missing("VIDEOS_TABLE"))
        );
        assert_eq!(
            Config::from_vars(|_| Some("videos".into())).unwrap().table,
            "videos"
        );
    }
}
