"""The stack that the tests run on, and what they find on it.

The suite brings up a stack of its own and stops it at the end. With E2E_STACK=path/to/stack.json in the environment it
runs on that one instead.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service_model import mistakes_of_job
from support import diagnosis
from support.deployment import Deployment
from support.jobs import all_jobs
from support.library import Library
from support.records import Records

from local.stack import Stack


@pytest.fixture(scope="session")
def prefix() -> str:
    """Begins every key of this session: a running stack may hold other videos."""
    return f"e2e-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, prefix: str) -> Library:
    """The inputs; they are made while the stack starts."""
    return Library(tmp_path_factory.mktemp("media"), prefix)


@pytest.fixture(scope="session")
def deployment(prepared: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The product, deployed."""
    if running := os.environ.get("E2E_STACK"):
        yield Deployment.of_file(Path(running))
        return
    with Stack.for_tests(tmp_path_factory.mktemp("stack")) as stack:
        deployed = Deployment(stack.description())
        yield deployed
        # Whatever the tests had submitted: what the stand-in takes for a job has to be one for the service.
        found = [f"{job['Id']}: {mistake}" for job in all_jobs(deployed) for mistake in mistakes_of_job(job)]
        assert found == []


@pytest.fixture(scope="session")
def spare_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Another stack, for tests that break things; somebody hears of its alarms."""
    with Stack.for_tests(tmp_path_factory.mktemp("spare"), AlarmEmail="on-call@example.com") as stack:
        yield stack


@pytest.fixture(scope="session")
def session_records(deployment: Deployment) -> Records:
    """The records, for other fixtures."""
    return Records(deployment)


@pytest.fixture(scope="session")
def library(prepared: Library, deployment: Deployment, session_records: Records) -> Library:
    """The inputs, uploaded."""
    prepared.upload(deployment, session_records)
    return prepared


@pytest.fixture
def records(session_records: Records) -> Records:
    """The records; those that the test looks up are shown when it fails."""
    session_records.touched.clear()
    return session_records


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Adds what the stack says to the report of a failed test."""
    report = yield
    fixtures: dict[str, Any] = getattr(item, "funcargs", {})
    if report.failed and "deployment" in fixtures and "session_records" in fixtures:
        report.sections += diagnosis.sections(fixtures["deployment"], fixtures["session_records"])
    return report
