//! Sign-in with the stack's own Cognito pool. The page and the command line talk to this service only, so they need
//! to know neither the pool nor its client.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, AuthenticationResultType, ChallengeNameType,
};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use crate::app::App;
use crate::config::SignIn;
use crate::extract::{Body, Checked};
use crate::problem::{AnyRefused, BodyRefused, FieldError, Kind, Problem};

/// Longest user name, characters: Cognito's limit.
const USERNAME_CHARACTERS: usize = 128;
/// Longest password, characters: Cognito's limit.
const PASSWORD_CHARACTERS: usize = 256;
/// Longest token, characters. A refresh token has some two thousand.
const TOKEN_CHARACTERS: usize = 8192;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// User name, or e-mail address.
    #[schema(min_length = 1, max_length = 128)]
    username: String,
    /// Password.
    #[schema(min_length = 1, max_length = 256)]
    password: String,
}

/// A first password, in the place of the one that the administrator chose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
pub(crate) struct NewPassword {
    /// `username` of the challenge.
    #[schema(min_length = 1, max_length = 128)]
    username: String,
    /// `session` of the challenge.
    #[schema(min_length = 20, max_length = 2048)]
    session: String,
    /// The new password.
    #[schema(min_length = 1, max_length = 256)]
    new_password: String,
}

/// A session that goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Refresh {
    /// `refreshToken` of the sign-in.
    #[schema(min_length = 1, max_length = 8192)]
    refresh_token: String,
}

impl Checked for Credentials {
    fn check(&self, errors: &mut Vec<FieldError>) {
        sized("/username", &self.username, 1..=USERNAME_CHARACTERS, errors);
        sized("/password", &self.password, 1..=PASSWORD_CHARACTERS, errors);
    }
}

impl Checked for NewPassword {
    fn check(&self, errors: &mut Vec<FieldError>) {
        sized("/username", &self.username, 1..=USERNAME_CHARACTERS, errors);
        sized("/session", &self.session, 20..=2048, errors);
        sized(
            "/newPassword",
            &self.new_password,
            1..=PASSWORD_CHARACTERS,
            errors,
        );
    }
}

impl Checked for Refresh {
    fn check(&self, errors: &mut Vec<FieldError>) {
        sized(
            "/refreshToken",
            &self.refresh_token,
            1..=TOKEN_CHARACTERS,
            errors,
        );
    }
}

fn sized(
    pointer: &str,
    text: &str,
    characters: std::ops::RangeInclusive<usize>,
    errors: &mut Vec<FieldError>,
) {
    if !characters.contains(&text.chars().count()) {
        let detail = format!(
            "It must have {} to {} characters.",
            characters.start(),
            characters.end()
        );
        errors.push(FieldError::new(pointer, detail));
    }
}

/// What a sign-in leads to.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum SessionAnswer {
    /// The user is signed in.
    SignedIn(Session),
    /// The user has to choose a password first.
    Challenge(Challenge),
}

/// A session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// For the header `Authorization: Bearer …`.
    access_token: String,
    /// For a new access token.
    refresh_token: String,
    /// For how long the access token is valid.
    expires_in_seconds: i32,
}

/// What has to be done before the user is signed in.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are the API's")]
pub(crate) struct Challenge {
    /// What it is: `NEW_PASSWORD`.
    challenge: ChallengeKind,
    /// To be sent with the answer.
    session: String,
    /// User name, to be sent with the answer: who signed in with an e-mail address can't answer with that.
    username: String,
}

/// What has to be done.
#[derive(Serialize, ToSchema)]
pub(crate) enum ChallengeKind {
    /// Choose a password, at `/api/session/new-password`.
    #[serde(rename = "NEW_PASSWORD")]
    NewPassword,
}

/// A new access token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshedSession {
    /// For the header `Authorization: Bearer …`.
    access_token: String,
    /// For how long it is valid.
    expires_in_seconds: i32,
}

/// What a request about a session may be answered with as well.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers in the OpenAPI document")]
pub(crate) enum SignInRefused {
    /// Name or password are wrong, or the session or the challenge has ended.
    #[response(status = 401, content_type = "application/problem+json")]
    Wrong(Problem),
    /// This account can't sign in here.
    #[response(status = 403, content_type = "application/problem+json")]
    Refused(Problem),
    /// People sign in at a provider of the stack's own.
    #[response(status = 404, content_type = "application/problem+json")]
    Elsewhere(Problem),
}

/// Signs in. Only where the stack has its own pool of users; otherwise `/api/config` names the provider.
///
/// # Errors
///
/// 401 where name or password are wrong.
#[utoipa::path(
    post, path = "/api/session", operation_id = "signIn", tag = "session", request_body = Credentials, security(()),
    responses(
        (status = 200, description = "Signed in, or a password has to be chosen.", body = SessionAnswer),
        AnyRefused, BodyRefused, SignInRefused,
    )
)]
pub(crate) async fn sign_in(
    State(app): State<App>,
    Body(credentials): Body<Credentials>,
) -> Result<Json<SessionAnswer>, Problem> {
    let output = app
        .clients
        .cognito
        .initiate_auth()
        .auth_flow(AuthFlowType::UserPasswordAuth)
        .client_id(client_id(&app)?)
        .auth_parameters("USERNAME", &credentials.username)
        .auth_parameters("PASSWORD", credentials.password)
        .send()
        .await
        .map_err(|error| refused(&error))?;
    // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html: the answer
    // to a challenge takes no alias, but the name that USER_ID_FOR_SRP tells.
    let username = output
        .challenge_parameters
        .and_then(|mut parameters| parameters.remove("USER_ID_FOR_SRP"))
        .unwrap_or(credentials.username);
    signed_in(
        output.authentication_result,
        output.challenge_name.as_ref(),
        output.session,
        username,
    )
}

