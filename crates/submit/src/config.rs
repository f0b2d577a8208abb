//! Settings of the function.

use common::config::{ConfigError, number, optional, required};
use common::job::Target;
use common::profile::DEFAULT_PROFILE;

/// What the template sets.
///
/// | variable | meaning | default |
/// | --- | --- | --- |
/// | `SOURCE_BUCKET` | name of the bucket that uploads arrive in | |
/// | `CONVERTED_BUCKET` | name of the bucket that MediaConvert writes to | |
/// | `VIDEOS_TABLE` | name of the table of video records | |
/// | `MEDIACONVERT_ROLE_ARN` | role that MediaConvert takes for a job | |
/// | `CONFIGURATION_BUCKET` | name of the bucket with the stack's own profiles, `profiles/NAME.json` | |
/// | `DEFAULT_PROFILE` | name of the profile of uploads for which none is chosen | `standard` |
/// | `LOUDNESS_LUFS` | loudness that sound is brought to where a profile doesn't say, LUFS | as it is |
/// | `MAX_COST_PER_VIDEO` | most that a job may be estimated to cost, in the currency of the prices | no limit |
/// | `MAX_COST_ACTION` | what becomes of a dearer one: `refuse`, or `downgrade` to the profile `small` | `refuse` |
/// | `PRICES_KEY` | key of a price table of one's own in the configuration bucket | the one of this version |
/// | `MEDIACONVERT_QUEUE_ARN` | queue that jobs go to | the account's default queue |
///
/// The prices are those of the region, which Lambda sets in `AWS_REGION`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `SOURCE_BUCKET`.
    pub source_bucket: String,
    /// `VIDEOS_TABLE`.
    pub table: String,
    /// `CONFIGURATION_BUCKET`.
    pub configuration_bucket: String,
    /// `DEFAULT_PROFILE`.
    pub default_profile: String,
    /// `LOUDNESS_LUFS`.
    pub loudness_lufs: Option<f64>,
    /// `MAX_COST_PER_VIDEO` and `MAX_COST_ACTION`.
    pub budget: Option<Budget>,
    /// `PRICES_KEY`.
    pub prices_key: Option<String>,
    /// The region whose prices count; Lambda sets it.
    pub region: String,
    /// Role, queue and converted bucket.
    pub target: Target,
}

/// Most that a job may be estimated to cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// In the currency of the prices.
    pub most: f64,
    /// A dearer one is made with a smaller profile, if that is cheap enough; otherwise it is refused.
    pub downgrades: bool,
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
            table: required(&lookup, "VIDEOS_TABLE")?,
            configuration_bucket: required(&lookup, "CONFIGURATION_BUCKET")?,
            default_profile: optional(&lookup, "DEFAULT_PROFILE")
                .unwrap_or_else(|| DEFAULT_PROFILE.to_owned()),
            loudness_lufs: number(&lookup, "LOUDNESS_LUFS")?,
            budget: number::<f64>(&lookup, "MAX_COST_PER_VIDEO")?
                .filter(|most| *most > 0.0)
                .map(|most| Budget {
                    most,
                    downgrades: optional(&lookup, "MAX_COST_ACTION").as_deref()
                        == Some("downgrade"),
                }),
            prices_key: optional(&lookup, "PRICES_KEY"),
            region: optional(&lookup, "AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            target: Target {
                role_arn: required(&lookup, "MEDIACONVERT_ROLE_ARN")?,
                queue_arn: optional(&lookup, "MEDIACONVERT_QUEUE_ARN"),
                converted_bucket: required(&lookup, "CONVERTED_BUCKET")?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use common::config::ConfigError;

    #[test]
    fn every_variable_without_a_default_is_needed() {
        let names = [
            "SOURCE_BUCKET",
            "CONVERTED_BUCKET",
            "VIDEOS_TABLE",
            "CONFIGURATION_BUCKET",
            "MEDIACONVERT_ROLE_ARN",
        ];
        let all = |name: &str| names.contains(&name).then(|| name.to_lowercase());
        assert_eq!(Config::from_vars(all).unwrap().target.queue_arn, None);
        for missing in names {
            let rest = |name: &str| all(name).filter(|_| name != missing);
            assert_eq!(Config::from_vars(rest), Err(ConfigError::Missing(missing)));
        }
    }
}
