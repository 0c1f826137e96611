"""Searches of logs by a pattern, a prefix of streams, and the ARN of a group."""

import re
import time

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import Account, unique

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
        ("%E[A-Z]+R%", [0, 3]),
    ],
)
def test_pattern_finds_lines_with_its_terms(account, group, pattern, found):
    assert numbers(account, logGroupName=group, filterPattern=pattern) == found


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('{ $.level = "ERROR" }', "does not reproduce filter patterns of JSON or of columns"),
        ("[level, text]", "does not reproduce filter patterns of JSON or of columns"),
        ("a:b", r"Invalid character\(s\) in term 'a:b'"),
        ('"open', "Invalid filter pattern"),
        ("%(%", r"Invalid regular expression '\('"),
    ],
)
def test_pattern_that_cannot_be_searched_for_is_refused(account, group, pattern, reason):
    with pytest.raises(ClientError, match=rf"\(InvalidParameterException\).*{reason}"):
        account.logs.filter_log_events(logGroupName=group, filterPattern=pattern)


def test_expression_that_takes_exponential_time_is_stopped(account):
    name, now = unique("/slow"), int(time.time() * 1000)
    account.logs.create_log_group(logGroupName=name)
    account.logs.create_log_stream(logGroupName=name, logStreamName="a")
    line = {"timestamp": now, "message": "a" * 60 + "!"}
    account.logs.put_log_events(logGroupName=name, logStreamName="a", logEvents=[line])
    with pytest.raises(ClientError, match="matching was stopped after 1 s"):
        account.logs.filter_log_events(logGroupName=name, filterPattern="%^(a|a)+$%")


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


def test_stream_that_does_not_exist_is_named_as_a_stream(account, group):
    with pytest.raises(ClientError, match="The specified log stream does not exist"):
        account.logs.get_log_events(logGroupName=group, logStreamName="nope")


def results(account, group, query):
    """Return the results of a query of CloudWatch Logs Insights."""
    period = {"startTime": int(time.time()) - 3600, "endTime": int(time.time()) + 3600}
    started = account.logs.start_query(logGroupName=group, queryString=query, **period)
    found = account.logs.get_query_results(queryId=started["queryId"])["results"]
    return [{field["field"]: field["value"] for field in result} for result in found]


def test_query_has_times_as_insights_writes_them(account, group):
    first, second = results(
        account, group, "fields @timestamp, @message | sort @timestamp asc | limit 2"
    )
    assert [first["@message"], second["@message"]] == LINES[:2]
    for result in (first, second):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", result["@timestamp"])


@pytest.mark.parametrize(
    "command", ["filter @message like /ERROR/", "stats count(*)", "sort @message", ""]
)
def test_query_with_a_command_that_moto_ignores_is_refused_by_name(account, group, command):
    with pytest.raises(ClientError, match="does not reproduce") as caught:
        results(account, group, f"fields @message | {command}")
    assert repr(command) in str(caught.value)
