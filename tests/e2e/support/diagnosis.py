"""What a person wants to see of a test that failed."""

import json
from collections.abc import Callable, Iterator

from support.deployment import Deployment
from support.functions import log
from support.jobs import job
from support.records import Records

LINES = 12


def sections(deployment: Deployment, records: Records) -> Iterator[tuple[str, str]]:
    """Titled texts: the records that the test looked at, their jobs, and the ends of the functions' logs."""
    for key in records.touched:
        record = records.find(key)
        yield f"record of {key}", _json(record)
        job_id = (record or {}).get("job", {}).get("id")
        if job_id:
            yield f"job {job_id}", _attempt(lambda job_id=job_id: _json(_without_settings(job(deployment, job_id))))
        if record:
            for name in deployment.functions:
                yield f"log of {name} about {record['id']}", _attempt(_tail(deployment, name, record["id"]))
    for name in deployment.functions:
        yield f"end of the log of {name}", _attempt(_tail(deployment, name, ""))


def _tail(deployment: Deployment, name: str, containing: str) -> Callable[[], str]:
    return lambda: "\n".join(line.text for line in log(deployment, name, containing)[-LINES:])


def _without_settings(found: dict) -> dict:
    return {name: value for name, value in found.items() if name != "Settings"}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, default=str, ensure_ascii=False)


def _attempt(text: Callable[[], str]) -> str:
    """The text; a stack that is gone must not hide why the test failed."""
    try:
        return text()
    except Exception as error:  # whatever it is, it is only told
        return f"({error})"
