"""Send texts or images to a deployed recipe and print its predictions.

    python -m scripts.invoke --recipe newsgroups-naive-bayes --file docs/post.txt
    python -m scripts.invoke --recipe subreddits-neighbors --neighbors 5 "a tap"
    python -m scripts.invoke --recipe spooky-ngrams --target api "The moon."
    python -m scripts.invoke --recipe digits-cnn --file digit.png

Pass a text as an argument, in a file (.txt, .csv, .json, or .jsonl), or on standard input with -.
Pass images in a file (.png, .jpg, .npy, or .json). Without input, an example from the test data is
sent.
"""

import argparse
import json
import sys
from typing import Any

from inference_pipeline.texts import read_explainable, read_request
from newsgroup_classifier.errors import DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import Recipe
from newsgroup_classifier.text.request_bodies import error_message, plain_bytes
from scripts.account import command
from scripts.account.aws import Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.naming import (
    API,
    ENDPOINTS,
    INVOKED,
    LAMBDA,
    PIPELINE,
    SINGLE,
    endpoint_log_group,
    endpoint_name,
    name_in_stack,
)
from scripts.account.selection import selected_recipe
from scripts.account.stacks import recipe_flags
from scripts.endpoints.bodies import (
    add_body_arguments,
    add_option_arguments,
    add_options,
    example_body,
    read_body,
)
from scripts.endpoints.release import check_single
from scripts.functions.deployment import api_outputs, check_api
from scripts.functions.invoke import (
    api_call,
    function_call,
    invoke_api,
    invoke_function,
    read_token,
)
from scripts.functions.release import check_recipe, function_outputs

