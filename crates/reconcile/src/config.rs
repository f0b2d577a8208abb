//! Settings of the function.

use common::config::{ConfigError, optional, required};

/// What the template sets.
///
/// | variable | meaning | default |
/// | --- | --- | --- |
/// | `SOURCE_BUCKET` | name of the bucket that uploads arrive in | |
/// | `CONVERTED_BUCKET` | name of the bucket that MediaConvert writes to | |
/// | `VIDEOS_TABLE` | name of the table of video records | |
/// | `SUBMIT_FUNCTION` | name of the function that submits uploads | |
/// | `MEDIACONVERT_QUEUE_ARN` | queue that jobs go to | the account's default queue |
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// `SOURCE_BUCKET`.
    pub source_bucket: String,
    /// `CONVERTED_BUCKET`.
    pub converted_bucket: String,
    /// `VIDEOS_TABLE`.
    pub table: String,
    /// `SUBMIT_FUNCTION`.
    pub submit_function: String,
    /// `MEDIACONVERT_QUEUE_ARN`.
    pub queue_arn: Option<String>,
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
            submit_function: required(&lookup, "SUBMIT_FUNCTION")?,
            queue_arn: optional(&lookup, "MEDIACONVERT_QUEUE_ARN"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use common::config::ConfigError;

    #[test]
    fn every_variable_but_the_queue_is_needed() {
        let names = [
            "SOURCE_BUCKET",
            "CONVERTED_BUCKET",
            "VIDEOS_TABLE",
            "SUBMIT_FUNCTION",
        ];
        for missing in names {
            let rest = |name: &str| {
                names
                    .contains(&name)
                    .then(|| name.to_lowercase())
                    .filter(|_| name != missing)
            };
            assert_eq!(Config::from_vars(rest), Err(ConfigError::Missing(missing)));
        }
    }
}
