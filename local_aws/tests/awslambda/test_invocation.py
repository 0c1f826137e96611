"""Invoke: answers, errors, the log, the types of invocation, and the limits of a payload."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import eventually
from local_aws.tests.awslambda.functions import ECHO, report
from local_aws.tests.raw_http import send_raw

CONTEXT = """
def handler(event, context):
    if event == "raise":
        raise ValueError("no such thing")
    client = context.client_context
    return {
        "id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(),
        "custom": client.custom if client else None,
    }
"""


@pytest.fixture(scope="module")
def echo(lambdas):
    return lambdas.create()


@pytest.fixture(scope="module")
def telling(lambdas):
    return lambdas.create(CONTEXT, Timeout=7)


@pytest.mark.parametrize("event", [None, {}, [1, "two"], "Ænglisc \U0001f600", 1e-300])
def test_invoke_gives_back_what_the_function_returned(lambdas, echo, event):
    answer = lambdas.invoke(echo, event)
    assert (answer.payload, answer.error, answer.version) == (event, None, "$LATEST")


def test_invoke_without_a_payload_hands_on_an_empty_object(lambdas, echo):
    answer = lambdas.client.invoke(FunctionName=echo)
    assert json.loads(answer["Payload"].read()) == {}
    assert "LogResult" not in answer


def test_invoke_by_arn_and_by_partial_arn_finds_the_function(lambdas, echo):
    arn = lambdas.client.get_function(FunctionName=echo)["Configuration"]["FunctionArn"]
    partial = arn.split(":", 4)[4]
    for name in (arn, partial, f"{arn}:$LATEST"):
        assert lambdas.invoke(name, 1).payload == 1


def test_context_tells_of_the_call(lambdas, telling):
    custom = base64.b64encode(json.dumps({"custom": {"key": "välue"}}).encode()).decode()
    answer = lambdas.client.invoke(FunctionName=telling, ClientContext=custom, Payload="{}")
    told = json.loads(answer["Payload"].read())
    assert told["id"] == answer["ResponseMetadata"]["RequestId"]
    assert told["arn"].endswith(f":function:{telling}")
    assert 0 < told["left"] <= 7000
    assert told["custom"] == {"key": "välue"}


def test_client_context_that_is_no_json_is_refused(lambdas, telling):
    with pytest.raises(lambdas.client.exceptions.InvalidRequestContentException):
        lambdas.client.invoke(FunctionName=telling, ClientContext="no!")


def test_function_that_raises_answers_its_error_and_goes_on(lambdas, telling):
    (before,) = lambdas.processes(telling)
    answer = lambdas.invoke(telling, "raise")
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "ValueError"
    assert answer.payload["errorMessage"] == "no such thing"
    assert 'raise ValueError("no such thing")' in answer.payload["stackTrace"][0]
    assert "[ERROR] ValueError: no such thing" in answer.log
    assert lambdas.processes(telling) == [before]


def test_log_has_the_functions_own_lines_between_start_and_end(lambdas):
    name = lambdas.create(
        "import os, sys\nprint('init')\n"
        "def handler(event, context):\n"
        "    print('one\\ntwo')\n"
        "    print('three', file=sys.stderr)\n"
        "    os.write(1, b'no end')\n"
        "    os.write(1, b' of line\\n')\n"
    )
    answer = lambdas.invoke(name)
    start, *lines, end, last = answer.log.splitlines()
    request = start.split()[2]
    assert start == f"START RequestId: {request} Version: $LATEST"
    assert lines == ["one", "two", "three", "no end of line"]
    assert end == f"END RequestId: {request}"
    assert last.startswith(f"REPORT RequestId: {request}\tDuration: ")
    group = f"/aws/lambda/{name}"
    init, *written = eventually(lambda: len(found := lambdas.log(group)) == 9 and found)
    assert init.startswith("INIT_START Runtime Version: python:3.")
    assert written == ["init", start, *lines, end, last]


def test_log_stream_is_the_one_that_the_function_is_told(lambdas):
    name = lambdas.create(
        "import os\ndef handler(event, context):\n"
        "    return [context.log_group_name, context.log_stream_name]\n"
    )
    group, stream = lambdas.invoke(name).payload
    assert group == f"/aws/lambda/{name}"
    assert eventually(lambda: len(lambdas.log(group, stream)) == 4)


def test_report_tells_the_init_of_a_cold_start_only_and_the_memory(lambdas):
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


def test_log_tail_is_the_last_4_kilobytes(lambdas):
    name = lambdas.create("def handler(event, context):\n    print('x' * 10_000)\n")
    answer = lambdas.invoke(name)
    assert len(answer.log) == 4096
    assert answer.log.splitlines()[-1].startswith("REPORT ")


def test_function_with_json_logs_writes_its_own_and_the_platforms_lines_as_json(lambdas):
    source = "import logging\ndef handler(event, context):\n    logging.warning('careful')\n"
    name = lambdas.create(source, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/own/group"})
    lines = [json.loads(line) for line in lambdas.invoke(name).log.splitlines()]
    assert [line.get("type") for line in lines] == ["platform.start", None, "platform.report"]
    assert lines[1]["message"] == "careful"
    assert lines[2]["record"]["metrics"]["memorySizeMB"] == 128
    assert eventually(lambda: len(lambdas.log("/own/group")) == 4)


def test_dry_run_calls_nothing_but_looks_whether_the_function_is_there(lambdas):
    name = lambdas.create()
    answer = lambdas.client.invoke(FunctionName=name, InvocationType="DryRun")
    assert answer["StatusCode"] == 204
    assert lambdas.processes(name) == []
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.invoke(FunctionName="nobody", InvocationType="DryRun")


def test_unknown_function_and_qualifier_are_not_found_by_their_arn(lambdas, echo):
    for name, qualifier in (("nobody", "$LATEST"), (echo, "7"), (echo, "live")):
        with pytest.raises(ClientError) as caught:
            lambdas.client.invoke(FunctionName=name, Qualifier=qualifier)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"
        assert f":function:{name}" in caught.value.response["Error"]["Message"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("payload", [b"{", b"NaN", '"text"'.encode("utf-16")])
def test_payload_that_is_no_json_is_refused(lambdas, echo, payload):
    with pytest.raises(lambdas.client.exceptions.InvalidRequestContentException):
        lambdas.client.invoke(FunctionName=echo, Payload=payload)


@pytest.mark.parametrize(("kind", "most"), [("RequestResponse", 6_291_456), ("Event", 1_048_576)])
def test_payload_over_the_limit_is_too_large_and_at_the_limit_is_not(lambdas, echo, kind, most):
    full = b'"' + b"x" * (most - 2) + b'"'
    answer = lambdas.client.invoke(FunctionName=echo, InvocationType=kind, Payload=full)
    assert answer["StatusCode"] in (200, 202)
    if kind == "RequestResponse":
        assert answer["Payload"].read() == full
    with pytest.raises(ClientError, match="RequestTooLargeException"):
        lambdas.client.invoke(FunctionName=echo, InvocationType=kind, Payload=full + b" ")


def test_answer_over_the_limit_is_an_error_and_the_next_call_is_answered(lambdas):
    name = lambdas.create("def handler(event, context):\n    return 'x' * event\n", MemorySize=256)
    answer = lambdas.invoke(name, 6_291_555)
    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Function.ResponseSizeTooLarge"
    assert lambdas.invoke(name, 3).payload == "xxx"


def test_bucket_named_as_lambdas_paths_begin_is_s3s(account):
    account.s3.create_bucket(Bucket="2015-03-31")
    account.s3.put_object(Bucket="2015-03-31", Key="functions/f/invocations", Body=b"mine")
    found = account.s3.get_object(Bucket="2015-03-31", Key="functions/f/invocations")
    assert found["Body"].read() == b"mine"


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
def test_request_that_no_client_would_send_is_refused(account, line, status):
    request = (
        f"{line} HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Credential=a/1/us-east-1/lambda/aws4_request\r\n"
        "Content-Length: 2\r\n\r\n[]"
    )
    assert send_raw(account.aws.url, request.encode()).status == status


def test_echo_is_what_the_other_tests_take_it_for():
    space = {}
    exec(ECHO, space)  # noqa: S102 - the source above
    assert space["handler"](1, None) == 1
