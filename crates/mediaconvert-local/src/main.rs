//! Starts the server and stops it on SIGTERM or Ctrl-C.

use std::error::Error;
use std::iter::successors;
use std::process::ExitCode;

use clap::Parser;
use mediaconvert_local::config::Config;
use mediaconvert_local::process;
use mediaconvert_local::server::{Server, sdk_config};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    process::become_guarded(std::env::args_os()).unwrap_or_else(run)
}

#[tokio::main]
async fn run() -> ExitCode {
    process::guard_children();
    let config = Config::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let Err(error) = serve(&config).await else {
        return ExitCode::SUCCESS;
    };
    let causes = successors(Some(&*error), |error| (**error).source());
    let chain: Vec<String> = causes.map(ToString::to_string).collect();
    error!("stopped: {}", chain.join(": "));
    ExitCode::FAILURE
}

async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
    let sdk = sdk_config(config).await;
    let server = Server::start(config, &sdk)?;
    let listener = TcpListener::bind(config.listen).await?;
    info!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let stopping = server.stopping.clone();
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stopping.cancel();
    };
    axum::serve(listener, server.router.clone())
        .with_graceful_shutdown(stop)
        .await?;
    server.stop().await;
    info!("stopped");
    Ok(())
}
