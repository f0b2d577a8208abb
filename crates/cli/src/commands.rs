//! One file a command.

mod captions;
mod delete;
mod import;
mod list;
mod login;
mod open;
mod reprocess;
mod show;
mod watch_status;

use std::process::ExitCode;

use crate::api::Api;
use crate::args::Command;
use crate::output::Output;
use crate::session::Session;
use crate::upload;

/// Does what was asked.
pub(crate) async fn run(command: Command, output: &Output) -> anyhow::Result<ExitCode> {
    let output = *output;
    if let Command::Login(arguments) = command {
        login::run(arguments, output).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let api = Api::new(Session::load()?)?;
    match command {
        Command::Login(_) => {}
        Command::Upload(arguments) => {
            let wait = arguments.wait;
            let (ids, all_sent) = upload::run(&api, arguments, output).await?;
            let all_ready = !wait || watch_status::run(&api, &ids, output).await?;
            return Ok(exit_code(all_sent && all_ready));
        }
        Command::List(arguments) => list::run(&api, &arguments, output).await?,
        Command::Show(arguments) => show::run(&api, &arguments.id, output).await?,
        Command::WatchStatus(arguments) => {
            return Ok(exit_code(
                watch_status::run(&api, &arguments.ids, output).await?,
            ));
        }
        Command::Open(arguments) => open::run(&api, &arguments.id, output).await?,
        Command::Delete(arguments) => delete::run(&api, &arguments, output).await?,
        Command::Reprocess(arguments) => reprocess::run(&api, &arguments, output).await?,
        Command::Captions(arguments) => captions::run(&api, &arguments, output).await?,
        Command::Import(arguments) => import::run(&api, &arguments.from, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn exit_code(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
