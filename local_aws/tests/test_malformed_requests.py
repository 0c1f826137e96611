"""The local AWS never answers a malformed request with an internal error, and does not grow."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local_aws.testing import LocalAws, running_local_aws
from local_aws.tests.account import IMAGE, Account, eventually, unique
from local_aws.tests.malformed_control import NEW, formed_requests, mutated_requests, raw_requests
from local_aws.tests.malformed_runtime import runtime_requests
from local_aws.tests.raw_http import RawAnswer, send_raw
from local_aws.tests.stages import invoke, stage

FEW, MANY = 40, 2000
WARM = 400  # requests, after which long runs measure growth
MOST_GROWTH = 8 * 2**20  # bytes, for records and logs
MOST_GROWTH_WITH_JOBS = 48 * 2**20  # the first job and endpoint load more
counts = pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


class Target:
    """A local AWS for one test, with the number of its requests and its size."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.sent = 0
        self.most_growth = MOST_GROWTH
        self._process = psutil.Process(aws.pid)
        self._warm = self._process.memory_info().rss

    def send(self, request: bytes) -> RawAnswer:
        """Send a request, and measure the process once it is warm."""
        response = send_raw(self.aws.url, request)
        self.sent += 1
        if self.sent == WARM:
            self._warm = self._process.memory_info().rss
        return response

    def growth(self) -> int:
        """Return the growth of the process in bytes since it was warm."""
        return self._process.memory_info().rss - self._warm


@pytest.fixture
def target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Target]:
    """Start a local AWS; at the end it still runs, has logged no traceback, and has not grown."""
    log = tmp_path / "stderr"
    with running_local_aws(log=log) as aws:
        target = Target(aws)
        yield target
        assert psutil.pid_exists(aws.pid)
        assert send_raw(aws.url, HEALTH).status == 200
        growth = target.growth()
    with capsys.disabled():
        print(f"\n{target.sent} requests; grew {growth / 2**20:.1f} MB")  # noqa: T201
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert target.sent < WARM or growth < target.most_growth


HEALTH = b"GET /_local_aws/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def each(count: int, strategy: st.SearchStrategy[Any], check: Callable[[Any], None]) -> None:
    """Check a number of generated requests."""

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],  # a smaller example would meet a different state
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def run(request: Any) -> None:
        check(request)

    run()


