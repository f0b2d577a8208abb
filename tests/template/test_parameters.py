"""What is refused before anything is made, and what a domain of one's own changes."""

import re
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse
from translated import TEMPLATE, Template

from local.parameters import problems, saved

DOMAIN = "videos.example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-1111-2222-333344445555"


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"DomainName": DOMAIN}, "DomainName needs CertificateArn"),
        ({"CertificateArn": CERTIFICATE}, "CertificateArn needs DomainName"),
        (
            {"DomainName": DOMAIN, "CertificateArn": CERTIFICATE, "SiteUrl": "https://other.example"},
            "SiteUrl has to be empty",
        ),
        ({"JwtIssuer": "https://id.example"}, "JwtIssuer needs JwtAudience"),
        ({"JwtAudience": "vod"}, "name it by JwtIssuer"),
        ({"JwtClientId": "vod"}, "name it by JwtIssuer"),
        ({"MaxCostAction": "downgrade"}, "needs MaxCostPerVideo"),
        ({"RequireTls": "false"}, "RequireTls=false is for the local stack"),
    ],
)
def test_parameters_that_belong_together_are_refused_alone(parameters: dict[str, str], sentence: str) -> None:
    (refusal,) = problems(parameters)
    assert sentence in refusal


def test_parameters_that_fit_are_accepted(local_template: Template) -> None:
    own = {"DomainName": DOMAIN, "CertificateArn": CERTIFICATE, "JwtIssuer": "https://id.example", "JwtAudience": "vod"}
    limited = {"MaxCostAction": "downgrade", "MaxCostPerVideo": "2.5"}
    local = {name: str(value) for name, value in local_template.parameters.items()}
    for accepted in ({}, local, own, limited):
        assert problems(accepted) == []


def test_the_rules_are_in_what_cloudformation_gets(_region: None) -> None:
    assert Template().rules == yaml_parse(TEMPLATE.read_text())["Rules"]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "DomainName",
            ["", DOMAIN, "example.com", "a.xn--p1ai"],
            ["Videos.Example.com", "https://a.b", "*.a.b", "a.b."],
        ),
        ("CertificateArn", ["", CERTIFICATE], [CERTIFICATE.replace("us-east-1", "eu-central-1"), "certificate"]),
        ("AlarmEmail", ["", "anna@example.com"], ["anna", "anna@", "anna @example.com"]),
        ("AlarmTopicArn", ["", "arn:aws:sns:eu-central-1:123456789012:on-call"], ["on-call", CERTIFICATE]),
    ],
)
def test_a_value_that_no_service_would_take_is_refused(name: str, good: list[str], bad: list[str]) -> None:
    parameter = yaml_parse(TEMPLATE.read_text())["Parameters"][name]
    assert parameter["ConstraintDescription"].startswith("must be ")
    for value in good:
        assert re.search(parameter["AllowedPattern"], value), value
    for value in bad:
        assert problems({name: value}) == [f"{name} {parameter['ConstraintDescription']}."]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("Nonsense", "1", "There is no parameter Nonsense."),
        ("Architecture", "mips", "Architecture must be one of x86_64, arm64."),
        ("ReconcileMinutes", "1", "ReconcileMinutes must be a number from 2 up."),
        ("LocalPort", "70000", "LocalPort must be a number from 0 to 65535."),
        ("AbortUploadDays", "soon", "AbortUploadDays must be a number from 1 up."),
    ],
)
def test_a_wrong_parameter_gets_a_sentence(name: str, value: str, sentence: str) -> None:
    assert problems({name: value}) == [sentence]


def test_what_sam_has_saved_is_what_is_deployed_next(tmp_path: Path) -> None:
    settings = tmp_path / "samconfig.toml"
    settings.write_text("version = 0.1\n")
    assert saved(settings) == {}
    settings.write_text(
        '[default.deploy.parameters]\nparameter_overrides = "Architecture=\\"arm64\\" LogLevel=\\"WARN\\""\n'
    )
    assert saved(settings) == {"Architecture": "arm64", "LogLevel": "WARN"}
    settings.write_text('[default.deploy.parameters]\nparameter_overrides = ["Architecture=arm64"]\n')
    assert saved(settings) == {"Architecture": "arm64"}


@pytest.fixture
def own_domain(_region: None) -> Template:
    return Template({"DomainName": DOMAIN, "CertificateArn": CERTIFICATE})


def test_a_domain_of_ones_own_is_served_with_its_certificate(template: Template, own_domain: Template) -> None:
    served = own_domain.properties("Distribution")["DistributionConfig"]
    assert served["Aliases"] == [DOMAIN]
    assert served["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE,
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    usual = template.properties("Distribution")["DistributionConfig"]
    assert "Aliases" not in usual
    assert usual["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}


def test_addresses_are_of_the_domain_and_an_output_tells_where_to_lead_it(
    template: Template, own_domain: Template
) -> None:
    told = {name: output["Value"] for name, output in own_domain.outputs.items()}
    assert told["SiteUrl"] == told["MediaBaseUrl"] == f"https://{DOMAIN}"
    assert told["ApiUrl"] == f"https://{DOMAIN}/api"
    assert told["DnsTarget"] == "Distribution.DomainName"
    assert own_domain.properties("ApiFunction")["Environment"]["Variables"]["SITE_URL"] == f"https://{DOMAIN}"
    assert "DnsTarget" not in template.outputs


def test_https_is_demanded_of_no_other_host(template: Template) -> None:
    for policy in template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values():
        security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["StrictTransportSecurity"]
        assert security["IncludeSubdomains"] is False
        assert security["AccessControlMaxAgeSec"] >= 31536000
