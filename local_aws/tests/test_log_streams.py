"""Every line of a log stream arrives, in order and in batches of an acceptable size."""

import json
from typing import Any

import boto3
import pytest

from local_aws.logs import LogStream
from local_aws.testing import REGION, running_local_aws
from local_aws.tests.account import unique

ACCESS = {"region_name": REGION, "aws_access_key_id": "local", "aws_secret_access_key": "local"}


@pytest.fixture
def stream(account) -> LogStream:
    """Start a stream in its own group."""
    return LogStream(account.logs, unique("/group"), "stream")


def lines_of(account, stream: LogStream) -> list[str]:
    lines, token = [], {}
    while True:
        response = account.logs.get_log_events(
            logGroupName=stream.group, logStreamName="stream", startFromHead=True, **token
        )
        lines += [event["message"] for event in response["events"]]
        if token == {"nextToken": response["nextForwardToken"]}:
            return lines
        token = {"nextToken": response["nextForwardToken"]}


def test_multibyte_lines_are_sent_in_batches_of_an_acceptable_size(account, stream, caplog):
    sizes = []

    def measure(params: Any, **_: Any) -> None:
        events = json.loads(params["body"])["logEvents"]
        sizes.append(sum(len(event["message"].encode()) + 26 for event in events))

    account.logs.meta.events.register("before-call.cloudwatch-logs.PutLogEvents", measure)
    lines = [f"{number} " + "\N{SNOWMAN}" * 80_000 for number in range(12)]
    for line in lines:
        stream.write(line)
    stream.close()
    account.logs.meta.events.unregister("before-call.cloudwatch-logs.PutLogEvents", measure)
    assert 3 <= len(sizes) <= 12
    assert max(sizes) <= 1_048_576
    assert caplog.text == ""
    assert lines_of(account, stream) == lines


def test_many_lines_keep_their_order(account, stream):
    for number in range(2500):
        stream.write(f"line {number}")
    stream.close()
    assert lines_of(account, stream) == [f"line {number}" for number in range(2500)]


def test_lines_of_a_deleted_group_are_dropped_silently(account, stream, caplog):
    account.logs.delete_log_group(logGroupName=stream.group)
    stream.write("never read")
    stream.close()
    assert caplog.text == ""


@pytest.mark.slow
def test_lines_that_cannot_be_sent_are_reported_in_the_log(caplog):
    with running_local_aws() as aws:
        once = boto3.session.Config(retries={"total_max_attempts": 1})
        client = boto3.client("logs", endpoint_url=aws.url, config=once, **ACCESS)
        stream = LogStream(client, "/group", "stream")
    stream.write("never sent")
    stream.close()
    assert "1 lines of /group were lost" in caplog.text
    assert "EndpointConnectionError" in caplog.text
