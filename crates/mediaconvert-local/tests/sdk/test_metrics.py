"""The metrics, as Prometheus reads them."""

import urllib.request

from conftest import job, rendition
from prometheus_client.openmetrics.parser import text_string_to_metric_families


def samples(stack):
    with urllib.request.urlopen(f"{stack.convert}/metrics") as response:
        assert response.headers["Content-Type"].startswith("application/openmetrics-text")
        families = list(text_string_to_metric_families(response.read().decode()))
    assert all(family.documentation for family in families)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def test_a_job_is_counted(stack, ended, plain):
    before = samples(stack)
    assert ended(**job(plain, "metrics", [rendition("_v", Height=90)]))["Status"] == "COMPLETE"
    after = samples(stack)

    def grown(name, **labels):
        key = (f"mediaconvert_local_{name}", *sorted(labels.items()))
        return after[key] - before.get(key, 0)

    assert grown("requests_total", operation="CreateJob", code="201") == 1
    assert grown("requests_total", operation="GetJob", code="200") >= 1
    assert grown("request_duration_seconds_count", operation="CreateJob") == 1
    assert grown("jobs", status="COMPLETE") == grown("jobs_finished_total", status="COMPLETE") == 1
    assert grown("job_wait_seconds_count") == grown("job_duration_seconds_count", status="COMPLETE") == 1
    assert grown("ffmpeg_seconds_total") > 0
    assert grown("s3_bytes_total", direction="Written") > 1000
    assert after[("mediaconvert_local_jobs_waiting", ("queue", "Default"))] >= 0
