//! `vod`: uploads videos and follows them, from the command line. It talks to the HTTP API only.

mod api;
mod args;
mod commands;
mod output;
mod session;
mod upload;
mod video;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::output::Output;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let output = Output::new(args.json);
    match commands::run(args.command, &output).await {
        Ok(code) => code,
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            ExitCode::FAILURE
        }
    }
}
