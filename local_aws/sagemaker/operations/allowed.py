"""The members of SageMaker's requests that the local AWS reproduces.

Descriptive members (tags and content types) can have any value.
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from local_aws.errors import not_reproduced
from local_aws.rules import ANY, Rule, check_members


def _any(*names: str) -> dict[str, Rule]:
    """Return the rules of members that can have any value."""
    return dict.fromkeys(names, ANY)


_CHANNEL: Mapping[str, Rule] = {
    **_any("ChannelName", "ContentType"),
    "InputMode": ANY,  # checked together with TrainingInputMode
    "CompressionType": ("Gzip",),
    "RecordWrapperType": ("None",),
    "DataSource": {
        "S3DataSource": {
            "S3DataType": ("S3Prefix",),
            "S3Uri": ANY,
            "S3DataDistributionType": ("FullyReplicated", "ShardedByS3Key"),
        }
    },
}
_CONTAINER: Mapping[str, Rule] = {
    **_any("ContainerHostname", "Image", "ModelDataUrl", "Environment", "ModelPackageName"),
    "ImageConfig": {"RepositoryAccessMode": ("Platform",)},
    "Mode": ("SingleModel",),
}
# A container that names a model package is replaced by the containers of the package.
CONTAINER_OF_A_PACKAGE: Mapping[str, Rule] = _any("ModelPackageName")
PACKAGED_CONTAINER: Mapping[str, Rule] = {
    **_any("ContainerHostname", "Image", "ModelDataUrl", "Environment"),
    **_any("Framework", "FrameworkVersion", "NearestModelName", "ModelInput"),
}
_VARIANT: Mapping[str, Rule] = {
    **_any("VariantName", "ModelName", "InstanceType", "InitialInstanceCount", "VolumeSizeInGB"),
    **_any("InitialVariantWeight", "ContainerStartupHealthCheckTimeoutInSeconds"),
    "RoutingConfig": {"RoutingStrategy": ("RANDOM",)},
}
_DEPLOYMENT: Mapping[str, Rule] = {"BlueGreenUpdatePolicy": ANY, "AutoRollbackConfiguration": ANY}
_RANGES = _any("CategoricalParameterRanges", "IntegerParameterRanges", "ContinuousParameterRanges")
_TRAINING_JOB: Mapping[str, Rule] = {
    **_any("TrainingJobName", "RoleArn", "Tags", "HyperParameters", "Environment"),
    "AlgorithmSpecification": {
        **_any("TrainingImage", "TrainingInputMode", "MetricDefinitions", "ContainerEntrypoint"),
        "ContainerArguments": ANY,  # requires ContainerEntrypoint
        "EnableSageMakerMetricsTimeSeries": ANY,  # metrics are always kept
    },
    "InputDataConfig": _CHANNEL,
    "OutputDataConfig": {**_any("S3OutputPath", "KmsKeyId"), "CompressionType": ("GZIP",)},
    "ResourceConfig": _any("InstanceType", "InstanceCount", "VolumeSizeInGB"),
    # Instances are always available, so a job never exceeds its time limit for waiting.
    "StoppingCondition": _any(
        "MaxRuntimeInSeconds", "MaxPendingTimeInSeconds", "MaxWaitTimeInSeconds"
    ),
    "EnableManagedSpotTraining": ANY,
    # Both are checked together with the computer and the instances.
    **_any("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
    "CheckpointConfig": _any("S3Uri", "LocalPath"),
    # The images here have neither the debugger nor the profiler, which only collect data.
    "DebugHookConfig": _any("S3OutputPath", "LocalPath"),
    "ProfilerConfig": _any("S3OutputPath", "ProfilingIntervalInMilliseconds", "DisableProfiler"),
    # Their members may be False, which requests nothing.
    **{name: {} for name in ("RemoteDebugConfig", "InfraCheckConfig", "SessionChainingConfig")},
}
# The members that training job definitions in tuning jobs share with training jobs.
_SHARED = (
    *("RoleArn", "Environment", "AlgorithmSpecification", "InputDataConfig", "OutputDataConfig"),
    *("ResourceConfig", "StoppingCondition", "EnableManagedSpotTraining", "CheckpointConfig"),
    *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
)
_DEFINITION: Mapping[str, Rule] = {
    **{name: _TRAINING_JOB[name] for name in _SHARED},
    **_any("DefinitionName", "TuningObjective", "StaticHyperParameters"),
    "HyperParameterRanges": _RANGES,
    "HyperParameterTuningResourceConfig": {
        **_any("InstanceType", "InstanceCount", "VolumeSizeInGB", "InstanceConfigs"),
        "AllocationStrategy": ("Prioritized",),
    },
}
_ALLOWED: Mapping[str, Mapping[str, Rule]] = {
    "CreateTrainingJob": _TRAINING_JOB,
    "CreateHyperParameterTuningJob": {
        **_any("HyperParameterTuningJobName", "Tags", "WarmStartConfig"),
        "HyperParameterTuningJobConfig": {
            "Strategy": ("Grid", "Random", "Bayesian"),
            **_any("HyperParameterTuningJobObjective", "ResourceLimits", "RandomSeed"),
            "ParameterRanges": _RANGES,
            "TrainingJobEarlyStoppingType": ANY,
            "TuningJobCompletionCriteria": {
                **_any("TargetObjectiveMetricValue", "BestObjectiveNotImproving"),
                "ConvergenceDetected": {"CompleteOnConvergence": ("Disabled",)},
            },
        },
        "TrainingJobDefinition": _DEFINITION,
        "TrainingJobDefinitions": _DEFINITION,
    },
    "CreateProcessingJob": {
        **_any("ProcessingJobName", "RoleArn", "Tags", "Environment", "StoppingCondition"),
        "NetworkConfig": _any("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
        "AppSpecification": _any("ImageUri", "ContainerEntrypoint", "ContainerArguments"),
        "ProcessingInputs": {
            "InputName": ANY,
            "S3Input": {
                **_any("S3Uri", "LocalPath"),
                "S3DataType": ("S3Prefix",),
                "S3InputMode": ("File",),
                "S3DataDistributionType": ("FullyReplicated", "ShardedByS3Key"),
            },
        },
        "ProcessingOutputConfig": {
            "KmsKeyId": ANY,
            "Outputs": {"OutputName": ANY, "S3Output": _any("S3Uri", "LocalPath", "S3UploadMode")},
        },
        "ProcessingResources": {
            "ClusterConfig": _any("InstanceType", "InstanceCount", "VolumeSizeInGB")
        },
    },
    "CreateTransformJob": {
        **_any("TransformJobName", "ModelName", "Tags", "Environment"),
        **_any("MaxConcurrentTransforms", "MaxPayloadInMB", "BatchStrategy"),
        "ModelClientConfig": _any("InvocationsTimeoutInSeconds", "InvocationsMaxRetries"),
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": ("S3Prefix",), "S3Uri": ANY}},
            "ContentType": ANY,
            "CompressionType": ("Gzip",),
            "SplitType": ("Line",),
        },
        "TransformOutput": {
            **_any("S3OutputPath", "Accept", "KmsKeyId"),
            "AssembleWith": ("Line",),
        },
        "TransformResources": _any("InstanceType", "InstanceCount"),
        "DataProcessing": {**_any("InputFilter", "OutputFilter"), "JoinSource": ("Input",)},
    },
    "CreateModel": {
        **_any("ModelName", "ExecutionRoleArn", "Tags"),
        "PrimaryContainer": _CONTAINER,
        "Containers": _CONTAINER,
        "InferenceExecutionConfig": {"Mode": ("Serial",)},
    },
    "CreateEndpointConfig": {**_any("EndpointConfigName", "Tags"), "ProductionVariants": _VARIANT},
    "Search": {
        **_any("Resource", "SearchExpression", "SortBy", "SortOrder", "NextToken", "MaxResults"),
        "CrossAccountFilterOption": ("SameAccount",),
    },
    "CreateEndpoint": {
        **_any("EndpointName", "EndpointConfigName", "Tags"),
        "DeploymentConfig": _DEPLOYMENT,
    },
    "UpdateEndpointWeightsAndCapacities": {
        "EndpointName": ANY,
        "DesiredWeightsAndCapacities": _any("VariantName", "DesiredWeight", "DesiredInstanceCount"),
    },
    "UpdateEndpoint": {
        **_any("EndpointName", "EndpointConfigName", "RetainAllVariantProperties"),
        "DeploymentConfig": _DEPLOYMENT,
        "RetainDeploymentConfig": ANY,
    },
}


def check_allowed(operation: str, request: Mapping[str, Any]) -> None:
    """Raise ValidationError naming the first member that the local AWS does not reproduce."""
    if operation in _ALLOWED:
        check_members(request, _ALLOWED[operation], operation, "")


def check_addresses(operation: str, value: Any, shape: Shape) -> None:
    """Raise ValidationError for an address in S3 that begins with https://.

    SageMaker accepts such an address, and then takes its host for the name of a bucket.
    """
    if shape.type_name == "structure":
        for name, member in value.items():
            if member is not None:
                check_addresses(operation, member, shape.members[name])
    elif shape.type_name == "list":
        for item in value:
            check_addresses(operation, item, shape.member)
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern", "")
        if pattern.startswith("(https|s3)://") and not value.startswith("s3://"):
            raise not_reproduced(f"addresses other than s3:// in {operation}, as in {value!r}")
