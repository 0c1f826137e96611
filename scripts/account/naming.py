"""The names of resources in the account, as pure functions of scopes and stacks.

A stack is an environment. `name_in_stack` combines its name with the scope of a recipe, which is
its name with that of its own data; the other functions take the combination in place of a recipe.
"""

import hashlib
import re
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsgroup_classifier.data_names import SEPARATOR as DATA_SEPARATOR
from newsgroup_classifier.errors import DeploymentError

if TYPE_CHECKING:  # which the list of commands does not need
    from newsgroup_classifier.recipe import Recipe

PIPELINE, SINGLE, LAMBDA, API = "pipeline", "single", "lambda", "api"
ENDPOINTS = (PIPELINE, SINGLE)  # all containers of a recipe, or TensorFlow Serving's alone
TARGETS = (*ENDPOINTS, LAMBDA)
ENDPOINT_ONLY = f"Only an endpoint serves it (--target {PIPELINE})"  # and no function
INVOKED = (*TARGETS, API)  # the Lambda function is reached directly and by its HTTP API
PROJECT = DEFAULT_STACK = "newsgroup-classifier"
LOOPBACK = ("127.0.0.1", "localhost", "::1")  # addresses of this machine, where no AWS is

# Tuning jobs have short names because the names of their training jobs begin with them.
TUNING_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,31}")
_TUNING_RECIPE_LENGTH = 17
# "--" ends the name of a stack, since no recipe or data set contains it. The "---" before the name
# of own data does not.
_SEPARATOR = "--"
_EXACT = r"--(?!-)"
_SCOPE = re.compile(r"[^-]+(-[^-]+)*(---[^-]+(-[^-]+)*)?")
# They begin the names of the stacks of APIs and of alarms, and of no other stack.
_API_OF, _WATCH_OF = "api-of-", "watch-of-"
_STACK = re.compile(rf"(?!(?i:{_API_OF}|{_WATCH_OF}))[a-zA-Z][a-zA-Z0-9-]{{0,127}}")
_PLAIN = re.compile(r"(?!.{17})[a-z0-9]+(-[a-z0-9]+)*")  # stacks that are not abbreviated
OWN_ROLE = "own"  # of the recipes in files of users
OWN_DATA = "_own/"  # in the folder of a recipe; no job or checkpoint has the name
_MAX_LENGTH = 41  # of a combined name, so that a stamp fits into SageMaker's 63 characters
_MAX_FUNCTION_STACK = 42  # so that CloudFormation's "-Function-" and 12 letters fit into 64
_KEY = re.compile(r"(?:code|data|jobs|checkpoints|transform|models|lambda/models|lambda)/([^/]+)/")
_DIGITS = 8  # of the hash that makes an abbreviated name unique
# The stack's part of a name has at most 16 characters; an abbreviated scope has more before "--".
_OTHER_STACK = re.compile(rf"(?:[^-]|-(?!-)){{1,16}}{_EXACT}")


def check_stack(stack: str) -> None:
    """Raise DeploymentError unless a stack can have the name."""
    if not _STACK.fullmatch(stack):
        raise DeploymentError(
            f"--stack {stack!r} is not the name of a stack; expected up to 128 letters, digits and "
            f"dashes, such as staging, that start with a letter and not {_API_OF} or {_WATCH_OF}"
        )


def name_in_stack(stack: str, name: str) -> str:
    """Return the name of a scope or data set in a stack, of at most 41 characters.

    No two pairs have the same name, not even in different case. The default stack's names have no
    part for the stack.
    """
    if not _SCOPE.fullmatch(name):
        raise DeploymentError(f"the name {name!r} contains {_SEPARATOR!r}; choose one without it")
    if stack == DEFAULT_STACK and DATA_SEPARATOR not in name:
        return name
    label = "" if stack == DEFAULT_STACK else f"{_stack_label(stack)}{_SEPARATOR}"
    return _fitting(f"{label}{name}", _MAX_LENGTH, f"{stack}/{name}")


def _fitting(full: str, length: int, identity: str) -> str:
    return full if len(full) <= length else _abbreviated(full, length, identity)


def _stack_label(stack: str) -> str:
    """Return a stack's part of names: its name, or its start and a hash if that does not fit."""
    if _PLAIN.fullmatch(stack):
        return stack
    return _abbreviated("-".join(re.findall("[a-z0-9]+", stack.lower())), 16, stack)


def _abbreviated(text: str, length: int, identity: str) -> str:
    digest = hashlib.sha256(identity.encode()).hexdigest()[:_DIGITS]
    start = text[: length - _DIGITS - len(_SEPARATOR)].rstrip("-")
    return f"{start}{_SEPARATOR}{digest}"


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
    if _SEPARATOR in recipe:  # the start would not tell recipes of a stack apart
        return _abbreviated(recipe, _TUNING_RECIPE_LENGTH, recipe)
    return recipe[:_TUNING_RECIPE_LENGTH].rstrip("-")