/// Chooses a first password, and signs in with it.
///
/// # Errors
///
/// 400 for a password that the pool's policy doesn't allow; 401 where the challenge has expired.
#[utoipa::path(
    post, path = "/api/session/new-password", operation_id = "choosePassword", tag = "session",
    request_body = NewPassword, security(()),
    responses(
        (status = 200, description = "Signed in.", body = SessionAnswer),
        AnyRefused, BodyRefused, SignInRefused,
    )
)]
pub(crate) async fn choose_password(
    State(app): State<App>,
    Body(chosen): Body<NewPassword>,
) -> Result<Json<SessionAnswer>, Problem> {
    let answers = HashMap::from([
        ("USERNAME".to_owned(), chosen.username.clone()),
        ("NEW_PASSWORD".to_owned(), chosen.new_password),
    ]);
    let output = app
        .clients
        .cognito
        .respond_to_auth_challenge()
        .client_id(client_id(&app)?)
        .challenge_name(ChallengeNameType::NewPasswordRequired)
        .session(chosen.session)
        .set_challenge_responses(Some(answers))
        .send()
        .await
        .map_err(|error| refused(&error))?;
    signed_in(
        output.authentication_result,
        output.challenge_name.as_ref(),
        output.session,
        chosen.username,
    )
}

/// Goes on with a session.
///
/// # Errors
///
/// 401 where the session has ended.
#[utoipa::path(
    post, path = "/api/session/refresh", operation_id = "refreshSession", tag = "session",
    request_body = Refresh, security(()),
    responses(
        (status = 200, description = "A new access token.", body = RefreshedSession),
        AnyRefused, BodyRefused, SignInRefused,
    )
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    Body(refresh): Body<Refresh>,
) -> Result<Json<RefreshedSession>, Problem> {
    let output = app
        .clients
        .cognito
        .initiate_auth()
        .auth_flow(AuthFlowType::RefreshTokenAuth)
        .client_id(client_id(&app)?)
        .auth_parameters("REFRESH_TOKEN", refresh.refresh_token)
        .send()
        .await
        .map_err(|error| refused(&error))?;
    let result = output.authentication_result;
    let token = result
        .as_ref()
        .and_then(|result| result.access_token.clone());
    Ok(Json(RefreshedSession {
        access_token: token.ok_or_else(unsupported)?,
        expires_in_seconds: result.map_or(0, |result| result.expires_in),
    }))
}

fn client_id(app: &App) -> Result<&str, Problem> {
    match &app.config.sign_in {
        SignIn::Password { client_id } => Ok(client_id),
        SignIn::Oidc { .. } => Err(Problem::new(
            Kind::NotFound,
            "People sign in elsewhere here. The address is in /api/config.",
        )),
    }
}

fn signed_in(
    result: Option<AuthenticationResultType>,
    challenge: Option<&ChallengeNameType>,
    session: Option<String>,
    username: String,
) -> Result<Json<SessionAnswer>, Problem> {
    if let Some(AuthenticationResultType {
        access_token: Some(access_token),
        refresh_token: Some(refresh_token),
        expires_in,
        ..
    }) = result
    {
        let session = Session {
            access_token,
            refresh_token,
            expires_in_seconds: expires_in,
        };
        return Ok(Json(SessionAnswer::SignedIn(session)));
    }
    match (challenge, session) {
        (Some(ChallengeNameType::NewPasswordRequired), Some(session)) => {
            let challenge = Challenge {
                challenge: ChallengeKind::NewPassword,
                session,
                username,
            };
            Ok(Json(SessionAnswer::Challenge(challenge)))
        }
        _ => Err(unsupported()),
    }
}

fn unsupported() -> Problem {
    Problem::new(
        Kind::SignInRefused,
        "This account asks for a kind of sign-in that this page doesn't know. Ask an administrator.",
    )
}

/// What Cognito's refusal means to the person. Names that don't exist are told like wrong passwords.
fn refused<E>(error: &SdkError<E>) -> Problem
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    match error.code() {
        Some(
            "NotAuthorizedException"
            | "UserNotFoundException"
            | "CodeMismatchException"
            | "ExpiredCodeException",
        ) => Problem::new(
            Kind::WrongCredentials,
            "The user name or the password is wrong, or the session has ended. Sign in again.",
        ),
        Some("InvalidPasswordException") => Problem::invalid(vec![FieldError::new(
            "/newPassword",
            error
                .message()
                .unwrap_or("The password is too simple. Choose a longer one."),
        )]),
        Some("InvalidParameterException") => Problem::new(
            Kind::InvalidRequest,
            "The sign-in is not valid. Check the user name and the password.",
        ),
        Some("PasswordResetRequiredException" | "UserNotConfirmedException") => Problem::new(
            Kind::SignInRefused,
            "This account needs a new password. Ask an administrator for one.",
        ),
        Some("TooManyRequestsException" | "LimitExceededException") => Problem::new(
            Kind::TooManyRequests,
            "There were too many attempts. Wait a while and try again.",
        ),
        _ => Problem::internal("sign in", error),
    }
}
