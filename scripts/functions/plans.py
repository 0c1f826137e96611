"""Build the requests of a release to Lambda, as pure functions of frozen values."""

import argparse
import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Call
from scripts.account.lock import ROOT
from scripts.account.naming import (
    DEFAULT_STACK,
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_models_prefix,
    name_in_stack,
    recipe_tags,
)
from scripts.account.stacks import merged_tags
from scripts.functions.access import (
    DEFAULTS,
    IAM,
    JWT,
    OPEN,
    access_parameters,
    api_security,
    route_security,
)
from scripts.functions.package import FunctionTarget

TEMPLATE = ROOT / "infra" / "lambda.yaml"
DOCUMENT = ROOT / "lambda_handler" / "openapi.json"
# The parameters of the template that a release does not derive from the model.
SETTINGS = (
    *("MemorySize", "Timeout", "ReservedConcurrency", "ThrottleRate", "ThrottleBurst"),
    *("LogRetentionDays", "Page", "Email", *DEFAULTS),
)
# The defaults of the template, of the settings whose change publishes a new version.
_VERSIONED = {"MemorySize": "512", "Page": "on", "Authorizer": OPEN}
_PAGE = "/"  # which only an open API has
_ALIAS = "FunctionAliaslive"  # the logical name that SAM gives it
_OPENAPI = "3.0.1"  # API Gateway supports 3.0 but not 3.1, and ignores schemas
_INVOCATIONS = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    f"${{{_ALIAS}}}/invocations"
)


@dataclass(frozen=True)
class FunctionPlan:
    """The parameters of a function and its HTTP API.

    The function has the `model` of a `package` (its ARN), or else invokes `endpoint`, whose model
    archive has `sha256`. `foundation` is the stack that the function's `stack` belongs to. Settings
    that are not `named` are kept from the `previous` stack, or else are the template's defaults.
    `shift` are the parameters by which this release moves calls.
    """

    recipe: Recipe
    stack: str
    bucket: str
    code: bytes
    target: FunctionTarget
    model: bytes = b""
    package: str = ""
    endpoint: str = ""
    sha256: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    shift: Mapping[str, str] = field(default_factory=dict)
    foundation: str = DEFAULT_STACK
    previous: Mapping[str, str] = field(default_factory=dict)

    @property
    def models_prefix(self) -> str:
        """The prefix of the recipe's models, which the function can read."""
        return lambda_models_prefix(name_in_stack(self.foundation, self.recipe.scope))

    @property
    def kept(self) -> dict[str, str]:
        """The values of the previous stack that an update keeps."""
        names = [name for name in SETTINGS if self.previous.get(name) and name not in self.named]
        return {name: self.previous[name] for name in names}

    @property
    def settings(self) -> dict[str, str]:
        """The parameters after the release, of those that a definition or version depends on."""
        return {**DEFAULTS, **_VERSIONED, **self.kept, **self.named}

    @property
    def warning(self) -> str:
        """What to say about an API that anybody may call, or ""."""
        if self.settings["Authorizer"] != OPEN:
            return ""
        return (
            f"Warning: anybody who knows the address of the API of the stack {self.stack} can call "
            f"it, on AWS at your cost. Protect it with --auth {IAM} or --auth {JWT}."
        )


