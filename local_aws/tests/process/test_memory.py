"""Calls that leave nothing behind do not make the local AWS grow."""

import gc
import http.client
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws import moto_backend
from local_aws.lifetime.emptying import REQUEST
from local_aws.monitoring.metrics import RECORDER
from local_aws.moto_backend import LOG_EVENTS
from local_aws.permissions import checks
from local_aws.settings import Settings
from local_aws.tests.account import Account, unique
from local_aws.tests.process.in_process import serving

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/x-amz-json-1.1"
_WARM_UP = 30  # calls
_CALLS = 100
_MOST_BYTES = 400  # per call, of measuring noise; a kept model or log event has more
_PAGE = 10_000  # log events per call of the API


@dataclass(frozen=True)
class Server:
    """A local AWS in the process of the test, so that its allocations can be traced."""

    port: int

    def send(self, service: str, request: tuple[str, str, str, str, bytes]) -> int:
        """Send a request signed for a service; return the status of the response."""
        method, path, kind, target, body = request
        scope = f"local/20260101/us-east-1/{service}/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}
        headers |= {"Content-Type": kind} if kind else {}
        headers |= {"X-Amz-Target": target} if target else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def growth(self, call: Callable[[], Any], calls: int = _CALLS) -> float:
        """Return by how many bytes each call makes the local AWS grow after a warm-up.

        What stays in memory once, such as a filled cache, is in one of three rounds only.
        """
        for _ in range(_WARM_UP):
            call()
        return min(self._growth_now(call, calls) for _ in range(3))

    def _growth_now(self, call: Callable[[], Any], calls: int) -> float:
        tracemalloc.start()
        try:
            for _ in range(calls):
                call()
            _wait_for_connections()
            gc.collect()
            return tracemalloc.get_traced_memory()[0] / calls
        finally:
            tracemalloc.stop()


def _wait_for_connections() -> None:
    """Wait until the threads of all connections have ended."""
    for _ in range(100):
        if not any(thread.name == REQUEST for thread in threading.enumerate()):
            return
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a local AWS from this process, which evaluates no alarms while calls are measured."""
    folder, minute = tmp_path_factory.mktemp("state"), RECORDER.minute_seconds
    with serving(Settings(folder, port=0, minute_seconds=3600)) as port:
        yield Server(port)
    RECORDER.minute_seconds = minute


READS = {
    "s3": ("GET", "/", "", "", b""),
    "iam": ("POST", "/", _FORM, "", b"Action=ListRoles&Version=2010-05-08"),
    "sts": ("POST", "/", _FORM, "", b"Action=GetCallerIdentity&Version=2011-06-15"),
    "logs": ("POST", "/", _JSON, "Logs_20140328.DescribeLogGroups", b"{}"),
    "monitoring": ("POST", "/", _FORM, "", b"Action=DescribeAlarms&Version=2010-08-01"),
    "ssm": ("POST", "/", _JSON, "AmazonSSM.DescribeParameters", b"{}"),
    "sagemaker": ("POST", "/", _JSON, "SageMaker.ListModels", b"{}"),
    "lambda": ("GET", "/2015-03-31/functions/", "", "", b""),
    "apigateway": ("GET", "/v2/apis", "", "", b""),
    "cloudformation": ("POST", "/", _FORM, "", b"Action=DescribeStacks&Version=2010-05-15"),
}

QUICK = {"s3", "sts", "sagemaker", "lambda"}  # of moto and of our own: REST, forms, and JSON


@pytest.mark.slow
@pytest.mark.observes("flat-memory")
@pytest.mark.parametrize(
    "service",
    [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in READS],
)
def test_reading_call_leaves_nothing_in_memory(server: Server, service: str):
    assert server.send(service, READS[service]) == 200
    assert server.growth(lambda: server.send(service, READS[service])) < _MOST_BYTES


@pytest.mark.slow
@pytest.mark.observes("flat-memory")
def test_replaced_object_does_not_stay_in_memory(server: Server):
    assert server.send("s3", ("PUT", "/a-bucket", "", "", b"")) == 200
    put = ("PUT", "/a-bucket/key", "", "", b"x" * 2000)
    assert server.send("s3", put) == 200
    assert server.growth(lambda: server.send("s3", put)) < _MOST_BYTES


@pytest.mark.slow
def test_deleted_record_does_not_stay_in_memory(server: Server):
    body = b'{"ModelPackageGroupName":"a"}'

    def both() -> None:
        for verb in ("Create", "Delete"):
            target = f"SageMaker.{verb}ModelPackageGroup"
            assert server.send("sagemaker", ("POST", "/", _JSON, target, body)) == 200

    assert server.growth(both) < _MOST_BYTES


ROLE = "arn:aws:iam::123456789012:role/a"
_ASSUME = f"Action=AssumeRole&Version=2011-06-15&RoleArn={ROLE}&RoleSessionName=name"
_ALARM = (
    "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&MetricName=m&Namespace=n&Statistic=Sum"
)
_ALARM += "&Period=60&EvaluationPeriods=1&Threshold=1&ComparisonOperator=GreaterThanThreshold"
_STATE = "Action=SetAlarmState&Version=2010-08-01&AlarmName=a&StateValue=ALARM&StateReason="
_STATE += "r" * 1000
COLLECTED = {
    "sts": [("POST", "/", _FORM, "", _ASSUME.encode())],
    "monitoring": [("POST", "/", _FORM, "", text.encode()) for text in (_ALARM, _STATE)],
}


@pytest.fixture
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a few sessions and states only."""
    monkeypatch.setattr(checks, "SESSIONS", 4)
    monkeypatch.setattr(moto_backend, "ALARM_STATES", 4)


