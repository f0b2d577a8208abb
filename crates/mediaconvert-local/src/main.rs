//! Starts the server and stops it on SIGTERM or Ctrl-C.

use std::error::Error;

use clap::Parser;
use mediaconvert_local::config::Config;
use mediaconvert_local::server::{Server, sdk_config};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let sdk = sdk_config(&config).await;
    let server = Server::start(&config, &sdk)?;
    let listener = TcpListener::bind(config.listen).await?;
    info!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    axum::serve(listener, server.router.clone())
        .with_graceful_shutdown(stop)
        .await?;
    server.stop().await;
    info!("stopped");
    Ok(())
}
