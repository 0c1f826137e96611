"""Calls of HTTP APIs, through every address, with real functions behind them."""

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from local_aws.tests.account import eventually, unique
from local_aws.tests.apigateway.http_apis import ECHO, api, function
from local_aws.tests.cloudformation.stacks import resource
from local_aws.tests.raw_http import send_raw

JSON = {"Content-Type": "application/json"}
ERROR = '{"message":"%s"}'
FAULTY = """
import os, time

def handler(event, context):
    path = event["rawPath"].strip("/")
    if path == "raise":
        raise ValueError("no")
    if path == "exit":
        os._exit(1)
    if path == "malformed":
        return {"statusCode": "none"}
    if path == "slow":
        time.sleep(2)
    if path == "moved":
        return {"statusCode": 302, "headers": {"location": "/x"}, "cookies": ["a=b", "c=d"]}
    return {"statusCode": 200, "body": path}
"""


@pytest.mark.observes("api-addresses")
def test_call_by_path_invokes_the_function(apis, echo_api):
    response = apis.call(echo_api, "/items/a%20b?x=1", b'{"a": 1}', {**JSON, "Cookie": "a=b"})
    event = response.json
    assert (event["routeKey"], event["pathParameters"]) == ("ANY /items/{id}", {"id": "a b"})
    assert (event["body"], event["cookies"], event["rawQueryString"]) == (
        '{"a": 1}',
        ["a=b"],
        "x=1",
    )
    assert event["headers"]["host"] == f"{echo_api}.execute-api.us-east-1.amazonaws.com"
    assert response.headers["apigw-requestid"] == event["requestContext"]["requestId"]


@pytest.mark.observes("api-addresses")
@pytest.mark.parametrize("ending", ["amazonaws.com", "localhost", "localhost:{port}"])
def test_call_by_host_name_invokes_the_function(apis, echo_api, ending):
    port = urlsplit(apis.account.aws.url).port
    host = f"{echo_api}.execute-api.us-east-1.{ending.format(port=port)}"
    response = apis.send("/items/7", b"x", {"Host": host, "Content-Type": "text/plain"})
    assert response.json["rawPath"] == "/items/7"


@pytest.mark.observes("api-browsers")
def test_address_typed_into_a_browser_works_and_a_request_of_a_web_page_does_not(apis, echo_api):
    assert apis.call(echo_api, "/", headers={"Sec-Fetch-Site": "none"}).status == 200
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://127.0.0.1"}):
        assert apis.call(echo_api, "/", headers=headers).status == 403
    assert apis.call(echo_api, "/", b"", {"Sec-Fetch-Site": "none"}).status == 403
    host = {"Host": f"{echo_api}.execute-api.us-east-1.evil.example"}
    assert apis.send("/", None, host).status == 403


@pytest.mark.observes("api-own-pages")
def test_page_of_an_api_may_call_apis_and_nothing_else(apis, echo_api):
    origin = {"Origin": apis.account.aws.url, "Sec-Fetch-Site": "same-origin"}
    assert apis.call(echo_api, "/", b"{}", origin).status == 200
    assert apis.call(echo_api, "/", headers={"Sec-Fetch-Site": "same-origin"}).status == 200
    assert apis.send("/", b"{}", origin).status == 403
    assert apis.send("/endpoints/name/invocations", b"{}", origin).status == 403
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert apis.call(echo_api, "/", b"{}", origin | headers).status == 403
    assert apis.call(echo_api, "/", b"{}", origin | {"Sec-Fetch-Site": "same-site"}).status == 403


@pytest.mark.observes("api-not-found")
def test_missing_route_method_stage_and_api_are_not_found(apis):
    api_id = apis.create({**function(ECHO), **api("2.0", "POST /predict", "GET /health")})
    for method, path in [("GET", "/predict"), ("GET", "/"), ("GET", "/x"), ("POST", "/health/x")]:
        response = apis.call(api_id, path, method=method)
        assert (response.status, response.body.decode()) == (404, ERROR % "Not Found")
    assert apis.call("a" * 10, "/").status == 404
    assert apis.call(apis.create_empty(), "/").status == 404


