"""Who may call the API: holders of a token, and everybody where that is said."""

import pytest
from translated import Template

PUBLIC = {
    "GET /api/health",
    "GET /api/config",
    "GET /api/openapi.json",
    "GET /api/public/videos/{id}",
    "GET /api/public/videos/{id}/{revision}/storyboard.vtt",
    "GET /api/public/videos/{id}/{revision}/storyboard/{sheet}",
    "POST /api/session",
    "POST /api/session/new-password",
    "POST /api/session/refresh",
    "$default",
}


@pytest.fixture
def own_issuer(_region: None) -> Template:
    return Template({"JwtIssuer": "https://id.example/realm", "JwtAudience": "vod"})


def test_every_call_needs_a_token_unless_it_is_listed_here(template: Template) -> None:
    routes = template.of_type("AWS::ApiGatewayV2::Route").values()
    guarded = {route["RouteKey"] for route in routes if route.get("AuthorizationType") == "JWT"}
    assert guarded == {"ANY /api/{proxy+}"}
    assert {route["RouteKey"] for route in routes} - guarded == PUBLIC
    for route in routes:
        assert route["Target"] == "integrations/${ApiIntegration}"


def test_tokens_are_those_of_our_pool_and_client(template: Template) -> None:
    authorizer = template.properties("ApiAuthorizer")
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"] == {
        "Issuer": "https://cognito-idp.eu-central-1.amazonaws.com/${UserPool}",
        "Audience": ["UserPoolClient"],
    }


def test_a_provider_of_ones_own_replaces_the_pool(own_issuer: Template) -> None:
    assert not any(found["Type"].startswith("AWS::Cognito::") for found in own_issuer.resources.values())
    assert own_issuer.properties("ApiAuthorizer")["JwtConfiguration"] == {
        "Issuer": "https://id.example/realm",
        "Audience": ["vod"],
    }
    variables = own_issuer.properties("ApiFunction")["Environment"]["Variables"]
    assert (variables["USER_POOL_CLIENT_ID"], variables["JWT_AUDIENCE"]) == ("", "vod")
    assert "UserPoolId" not in own_issuer.outputs


def test_only_administrators_make_users_and_passwords_are_long(template: Template) -> None:
    pool = template.properties("UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12
    client = template.properties("UserPoolClient")
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["GenerateSecret"] is False
    assert client["AuthSessionValidity"] == 15  # minutes to choose a first password; Cognito's own three are few
    assert template.properties("AdminGroup")["GroupName"] == "admin"


@pytest.mark.parametrize(
    ("parameters", "site"),
    [
        ({}, "https://${Distribution.DomainName}/"),
        ({"DomainName": "videos.example.com"}, "https://videos.example.com/"),
        ({"SiteUrl": "https://proxy.example.com"}, "https://proxy.example.com/"),
    ],
)
def test_an_invitation_says_where_to_sign_in_and_as_whom(_region: None, parameters: dict[str, str], site: str) -> None:
    pool = Template(parameters).properties("UserPool")
    message = pool["AdminCreateUserConfig"]["InviteMessageTemplate"]["EmailMessage"]
    for part in (f'<a href="{site}">', "{username}", "{####}"):
        assert part in message


def test_a_flood_is_throttled_and_sign_in_more_so(template: Template) -> None:
    stage = template.properties("ApiStage")
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 200
    for route in ("POST /api/session", "POST /api/session/new-password"):
        assert stage["RouteSettings"][route]["ThrottlingRateLimit"] <= 10


def test_a_fault_of_the_api_raises_an_alarm(template: Template) -> None:
    alarm = template.properties("ApiErrorsAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5xx")
    assert alarm["Dimensions"] == [{"Name": "ApiId", "Value": "HttpApi"}]


def test_the_same_cursors_are_valid_for_the_life_of_the_stack(template: Template) -> None:
    variables = template.properties("ApiFunction")["Environment"]["Variables"]
    assert variables["CURSOR_KEY"] == "0a1b2c3d-0000-1111-2222-333344445555"
