"""The lineage of a registered model: a document next to its archive, bound by its sha256.

It has what the model was trained from and with, its metrics, and an example: a request with the
label that the model gave it in training.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from scripts.account.aws import Aws, Call
from scripts.account.model_archives import location_of

FORMAT = 1
LINEAGE = "lineage-sha256"  # in CustomerMetadataProperties
TRIAL_TEXT = "Two words, and 3 more."


@dataclass(frozen=True)
class Example:
    """A request and its label, "" if it is unknown; `row` is that of the test channel, from 1."""

    body: bytes
    content_type: str
    label: str = ""
    row: int = 0

    def document(self) -> dict[str, Any]:
        """Return the example as JSON."""
        return asdict(self) | {"body": base64.b64encode(self.body).decode()}


def texts_body(texts: list[str]) -> bytes:
    """Return texts as a request in JSON."""
    return json.dumps({"instances": texts}).encode()


TRIAL = Example(texts_body([TRIAL_TEXT]), "application/json")


def lineage_location(model_uri: str) -> dict[str, str]:
    """Return the bucket and key of the lineage of a model archive."""
    return location_of(f"{model_uri.removesuffix('model.tar.gz')}lineage.json")


@dataclass(frozen=True)
class Origin:
    """What a model was made from: properties of its package, and its lineage."""

    properties: Mapping[str, str]
    lineage: Mapping[str, Any]


def write_lineage(
    aws: Aws, model_uri: str, lineage: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Write the lineage of a model next to its archive.

    Return its sha256, and the members of a package that name it and the origin.
    """
    content = json.dumps(lineage, indent=1).encode()
    location = lineage_location(model_uri)
    aws.client("s3").put_object(**location, Body=content, ContentType="application/json")
    sha256 = hashlib.sha256(content).hexdigest()
    statistics = {
        "ContentType": "application/json",
        "ContentDigest": f"sha256:{sha256}",
        "S3Uri": f"s3://{location['Bucket']}/{location['Key']}",
    }
    origin = {"CommitId": lineage["commit"], "GeneratedBy": lineage["training_job_name"]}
    metadata = {name: value for name, value in origin.items() if value}
    parameters: dict[str, Any] = {"ModelMetrics": {"ModelQuality": {"Statistics": statistics}}}
    return sha256, parameters | ({"MetadataProperties": metadata} if metadata else {})


def read_lineage(aws: Aws, package: Mapping[str, Any]) -> dict[str, Any]:
    """Return the registered lineage of a package, {} if it has none; raise if it was replaced."""
    expected = package.get("CustomerMetadataProperties", {}).get(LINEAGE)
    if not expected:
        return {}
    arn = package["ModelPackageArn"]
    uri = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    location = lineage_location(uri)
    response = aws.make(Call("s3", "get_object", location), "NoSuchKey", "NoSuchBucket")
    content = response["Body"].read() if response else b""
    actual = hashlib.sha256(content).hexdigest() if response else "no object"
    if actual != expected:
        raise DeploymentError(
            f"s3://{location['Bucket']}/{location['Key']} is not the lineage that was registered "
            f"with {arn}: expected sha256 {expected}, found {actual}. Restore that version of the "
            "object, or train the model again"
        )
    return dict(json.loads(content))


def example_of(lineage: Mapping[str, Any], inputs: str) -> Example | None:
    """Return the example of a lineage, or else a text without a label, or None for images."""
    document = lineage.get("example")
    if document:
        return Example(**document | {"body": base64.b64decode(document["body"])})
    return TRIAL if inputs == "texts" else None


def own_lineage(recipe: Recipe, label: str) -> dict[str, Any]:
    """Return the lineage of a model that was trained elsewhere, and its label of TRIAL_TEXT."""
    return {
        "format": FORMAT,
        "training_job_name": "",
        "recipe": recipe.name,
        "data_name": recipe.data_name,
        "commit": "",
        "metrics": {},
        "example": replace(TRIAL, label=label).document(),
    }