def test_api_with_format_1_sends_events_of_format_1(apis):
    source = (
        "def handler(event, context):\n"
        "    headers = {'x': event['version']}\n"
        "    return {'statusCode': 200, 'body': event['path'], 'headers': headers}\n"
    )
    api_id = apis.create({**function(source), **api("1.0")})
    response = apis.call(api_id, "/a/b")
    assert (response.body, response.headers["x"]) == (b"/a/b", "1.0")


@pytest.fixture(scope="module")
def faulty_api(apis) -> str:
    resources = function(FAULTY, Timeout=20, ReservedConcurrentExecutions=1) | api("2.0")
    resources["Integration"]["Properties"]["TimeoutInMillis"] = 700
    return apis.create(resources)


@pytest.mark.observes("api-malformed", "api-unavailable")
@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("raise", 500, "Internal Server Error"),
        ("exit", 500, "Internal Server Error"),
        ("malformed", 500, "Internal Server Error"),
        ("slow", 503, "Service Unavailable"),
    ],
)
def test_failing_function_gets_an_error_response(apis, faulty_api, path, status, message):
    eventually(lambda: apis.call(faulty_api, "/fine").status == 200)  # only one call at a time
    response = apis.call(faulty_api, f"/{path}")
    assert (response.status, response.body.decode()) == (status, ERROR % message)


@pytest.mark.slow
def test_call_beyond_the_reserved_concurrency_is_unavailable(apis, faulty_api):
    eventually(lambda: apis.call(faulty_api, "/fine").status == 200)
    with ThreadPoolExecutor() as pool:

        def refused():
            slow = pool.submit(apis.call, faulty_api, "/slow")
            responses = [apis.call(faulty_api, "/fine") for _ in range(10)]
            slow.result()
            return next((response for response in responses if response.status != 200), None)

        response = eventually(refused)  # the slow call may also be the refused one
    assert (response.status, response.body.decode()) == (503, ERROR % "Service Unavailable")


def test_response_has_the_status_headers_and_cookies_of_the_function(apis, faulty_api):
    eventually(lambda: apis.call(faulty_api, "/fine").status == 200)
    response = apis.call(faulty_api, "/moved")
    assert (response.status, response.headers["location"]) == (302, "/x")
    assert response.headers.get_all("set-cookie") == ["a=b", "c=d"]


@pytest.mark.observes("api-permission")
def test_function_without_permission_for_the_api_is_not_invoked(apis):
    resources = {**function(ECHO), **api("2.0", "GET /a", "GET /b")}
    resources["Permission"]["Properties"]["SourceArn"] = {
        "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/a"
    }
    api_id = apis.create(resources)
    assert apis.call(api_id, "/a").status == 200
    response = apis.call(api_id, "/b")
    assert (response.status, response.body.decode()) == (500, ERROR % "Internal Server Error")


@pytest.mark.observes("api-body-limits")
def test_body_beyond_the_limits_is_refused(apis, echo_api):
    for size in (10 * 2**20 + 1, 7 * 2**20):  # the limits of the API and of Lambda
        response = apis.call(echo_api, "/", b"x" * size, {"Content-Type": "text/plain"})
        assert (response.status, response.body.decode()) == (
            413,
            ERROR % "Request Entity Too Large",
        )


