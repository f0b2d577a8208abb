//! A certificate authority of the run's own, and the certificate of the stub services.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use pem::{Pem, encode};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Accepts TLS on loopback, with a certificate of an authority that is written to two files.
pub(crate) struct Authority {
    /// Accepts connections to `127.0.0.1` and `localhost`.
    pub(crate) acceptor: TlsAcceptor,
}

impl Authority {
    /// A new authority. `alone` gets its certificate; `bundle` gets the roots of this machine, too: a function on Lambda
    /// loads all that Amazon Linux trusts, so a bundle of one root would measure something else.
    pub(crate) fn new(alone: &Path, bundle: &Path) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name = named("authority of the bench");
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names)?;
        // Another name than the authority's: OpenSSL takes a certificate whose names are equal for self-signed.
        params.distinguished_name = named("stub of the bench");
        let certificate = params.signed_by(&key, &root)?;

        let mut pem = root.pem();
        std::fs::write(alone, &pem)?;
        for known in rustls_native_certs::load_native_certs().certs {
            pem.push_str(&encode(&Pem::new("CERTIFICATE", known.to_vec())));
        }
        std::fs::write(bundle, &pem)?;

        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes())
            .ok()
            .context("the generated key can't be read")?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        // As most AWS endpoints: no HTTP/2.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}
