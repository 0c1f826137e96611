"""A function and its API after the first deployment: addresses, requests, the page, and rights."""

import pytest

from tests.end_to_end.functions.lambda_release import NAMED, STACK, TEXTS, TO_LAMBDA, LambdaRelease


def invoke(function: LambdaRelease, target: str, text: str) -> dict:
    """Return the output of `invoke` for one text."""
    return function.scripts.run("invoke", *NAMED, "--target", target, text).result


def test_deploy_prints_stack_function_and_api_address(function):
    assert function.deploy["stack_name"] == STACK
    assert function.deploy["function_name"].startswith(f"{STACK}-Function-")
    assert function.deploy["api_url"].startswith(f"{function.scripts.aws.url}/_local_aws/apis/")
    assert function.deploy["model_package_arn"] == function.train["model_package_arn"]


def test_deploy_prints_the_log_group_of_the_function(function):
    assert function.call("POST", "/predict", {"text": "the moon"})[0] == 200
    ended = function.scripts.run("deploy", *TO_LAMBDA)
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("Log group: ")]
    group = line.removeprefix("Log group: ")
    (stream, *_) = function.scripts.client("logs").describe_log_streams(logGroupName=group)[
        "logStreams"
    ]
    assert stream["logStreamName"]


@pytest.mark.slow
def test_api_function_and_invoke_return_the_same_predictions(function):
    status, content = function.call("POST", "/predict", {"instances": TEXTS})
    assert status == 200
    assert len(content["predictions"]) == len(TEXTS)
    for text, prediction in zip(TEXTS, content["predictions"], strict=True):
        assert function.call("POST", "/predict", {"text": text}) == (
            200,
            {"predictions": [prediction]},
        )
        assert invoke(function, "api", text) == {"predictions": [prediction]}
        assert invoke(function, "lambda", text) == {"predictions": [prediction]}


@pytest.mark.parametrize("target", ["api", "lambda"])
def test_invoke_reads_a_file_of_several_texts(function, tmp_path, target):
    path = tmp_path / "texts.csv"
    path.write_text("the ancient horror\nthe creature\n", encoding="utf-8")
    ended = function.scripts.run("invoke", *NAMED, "--target", target, "--file", str(path))
    assert len(ended.result["predictions"]) == 2
    assert "text 1: " in ended.stderr


def test_invoke_of_too_many_texts_shows_the_error_of_the_handler(function, tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text("word\n" * 101, encoding="utf-8")
    for target in ("api", "lambda"):
        ended = function.scripts.run("invoke", *NAMED, "--target", target, "--file", str(path))
        assert ended.error.startswith("the request has 101 texts; expected at most 100")


def test_recipe_that_lambda_does_not_serve_is_refused(function):
    for script, *extra in (("deploy",), ("invoke", "text")):
        error = function.scripts.run(script, "--target", "lambda", *extra).error
        assert error.startswith("Lambda does not serve newsgroups-naive-bayes; it serves spooky-")
        assert error.endswith(". Only an endpoint serves it (--target pipeline)"), (
            "it may do already"
        )


def test_api_has_only_the_routes_of_its_document(function):
    status, document = function.call("GET", "/openapi.json")
    assert status == 200
    assert set(document["paths"]) == {"/", "/predict", "/health", "/openapi.json"}
    assert function.call("GET", "/nothing") == (404, {"message": "Not Found"})
    assert function.call("GET", "/predict") == (404, {"message": "Not Found"})
    assert function.call("POST", "/predict", {"text": 5})[0] == 400


def test_page_of_the_api_classifies_in_a_browser(function, browser):
    browser.open(function.deploy["api_url"])
    browser.classify(TEXTS[0])
    (prediction,) = function.call("POST", "/predict", {"text": TEXTS[0]})[1]["predictions"]
    assert browser.text("label") == prediction["label"]
    paths = {request["url"] for request in browser.log() if request["url"][:5] != "data:"}
    base = function.deploy["api_url"]
    assert paths == {base, f"{base}/health", f"{base}/predict"}
    assert browser.text("curl").startswith(f"curl '{base}/predict'")


@pytest.mark.slow
def test_api_conforms_to_its_document_for_generated_requests(function, tmp_path):
    function.check_against_its_document(tmp_path)


def test_function_may_read_only_its_models(function):
    client, s3 = function.scripts.client("lambda"), function.scripts.client("s3")
    (model,) = function.objects("lambda/models/")
    bucket = function.setup["bucket"]
    s3.copy_object(Bucket=bucket, Key="elsewhere.npz", CopySource={"Bucket": bucket, "Key": model})
    name = function.deploy["function_name"]
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    # Only $LATEST changes; the API keeps invoking the published version.
    variables = before | {"MODEL_URI": f"s3://{bucket}/elsewhere.npz"}
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    payload = client.invoke(FunctionName=name, Payload=b'{"text": "a"}')["Payload"].read()
    assert b"ModelUnavailable" in payload
    assert b"the function's role does not allow s3:GetObject" in payload
    client.update_function_configuration(FunctionName=name, Environment={"Variables": before})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert function.call("GET", "/health")[0] == 200