@pytest.mark.observes("api-throttle", "api-access-log")
def test_stage_throttles_beyond_its_burst_and_logs_every_response(apis):
    group = unique("/access/log")
    log = {
        "DestinationArn": {"Fn::GetAtt": "Logs.Arn"},
        "Format": '{"id":"$context.requestId","status":"$context.status","path":"$context.path",'
        '"route":"$context.routeKey","error":"$context.error.message"}',
    }
    throttle = {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 0.01}
    api_id = apis.create(
        {
            **function(ECHO),
            **api("2.0", "$default", DefaultRouteSettings=throttle, AccessLogSettings=log),
            "Logs": resource("AWS::Logs::LogGroup", LogGroupName=group),
        }
    )
    responses = [apis.call(api_id, f"/{number}") for number in range(5)]
    assert [response.status for response in responses] == [200, 200, 200, 429, 429]
    assert responses[4].body.decode() == ERROR % "Too Many Requests"
    eventually(lambda: len(log_lines(apis, group)) == 5)
    records = [json.loads(line) for line in log_lines(apis, group)]
    assert [record["status"] for record in records] == ["200", "200", "200", "429", "429"]
    assert [record["path"] for record in records] == [f"/{number}" for number in range(5)]
    assert records[0]["route"] == "$default"
    ids = [response.headers["apigw-requestid"] for response in responses]
    assert [record["id"] for record in records] == ids


def log_lines(apis, group: str) -> list[str]:
    streams = apis.account.logs.describe_log_streams(logGroupName=group)["logStreams"]
    return apis.account.log(group, streams[0]["logStreamName"]) if streams else []


@pytest.mark.observes("api-named-stage")
def test_named_stage_is_part_of_the_path_and_has_its_own_variables(apis):
    api_id = apis.create({**function(ECHO), **api("2.0", "GET /a")})
    apis.client.create_stage(
        ApiId=api_id, StageName="prod", AutoDeploy=True, StageVariables={"color": "red"}
    )
    event = apis.call(api_id, "/prod/a").json
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/prod/a", "prod")
    assert event["stageVariables"] == {"color": "red"}
    (route,) = apis.client.get_routes(ApiId=api_id)["Items"]
    apis.client.delete_route(ApiId=api_id, RouteId=route["RouteId"])
    assert apis.call(api_id, "/a").status == apis.call(api_id, "/prod/a").status == 404


@pytest.mark.slow
def test_concurrent_calls_get_their_own_responses(apis, echo_api):
    def is_answered(number: int) -> bool:
        event = apis.call(echo_api, f"/items/{number}", str(number).encode(), JSON).json
        return (event["body"], event["pathParameters"]["id"]) == (str(number), str(number))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(is_answered, range(200)))


@pytest.mark.observes("api-cookies")
def test_cookies_of_several_headers_are_one_list(apis, echo_api):
    address = urlsplit(apis.account.aws.url).netloc
    response = send_raw(
        apis.account.aws.url,
        f"GET /_local_aws/apis/{echo_api}/ HTTP/1.1\r\nHost: {address}\r\n"
        "Cookie: a=1; b=2,3\r\nCookie: c=4\r\n\r\n".encode(),
    )
    assert json.loads(response.body)["cookies"] == ["a=1", "b=2,3", "c=4"]


@pytest.mark.observes("api-methods")
def test_trace_is_not_allowed(apis, echo_api):
    response = apis.call(echo_api, "/items/7", method="TRACE")
    assert (response.status, response.body.decode()) == (405, ERROR % "Method Not Allowed")


@pytest.mark.observes("api-head-limit")
@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 431)])
def test_request_line_and_values_of_headers_may_have_10240_bytes(apis, echo_api, more, status):
    line = "GET /items/7?a=b HTTP/1.1"
    address = urlsplit(apis.account.aws.url).netloc
    sent = [line, address, "identity", "x" * 5000]  # http.client adds Host and Accept-Encoding
    rest = 10_240 + more - sum(map(len, sent))
    headers = {"X-One": sent[-1], "X-Two": "y" * rest}
    response = apis.call(echo_api, "/items/7?a=b", headers=headers)
    assert response.status == status
    if more:
        assert response.body.decode() == ERROR % "Request Header Fields Too Large"