@pytest.mark.slow
@pytest.mark.observes("bounded-history")
@pytest.mark.parametrize("service", COLLECTED)
def test_what_a_service_only_collects_is_limited(server: Server, low_limits: None, service: str):
    *first, call = COLLECTED[service]
    for request in first:
        assert server.send(service, request) == 200
    assert server.send(service, call) == 200
    assert server.growth(lambda: server.send(service, call), 3 * _CALLS) < _MOST_BYTES


@pytest.mark.observes("bounded-history")
def test_used_session_outlives_newer_ones_and_a_dropped_session_is_refused(
    server: Server, low_limits: None
):
    def sts(**keys: str) -> Any:
        url = f"http://127.0.0.1:{server.port}"
        return boto3.client("sts", endpoint_url=url, region_name="us-east-1", **keys)

    def assume(name: str) -> Any:
        root = sts(aws_access_key_id="local", aws_secret_access_key="local")
        keys = root.assume_role(RoleArn=ROLE, RoleSessionName=name)["Credentials"]
        return sts(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    used, unused = assume("used"), assume("unused")
    for _ in range(2 * checks.SESSIONS):
        assert used.get_caller_identity()["Arn"].endswith("/used")
        assert server.send("sts", COLLECTED["sts"][0]) == 200
    with pytest.raises(ClientError, match="token"):
        unused.get_caller_identity()


def put_events(account: Account, group: str, numbers: range) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": str(number)} for number in numbers]
    for start in range(0, len(events), _PAGE):
        account.logs.put_log_events(
            logGroupName=group, logStreamName="one", logEvents=events[start : start + _PAGE]
        )


def new_stream(account: Account, prefix: str) -> str:
    group = unique(prefix)
    account.logs.create_log_group(logGroupName=group)
    account.logs.create_log_stream(logGroupName=group, logStreamName="one")
    return group


def messages(account: Account, group: str, **page: Any) -> tuple[list[str], str]:
    answer = account.logs.get_log_events(
        logGroupName=group, logStreamName="one", startFromHead=True, **page
    )
    return [event["message"] for event in answer["events"]], answer["nextForwardToken"]


@pytest.mark.slow
@pytest.mark.observes("bounded-logs")
def test_log_stream_of_a_function_keeps_its_newest_events_and_its_readers_miss_none(
    account: Account,
):
    group = new_stream(account, "/aws/lambda/function")
    put_events(account, group, range(LOG_EVENTS))
    page, token = messages(account, group)
    while page[-1] != str(LOG_EVENTS - 1):
        page, token = messages(account, group, nextToken=token)
    put_events(account, group, range(LOG_EVENTS, LOG_EVENTS + 50))
    following, _ = messages(account, group, nextToken=token)
    assert following == [str(number) for number in range(LOG_EVENTS, LOG_EVENTS + 50)]
    oldest, _ = messages(account, group, limit=1)
    assert oldest == ["50"]


@pytest.mark.observes("bounded-logs")
def test_log_stream_of_a_job_keeps_all_events(account: Account):
    group = new_stream(account, "/aws/sagemaker/TrainingJobs")
    put_events(account, group, range(LOG_EVENTS))
    put_events(account, group, range(LOG_EVENTS, LOG_EVENTS + 50))
    assert messages(account, group, limit=1)[0] == ["0"]
