//! Settings of the function.

use common::config::{ConfigError, optional, required};

/// What the template sets.
///
/// | variable | meaning | default |
/// | --- | --- | --- |
/// | `SOURCE_BUCKET` | name of the bucket that uploads go to | |
/// | `CONVERTED_BUCKET` | name of the bucket that conversions write to | |
/// | `VIDEOS_TABLE` | name of the table of video records | |
/// | `SUBMIT_FUNCTION` | name of the function that submits jobs | |
/// | `RECONCILE_FUNCTION` | name of the function that removes deleted videos | |
/// | `SITE_URL` | address that people open, without a slash at its end | |
/// | `UPLOAD_DAYS` | days after which S3 removes the parts of an unfinished upload | |
/// | `CURSOR_KEY` | what tells this stack's cursors from made-up ones; not a secret, see `cursor` | |
/// | `PUBLIC_PLAYBACK` | `true` where anybody who knows a video's id may watch it | `false` |
/// | `DEFAULT_PROFILE` | name of the profile of uploads for which none is chosen | `standard` |
/// | `USER_POOL_CLIENT_ID` | client of the stack's own Cognito pool | no password sign-in |
/// | `JWT_ISSUER` | issuer of the tokens, where it isn't the stack's own pool | |
/// | `JWT_AUDIENCE` | audience of such tokens | |
/// | `JWT_CLIENT_ID` | the web app's client at that issuer | the audience |
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
    /// `RECONCILE_FUNCTION`.
    pub reconcile_function: String,
    /// `SITE_URL`.
    pub site_url: String,
    /// `UPLOAD_DAYS`.
    pub upload_days: u32,
    /// `CURSOR_KEY`.
    pub cursor_key: String,
    /// `PUBLIC_PLAYBACK`.
    pub public_playback: bool,
    /// `DEFAULT_PROFILE`.
    pub default_profile: String,
    /// How people sign in.
    pub sign_in: SignIn,
}

/// How people sign in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignIn {
    /// With a user name and a password of the stack's own pool.
    Password {
        /// The pool's client.
        client_id: String,
    },
    /// At an OpenID Connect provider of the operator's own.
    Oidc {
        /// The issuer.
        authority: String,
        /// The web app's client there.
        client_id: String,
        /// Audience of the tokens.
        audience: String,
    },
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
    /// As [`Config::from_env`]. A number of days that is none counts as missing.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let sign_in = if let Some(client_id) = optional(&lookup, "USER_POOL_CLIENT_ID") {
            SignIn::Password { client_id }
        } else {
            let audience = required(&lookup, "JWT_AUDIENCE")?;
            SignIn::Oidc {
                authority: required(&lookup, "JWT_ISSUER")?,
                client_id: optional(&lookup, "JWT_CLIENT_ID").unwrap_or_else(|| audience.clone()),
                audience,
            }
        };
        Ok(Self {
            source_bucket: required(&lookup, "SOURCE_BUCKET")?,
            converted_bucket: required(&lookup, "CONVERTED_BUCKET")?,
            table: required(&lookup, "VIDEOS_TABLE")?,
            submit_function: required(&lookup, "SUBMIT_FUNCTION")?,
            reconcile_function: required(&lookup, "RECONCILE_FUNCTION")?,
            site_url: required(&lookup, "SITE_URL")?
                .trim_end_matches('/')
                .to_owned(),
            upload_days: required(&lookup, "UPLOAD_DAYS")?
                .parse()
                .map_err(|_| ConfigError::Missing("UPLOAD_DAYS"))?,
            cursor_key: required(&lookup, "CURSOR_KEY")?,
            public_playback: optional(&lookup, "PUBLIC_PLAYBACK").as_deref() == Some("true"),
            default_profile: optional(&lookup, "DEFAULT_PROFILE")
                .unwrap_or_else(|| common::profile::DEFAULT_PROFILE.to_owned()),
            sign_in,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, SignIn};
    use common::config::ConfigError;

    const NEEDED: [&str; 9] = [
        "SOURCE_BUCKET",
        "CONVERTED_BUCKET",
        "VIDEOS_TABLE",
        "SUBMIT_FUNCTION",
        "RECONCILE_FUNCTION",
        "SITE_URL",
        "UPLOAD_DAYS",
        "CURSOR_KEY",
        "USER_POOL_CLIENT_ID",
    ];

    fn value(name: &str) -> Option<String> {
        NEEDED.contains(&name).then(|| match name {
            "UPLOAD_DAYS" => "7".to_owned(),
            _ => format!("{}/", name.to_lowercase()),
        })
    }

    #[test]
    fn the_bucket_the_table_the_functions_and_the_site_are_needed() {
        let config = Config::from_vars(value).unwrap();
        assert_eq!(config.site_url, "site_url");
        assert!(!config.public_playback);
        for missing in &NEEDED[..8] {
            let rest = |name: &str| value(name).filter(|_| name != *missing);
            assert_eq!(Config::from_vars(rest), Err(ConfigError::Missing(missing)));
        }
    }

    #[test]
    fn without_a_pool_an_issuer_and_an_audience_are_needed() {
        let oidc = |name: &str| match name {
            "USER_POOL_CLIENT_ID" => None,
            "JWT_ISSUER" => Some("https://id.example".to_owned()),
            "JWT_AUDIENCE" => Some("vod".to_owned()),
            _ => value(name),
        };
        let signs_in = |client: &str| SignIn::Oidc {
            authority: "https://id.example".to_owned(),
            client_id: client.to_owned(),
            audience: "vod".to_owned(),
        };
        assert_eq!(Config::from_vars(oidc).unwrap().sign_in, signs_in("vod"));
        let with_client = |name: &str| match name {
            "JWT_CLIENT_ID" => Some("vod-web".to_owned()),
            _ => oidc(name),
        };
        assert_eq!(
            Config::from_vars(with_client).unwrap().sign_in,
            signs_in("vod-web")
        );
        let no_issuer = |name: &str| oidc(name).filter(|_| name != "JWT_ISSUER");
        assert_eq!(
            Config::from_vars(no_issuer),
            Err(ConfigError::Missing("JWT_ISSUER"))
        );
    }
}
