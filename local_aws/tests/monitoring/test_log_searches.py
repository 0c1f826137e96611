"""Searches of logs by a pattern, a prefix of streams, and the ARN of a group."""

import time

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, refusal, unique

LINES = ["ERROR disk full", "WARN disk", "INFO health check ok", '{"level": "ERROR", "ms": 12}']


@pytest.fixture(scope="module")
def group(account: Account):
    """Return a log group whose two streams have alternate lines."""
    name, now = unique("/searches"), int(time.time() * 1000)
    account.logs.create_log_group(logGroupName=name)
    for stream in ("app/1", "web/1"):
        account.logs.create_log_stream(logGroupName=name, logStreamName=stream)
    for number, line in enumerate(LINES):
        account.logs.put_log_events(
            logGroupName=name,
            logStreamName=("app/1", "web/1")[number % 2],
            logEvents=[{"timestamp": now + number, "message": line}],
        )
    return name


def numbers(account, **request):
    """Return the numbers of the lines that a search finds."""
    return [LINES.index(e["message"]) for e in account.logs.filter_log_events(**request)["events"]]


@pytest.mark.observes("log-filter-patterns")
@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("ERROR", [0, 3]),
        ("ERROR disk", [0]),
        ("error", []),
        ("?WARN ?INFO", [1, 2]),
        ("?WARN ?INFO disk", [0, 1]),
        ("disk -full", [1]),
        ("-disk", [2, 3]),
        ('"health check"', [2]),
        ('-"health check" -WARN', [0, 3]),
        (r'"\"ms\": 12"', [3]),
    ],
)
def test_pattern_finds_lines_with_its_terms(account, group, pattern, found):
    assert numbers(account, logGroupName=group, filterPattern=pattern) == found


@pytest.mark.parametrize(
    "pattern", ['{ $.level = "ERROR" }', "[level, text]", "a:b", '"open', "%E[A-Z]+R%"]
)
def test_pattern_that_cannot_be_searched_for_is_refused(account, group, pattern):
    code, message = refusal(
        account.logs.filter_log_events, logGroupName=group, filterPattern=pattern
    )
    assert code == "InvalidParameterException"
    assert f"The filter pattern {pattern!r} is not valid, or not reproduced" in message


def test_prefix_selects_streams(account, group):
    assert numbers(account, logGroupName=group, logStreamNamePrefix="app/") == [0, 2]
    assert numbers(account, logGroupName=group, logStreamNamePrefix="nope") == []
    with pytest.raises(ClientError, match="mutually exclusive"):
        numbers(account, logGroupName=group, logStreamNamePrefix="a", logStreamNames=["app/1"])


def test_group_can_be_given_by_its_arn(account, group):
    arn = account.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["logGroupArn"]
    account.logs.create_log_group(logGroupName=f"{group}-newer")
    for identifier in (group, arn):
        assert numbers(account, logGroupIdentifier=identifier, filterPattern="WARN") == [1]


def test_query_of_insights_is_refused_by_name(account, group):
    with pytest.raises(ClientError, match="does not reproduce queries of logs"):
        account.logs.start_query(
            logGroupName=group, queryString="fields @message", startTime=0, endTime=1
        )
