//! `vod login`.

use std::io::{Write, stderr, stdin};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::api::{self, SignIn, call_public};
use crate::args::Login;
use crate::output::Output;
use crate::session::Session;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteConfig {
    sign_in: SignInKind,
}

#[derive(Deserialize)]
struct SignInKind {
    kind: String,
}

pub(super) async fn run(arguments: Login, output: Output) -> anyhow::Result<()> {
    let http = api::http()?;
    let url = arguments.url;
    let config: SiteConfig = call_public(&http, &url, Method::GET, "/api/config", None).await?;
    if config.sign_in.kind != "password" {
        bail!(
            "this site signs in through another service; set VOD_URL, and VOD_TOKEN to an access token from it"
        );
    }
    let username = match arguments.username {
        Some(username) => username,
        None => ask("User name: ")?,
    };
    let password = if arguments.password_stdin {
        line()?
    } else {
        rpassword::prompt_password("Password: ").context("read the password")?
    };
    let body = json!({"username": username, "password": password});
    let mut answer = sign_in(&http, &url, "/api/session", &body).await?;
    if let SignIn::Challenge {
        challenge,
        session,
        username,
    } = &answer
    {
        if challenge != "NEW_PASSWORD" {
            bail!("this sign-in needs a step that is possible in the browser only: {url}");
        }
        output.note("This password was for the first time only; choose your own.");
        let new_password =
            rpassword::prompt_password("New password: ").context("read the new password")?;
        let body = json!({"username": username, "session": session, "newPassword": new_password});
        answer = sign_in(&http, &url, "/api/session/new-password", &body).await?;
    }
    let SignIn::Tokens {
        access_token,
        refresh_token,
        expires_in_seconds,
    } = answer
    else {
        bail!("this sign-in needs a step that is possible in the browser only: {url}");
    };
    let session = Session {
        url,
        access_token,
        refresh_token,
        expires_at: Some(SystemTime::now() + Duration::from_secs(expires_in_seconds)),
    };
    session.save()?;
    output.note(&format!("Signed in to {} as {username}.", session.url));
    Ok(())
}

async fn sign_in(http: &Client, url: &Url, path: &str, body: &Value) -> anyhow::Result<SignIn> {
    Ok(call_public(http, url, Method::POST, path, Some(body)).await?)
}

fn ask(question: &str) -> anyhow::Result<String> {
    write!(stderr().lock(), "{question}")?;
    line()
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    stdin()
        .read_line(&mut line)
        .context("read standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
