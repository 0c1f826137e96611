"""HTTP APIs that are really called: through every door, with real functions behind them."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from local_aws.tests.account import eventually, unique
from local_aws.tests.apigateway.http_apis import ECHO, api, function
from local_aws.tests.cloudformation.stacks import resource

JSON = {"Content-Type": "application/json"}
SAID = '{"message":"%s"}'
ODD = """
import os, time

def handler(event, context):
    how = event["rawPath"].strip("/")
    if how == "raise":
        raise ValueError("no")
    if how == "exit":
        os._exit(1)
    if how == "malformed":
        return {"statusCode": "none"}
    if how == "slow":
        time.sleep(2)
    if how == "moved":
        return {"statusCode": 302, "headers": {"location": "/x"}, "cookies": ["a=b", "c=d"]}
    return {"statusCode": 200, "body": how}
"""


def test_call_by_the_path_of_the_local_aws_reaches_the_function(apis, echo_api):
    answer = apis.call(echo_api, "/items/a%20b?x=1", b'{"a": 1}', {**JSON, "Cookie": "a=b"})
    event = answer.json
    assert (event["routeKey"], event["pathParameters"]) == ("ANY /items/{id}", {"id": "a b"})
    assert (event["body"], event["cookies"], event["rawQueryString"]) == (
        '{"a": 1}',
        ["a=b"],
        "x=1",
    )
    assert event["headers"]["host"] == f"{echo_api}.execute-api.us-east-1.amazonaws.com"
    assert answer.headers["apigw-requestid"] == event["requestContext"]["requestId"]


@pytest.mark.parametrize("ending", ["amazonaws.com", "localhost", "localhost:{port}"])
def test_call_by_the_host_of_the_api_reaches_the_function(apis, echo_api, ending):
    port = urlsplit(apis.account.aws.url).port
    host = f"{echo_api}.execute-api.us-east-1.{ending.format(port=port)}"
    answer = apis.send("/items/7", b"x", {"Host": host, "Content-Type": "text/plain"})
    assert answer.json["rawPath"] == "/items/7"


def test_address_typed_into_a_browser_is_answered_and_a_page_s_request_is_not(apis, echo_api):
    assert apis.call(echo_api, "/", headers={"Sec-Fetch-Site": "none"}).status == 200
    for marks in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://127.0.0.1"}):
        assert apis.call(echo_api, "/", headers=marks).status == 403
    assert apis.call(echo_api, "/", b"", {"Sec-Fetch-Site": "none"}).status == 403
    host = {"Host": f"{echo_api}.execute-api.us-east-1.evil.example"}
    assert apis.send("/", None, host).status == 403


def test_route_and_method_that_are_not_there_are_not_found(apis):
    api_id = apis.create({**function(ECHO), **api("2.0", "POST /predict", "GET /health")})
    for method, path in [("GET", "/predict"), ("GET", "/"), ("GET", "/x"), ("POST", "/health/x")]:
        answer = apis.call(api_id, path, method=method)
        assert (answer.status, answer.body.decode()) == (404, SAID % "Not Found")
    assert apis.call("a" * 10, "/").status == 404
    assert apis.call(apis.bare(), "/").status == 404


def test_api_in_format_1_gets_events_of_format_1(apis):
    source = (
        "def handler(event, context):\n"
        "    headers = {'x': event['version']}\n"
        "    return {'statusCode': 200, 'body': event['path'], 'headers': headers}\n"
    )
    api_id = apis.create({**function(source), **api("1.0")})
    answer = apis.call(api_id, "/a/b")
    assert (answer.body, answer.headers["x"]) == (b"/a/b", "1.0")


@pytest.fixture(scope="module")
def odd_api(apis) -> str:
    made = api("2.0")
    made["Integration"]["Properties"]["TimeoutInMillis"] = 700
    return apis.create({**function(ODD, Timeout=20, ReservedConcurrentExecutions=1), **made})


@pytest.mark.parametrize(
    ("how", "status", "message"),
    [
        ("raise", 500, "Internal Server Error"),
        ("exit", 500, "Internal Server Error"),
        ("malformed", 500, "Internal Server Error"),
        ("slow", 503, "Service Unavailable"),
    ],
)
def test_function_that_fails_is_answered_for(apis, odd_api, how, status, message):
    eventually(lambda: apis.call(odd_api, "/fine").status == 200)  # one call at a time
    answer = apis.call(odd_api, f"/{how}")
    assert (answer.status, answer.body.decode()) == (status, SAID % message)


def test_call_beyond_the_concurrency_of_the_function_is_unavailable(apis, odd_api):
    eventually(lambda: apis.call(odd_api, "/fine").status == 200)
    with ThreadPoolExecutor() as pool:

        def refused():
            slow = pool.submit(apis.call, odd_api, "/slow")
            answers = [apis.call(odd_api, "/fine") for _ in range(10)]
            slow.result()
            return next((answer for answer in answers if answer.status != 200), None)

        answer = eventually(refused)  # the slow call may be the one that comes second
    assert (answer.status, answer.body.decode()) == (503, SAID % "Service Unavailable")


def test_answer_of_the_function_keeps_status_headers_and_cookies(apis, odd_api):
    eventually(lambda: apis.call(odd_api, "/fine").status == 200)
    answer = apis.call(odd_api, "/moved")
    assert (answer.status, answer.headers["location"]) == (302, "/x")
    assert answer.headers.get_all("set-cookie") == ["a=b", "c=d"]


def test_function_that_does_not_permit_the_api_is_not_invoked(apis):
    resources = {**function(ECHO), **api("2.0", "GET /a", "GET /b")}
    resources["Permission"]["Properties"]["SourceArn"] = {
        "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/a"
    }
    api_id = apis.create(resources)
    assert apis.call(api_id, "/a").status == 200
    answer = apis.call(api_id, "/b")
    assert (answer.status, answer.body.decode()) == (500, SAID % "Internal Server Error")


def test_body_that_is_too_long_is_refused(apis, echo_api):
    for size in (10 * 2**20 + 1, 7 * 2**20):  # more than the API takes, more than Lambda takes
        answer = apis.call(echo_api, "/", b"x" * size, {"Content-Type": "text/plain"})
        assert (answer.status, answer.body.decode()) == (413, SAID % "Request Entity Too Large")


def test_stage_throttles_beyond_its_burst_and_logs_what_it_answered(apis):
    group = unique("/access/log")
    log = {
        "DestinationArn": {"Fn::GetAtt": "Logs.Arn"},
        "Format": '{"id":"$context.requestId","status":"$context.status","path":"$context.path",'
        '"route":"$context.routeKey","why":"$context.error.message"}',
    }
    throttle = {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 0.01}
    api_id = apis.create(
        {
            **function(ECHO),
            **api("2.0", "$default", DefaultRouteSettings=throttle, AccessLogSettings=log),
            "Logs": resource("AWS::Logs::LogGroup", LogGroupName=group),
        }
    )
    answers = [apis.call(api_id, f"/{number}") for number in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[4].body.decode() == SAID % "Too Many Requests"
    eventually(lambda: len(lines_of(apis, group)) == 5)
    records = [json.loads(line) for line in lines_of(apis, group)]
    assert [record["status"] for record in records] == ["200", "200", "200", "429", "429"]
    assert [record["path"] for record in records] == [f"/{number}" for number in range(5)]
    assert records[0]["route"] == "$default"
    assert [record["id"] for record in records] == [a.headers["apigw-requestid"] for a in answers]


def lines_of(apis, group: str) -> list[str]:
    streams = apis.account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    return apis.account.log(group, streams[0]["logStreamName"]) if streams else []


def test_named_stage_is_in_the_path_and_serves_its_own_deployment(apis):
    resources = {**function(ECHO), **api("2.0", "GET /a")}
    api_id = apis.create(resources)
    apis.client.create_stage(ApiId=api_id, StageName="prod", StageVariables={"color": "red"})
    assert apis.call(api_id, "/prod/a").status == 404  # nothing is deployed there
    apis.client.create_deployment(ApiId=api_id, StageName="prod")
    event = apis.call(api_id, "/prod/a").json
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/prod/a", "prod")
    assert event["stageVariables"] == {"color": "red"}
    (route,) = apis.client.get_routes(ApiId=api_id)["Items"]
    apis.client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    assert apis.call(api_id, "/a").status == 404  # $default deploys by itself
    assert apis.call(api_id, "/prod/a").status == 200


def test_concurrent_calls_get_their_own_answers(apis, echo_api):
    def ask(number: int) -> bool:
        answer = apis.call(echo_api, f"/items/{number}", str(number).encode(), JSON)
        event = answer.json
        return (event["body"], event["pathParameters"]["id"]) == (str(number), str(number))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(200)))
