//! How a function reaches AWS: region, credentials and endpoints from the variables that Lambda sets, one HTTPS client for
//! all services.
//!
//! These are the parts of `aws-config` that a function has a use for. Its `ConfigLoader` builds the rest in, too, even where
//! each setting is given: files, containers, instances and roles to assume, with a client of STS.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge: Lambda's variables say where and as whom to call"
)]

use std::env;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::region::ProvideRegion as _;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::Builder as HttpClientBuilder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::call_limits;
use crate::config::{ConfigError, optional};

/// What every client is made from. Nothing is sent, and no root certificate read, before the first request.
///
/// Read are `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL` and
/// `AWS_ENDPOINT_URL_…` of a service; and by the HTTPS client `SSL_CERT_FILE`, where a root of one's own is wanted.
///
/// # Errors
///
/// [`ConfigError`], with the name of the variable that is missing; the function can't start.
pub async fn load() -> Result<SdkConfig, ConfigError> {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    let https = HttpClientBuilder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let lookup = |name: &str| env::var(name).ok();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(
            EnvironmentVariableCredentialsProvider::new(),
        ))
        .region(region.ok_or(ConfigError::Missing("AWS_REGION"))?)
        .http_client(https)
        .retry_config(call_limits::retries())
        .timeout_config(call_limits::timeouts())
        .service_config(OfService(lookup));
    config.set_endpoint_url(optional(lookup, "AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// Settings of one service, in variables that end with its name, or else of all services.
struct OfService<L>(L);

impl<L: Fn(&str) -> Option<String> + Send + Sync> LoadServiceConfig for OfService<L> {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_ascii_uppercase().replace(' ', "_");
        let own = format!("{}_{service}", key.env());
        optional(&self.0, &own).or_else(|| optional(&self.0, key.env()))
    }
}

impl<L> std::fmt::Debug for OfService<L> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OfService")
    }
}

#[cfg(test)]
mod tests {
    use super::OfService;
    use aws_types::service_config::{LoadServiceConfig as _, ServiceConfigKey};

    fn endpoint(variables: &'static [(&str, &str)]) -> Option<String> {
        let of_service = OfService(|name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let key = ServiceConfigKey::builder()
            .service_id("Cognito Identity Provider")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        of_service.load_config(key.unwrap())
    }

    #[test]
    fn a_service_has_the_endpoint_of_its_own_or_the_common_one() {
        const OWN: &str = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER";
        assert_eq!(endpoint(&[]), None);
        assert_eq!(
            endpoint(&[("AWS_ENDPOINT_URL", "https://common")]).as_deref(),
            Some("https://common")
        );
        assert_eq!(
            endpoint(&[("AWS_ENDPOINT_URL", "https://common"), (OWN, "https://own")]).as_deref(),
            Some("https://own")
        );
        // A template that forgets a value passes "".
        assert_eq!(endpoint(&[(OWN, "")]), None);
    }
}
