//! Who asks: the claims of the token that API Gateway has checked.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::request::RequestContext;
use serde_json::Value;

use crate::problem::{Kind, Problem};

/// Group whose members see and change everybody's videos.
pub(crate) const ADMIN_GROUP: &str = "admin";

/// Claims that name a user's groups: Cognito's, and the usual one of others.
const GROUP_CLAIMS: [&str; 2] = ["cognito:groups", "groups"];

/// A signed-in user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct User {
    /// The token's `sub`.
    pub(crate) id: String,
    /// True for a member of [`ADMIN_GROUP`].
    pub(crate) is_admin: bool,
}

impl User {
    /// True where the user may know of what `owner` owns.
    pub(crate) fn may_see(&self, owner: &str) -> bool {
        self.is_admin || self.id == owner
    }

    /// The user whom the gateway's context names. Nothing that a client sends reaches that context except a token
    /// with a valid signature, so a route that the gateway forgot to guard answers nobody.
    fn of(context: &RequestContext, token: Option<&str>) -> Option<Self> {
        let RequestContext::ApiGatewayV2(context) = context else {
            return None;
        };
        let claims = &context.authorizer.as_ref()?.jwt.as_ref()?.claims;
        // Cognito's other token, about the person and not for APIs, has the same signature and audience.
        if claims.get("token_use").is_some_and(|kind| kind != "access") {
            return None;
        }
        let id = claims.get("sub").filter(|sub| !sub.is_empty())?.clone();
        let is_admin = GROUP_CLAIMS
            .into_iter()
            .filter_map(|name| claims.get(name))
            .any(|groups| names(groups).any(|group| group == ADMIN_GROUP));
        Some(Self {
            id,
            is_admin: is_admin && !token.is_some_and(names_others_only),
        })
    }
}

/// True where the token itself lists groups, and [`ADMIN_GROUP`] isn't one of them: the gateway's text doesn't tell the
/// group `video admin` from the groups `video` and `admin`. What can't be read takes nothing away.
fn names_others_only(token: &str) -> bool {
    let payload = token.split('.').nth(1).unwrap_or_default();
    let claims: Option<Value> = URL_SAFE_NO_PAD
        .decode(payload)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    let lists: Vec<_> = claims
        .iter()
        .flat_map(|claims| GROUP_CLAIMS.map(|name| claims.get(name)))
        .filter_map(|claim| claim?.as_array())
        .collect();
    !lists.is_empty()
        && !lists
            .into_iter()
            .flatten()
            .any(|group| group == ADMIN_GROUP)
}

/// The names in a claim that was an array: API Gateway writes it as `[admin users]`, others as JSON or with commas.
fn names(claim: &str) -> impl Iterator<Item = &str> {
    claim
        .trim_start_matches('[')
        .trim_end_matches(']')
        .split([' ', ','])
        .map(|name| name.trim_matches('"'))
        .filter(|name| !name.is_empty())
}

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let context = parts.extensions.get::<RequestContext>();
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let user = context.and_then(|context| Self::of(context, token));
        user.ok_or_else(|| {
            Problem::new(
                Kind::SignInNeeded,
                "This needs a valid access token. Sign in and try again.",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{User, names, names_others_only};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use lambda_http::request::RequestContext;
    use serde_json::{Value, json};

    fn user(authorizer: &Value) -> Option<User> {
        let context = json!({
            "accountId": "123456789012", "apiId": "a", "routeKey": "ANY /api/{proxy+}", "stage": "$default",
            "requestId": "r", "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_583_348_638_390_u64,
            "http": {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "t"},
            "authorizer": authorizer,
        });
        User::of(
            &serde_json::from_value::<RequestContext>(context).unwrap(),
            None,
        )
    }

    fn with_claims(claims: &Value) -> Option<User> {
        user(&json!({"jwt": {"claims": claims, "scopes": null}}))
    }

    #[test]
    fn the_user_is_the_subject_of_the_token() {
        let found = with_claims(&json!({"sub": "anna", "token_use": "access"})).unwrap();
        assert_eq!((found.id.as_str(), found.is_admin), ("anna", false));
    }

    #[test]
    fn without_a_checked_access_token_there_is_no_user() {
        assert_eq!(user(&Value::Null), None);
        assert_eq!(with_claims(&json!({})), None);
        assert_eq!(with_claims(&json!({"sub": ""})), None);
        assert_eq!(
            with_claims(&json!({"sub": "anna", "token_use": "id"})),
            None
        );
    }

    #[test]
    fn an_administrator_is_a_member_of_the_whole_group_name() {
        let admin = |groups: &str| {
            with_claims(&json!({"sub": "a", "cognito:groups": groups}))
                .unwrap()
                .is_admin
        };
        for groups in ["[admin]", "[users admin]", "admin", "[\"users\",\"admin\"]"] {
            assert!(admin(groups), "{groups}");
        }
        for groups in ["[]", "", "[administrators]", "[not-admin]", "[Admin]"] {
            assert!(!admin(groups), "{groups}");
        }
    }

    #[test]
    fn a_group_whose_name_has_a_space_is_not_two() {
        let token = |claims: Value| {
            let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
            format!("Bearer e30.{payload}.signature")
        };
        assert!(names_others_only(&token(
            json!({"groups": ["video admin"]})
        )));
        assert!(!names_others_only(&token(
            json!({"groups": ["video", "admin"]})
        )));
        assert!(!names_others_only(&token(
            json!({"groups": ["video"], "cognito:groups": ["admin"]})
        )));
        for unreadable in [
            token(json!({"groups": "admin"})),
            token(json!(1)),
            "Bearer x".to_owned(),
        ] {
            assert!(!names_others_only(&unreadable), "{unreadable}");
        }
    }

    #[test]
    fn names_are_found_in_each_spelling() {
        let found: Vec<_> = names("[a, b c]").collect();
        assert_eq!(found, ["a", "b", "c"]);
    }
}
