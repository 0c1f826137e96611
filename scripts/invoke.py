"""Send texts or images to a deployed recipe and print its predictions.

    python -m scripts.invoke --recipe newsgroups-naive-bayes --file post.txt
    python -m scripts.invoke --recipe subreddits-neighbors --top 3 --neighbors 5 "how to fix a tap"
    python -m scripts.invoke --recipe spooky-topic-forest --target api "The moon was pale."
    python -m scripts.invoke --recipe digits-cnn --file digit.png

A text is an argument, a file (by its ending .txt, .csv, .json or .jsonl) or, with -, stdin; images
are a file (.png, .npy or .json). Where nothing is given an example of the test data is sent.
"""

import argparse
import json
import sys
from typing import Any

from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe, find_recipe
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import (
    ENDPOINTS,
    INVOKED,
    LAMBDA,
    PIPELINE,
    SINGLE,
    endpoint_name,
    lambda_stack_name,
)
from scripts.endpoints.asked import add_asked_arguments, asked_body, shown
from scripts.endpoints.bodies import add_body_arguments, example_body, given_body
from scripts.endpoints.single_container import check_single
from scripts.functions.invoke import api_call, function_call, invoke_api, invoke_function
from scripts.functions.release import check_recipe, function_outputs

_MOST_BYTES = 6_291_456  # of InvokeEndpoint
_SHOWN = 3  # labels a prediction in the table for people


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the script's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument("--target", choices=INVOKED, default=PIPELINE, help="what to invoke")
    parser.add_argument("--endpoint-name", help="name of the endpoint (RECIPE-TARGET)")
    add_body_arguments(parser)
    add_asked_arguments(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Invoke the endpoint, the function or its API; return the predictions."""
    recipe = find_recipe(arguments.recipe)
    if arguments.endpoint_name and arguments.target not in ENDPOINTS:
        raise DeploymentError(
            f"--endpoint-name is for --target {PIPELINE}; the target is {arguments.target}"
        )
    if arguments.target == SINGLE:
        check_single(recipe)
    body, content_type = given_body(recipe, arguments) or example_body(
        connect(arguments), recipe, arguments.stack
    )
    body, content_type = asked_body(recipe, arguments, body, content_type)
    work = _invoke_endpoint if arguments.target in ENDPOINTS else _invoke_lambda
    result = work(recipe, arguments, body, content_type)
    if not arguments.dry_run and recipe.least_lines > 1:
        _note_if_short(recipe, body, content_type)
    for index, prediction in enumerate(result.get("predictions", ())):
        say(f"{recipe.inputs.removesuffix('s')} {index}: {_best(prediction)}{shown(prediction)}")
    return result


def _invoke_lambda(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> Result:
    from inference_pipeline.texts import read_texts

    check_recipe(recipe)
    texts = read_texts(body, content_type)
    aws = connect(arguments)
    outputs = function_outputs(aws, lambda_stack_name(arguments.stack, recipe.name), recipe.name)
    if arguments.target == LAMBDA:
        call, make = function_call(outputs), invoke_function
    else:
        call, make = api_call(aws, outputs), invoke_api
    return dry_run([call]) if arguments.dry_run else make(aws, call, texts)


def _invoke_endpoint(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> Result:
    name = arguments.endpoint_name or endpoint_name(recipe.name, arguments.target)
    call = Call(
        "sagemaker-runtime",
        "invoke_endpoint",
        {"EndpointName": name, "ContentType": content_type, "Accept": "application/json"},
    )
    if arguments.dry_run:
        return dry_run([call])
    return invoke(connect(arguments), call, body, recipe.name)


def _best(prediction: dict[str, Any]) -> str:
    best = sorted(prediction["probabilities"].items(), key=lambda item: -item[1])[:_SHOWN]
    return ", ".join(f"{label} {value:.3f}" for label, value in best)


def _note_if_short(recipe: Recipe, body: bytes, content_type: str) -> None:
    """Say which texts have nothing that the model looks at, once there is an answer."""
    from inference_pipeline.texts import read_request

    texts = enumerate(read_request(body, content_type).texts)
    short = [str(index) for index, text in texts if text.count("\n") + 1 < recipe.least_lines]
    if short:
        say(
            f"Note: {recipe.name} drops the header of a post, its first {recipe.least_lines - 1} "
            f"lines. Nothing is left of text {', '.join(short[:5])}{', ...' if short[5:] else ''}, "
            "so the answer is the model's prior."
        )


def invoke(aws: Aws, call: Call, body: bytes, recipe: str) -> dict[str, Any]:
    """Make the call with a body; raise RequestError or DeploymentError with the plain reason."""
    if not body.strip():
        raise RequestError("the text is empty; expected at least one word")
    if len(body) > _MOST_BYTES:
        raise RequestError(
            f"the body has {len(body):,} bytes; SageMaker takes at most {_MOST_BYTES:,} in one "
            "request. Send fewer texts or images."
        )
    client = aws.client(call.service)
    try:
        answer = client.invoke_endpoint(**call.parameters, Body=body)
    except client.exceptions.ModelError as error:
        raise _reason(error.response) from error
    except client.exceptions.ClientError as error:
        if "not found" in error.response["Error"]["Message"]:
            name = call.parameters["EndpointName"]
            named = _flags_of(name, recipe)
            raise DeploymentError(
                f"there is no endpoint {name} in region {aws.region}. Deploy it with: "
                f"python -m scripts.deploy --recipe {recipe}{named}"
            ) from error
        raise
    return _predictions(answer["Body"].read(), call.parameters["EndpointName"])


def _flags_of(endpoint: str, recipe: str) -> str:
    """Return the flags of deploy that make an endpoint of this name."""
    if endpoint == endpoint_name(recipe, SINGLE):
        return f" --target {SINGLE}"
    return "" if endpoint.startswith(f"{recipe}-") else f" --endpoint-name {endpoint}"


def _predictions(body: bytes, endpoint: str) -> dict[str, Any]:
    """Return the answer of an endpoint of ours; raise DeploymentError for anything else."""
    try:
        result = json.loads(body)
        for prediction in result["predictions"]:
            _best(prediction)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeploymentError(
            f"endpoint {endpoint} answered something else than predictions; is it one that "
            "scripts.deploy made?"
        ) from error
    answer: dict[str, Any] = result
    return answer


def _reason(response: dict[str, Any]) -> Exception:
    """Return the error that a container's answer stands for."""
    status = response.get("OriginalStatusCode", 500)
    original = response.get("OriginalMessage", "")
    try:
        message = json.loads(original)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = original or response["Error"]["Message"]
    if 400 <= status < 500:
        return RequestError(f"the endpoint refused the request ({status}): {message}")
    return DeploymentError(f"the endpoint failed ({status}): {message}")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