def control_request(operation: str, body: bytes) -> bytes:
    head = (
        f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: SageMaker.{operation}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answers_well(target: Target) -> Callable[[tuple[str, bytes]], None]:
    """Return a check that the control plane answers a request without an internal error."""

    def check(request: tuple[str, bytes]) -> None:
        operation, body = request
        response = target.send(control_request(operation, body))
        assert response.status in (200, 400), (operation, body[:500], response.content)
        assert isinstance(json.loads(response.body), dict)

    return check


def valid_requests(account: Account) -> dict[str, dict[str, Any]]:
    """Return a valid request for each operation; they lack only what they would need to run."""
    broken = account.upload("broken/model.tar.gz", "not an archive")
    container = {"Image": IMAGE, "ModelDataUrl": broken}
    config = account.create_config(container)
    group = unique("group")
    account.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": container["ModelDataUrl"]}],
        "SupportedContentTypes": ["text/plain"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    package = {"ModelPackageGroupName": group, "InferenceSpecification": specification}
    arn = account.sagemaker.create_model_package(**package)["ModelPackageArn"]
    source = {"S3DataType": "S3Prefix", "S3Uri": broken}
    channel = {"ChannelName": "train", "DataSource": {"S3DataSource": source}}
    job = account.job_request({}, InputDataConfig=[channel]) | {"Environment": {"KEY": "value"}}
    job["TrainingJobName"] = name = f"job-{NEW}"
    job["HyperParameters"]["sagemaker_submit_directory"] = broken
    variant = {
        "VariantName": "one",
        "ModelName": config,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": 1.0,
        "ContainerStartupHealthCheckTimeoutInSeconds": 60,
    }
    tags = [{"Key": "key", "Value": "value"}]
    lists = {"NameContains": "a", "MaxResults": 5, "SortBy": "Name", "CreationTimeAfter": 1.0}
    return {
        "CreateTrainingJob": job,
        "DescribeTrainingJob": {"TrainingJobName": name},
        "StopTrainingJob": {"TrainingJobName": name},
        "ListTrainingJobs": lists | {"StatusEquals": "Failed"},
        "CreateModelPackageGroup": {"ModelPackageGroupName": f"group-{NEW}", "Tags": tags},
        "DescribeModelPackageGroup": {"ModelPackageGroupName": group},
        "DeleteModelPackageGroup": {"ModelPackageGroupName": "no-group"},
        "ListModelPackageGroups": lists,
        "CreateModelPackage": package,
        "DescribeModelPackage": {"ModelPackageName": arn},
        "UpdateModelPackage": {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved"},
        "DeleteModelPackage": {"ModelPackageName": "no-package"},
        "ListModelPackages": lists | {"ModelPackageGroupName": group},
        "CreateModel": {"ModelName": f"model-{NEW}", "PrimaryContainer": container},
        "DescribeModel": {"ModelName": config},
        "DeleteModel": {"ModelName": "no-model"},
        "ListModels": lists,
        "CreateEndpointConfig": {
            "EndpointConfigName": f"config-{NEW}", "ProductionVariants": [variant], "Tags": tags
        },
        "DescribeEndpointConfig": {"EndpointConfigName": config},
        "DeleteEndpointConfig": {"EndpointConfigName": "no-config"},
        "ListEndpointConfigs": lists,
        "CreateEndpoint": {"EndpointName": f"endpoint-{NEW}", "EndpointConfigName": config},
        "UpdateEndpoint": {"EndpointName": "no-endpoint", "EndpointConfigName": config},
        "DescribeEndpoint": {"EndpointName": "no-endpoint"},
        "DeleteEndpoint": {"EndpointName": "no-endpoint"},
        "ListEndpoints": lists | {"StatusEquals": "Failed"},
        "AddTags": {"ResourceArn": arn, "Tags": tags},
        "ListTags": {"ResourceArn": arn},
        "DeleteTags": {"ResourceArn": arn, "TagKeys": ["key"]},
    }  # fmt: skip


@counts
def test_control_plane_never_answers_arbitrary_json_with_an_internal_error(target, count):
    each(count, formed_requests() | raw_requests(), answers_well(target))


@counts
def test_control_plane_never_answers_a_request_with_one_fault_with_an_internal_error(target, count):
    target.most_growth = MOST_GROWTH_WITH_JOBS
    account = Account(target.aws)
    valid = valid_requests(account)
    each(count, mutated_requests(valid), answers_well(target))
    assert not [reason for reason in reasons(account) if "InternalServerError" in reason]


def reasons(account: Account) -> list[str]:
    """Wait until no job runs and no endpoint starts; return the reasons of all failures."""
    client = account.sagemaker

    def all_of(operation: str, member: str, **names: str) -> list[Any]:
        pages = client.get_paginator(operation).paginate(**names)
        return [item for page in pages for item in page[member]]

    jobs = ("list_training_jobs", "TrainingJobSummaries")
    eventually(lambda: not all_of(*jobs, StatusEquals="InProgress"))
    eventually(lambda: not all_of("list_endpoints", "Endpoints", StatusEquals="Creating"))
    return [
        client.describe_training_job(TrainingJobName=job["TrainingJobName"])["FailureReason"]
        for job in all_of(*jobs, StatusEquals="Failed")
    ] + [
        client.describe_endpoint(EndpointName=endpoint["EndpointName"])["FailureReason"]
        for endpoint in all_of("list_endpoints", "Endpoints", StatusEquals="Failed")
    ]


@counts
def test_runtime_never_answers_a_malformed_request_with_an_internal_error(target, count):
    account = Account(target.aws)
    endpoint = account.deploy(stage(account))

    def check(request: bytes) -> None:
        response = target.send(request)
        # HTTP/0.9 has no status line, and a response to HEAD has no body.
        assert response.content or response.reset or b" HTTP/0.9" in request, request[:2000]
        assert not re.search(rb"HTTP/1\.[01] 50[0234]", response.content), (
            request[:2000], response.content,
        )  # fmt: skip
        assert b"Traceback" not in response.content

    each(count, runtime_requests(endpoint), check)
    assert invoke(account, endpoint)["body"] == "hello"
