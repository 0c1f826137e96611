"""AWS::SageMaker::Model, EndpointConfig and Endpoint; what Ref gives for them is their ARN."""

from dataclasses import dataclass
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import (
    Context,
    Provider,
    change_tags,
    tag_list,
    tag_map,
    wait_until,
)
from local_aws.cloudformation.records import Properties

_MOST_LETTERS = 63


@dataclass(frozen=True)
class _Kind:
    """One of the three, whose operations are named alike."""

    operation: str
    name: str

    @property
    def arn(self) -> str:
        """The member that holds the ARN."""
        return self.name.removesuffix("Name") + "Arn"

    def create(self, context: Context, properties: Properties) -> str:
        """Make one; a generated name is in lower case, so that its ARN tells it."""
        given = properties.get(self.name)
        name = given or context.name(None, _MOST_LETTERS).lower()
        sagemaker = context.client("sagemaker")
        made = getattr(sagemaker, f"create_{self.operation}")(**{**properties, self.name: name})
        return str(made[self.arn])

    def name_of(self, arn: str, properties: Properties) -> str:
        """Return the name of one."""
        return str(properties.get(self.name) or arn.rpartition("/")[2])

    def apply(self, context: Context, arn: str, old: Properties, new: Properties) -> None:
        """Change the tags, which is all that changes in place."""
        if not old:
            return
        sagemaker = context.client("sagemaker")
        change_tags(
            tag_map(old.get("Tags")),
            tag_map(new.get("Tags")),
            lambda tags: sagemaker.add_tags(ResourceArn=arn, Tags=tag_list(tags)),
            lambda keys: sagemaker.delete_tags(ResourceArn=arn, TagKeys=keys),
        )

    def delete(self, context: Context, arn: str, properties: Properties) -> None:
        """Delete one; SageMaker tells of a missing one in words only."""
        sagemaker = context.client("sagemaker")
        try:
            getattr(sagemaker, f"delete_{self.operation}")(
                **{self.name: self.name_of(arn, properties)}
            )
        except sagemaker.exceptions.ClientError as error:
            if "Could not find" not in error.response["Error"]["Message"]:
                raise

    def attributes(self, context: Context, arn: str, properties: Properties) -> dict[str, Any]:
        """Return name and ARN."""
        return {self.name: self.name_of(arn, properties), self.arn: arn}


_MODEL, _CONFIG = _Kind("model", "ModelName"), _Kind("endpoint_config", "EndpointConfigName")
_ENDPOINT = _Kind("endpoint", "EndpointName")


def _apply_endpoint(context: Context, arn: str, old: Properties, new: Properties) -> None:
    """Update the endpoint to another configuration, and wait until it is in service."""
    sagemaker, name = context.client("sagemaker"), _ENDPOINT.name_of(arn, new)
    config = new["EndpointConfigName"]
    if old and old["EndpointConfigName"] != config:
        sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    _ENDPOINT.apply(context, arn, old, new)

    def look() -> bool:
        found = sagemaker.describe_endpoint(EndpointName=name)
        status, reason = found["EndpointStatus"], found.get("FailureReason")
        if status == "Failed" or (status == "InService" and reason):
            raise ResourceFailure(f"The endpoint {name} is {status}: {reason}")
        return bool(status == "InService")

    wait_until(look)


def _delete_endpoint(context: Context, arn: str, properties: Properties) -> None:
    _ENDPOINT.delete(context, arn, properties)
    sagemaker, name = context.client("sagemaker"), _ENDPOINT.name_of(arn, properties)

    def gone() -> bool:
        found = sagemaker.list_endpoints(NameContains=name)["Endpoints"]
        return name not in {item["EndpointName"] for item in found}

    wait_until(gone)


# SageMaker's own front refuses what it does not carry out, so that all may pass here.
PROVIDERS = {
    "AWS::SageMaker::Model": Provider(
        frozenset(
            {"ModelName", "PrimaryContainer", "Containers", "ExecutionRoleArn",
             "InferenceExecutionConfig", "EnableNetworkIsolation", "VpcConfig", "Tags"}
        ),
        _MODEL.create,
        _MODEL.delete,
        _MODEL.attributes,
        _MODEL.apply,
    ),
    "AWS::SageMaker::EndpointConfig": Provider(
        frozenset(
            {"EndpointConfigName", "ProductionVariants", "DataCaptureConfig", "KmsKeyId", "Tags",
             "AsyncInferenceConfig", "ShadowProductionVariants"}
        ),
        _CONFIG.create,
        _CONFIG.delete,
        _CONFIG.attributes,
        _CONFIG.apply,
    ),
    "AWS::SageMaker::Endpoint": Provider(
        frozenset({"EndpointName", "EndpointConfigName", "DeploymentConfig", "Tags"}),
        _ENDPOINT.create,
        _delete_endpoint,
        _ENDPOINT.attributes,
        _apply_endpoint,
    ),
}  # fmt: skip
