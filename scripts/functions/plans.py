"""Build the requests of a release to Lambda, as pure functions of frozen values."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from scripts.account.aws import Call
from scripts.account.lock import ROOT
from scripts.account.naming import (
    LAMBDA_API_PREFIX,
    LAMBDA_CODE_PREFIX,
    lambda_models_prefix,
    recipe_tags,
)
from scripts.functions.numpy_layer import FunctionTarget

TEMPLATE = ROOT / "infra" / "lambda.yaml"
DOCUMENT = ROOT / "lambda_handler" / "openapi.json"
_ALIAS = "FunctionAliaslive"  # the logical name that SAM gives it
_OPENAPI = "3.0.1"  # API Gateway supports 3.0 but not 3.1, and ignores schemas
_INVOCATIONS = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    f"${{{_ALIAS}}}/invocations"
)


@dataclass(frozen=True)
class FunctionPlan:
    """The parameters of a function and its HTTP API."""

    recipe: str
    stack: str
    bucket: str
    code: bytes
    model: bytes
    target: FunctionTarget
    memory: int
    concurrency: int
    rate: int
    burst: int


@dataclass(frozen=True)
class Upload:
    """An object to upload unless it exists; its key changes with its content."""

    key: str
    body: bytes

    def call(self, bucket: str) -> Call:
        """Return the call without the body, as --dry-run prints it."""
        return Call("s3", "put_object", {"Bucket": bucket, "Key": self.key})


def uploads(plan: FunctionPlan) -> tuple[Upload, Upload, Upload]:
    """Return the package, the model, and the definition of the API."""
    definition = json.dumps(api_definition(json.loads(DOCUMENT.read_text("utf-8")))).encode()
    return (
        Upload(f"{LAMBDA_CODE_PREFIX}{_sha256(plan.code)}.zip", plan.code),
        Upload(f"{lambda_models_prefix(plan.recipe)}{_sha256(plan.model)}.npz", plan.model),
        Upload(f"{LAMBDA_API_PREFIX}{_sha256(definition)}.json", definition),
    )


def api_definition(document: dict[str, Any]) -> dict[str, Any]:
    """Return the definition for API Gateway, which sends the document's routes to the function.

    CloudFormation resolves the `Fn::Sub` when the template includes it.
    """
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
                }
                for method, operation in methods.items()
            }
            for path, methods in document["paths"].items()
        },
    }


def stack_parameters(plan: FunctionPlan) -> dict[str, str]:
    """Return the template's parameters."""
    code, model, definition = uploads(plan)
    function = {
        "CodeBucket": plan.bucket,
        "CodeKey": code.key,
        "ModelPrefix": lambda_models_prefix(plan.recipe),
        "ModelFile": model.key.rpartition("/")[2],
        "ModelSha256": _sha256(plan.model),
        "DefinitionUri": f"s3://{plan.bucket}/{definition.key}",
        "Recipe": plan.recipe,
        "Runtime": plan.target.runtime,
        "Architecture": plan.target.architecture,
        "MemorySize": str(plan.memory),
    }
    # Any change of the function's content publishes a new version.
    content = TEMPLATE.read_text("utf-8") + json.dumps(function, sort_keys=True)
    return function | {
        "ReleaseSha256": _sha256(content.encode()),
        "ReservedConcurrency": str(plan.concurrency),
        "ThrottleRate": str(plan.rate),
        "ThrottleBurst": str(plan.burst),
    }


def stack_call(plan: FunctionPlan, exists: bool) -> Call:
    """Return the call that creates or updates the stack."""
    parameters = {
        "StackName": plan.stack,
        "TemplateBody": TEMPLATE.read_text("utf-8"),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in stack_parameters(plan).items()
        ],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": recipe_tags(plan.recipe),
    }
    return Call("cloudformation", "update_stack" if exists else "create_stack", parameters)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