def named_settings(arguments: argparse.Namespace, previous: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that flags name; `previous` are the parameters of the stack."""
    values = {
        "MemorySize": arguments.memory,
        "ReservedConcurrency": arguments.concurrency,
        "ThrottleRate": arguments.rate,
        "ThrottleBurst": arguments.burst,
        "LogRetentionDays": arguments.log_days,
        "Email": arguments.email,
        "Page": None if arguments.page is None else ("off", "on")[arguments.page],
    }
    named = {name: str(value) for name, value in values.items() if value is not None}
    return named | access_parameters(arguments, previous)


@dataclass(frozen=True)
class Upload:
    """An object to upload unless it exists; its key changes with its content."""

    key: str
    body: bytes

    @property
    def checksum(self) -> str:
        """The sha256 of the content, as S3 writes it."""
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()

    def call(self, bucket: str) -> Call:
        """Return the call without the body, as --dry-run prints it."""
        return Call("s3", "put_object", {"Bucket": bucket, "Key": self.key})


def uploads(plan: FunctionPlan) -> tuple[Upload, ...]:
    """Return the package, the model unless an endpoint has it, and the definition of the API."""
    model = () if plan.endpoint else (_model(plan),)
    return (_code(plan), *model, _definition(plan))


def _code(plan: FunctionPlan) -> Upload:
    return Upload(f"{lambda_code_prefix(plan.foundation)}{_sha256(plan.code)}.zip", plan.code)


def _model(plan: FunctionPlan) -> Upload:
    return Upload(f"{plan.models_prefix}{_sha256(plan.model)}.npz", plan.model)


def _definition(plan: FunctionPlan) -> Upload:
    document = json.loads(DOCUMENT.read_text("utf-8"))
    definition = json.dumps(api_definition(document, plan.settings)).encode()
    return Upload(f"{lambda_api_prefix(plan.foundation)}{_sha256(definition)}.json", definition)


def api_definition(
    document: dict[str, Any], settings: Mapping[str, str] = DEFAULTS
) -> dict[str, Any]:
    """Return the definition for API Gateway, which sends the document's routes to the function.

    The settings say who may call them.
    """
    is_open = settings["Authorizer"] == OPEN
    integration = {
        "type": "AWS_PROXY",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "uri": {"Fn::Sub": _INVOCATIONS},
    }
    return {
        "openapi": _OPENAPI,
        "info": {"title": {"Fn::Sub": "${AWS::StackName}"}, "version": document["info"]["version"]},
        "paths": {
            path: {
                method: {
                    "operationId": operation["operationId"],
                    "responses": {"default": {"description": operation["summary"]}},
                    "x-amazon-apigateway-integration": integration,
                    **route_security(settings),
                }
                for method, operation in methods.items()
            }
            for path, methods in document["paths"].items()
            if is_open or path != _PAGE
        },
        **api_security(settings),
    }


def stack_parameters(plan: FunctionPlan) -> dict[str, str]:
    """Return the template's parameters, without those that an update keeps."""
    function = {
        "CodeBucket": plan.bucket,
        "CodeKey": _code(plan).key,
        "DefinitionUri": f"s3://{plan.bucket}/{_definition(plan).key}",
        "Recipe": plan.recipe.scope,
        **({"Package": plan.package} if plan.package else {}),
        "Runtime": plan.target.runtime,
        "Architecture": plan.target.architecture,
        **_model_parameters(plan),
    }
    versioned = {name: plan.settings[name] for name in _VERSIONED}
    # Any change of the function's content publishes a new version.
    content = TEMPLATE.read_text("utf-8") + json.dumps(function | versioned, sort_keys=True)
    return {**function, "ReleaseSha256": _sha256(content.encode()), **plan.named, **plan.shift}


def _model_parameters(plan: FunctionPlan) -> dict[str, str]:
    if plan.endpoint:
        return {
            "EndpointName": plan.endpoint,
            "EndpointResource": f"endpoint/{plan.endpoint.lower()}",
            "ModelSha256": plan.sha256,
        }
    return {
        "ModelPrefix": plan.models_prefix,
        "ModelFile": _model(plan).key.rpartition("/")[2],
        "ModelSha256": _sha256(plan.model),
    }


def stack_call(plan: FunctionPlan, previous: dict[str, Any] | None) -> Call:
    """Return the call that creates the stack, or updates the previous one."""
    named = [
        {"ParameterKey": name, "ParameterValue": value}
        for name, value in stack_parameters(plan).items()
    ]
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in plan.kept]
    parameters = {
        "StackName": plan.stack,
        "TemplateBody": TEMPLATE.read_text("utf-8"),
        "Parameters": [*named, *kept],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        # SAM retains versions. One that a rollback left would make the next release of it fail.
        "RetainExceptOnCreate": True,
        "Tags": merged_tags(previous, recipe_tags(plan.foundation, plan.recipe)),
    }
    return Call("cloudformation", "update_stack" if previous else "create_stack", parameters)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
