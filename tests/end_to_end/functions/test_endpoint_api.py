"""An HTTP API in front of an endpoint: deployment, requests, permissions, updates, and deletion."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.testing import running_local_aws
from scripts.account.naming import api_stack_name
from scripts.functions.deployment import release_api
from scripts.functions.package import this_machine
from scripts.functions.release import StackRelease
from tests.account_state import kinds_that_differ, state_of
from tests.data_source import SAMPLE
from tests.end_to_end.functions.lambda_release import REGION, LambdaRelease
from tests.end_to_end.posts import Post
from tests.scripts.compatibility import KEYS
from tests.scripts.functions.test_plans import PLAN
from tests.scripts.processes import RECIPE, Scripts
from tests.scripts.releases import Release, make_release
from tests.scripts.stubbed import Interrupted

# The parts are tested alone by default.
pytestmark = pytest.mark.slow

ENDPOINT = f"{RECIPE}-pipeline"
STACK = api_stack_name(ENDPOINT)
POST = "From: a\nSubject: b\n\n\n\n\nthe shuttle in orbit \u00e9 \U0001f680"
TEXTS = [POST, "short", '\n\n\n\n\n\n"quoted" and \\ in a text', "\n" * 8 + "hockey"]


@pytest.fixture(scope="module")
def api() -> Iterator[LambdaRelease]:
    """Make a release in its own local AWS, which the tests change and delete, in order."""
    with running_local_aws("--instance-cpus", "1") as aws:
        release = make_release(Scripts(aws, REGION), *SAMPLE)
        before = state_of(release.scripts)
        failed = release.scripts.run("deploy", "--with-api", "--concurrency", "5000")
        assert "UnreservedConcurrentExecution below its minimum value" in failed.error
        assert f"Endpoint {ENDPOINT} serves the model, but its HTTP API was not" in failed.stderr
        assert "stacks" not in kinds_that_differ(before, state_of(release.scripts))
        deployed = release.scripts.run("deploy", "--with-api", "--rate", "50").result
        yield LambdaRelease(**vars(replace(release, deploy=deployed)))


def invoke_endpoint(release: Release, endpoint: str, texts: list[str]) -> dict:
    """Return the response of an endpoint to a direct call."""
    response = release.scripts.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint,
        ContentType="application/json",
        Body=json.dumps({"instances": texts}).encode(),
    )
    content: dict = json.load(response["Body"])
    return content


def test_deploy_prints_the_endpoint_and_its_api(api):
    assert set(api.deploy) == KEYS["deploy with an API"]
    assert (api.deploy["endpoint_name"], api.deploy["stack_name"]) == (ENDPOINT, STACK)
    assert api.deploy["api_url"].startswith(f"{api.scripts.aws.url}/_local_aws/apis/")


def test_api_returns_the_predictions_of_the_endpoint(api):
    expected = invoke_endpoint(api, ENDPOINT, TEXTS)
    assert api.call("POST", "/predict", {"instances": TEXTS}) == (200, expected)
    assert api.call("POST", "/predict", TEXTS) == (200, expected)
    for text, prediction in zip(TEXTS, expected["predictions"], strict=True):
        assert api.call("POST", "/predict", {"text": text})[1] == {"predictions": [prediction]}


def test_invoke_of_the_api_and_of_the_endpoint_print_the_same(api, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(f"{json.dumps(text)}\n" for text in TEXTS), encoding="utf-8")
    outputs = [
        api.scripts.run("invoke", "--target", target, "--file", str(path)).result
        for target in ("pipeline", "api")
    ]
    assert outputs[0] == outputs[1]


def test_health_has_the_labels_and_the_sha256_of_the_registered_archive(api):
    arn = api.deploy["model_package_arn"]
    package = api.scripts.client("sagemaker").describe_model_package(ModelPackageName=arn)
    (prediction,) = invoke_endpoint(api, ENDPOINT, [POST])["predictions"]
    assert api.model() == {
        "recipe": RECIPE,
        "sha256": package["CustomerMetadataProperties"]["model-sha256"],
        "label_names": list(prediction["probabilities"]),
    }


def test_status_shows_the_package_and_the_time_of_the_endpoint_and_of_its_api(api):
    ended = api.scripts.run("status")
    shown = {each["kind"]: each for each in ended.result["deployments"]}
    assert shown["function"]["endpoint"] == shown["endpoint"]["name"] == ENDPOINT
    for each in shown.values():
        assert each["model_package_arn"] == api.deploy["model_package_arn"]
        assert each["metrics"] == api.train["metrics"]
        time = datetime.strptime(each["released"], "%Y-%m-%dT%H:%M:%S+00:00")
        assert f" {time:%Y-%m-%d %H:%M} " in ended.stderr
    assert ended.stderr.count(api.deploy["model_package_arn"].partition("model-package/")[2]) == 2


def test_refusal_of_the_api_has_the_shape_of_the_slim_function(api):
    status, content = api.call("POST", "/predict", {"instances": [POST, "\u200b"]})
    assert status == 400
    assert content["error"]["code"] == "InvalidInput"
    assert content["error"]["message"].startswith("item 1 is an empty text")
    assert set(content["error"]) == {"code", "message", "accepted", "request_id"}
    assert set(api.call("GET", "/openapi.json")[1]["paths"]) == {
        *("/", "/predict", "/health", "/openapi.json")
    }


def test_api_conforms_to_its_document_for_generated_requests(api, tmp_path):
    api.check_against_its_document(tmp_path)


def test_role_of_the_function_may_invoke_this_endpoint_and_nothing_else(api):
    other = "other-pipeline"
    sagemaker, config = api.scripts.client("sagemaker"), api.deploy["endpoint_config_name"]
    sagemaker.create_endpoint(EndpointName=other, EndpointConfigName=config)
    # Otherwise its state would change in one of the following tests.
    waiter = {"Delay": 1, "MaxAttempts": 300}
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=other, WaiterConfig=waiter)
    name = api.deploy["function_name"]
    role = api.scripts.client("lambda").get_function_configuration(FunctionName=name)["Role"]
    session = api.scripts.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    keys = session["Credentials"]
    credentials = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )

    def client(service: str):
        return credentials.client(service, endpoint_url=api.scripts.aws.url)

    request = {"ContentType": "text/plain", "Body": POST.encode()}
    assert client("sagemaker-runtime").invoke_endpoint(EndpointName=ENDPOINT, **request)
    bucket = api.setup["bucket"]
    for service, operation, parameters in (
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": other, **request}),
        ("sagemaker", "describe_endpoint", {"EndpointName": ENDPOINT}),
        ("s3", "get_object", {"Bucket": bucket, "Key": api.objects("")[0]}),
    ):
        with pytest.raises(ClientError) as raised:
            getattr(client(service), operation)(**parameters)
        assert raised.value.response["Error"]["Code"].startswith("AccessDenied")


def test_function_with_the_name_of_another_endpoint_says_that_its_role_does_not_allow_it(api):
    client, name = api.scripts.client("lambda"), api.deploy["function_name"]
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    # Only $LATEST changes; the API keeps invoking the published version.
    variables = before | {"ENDPOINT_NAME": "other-pipeline"}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    payload = client.invoke(FunctionName=name, Payload=json.dumps({"text": POST}))["Payload"]
    error = json.loads(payload.read())["error"]
    assert error["code"] == "ModelUnavailable"
    assert "role does not allow sagemaker:InvokeEndpoint on it" in error["message"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": before})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)


def test_dry_run_plans_an_update_of_the_api_and_no_upload(api):
    before = state_of(api.scripts)
    planned = api.scripts.run("deploy", "--dry-run").result
    operations = [call["operation"] for call in planned["calls"]]
    updates = [each for each in operations if each.startswith("update_")]
    assert updates == ["update_endpoint", "update_stack"]
    assert "put_object" not in operations
    assert planned["kept"]["ThrottleRate"] == "50"
    assert planned["kept"]["instance_count"] == 1
    assert kinds_that_differ(before, state_of(api.scripts)) == set()


def test_deploy_without_the_flag_keeps_the_api_and_its_limits(api):
    ended = api.scripts.run("deploy")
    assert f"Kept: the HTTP API in front of endpoint {ENDPOINT} (stack {STACK})." in ended.stderr
    assert "ThrottleRate 50" in ended.stderr
    for key in ("stack_name", "function_name", "api_url"):
        assert ended.result[key] == api.deploy[key]
    assert api.call("POST", "/predict", {"text": POST})[0] == 200


def test_interrupted_creation_removes_the_stack_and_keeps_the_endpoint(api, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", api.scripts.aws.url)
    plan = replace(
        PLAN,
        **{"stack": "api-of-x", "bucket": api.setup["bucket"], "target": this_machine()},
        **{"model": b"", "endpoint": "x", "sha256": "0" * 64},
    )
    before = state_of(api.scripts)
    with pytest.raises(KeyboardInterrupt):
        release_api(Interrupted("create_stack", REGION), StackRelease(plan, None, None))
    assert kinds_that_differ(before, state_of(api.scripts)) <= {"objects"}
    assert (
        "Endpoint x serves the model, but its HTTP API was not released" in capsys.readouterr().err
    )


def test_api_in_front_of_an_endpoint_of_own_data_serves_its_labels_beside_the_other(api, tmp_path):
    words = {
        "Rechnung": "Betrag \u00fcberwiesen",
        "\u914d\u9001": "\u8377\u7269\u304c\u5c4a\u304b\u306a\u3044",
        "007, other": "\U0001f680 \u0645\u0631\u062d\u0628\u0627",
    }
    path = tmp_path / "tickets.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["body", "queue"])
        rows.writerows(
            [f"{text}\nnumber {n}", label] for n in range(30) for label, text in words.items()
        )
    named = ("--recipe", "text-linear", "--name", "tickets")
    columns = ("--text", "body", "--label", "queue")
    assert api.scripts.run("upload_data", *named, "--file", str(path), *columns).code == 0
    assert api.scripts.run("train", *named, "--approve").code == 0
    deployed = api.scripts.run("deploy", *named, "--with-api").result
    own = LambdaRelease(**vars(replace(api, deploy=deployed)))
    texts = [*words.values(), "007"]
    expected = invoke_endpoint(api, deployed["endpoint_name"], texts)
    assert own.call("POST", "/predict", {"instances": texts}) == (200, expected)
    assert [one["label"] for one in expected["predictions"][:3]] == list(words)
    assert own.model()["label_names"] == sorted(words)
    ended = api.scripts.run("invoke", *named, "--target", "api", texts[0])
    assert ended.result == {"predictions": expected["predictions"][:1]}
    assert api.scripts.run("delete", *named).result["deleted"]["stack"] == 1
    assert api.call("POST", "/predict", {"text": POST})[0] == 200


def test_api_of_a_deleted_endpoint_returns_503_and_names_it(api):
    client = api.scripts.client("sagemaker")
    for name in (ENDPOINT, "other-pipeline"):
        client.delete_endpoint(EndpointName=name)
        client.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    status, content = api.call("POST", "/predict", {"text": POST})
    assert (status, content["error"]["code"]) == (503, "ModelUnavailable")
    expected = f"the endpoint {ENDPOINT} is not available: it does not exist"
    assert content["error"]["message"].startswith(expected)
    error = api.scripts.run("invoke", "--target", "api", POST).error
    assert error.startswith(expected)


def test_delete_removes_the_api_its_objects_and_its_logs(api):
    deleted = api.scripts.run("delete").result["deleted"]
    assert deleted["stack"] == 1
    assert api.objects() == []
    assert api.scripts.client("lambda").list_functions()["Functions"] == []
    assert api.scripts.client("apigatewayv2").get_apis()["Items"] == []
    groups = api.scripts.client("logs").describe_log_groups()["logGroups"]
    assert [group for group in groups if STACK in group["logGroupName"]] == []
    error = api.scripts.run("invoke", "--target", "api", "text").error
    assert error == (
        f"there is no stack {STACK} in region {REGION}. Deploy it with: "
        f"python -m scripts.deploy --recipe {RECIPE} --with-api"
    )


def test_api_returns_the_predictions_of_the_endpoint_for_real_posts(
    release: Release, posts: list[Post]
):
    scripts, name = release.scripts, "real-posts"
    flags = ("--endpoint-name", name)
    deployed = scripts.run("deploy", *flags, "--with-api").result
    behind = LambdaRelease(**vars(replace(release, deploy=deployed)))
    texts = [post.text for post in posts[:100]]
    expected = invoke_endpoint(release, name, texts)
    assert behind.call("POST", "/predict", {"instances": texts}) == (200, expected)
    ended = scripts.run("invoke", "--target", "api", *flags, texts[0])
    assert ended.result == {"predictions": expected["predictions"][:1]}
    scripts.client("cloudformation").delete_stack(StackName=deployed["stack_name"])
    client = scripts.client("sagemaker")
    client.delete_endpoint(EndpointName=name)
    client.delete_endpoint_config(EndpointConfigName=deployed["endpoint_config_name"])
    client.delete_model(ModelName=deployed["model_name"])