def endpoint_name(recipe: str, target: str) -> str:
    """Return the name of a recipe's endpoint."""
    return f"{recipe}-{target}"


def channel_prefix(data_scope: str) -> str:
    """Return the prefix of the channels of a data set."""
    return f"data/{data_scope}/"


def role_scope(recipe: "Recipe") -> str:
    """Return the name of the role of a recipe's training jobs, which all files of users share."""
    return OWN_ROLE if recipe.file else recipe.name


def jobs_folder(stack: str, recipe: "Recipe") -> str:
    """Return the folder of a recipe's training jobs, which their role can write, in prefixes."""
    folder = name_in_stack(stack, role_scope(recipe))
    folder += f"/{recipe.name}" if recipe.file else ""
    return f"{folder}/{OWN_DATA}{recipe.data_name}" if recipe.data_name else folder


def jobs_prefix(folder: str) -> str:
    """Return the prefix of the output of training jobs."""
    return f"jobs/{folder}/"


def models_prefix(recipe: str, model: str = "") -> str:
    """Return the prefix of the archives that a recipe's models load, of all or of one by name."""
    return f"models/{recipe}/{model}/" if model else f"models/{recipe}/"


def checkpoints_prefix(folder: str, name: str = "") -> str:
    """Return the prefix of the checkpoints of training jobs, all of them or those of one name."""
    return f"checkpoints/{folder}/{name}"


def transform_prefix(recipe: str) -> str:
    """Return the default prefix of the input and output of a recipe's transforms."""
    return f"transform/{recipe}/"


def stack_tags(stack: str) -> list[dict[str, str]]:
    """Return the tags of the resources of a stack."""
    return [{"Key": "project", "Value": PROJECT}, {"Key": "stack", "Value": stack}]


def recipe_tags(stack: str, recipe: "Recipe") -> list[dict[str, str]]:
    """Return the tags of the resources of a recipe, with the name of its own data if it has one."""
    data = [{"Key": "data", "Value": recipe.data_name}] if recipe.data_name else []
    return [*stack_tags(stack), {"Key": "recipe", "Value": recipe.name}, *data]


def lambda_stack_name(stack: str, scope: str) -> str:
    """Return the name of the stack with the function and HTTP API of a recipe's scope."""
    if stack != DEFAULT_STACK:
        return name_in_stack(stack, scope)
    full = f"{DEFAULT_STACK}-{scope}"
    return _fitting(full, _MAX_FUNCTION_STACK, scope) if DATA_SEPARATOR in scope else full


def api_stack_name(endpoint: str) -> str:
    """Return the name of the stack with the HTTP API in front of an endpoint."""
    return _fitting(f"{_API_OF}{endpoint}", _MAX_FUNCTION_STACK, endpoint)


def watch_stack_name(endpoint: str) -> str:
    """Return the name of the stack with the alarms of an endpoint."""
    return _fitting(f"{_WATCH_OF}{endpoint}", _MAX_FUNCTION_STACK, endpoint)


def endpoint_log_group(endpoint: str) -> str:
    """Return the log group of an endpoint, as SageMaker names it."""
    return f"/aws/sagemaker/Endpoints/{endpoint}"


def lambda_log_group(stack: str) -> str:
    """Return the log group of a stack's function, as infra/lambda.yaml names it."""
    return f"/aws/lambda/{stack}"


def lambda_models_prefix(recipe: str) -> str:
    """Return the prefix of a recipe's Lambda models, which its function can read."""
    return f"lambda/models/{recipe}/"


def lambda_code_prefix(stack: str) -> str:
    """Return the prefix of the packages of a stack's functions."""
    return f"lambda/{name_in_stack(stack, 'code')}/"


def lambda_api_prefix(stack: str) -> str:
    """Return the prefix of the API definitions of a stack's functions."""
    return f"lambda/{name_in_stack(stack, 'api')}/"


def is_key_of_another_stack(stack: str, key: str) -> bool:
    """Return whether a key is under a prefix that the name of another stack is part of."""
    match = _KEY.match(key)
    if match is None or not _OTHER_STACK.match(match[1]):
        return False
    if stack == DEFAULT_STACK:
        return True
    # An abbreviated stack with the same start has a hash in its names.
    own = rf"{_stack_label(stack)}{_EXACT}(?![0-9a-f]{{{_DIGITS}}}{_EXACT})"
    return re.match(own, match[1]) is None


def bundle_prefix(stack: str, digest: str) -> str:
    """Return the prefix of a source bundle, which contains the hash of its content."""
    return f"code/{name_in_stack(stack, digest)}/"