_MAX_BYTES = 6_291_456  # of InvokeEndpoint
_LABELS = 3  # per prediction in the output for people
_WIDTH = 60  # characters of a neighbor's text in the table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_recipe_argument(parser)
    parser.add_argument(
        "--target", choices=INVOKED, default=PIPELINE, help="what to invoke (default: %(default)s)"
    )
    parser.add_argument(
        "--endpoint-name",
        help="name of the endpoint (default: RECIPE-TARGET; with --target api: RECIPE-pipeline)",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="file with the token for an API that needs one (default: the token in the variable "
        "NEWSGROUP_CLASSIFIER_TOKEN)",
    )
    add_body_arguments(parser)
    add_option_arguments(parser)
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Invoke the endpoint, the function or its API; return the predictions."""
    recipe = selected_recipe(arguments)
    if arguments.endpoint_name and arguments.target == LAMBDA:
        raise DeploymentError(
            f"--endpoint-name is for --target {PIPELINE} or {API}; the target is {LAMBDA}"
        )
    if arguments.token_file and arguments.target != API:
        raise DeploymentError(
            f"--token-file is for --target {API}; the target is {arguments.target}"
        )
    if arguments.target == SINGLE:
        check_single(recipe)
    body, content_type = read_body(recipe, arguments) or example_body(
        connect(arguments), recipe, arguments.stack
    )
    body, content_type = add_options(recipe, arguments, body, content_type)
    invoke_target = _invoke_endpoint if arguments.target in ENDPOINTS else _invoke_lambda
    result = invoke_target(recipe, arguments, body, content_type)
    if not arguments.dry_run and recipe.least_lines > 1:
        _note_if_short(recipe, body, content_type)
    for index, prediction in enumerate(result.get("predictions", ())):
        best = prediction["label"] if "top" in prediction else _best(prediction)
        say(f"{recipe.inputs.removesuffix('s')} {index}: {best}{details(prediction)}")
    return result


def _invoke_lambda(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> Result:
    if arguments.target == LAMBDA:
        check_recipe(recipe)
    else:
        check_api(recipe, PIPELINE)
    request = read_explainable(body, content_type)
    aws, explain = connect(arguments), request.options.explain
    if arguments.target == LAMBDA:
        call = function_call(function_outputs(aws, arguments.stack, recipe))
        if arguments.dry_run:
            return dry_run([call])
        return invoke_function(aws, call, request.texts, explain)
    outputs = api_outputs(aws, recipe, arguments)
    call = api_call(aws, outputs)
    if arguments.dry_run:
        return dry_run([call])
    token = read_token(outputs, arguments.token_file)
    return invoke_api(aws, call, request.texts, explain, token)


def _invoke_endpoint(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> Result:
    """Send a body to the endpoint; raise RequestError or DeploymentError with the reason."""
    scope = name_in_stack(arguments.stack, recipe.scope)
    name = arguments.endpoint_name or endpoint_name(scope, arguments.target)
    parameters = {"EndpointName": name, "ContentType": content_type, "Accept": "application/json"}
    if arguments.dry_run:
        return dry_run([Call("sagemaker-runtime", "invoke_endpoint", parameters)])
    aws = connect(arguments)
    if not plain_bytes(body).strip():
        raise RequestError("the text is empty; expected at least one word")
    if len(body) > _MAX_BYTES:
        raise RequestError(
            f"the body has {len(body):,} bytes; SageMaker accepts at most {_MAX_BYTES:,} per "
            "request. Send fewer texts or images."
        )
    client = aws.client("sagemaker-runtime")
    try:
        response = client.invoke_endpoint(**parameters, Body=body)
    except client.exceptions.ModelError as error:
        raise _reason(error.response, name) from error
    except client.exceptions.ClientError as error:
        if "not found" not in error.response["Error"]["Message"]:
            raise
        flags = recipe_flags(aws, recipe, arguments.stack)
        flags += f" --target {SINGLE}" if arguments.target == SINGLE else ""
        flags += f" --endpoint-name {name}" if arguments.endpoint_name else ""
        raise DeploymentError(
            f"there is no endpoint {name} in region {aws.region}. Deploy it with: "
            f"python -m scripts.deploy {flags}"
        ) from error
    return _predictions(response["Body"].read(), name)


def _best(prediction: dict[str, Any]) -> str:
    best = sorted(prediction["probabilities"].items(), key=lambda item: -item[1])[:_LABELS]
    return ", ".join(f"{label} {value:.3f}" for label, value in best)


def details(prediction: dict[str, Any]) -> str:
    """Return a table of the requested labels, posts, and words, or ""."""
    top, posts = prediction.get("top", ()), prediction.get("neighbors", ())
    rows = [("  label", "probability")] if top else []
    rows += [(f"  {item['label']}", f"{item['probability']:.4f}") for item in top]
    rows += [("  nearest post", "distance")] if posts else []
    for item in posts:
        text = " ".join(item["text"].split())
        text = text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
        rows.append((f"  {item['label']}", f"{item['distance']:.4f}  {text}"))
    words = prediction.get("explanation", {}).get("words", ())
    rows += (
        [("  word", f"contribution to the {prediction['explanation']['measure']}")] if words else []
    )
    rows += [(f"  {item['text']}", f"{item['contribution']:+.4f}") for item in words]
    return "\n" + command.table(rows) if rows else ""


def _note_if_short(recipe: Recipe, body: bytes, content_type: str) -> None:
    texts = enumerate(read_request(body, content_type).texts)
    short = [str(index) for index, text in texts if text.count("\n") + 1 < recipe.least_lines]
    if short:
        say(
            f"Note: {recipe.name} drops the header of a post, its first {recipe.least_lines - 1} "
            f"lines. That leaves nothing of text {', '.join(short[:5])}"
            f"{', ...' if short[5:] else ''}, so the prediction is the model's prior."
        )


def _predictions(body: bytes, endpoint: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(body)
        for prediction in content["predictions"]:
            _best(prediction)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DeploymentError(
            f"endpoint {endpoint} did not return predictions; did `deploy` create it?"
        ) from error
    return content


def _reason(response: dict[str, Any], endpoint: str) -> Exception:
    status = response.get("OriginalStatusCode", 500)
    original = response.get("OriginalMessage", "")
    message = error_message(original) or original or response["Error"]["Message"]
    if 400 <= status < 500:
        return RequestError(f"the endpoint refused the request ({status}): {message}")
    return DeploymentError(
        f"the endpoint failed ({status}): {message}. Its log group is "
        f"{endpoint_log_group(endpoint)}"
    )


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
