"""What a function gave up on is not lost: it is listed, and done again when the cause is mended."""

from pathlib import Path

from support import clips
from support.commands import as_on_aws
from support.deployment import Deployment
from support.jobs import jobs_of
from support.records import Records
from support.uploads import upload
from support.waiting import wait_for

from local.failures import Failure, Queues
from local.stack import Stack


def test_an_upload_that_was_given_up_on_is_listed_and_replayed(spare_stack: Stack, tmp_path: Path) -> None:
    deployment = Deployment(spare_stack.description())
    queues = Queues.of_local(spare_stack)
    functions, name, key = deployment.client("lambda"), deployment.functions["submit"], "given up on.mp4"
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def configure(**changed: str) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, **changed}})

    def listed() -> Failure | None:
        return next((failure for failure in queues.list() if failure.subject == key), None)

    clips.brief(tmp_path / "brief.mp4")
    configure(VIDEOS_TABLE="no-such-table")
    try:
        upload(deployment, tmp_path / "brief.mp4", key)
        failure = wait_for(listed, "message about the upload", 90)
    finally:
        configure()
    assert failure.function == name
    assert failure.error.startswith("Table: read the video record")
    assert listed() is not None, "a look leaves it where it is"
    assert str(failure) in as_on_aws(spare_stack, "failures")

    # The same code replays on both; this is the way to AWS.
    assert f"{failure}\n    done" in as_on_aws(spare_stack, "replay")

    record = Records(deployment).wait_for_end(key)
    assert record["status"] == "READY"
    assert len(jobs_of(deployment, record["id"])) == 1
    assert listed() is None
    assert key not in as_on_aws(spare_stack, "failures")
    assert key not in {failure.subject for failure, _ in queues.replay()}
