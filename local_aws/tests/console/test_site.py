"""The page shows what runs in the local AWS, to its own browser only."""

import http.client
import json
import re
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from local_aws.console import overview
from local_aws.tests.account import Account, eventually, unique
from local_aws.tests.cloudformation.stacks import REFUSED_BUCKET, Stacks, resource
from local_aws.tests.permissions.buckets import Bucket
from local_aws.tests.sagemaker.processing.processings import Processings
from local_aws.tests.stages import stage

PART = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}
TYPED = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}


def send(
    account: Account, path: str, headers: dict[str, str], method: str = "GET"
) -> tuple[int, Any, bytes]:
    connection = http.client.HTTPConnection(urlsplit(account.aws.url).netloc, timeout=60)
    try:
        connection.request(method, f"/_local_aws{path}", headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def ask(account: Account, path: str, **changes: str) -> tuple[int, Any]:
    """Send a request as the page does; return the status and the parsed answer."""
    token = re.search(b'name="token" content="([^"]+)"', send(account, "", TYPED)[2])
    own = {"Sec-Fetch-Site": "same-origin", "Local-AWS-Page": token[1].decode()}
    status, headers, body = send(account, path, own | changes)
    is_json = headers["Content-Type"].startswith("application/json")
    return status, json.loads(body) if is_json else body


def rows(account: Account, title: str, region: str = "us-east-1") -> dict[str, list[str]]:
    """Return the rows of a table of the overview by their first cell."""
    status, found = ask(account, f"/overview?region={region}")
    assert status == 200
    table = next(table for table in found["tables"] if table["title"] == title)
    return {row[0]: row for row in table["rows"]}


@pytest.mark.parametrize(("path", "marks"), [("", TYPED), ("/page.js", PART), ("/page.css", PART)])
def test_page_loads_nothing_from_elsewhere_and_runs_no_script_in_its_text(account, path, marks):
    status, headers, body = send(account, path, marks)
    policy = headers["Content-Security-Policy"]
    assert status == 200
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"http" not in body
    assert b"innerHTML" not in body


@pytest.mark.parametrize(
    "changes",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:4566"},
        {"Host": "evil.example:4566"},
        {"Local-AWS-Page": "guessed"},
    ],
)
@pytest.mark.parametrize("path", ["/overview", "/log?group=a"])
def test_other_sites_and_pages_without_the_token_are_refused(account, path, changes):
    assert ask(account, path)[0] != 403
    assert ask(account, path, **changes)[0] == 403


@pytest.mark.parametrize(
    "headers",
    [
        PART,  # a page of an HTTP API, which has the same origin
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {**TYPED, "Host": "evil.example:4566"},
    ],
)
def test_page_with_the_token_is_opened_by_a_person_only(account, headers):
    assert send(account, "", headers)[0] == 403


def get_root(account: Account, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(account.aws.url).netloc, timeout=60)
    connection.request("GET", "/", headers=headers)
    response = connection.getresponse()
    connection.close()
    return response


def test_address_without_a_path_leads_a_person_to_the_page(account):
    response = get_root(account, **TYPED)
    assert (response.status, response.headers["Location"]) == (302, "/_local_aws")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {**TYPED, "Host": "evil.example"}]
)
def test_address_without_a_path_is_refused_to_other_sites(account, headers):
    assert get_root(account, **headers).status == 403


def test_address_without_a_path_is_that_of_s3_for_programs(account):
    assert account.aws.client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_request_of_a_page_for_a_service_reaches_none_under_the_path_of_the_page(account):
    target = {"X-Amz-Target": "SageMaker.ListModels"}
    status, found = ask(account, "/overview", **target)
    assert status == 200
    assert "tables" in found


