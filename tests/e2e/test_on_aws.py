"""What is made for stacks on AWS, on the local one: to look at an account, to prove a stack, users, and a return."""

import uuid
from pathlib import Path

import pytest
from support import clips
from support.deployment import Deployment
from support.records import FINAL, SECONDS
from support.waiting import wait_for

from local import adopt, parameters, preflight
from local.api import Api
from local.deployed import Deployed
from local.errors import LocalError
from local.preflight import BAD, OK
from local.smoke.run import run as smoke
from local.stack import Stack
from local.users import ADMIN, USER, choose_password, invite


@pytest.fixture(scope="module")
def deployed(deployment: Deployment) -> Deployed:
    """The stack under test, as these commands see it."""
    return Deployed("vod", lambda service, region_name=None: deployment.client(service), is_local=True)


def test_a_deployed_stack_can_be_deployed_again(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    preflight.run(deployed, {})
    verdicts = {(line[:4].strip(), line[5:25].strip()) for line in capsys.readouterr().out.splitlines()}
    assert {(OK, "stack"), (OK, "queue"), (OK, "CloudFront"), (OK, "parameters")} <= verdicts


def test_a_queue_that_is_not_there_is_found_before_a_deploy(deployed: Deployed) -> None:
    with pytest.raises(LocalError, match="would make a deploy fail"):
        preflight.run(deployed, {"MediaConvertQueue": "nowhere"})


def test_smoke_proves_the_stack_and_leaves_nothing_behind(
    deployment: Deployment, deployed: Deployed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = smoke(deployed, tmp_path).read_text()
    said = capsys.readouterr().out
    assert "costs nothing here" in said.splitlines()[1], "the cost comes before anything is made"
    assert "Left behind" not in said
    assert report.count("| as expected |") == len([line for line in report.splitlines() if line.startswith("| ")]) - 2
    for secret in (deployment.description["siteUrl"], deployed.account(), "smoke-"):
        assert secret not in report
    s3 = deployment.client("s3")
    for bucket in (deployment.source_bucket, deployment.description["configurationBucket"]):
        left = s3.list_object_versions(Bucket=bucket).get("Versions", [])  # a deletion's marker stays for a while
        assert not [version["Key"] for version in left if "smoke-" in version["Key"]]
    pool = deployment.description["token"]["userPoolId"]
    users = deployment.client("cognito-idp").list_users(UserPoolId=pool)["Users"]
    assert not [user["Username"] for user in users if user["Username"].startswith("smoke-")]


def test_who_is_invited_by_mail_signs_in_by_it_and_can_be_an_administrator(deployment: Deployment) -> None:
    cognito, pool = deployment.client("cognito-idp"), deployment.description["token"]["userPoolId"]
    name = f"anna-{uuid.uuid4().hex[:8]}"
    address = f"{name}@example.com"
    first = invite(cognito, pool, name, address)
    again = invite(cognito, pool, name, address, admin=True)
    assert first.password != again.password
    api = choose_password(deployment.description["siteUrl"], again, "a password of my own", address)
    assert api.send("GET", "/api/videos").status == 200
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=name)["Groups"]
    assert [group["GroupName"] for group in groups] == ["admin"]
    assert invite(cognito, pool, name, address).password is None, "who has chosen a password keeps it"


@pytest.mark.parametrize(
    ("name", "email", "sentence"),
    [
        ("anna@example.com", None, "no user name"),
        ("two words", None, "no user name"),
        ("anna", "anna", "no e-mail address"),
        ("demo", "demo@example.com", "whose address isn't"),
    ],
)
def test_a_wrong_name_or_address_gets_a_sentence(
    deployment: Deployment, name: str, email: str | None, sentence: str
) -> None:
    pool = deployment.description["token"]["userPoolId"]
    with pytest.raises(LocalError, match=sentence):
        invite(deployment.client("cognito-idp"), pool, name, email)


def test_who_is_named_hears_of_every_alarm(spare_stack: Stack) -> None:
    sns = spare_stack.client("sns")
    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "on-call@example.com")
    alarms = spare_stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarms
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == [subscription["TopicArn"]]


def test_the_data_of_a_deleted_stack_come_back_with_a_new_one(spare_stack: Stack, tmp_path: Path) -> None:
    before = spare_stack.description()
    api = Api.signed_in(before["siteUrl"], USER.name, USER.password)
    clips.brief(tmp_path / "kept.mp4")
    video_id = api.upload(tmp_path / "kept.mp4")["id"]
    wait_for(lambda: api.video(video_id)["status"] in FINAL, "end of the video", SECONDS)
    kept = api.video(video_id)
    assert kept["status"] == "READY"
    deployed = Deployed.of_local(spare_stack)
    assert adopt.find_leftovers(deployed), "names are taken while the stack is there, too"
    with pytest.raises(LocalError, match="There is a stack vod already"):
        adopt.run(deployed, parameters.with_defaults({}))

    cloudformation = spare_stack.client("cloudformation")
    cloudformation.delete_stack(StackName="vod")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="vod", WaiterConfig={"Delay": 1})
    assert deployed.find() is None
    (found,) = [verdict for verdict in preflight.check(deployed, {}) if verdict.kind == BAD]
    assert found.next_step == "make adopt STACK=vod"
    with pytest.raises(LocalError, match="sam deploy failed"):
        spare_stack.up()  # a deploy alone stops at what is there already
    cloudformation.delete_stack(StackName="vod")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="vod", WaiterConfig={"Delay": 1})

    adopt.run(deployed, parameters.with_defaults({}))
    after = spare_stack.up()
    assert [after[name] for name in ("sourceBucket", "convertedBucket", "table")] == [
        before[name] for name in ("sourceBucket", "convertedBucket", "table")
    ]
    assert after["token"]["userPoolId"] == before["token"]["userPoolId"]
    api = Api.signed_in(after["siteUrl"], ADMIN.name, ADMIN.password)
    back = api.video(video_id)
    assert (back["status"], back["title"], back["owner"]) == ("READY", kept["title"], kept["owner"])
    clips.other_brief(tmp_path / "new.mp4")
    new = api.upload(tmp_path / "new.mp4")["id"]
    wait_for(lambda: api.video(new)["status"] == "READY", "READY video of the new stack", SECONDS)
