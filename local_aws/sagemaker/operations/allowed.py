"""The members of SageMaker's requests that the local AWS reproduces.

Descriptive members (tags, instance types, and content types) can have any value.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.rules import ANY, Rule, check_members

_CHANNEL: Mapping[str, Rule] = {
    "ChannelName": ANY,
    "ContentType": ANY,
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
    "ContainerHostname": ANY,
    "Image": ANY,
    "ImageConfig": {"RepositoryAccessMode": ("Platform",)},
    "Mode": ("SingleModel",),
    "ModelDataUrl": ANY,
    "Environment": ANY,
    "ModelPackageName": ANY,
}
# A container that names a model package is replaced by the containers of the package.
CONTAINER_OF_A_PACKAGE: Mapping[str, Rule] = {"ModelPackageName": ANY}
PACKAGED_CONTAINER: Mapping[str, Rule] = {
    **dict.fromkeys(("ContainerHostname", "Image", "ModelDataUrl", "Environment")),
    **dict.fromkeys(("Framework", "FrameworkVersion", "NearestModelName", "ModelInput")),
}
_VARIANT: Mapping[str, Rule] = {
    "VariantName": ANY,
    "ModelName": ANY,
    "InitialInstanceCount": ANY,
    "InstanceType": ANY,
    "InitialVariantWeight": ANY,
    "VolumeSizeInGB": ANY,
    "ContainerStartupHealthCheckTimeoutInSeconds": ANY,
    "RoutingConfig": {"RoutingStrategy": ("RANDOM",)},
}
_RANGES: Mapping[str, Rule] = dict.fromkeys(
    ("CategoricalParameterRanges", "IntegerParameterRanges", "ContinuousParameterRanges")
)
_ALLOWED: dict[str, Mapping[str, Rule]] = {
    "CreateTrainingJob": {
        "TrainingJobName": ANY,
        "RoleArn": ANY,
        "Tags": ANY,
        "HyperParameters": ANY,
        "Environment": ANY,
        "AlgorithmSpecification": {
            "TrainingImage": ANY,
            "TrainingInputMode": ANY,
            "MetricDefinitions": ANY,
            "ContainerEntrypoint": ANY,
            "ContainerArguments": ANY,  # requires ContainerEntrypoint
        },
        "InputDataConfig": _CHANNEL,
        "OutputDataConfig": {"S3OutputPath": ANY, "CompressionType": ("GZIP",)},
        "ResourceConfig": {"InstanceType": ANY, "InstanceCount": ANY, "VolumeSizeInGB": ANY},
        # Instances are always available, so a job never exceeds the limits of pending time.
        "StoppingCondition": {
            "MaxRuntimeInSeconds": ANY,
            "MaxPendingTimeInSeconds": ANY,
            "MaxWaitTimeInSeconds": ANY,
        },
        "EnableManagedSpotTraining": ANY,
        "CheckpointConfig": {"S3Uri": ANY, "LocalPath": ANY},
        "ProfilerConfig": {"DisableProfiler": (True,)},
        # Their members may be False, which requests nothing.
        "RemoteDebugConfig": {},
        "InfraCheckConfig": {},
        "SessionChainingConfig": {},
    },
    "CreateTransformJob": {
        **dict.fromkeys(("TransformJobName", "ModelName", "Tags", "Environment")),
        **dict.fromkeys(("MaxConcurrentTransforms", "MaxPayloadInMB", "BatchStrategy")),
        "ModelClientConfig": {"InvocationsTimeoutInSeconds": ANY, "InvocationsMaxRetries": ANY},
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": ("S3Prefix",), "S3Uri": ANY}},
            "ContentType": ANY,
            "CompressionType": ("Gzip",),
            "SplitType": ("Line",),
        },
        "TransformOutput": {"S3OutputPath": ANY, "Accept": ANY, "AssembleWith": ("Line",)},
        "TransformResources": {"InstanceType": ANY, "InstanceCount": ANY},
        "DataProcessing": {"InputFilter": ANY, "OutputFilter": ANY, "JoinSource": ("Input",)},
    },
    "CreateModel": {
        "ModelName": ANY,
        "ExecutionRoleArn": ANY,
        "Tags": ANY,
        "PrimaryContainer": _CONTAINER,
        "Containers": _CONTAINER,
        "InferenceExecutionConfig": {"Mode": ("Serial",)},
    },
    "CreateEndpointConfig": {
        "EndpointConfigName": ANY,
        "ProductionVariants": _VARIANT,
        "Tags": ANY,
    },
    "CreateEndpoint": {"EndpointName": ANY, "EndpointConfigName": ANY, "Tags": ANY},
    "UpdateEndpoint": {"EndpointName": ANY, "EndpointConfigName": ANY},
}

# The members that training job definitions in tuning jobs share with training jobs.
_SHARED = (
    *("RoleArn", "Environment", "AlgorithmSpecification", "InputDataConfig", "OutputDataConfig"),
    *("ResourceConfig", "StoppingCondition", "EnableManagedSpotTraining", "CheckpointConfig"),
)
_DEFINITION: Mapping[str, Rule] = {
    **{name: _ALLOWED["CreateTrainingJob"][name] for name in _SHARED},
    **dict.fromkeys(("DefinitionName", "TuningObjective", "StaticHyperParameters")),
    "HyperParameterRanges": _RANGES,
}
_ALLOWED["CreateHyperParameterTuningJob"] = {
    "HyperParameterTuningJobName": ANY,
    "Tags": ANY,
    "HyperParameterTuningJobConfig": {
        "Strategy": ("Grid", "Random", "Bayesian"),
        "HyperParameterTuningJobObjective": ANY,
        "ResourceLimits": ANY,
        "ParameterRanges": _RANGES,
        "TrainingJobEarlyStoppingType": ANY,
        "TuningJobCompletionCriteria": {
            "TargetObjectiveMetricValue": ANY,
            "BestObjectiveNotImproving": ANY,
            "ConvergenceDetected": {"CompleteOnConvergence": ("Disabled",)},
        },
        "RandomSeed": ANY,
    },
    "TrainingJobDefinition": _DEFINITION,
    "TrainingJobDefinitions": _DEFINITION,
    "WarmStartConfig": ANY,
}


def check_allowed(operation: str, request: Mapping[str, Any]) -> None:
    """Raise ValidationError naming the first member that the local AWS does not reproduce."""
    if operation in _ALLOWED:
        check_members(request, _ALLOWED[operation], operation, "")