def test_page_changes_nothing(account):
    status, headers, _ = send(account, "/overview", {}, "POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_processing_job_is_shown_with_its_reason(account):
    job = Processings(account).run("raise SystemExit(3)", status="Failed")
    row = rows(account, "Jobs")[job["ProcessingJobName"]]
    assert row[1:3] == ["processing", "Failed"]
    assert row[4] == job["FailureReason"]


@pytest.mark.slow
def test_failed_job_is_shown_with_its_reason_and_its_log(account):
    hostile = "<script>alert(1)</script> \u202e"
    job = account.run_job(f"print({hostile!r}); raise SystemExit(3)", status="Failed")
    name = job["TrainingJobName"]
    row = rows(account, "Jobs")[name]
    assert row[1:3] == ["training", "Failed"]
    assert "ExitCode 3" in row[4]
    group = "/aws/sagemaker/TrainingJobs"
    _, found = ask(account, f"/log?group={quote(group)}")
    assert any(f"{name}/" in line and hostile in line for line in found["lines"])


@pytest.mark.slow
def test_endpoint_is_shown_with_its_containers_while_it_starts(account):
    name = account.start_endpoint(stage(account), stage(account))
    row = rows(account, "Endpoints")[name]
    account.settled_endpoint(name)
    started = rows(account, "Endpoints")[name]
    account.sagemaker.delete_endpoint(EndpointName=name)
    image = "sagemaker-scikit-learn:1.9-0-cpu-py3"
    assert row[1:3] == ["Creating", f"AllTraffic: {image} → {image}"]
    assert started[1:4] == ["InService", f"AllTraffic: {image} → {image}", "1"]


@pytest.mark.slow
def test_endpoint_without_its_model_is_still_shown(account):
    name = account.start_endpoint(stage(account))
    config = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    account.sagemaker.delete_model(ModelName=config)
    row = rows(account, "Endpoints")[name]
    account.settled_endpoint(name)
    account.sagemaker.delete_endpoint(EndpointName=name)
    assert row[1:3] == ["Creating", ""]


def test_bucket_is_shown_with_its_objects_and_the_newest(account):
    bucket = unique("shown")
    account.s3.create_bucket(Bucket=bucket)
    for key, size in (("first", 1500), ("second", 1_000_000)):
        account.s3.put_object(Bucket=bucket, Key=key, Body=b"x" * size)
    row = rows(account, "Buckets")[bucket]
    assert row[1:3] == ["2", "1.0 MB"]
    assert row[3] in ("first", "second")  # S3 keeps whole seconds


def test_bucket_whose_policy_denies_everything_is_shown_with_the_reason(account):
    bucket = Bucket(account)
    bucket.deny()
    assert rows(account, "Buckets")[bucket.name] == [bucket.name, "unknown: Access Denied", "", ""]


def test_stack_that_failed_is_shown_with_its_reason(account):
    stacks = Stacks(account)
    stack = stacks.start({"Bucket": REFUSED_BUCKET})
    eventually(lambda: rows(account, "Stacks")[stack][1] == "ROLLBACK_COMPLETE")
    created = stacks.create({"Bucket": resource("AWS::S3::Bucket")})
    found = rows(account, "Stacks")
    assert found[created][1] == "CREATE_COMPLETE"
    assert found[stack][3].startswith("Bucket: ")
    assert "WebsiteConfiguration" in found[stack][3]


def test_region_has_its_own_jobs_and_an_unknown_one_is_refused(account):
    assert rows(account, "Jobs", "eu-south-2") == {}
    status, found = ask(account, "/overview?region=<b>")
    assert status == 400
    assert "expected one such as us-east-1" in found["error"]


def test_log_without_a_group_is_refused(account):
    status, found = ask(account, "/log")
    assert status == 400
    assert "the log group is missing" in found["error"]


def test_unknown_log_group_is_named(account):
    status, found = ask(account, "/log?group=missing")
    assert status == 404
    assert found["error"] == "missing: The specified log group does not exist."


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 KB"), (2e6, "2.0 MB"), (3.25e12, "3250.0 GB")],
)
def test_sizes_have_the_unit_that_makes_them_short(count, text):
    assert overview._size(count) == text
