"""Invoke: responses, errors, the log, the types of invocation, and the payload limits."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import eventually
from local_aws.tests.awslambda.functions import report
from local_aws.tests.raw_http import send_raw

CONTEXT = """
def handler(event, context):
    if event == "raise":
        raise ValueError("no such thing")
    return {
        "id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "remaining": context.get_remaining_time_in_millis(),
    }
"""


@pytest.fixture(scope="module")
def echo(lambdas):
    return lambdas.create()


@pytest.fixture(scope="module")
def describing(lambdas):
    return lambdas.create(CONTEXT, Timeout=7)


@pytest.mark.parametrize("event", [None, {}, [1, "two"], "Ænglisc \U0001f600", 1e-300])
def test_invoke_returns_the_result_of_the_function(lambdas, echo, event):
    response = lambdas.invoke(echo, event)
    assert (response.payload, response.error, response.version) == (event, None, "$LATEST")


def test_invoke_without_a_payload_sends_an_empty_object(lambdas, echo):
    response = lambdas.client.invoke(FunctionName=echo)
    assert json.loads(response["Payload"].read()) == {}
    assert "LogResult" not in response


@pytest.mark.observes("lambda-arns")
def test_invoke_by_arn_and_by_partial_arn_finds_the_function(lambdas, echo):
    arn = lambdas.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    partial = arn.split(":", 4)[4]
    for name in (arn, partial, f"{arn}:$LATEST"):
        assert lambdas.invoke(name, 1).payload == 1


def test_context_describes_the_call(lambdas, describing):
    response = lambdas.client.invoke(FunctionName=describing, Payload="{}")
    returned = json.loads(response["Payload"].read())
    assert returned["id"] == response["ResponseMetadata"]["RequestId"]
    assert returned["arn"].endswith(f":function:{describing}")
    assert 0 < returned["remaining"] <= 7000


@pytest.mark.observes("lambda-unsigned")
@pytest.mark.parametrize("authorization", [b"", b"Authorization: Basic eDp5\r\n"])
@pytest.mark.parametrize(
    "line",
    [
        b"POST /2015-03-31/functions/f/invocations HTTP/1.1",
        b"GET /2015-03-31/functions/ HTTP/1.1",
        b"GET /v2/apis HTTP/1.1",
    ],
)
def test_call_without_a_signature_is_refused_as_on_aws(local_aws, line, authorization):
    head = b"\r\nHost: localhost\r\nContent-Length: 2\r\n"
    response = send_raw(local_aws.url, line + head + authorization + b"\r\n{}")
    assert response.status == 403
    assert b"x-amzn-ErrorType: MissingAuthenticationTokenException" in response.content
    assert json.loads(response.body)["message"] == "Missing Authentication Token"


@pytest.mark.observes("lambda-errors")
def test_function_that_raises_returns_its_error_and_continues(lambdas, describing):
    (before,) = lambdas.processes(describing)
    response = lambdas.invoke(describing, "raise")
    assert response.error == "Unhandled"
    assert response.payload["errorType"] == "ValueError"
    assert response.payload["errorMessage"] == "no such thing"
    assert 'raise ValueError("no such thing")' in response.payload["stackTrace"][0]
    assert "[ERROR] ValueError: no such thing" in response.log
    assert lambdas.processes(describing) == [before]


@pytest.mark.observes("lambda-log")
def test_log_contains_the_lines_of_the_function_between_start_and_end(lambdas):
    name = lambdas.create(
        "import os, sys\nprint('init')\n"
        "def handler(event, context):\n"
        "    print('one\\ntwo')\n"
        "    print('three', file=sys.stderr)\n"
        "    os.write(1, b'no end')\n"
        "    os.write(1, b' of line\\n')\n"
    )
    response = lambdas.invoke(name)
    start, *lines, end, last = response.log.splitlines()
    request = start.split()[2]
    assert start == f"START RequestId: {request} Version: $LATEST"
    assert lines == ["one", "two", "three", "no end of line"]
    assert end == f"END RequestId: {request}"
    assert last.startswith(f"REPORT RequestId: {request}\tDuration: ")
    group = f"/aws/lambda/{name}"
    init, *written = eventually(lambda: len(log := lambdas.log(group)) == 9 and log)
    assert init.startswith("INIT_START Runtime Version: python:3.")
    assert written == ["init", start, *lines, end, last]


def test_log_stream_in_the_context_contains_the_lines(lambdas):
    name = lambdas.create(
        "import os\ndef handler(event, context):\n"
        "    return [context.log_group_name, context.log_stream_name]\n"
    )
    group, stream = lambdas.invoke(name).payload
    assert group == f"/aws/lambda/{name}"
    assert eventually(lambda: len(lambdas.log(group, stream)) == 4)


@pytest.mark.observes("lambda-log")
def test_report_contains_the_memory_and_the_init_of_a_cold_start_only(lambdas):
    name = lambdas.create(
        "import time\ntime.sleep(0.2)\nbig = b'x' * 50_000_000\n"
        "def handler(event, context):\n    time.sleep(0.1)\n",
        MemorySize=256,
    )
    cold, warm = (report(lambdas.invoke(name).log) for _ in range(2))
    init, duration = (float(cold[part].split()[0]) for part in ("Init Duration", "Duration"))
    assert init >= 200
    assert duration >= 100
    assert int(cold["Billed Duration"].split()[0]) >= int(init + duration)
    assert cold["Memory Size"] == "256 MB"
    assert 50 <= int(cold["Max Memory Used"].split()[0]) <= 256
    assert "Init Duration" not in warm


@pytest.mark.observes("lambda-log-tail")
def test_log_tail_has_the_last_4_kilobytes(lambdas):
    name = lambdas.create("def handler(event, context):\n    print('x' * 10_000)\n")
    response = lambdas.invoke(name)
    assert len(response.log) == 4096
    assert response.log.splitlines()[-1].startswith("REPORT ")


@pytest.mark.observes("lambda-json-log")
def test_json_log_format_applies_to_the_function_and_the_platform(lambdas):
    source = "import logging\ndef handler(event, context):\n    logging.warning('careful')\n"
    name = lambdas.create(source, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/own/group"})
    lines = [json.loads(line) for line in lambdas.invoke(name).log.splitlines()]
    assert [line.get("type") for line in lines] == ["platform.start", None, "platform.report"]
    assert lines[1]["message"] == "careful"
    assert lines[2]["record"]["metrics"]["memorySizeMB"] == 128
    assert eventually(lambda: len(lambdas.log("/own/group")) == 4)


@pytest.mark.observes("lambda-dry-run")
def test_dry_run_checks_that_the_function_exists_without_calling_it(lambdas):
    name = lambdas.create()
    response = lambdas.client.invoke(FunctionName=name, InvocationType="DryRun")
    assert response["StatusCode"] == 204
    assert lambdas.processes(name) == []
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.invoke(FunctionName="nobody", InvocationType="DryRun")


def test_unknown_function_or_qualifier_is_not_found_and_named_by_its_arn(lambdas, echo):
    for name, qualifier in (("nobody", "$LATEST"), (echo, "7"), (echo, "live")):
        with pytest.raises(ClientError) as caught:
            lambdas.client.invoke(FunctionName=name, Qualifier=qualifier)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
        assert f":function:{name}" in caught.value.response["Error"]["Message"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("payload", [b"{", b"NaN", '"text"'.encode("utf-16")])
def test_payload_that_is_not_json_is_refused(lambdas, echo, payload):
    with pytest.raises(lambdas.client.exceptions.InvalidRequestContentException):
        lambdas.client.invoke(FunctionName=echo, Payload=payload)


@pytest.mark.observes("lambda-payload-limits")
@pytest.mark.parametrize(("kind", "limit"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_payload_beyond_the_limit_is_refused_and_at_the_limit_is_not(lambdas, echo, kind, limit):
    full = b'"' + b"x" * (limit - 2) + b'"'
    response = lambdas.client.invoke(FunctionName=echo, InvocationType=kind, Payload=full)
    assert response["StatusCode"] in (200, 202)
    if kind == "RequestResponse":
        assert response["Payload"].read() == full
    with pytest.raises(ClientError, match="RequestTooLargeException"):
        lambdas.client.invoke(FunctionName=echo, InvocationType=kind, Payload=full + b" ")


@pytest.mark.observes("lambda-payload-limits")
def test_result_beyond_the_limit_is_an_error_and_the_next_call_succeeds(lambdas):
    name = lambdas.create("def handler(event, context):\n    return 'x' * event\n", MemorySize=256)
    response = lambdas.invoke(name, 6_291_555)
    assert response.error == "Unhandled"
    assert response.payload["errorType"] == "Function.ResponseSizeTooLarge"
    assert lambdas.invoke(name, 3).payload == "xxx"


def test_bucket_with_the_first_part_of_lambdas_paths_as_its_name_works(account):
    account.s3.create_bucket(Bucket="2015-03-31")
    account.s3.put_object(Bucket="2015-03-31", Key="functions/f/invocations", Body=b"mine")
    response = account.s3.get_object(Bucket="2015-03-31", Key="functions/f/invocations")
    assert response["Body"].read() == b"mine"


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /2015-03-31/nothing", 404),
        ("PATCH /2015-03-31/functions/f", 404),
        ("POST /2015-03-31/functions", 400),
        ("GET /2015-03-31/functions?MaxItems=many", 400),
        ("GET /2015-03-31/functions/%00", 400),
        ("GET /2015-03-31/functions/f%20g", 400),
    ],
)
def test_malformed_request_is_refused(account, line, status):
    request = (
        f"{line} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Credential=a/1/us-east-1/lambda/aws4_request\r\n"
        "Content-Length: 2\r\n\r\n[]"
    )
    assert send_raw(account.aws.url, request.encode()).status == status
