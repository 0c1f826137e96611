"""The names of resources in the account, as pure functions of recipes and stacks."""

import re
import secrets
from datetime import UTC, datetime

PIPELINE, SINGLE, LAMBDA, API = "pipeline", "single", "lambda", "api"
ENDPOINTS = (PIPELINE, SINGLE)  # all containers of a recipe, or TensorFlow Serving's alone
TARGETS = (*ENDPOINTS, LAMBDA)
INVOKED = (*TARGETS, API)  # the Lambda function is reached directly and by its HTTP API
LAMBDA_CODE_PREFIX, LAMBDA_API_PREFIX = "lambda/code/", "lambda/api/"

# Tuning jobs have short names because the names of their training jobs begin with them.
TUNING_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}")
_TUNING_RECIPE_LENGTH = 17


def new_stamp() -> str:
    """Return a suffix that makes a name unique: the time in UTC and six random hex digits."""
    return f"{datetime.now(UTC):%Y%m%d%H%M%S}-{secrets.token_hex(3)}"


def release_name(recipe: str, stamp: str) -> str:
    """Return the name of a training job, model or endpoint config of a recipe."""
    return f"{recipe}-{stamp}"


def is_release_of(recipe: str, name: str) -> bool:
    """Return whether release_name made a name for this recipe."""
    return re.fullmatch(re.escape(recipe) + r"-\d{14}-[0-9a-f]{6}", name) is not None


def new_tuning_name(recipe: str) -> str:
    """Return a name of at most 32 characters for a tuning job: recipe, UTC time, two digits."""
    time = f"{datetime.now(UTC):%y%m%d%H%M%S}"
    return f"{_shortened(recipe)}-{time}{secrets.token_hex(1)}"


def is_tuning_of(recipe: str, name: str) -> bool:
    """Return whether new_tuning_name made a name for this recipe."""
    return re.fullmatch(re.escape(_shortened(recipe)) + r"-\d{12}[0-9a-f]{2}", name) is not None


def _shortened(recipe: str) -> str:
    return recipe[:_TUNING_RECIPE_LENGTH].rstrip("-")


def endpoint_name(recipe: str, target: str) -> str:
    """Return the name of a recipe's endpoint."""
    return f"{recipe}-{target}"


def channel_prefix(dataset: str) -> str:
    """Return the prefix of the channels of a data set."""
    return f"data/{dataset}/"


def jobs_prefix(recipe: str) -> str:
    """Return the prefix of the output of a recipe's training jobs."""
    return f"jobs/{recipe}/"


def checkpoints_prefix(recipe: str, name: str = "") -> str:
    """Return the prefix of a recipe's checkpoints, all of them or those of one name."""
    return f"checkpoints/{recipe}/{name}"


def transform_prefix(recipe: str) -> str:
    """Return the default prefix of the input and output of a recipe's transforms."""
    return f"transform/{recipe}/"


def recipe_tags(recipe: str) -> list[dict[str, str]]:
    """Return the tags of the resources of a recipe."""
    return [{"Key": "project", "Value": "newsgroup-classifier"}, {"Key": "recipe", "Value": recipe}]


def lambda_stack_name(foundation_stack: str, recipe: str) -> str:
    """Return the name of the stack with a recipe's function and HTTP API."""
    return f"{foundation_stack}-{recipe}"


def lambda_log_group(stack: str) -> str:
    """Return the log group of a stack's function, as infra/lambda.yaml names it."""
    return f"/aws/lambda/{stack}"


def lambda_models_prefix(recipe: str) -> str:
    """Return the prefix of a recipe's Lambda models, which its function can read."""
    return f"lambda/models/{recipe}/"
