//! Settings of the function.

use common::config::{ConfigError, required};

/// What the template sets.
///
/// | variable | meaning | default |
/// | --- | --- | --- |
/// | `SOURCE_BUCKET` | name of the bucket that uploads arrive in | |
/// | `CONVERTED_BUCKET` | name of the bucket that MediaConvert writes to | |
/// | `VIDEOS_TABLE` | name of the table of video records | |
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// `SOURCE_BUCKET`.
    pub source_bucket: String,
    /// `CONVERTED_BUCKET`.
    pub converted_bucket: String,
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
            source_bucket: required(&lookup, "SOURCE_BUCKET")?,
            converted_bucket: required(&lookup, "CONVERTED_BUCKET")?,
            table: required(&lookup, "VIDEOS_TABLE")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use common::config::ConfigError;

    #[test]
    fn everything_is_needed() {
        let value = |name: &str| Some(name.to_lowercase());
        assert_eq!(Config::from_vars(value).unwrap().table, "videos_table");
        for missing in ["SOURCE_BUCKET", "CONVERTED_BUCKET", "VIDEOS_TABLE"] {
            let rest = |name: &str| value(name).filter(|_| name != missing);
            assert_eq!(Config::from_vars(rest), Err(ConfigError::Missing(missing)));
        }
    }
}
