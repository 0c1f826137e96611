"""The members of SageMaker's requests that the local AWS reproduces.

Descriptive members (tags and content types) can have any value.
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from local_aws.errors import not_reproduced
from local_aws.rules import ANY, Rule, free

_CHANNEL: Mapping[str, Rule] = {
    **free("ChannelName", "ContentType"),
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
    **free("ContainerHostname", "Image", "ModelDataUrl", "Environment", "ModelPackageName"),
    "ImageConfig": {"RepositoryAccessMode": ("Platform",)},
    "Mode": ("SingleModel",),
}
# A container that names a model package is replaced by the containers of the package.
CONTAINER_OF_A_PACKAGE: Mapping[str, Rule] = free("ModelPackageName")
PACKAGED_CONTAINER: Mapping[str, Rule] = {
    **free("ContainerHostname", "Image", "ModelDataUrl", "Environment"),
    **free("Framework", "FrameworkVersion", "NearestModelName", "ModelInput"),
}
_VARIANT: Mapping[str, Rule] = {
    **free("VariantName", "ModelName", "InstanceType", "InitialInstanceCount", "VolumeSizeInGB"),
    **free("InitialVariantWeight", "ContainerStartupHealthCheckTimeoutInSeconds"),
    "RoutingConfig": {"RoutingStrategy": ("RANDOM",)},
}
_DEPLOYMENT: Mapping[str, Rule] = {"BlueGreenUpdatePolicy": ANY, "AutoRollbackConfiguration": ANY}
_RANGES = free("CategoricalParameterRanges", "IntegerParameterRanges", "ContinuousParameterRanges")
_TRAINING_JOB: Mapping[str, Rule] = {
    **free("TrainingJobName", "RoleArn", "Tags", "HyperParameters", "Environment"),
    "AlgorithmSpecification": {
        **free("TrainingImage", "TrainingInputMode", "MetricDefinitions", "ContainerEntrypoint"),
        "ContainerArguments": ANY,  # requires ContainerEntrypoint
        "EnableSageMakerMetricsTimeSeries": ANY,  # metrics are always kept
    },
    "InputDataConfig": _CHANNEL,
    "OutputDataConfig": {**free("S3OutputPath", "KmsKeyId"), "CompressionType": ("GZIP",)},
    "ResourceConfig": free("InstanceType", "InstanceCount", "VolumeSizeInGB"),
    # Instances are always available, so a job never exceeds its time limit for waiting.
    "StoppingCondition": free(
        "MaxRuntimeInSeconds", "MaxPendingTimeInSeconds", "MaxWaitTimeInSeconds"
    ),
    "EnableManagedSpotTraining": ANY,
    # Both are checked together with the computer and the instances.
    **free("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
    "CheckpointConfig": free("S3Uri", "LocalPath"),
    # The images here have neither the debugger nor the profiler, which only collect data.
    "DebugHookConfig": free("S3OutputPath", "LocalPath"),
    "ProfilerConfig": free("S3OutputPath", "ProfilingIntervalInMilliseconds", "DisableProfiler"),
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
    **free("DefinitionName", "TuningObjective", "StaticHyperParameters"),
    "HyperParameterRanges": _RANGES,
    "HyperParameterTuningResourceConfig": {
        **free("InstanceType", "InstanceCount", "VolumeSizeInGB", "InstanceConfigs"),
        "AllocationStrategy": ("Prioritized",),
    },
}
RULES: Mapping[str, Mapping[str, Rule]] = {
    "CreateTrainingJob": _TRAINING_JOB,
    "CreateHyperParameterTuningJob": {
        **free("HyperParameterTuningJobName", "Tags", "WarmStartConfig"),
        "HyperParameterTuningJobConfig": {
            "Strategy": ("Grid", "Random", "Bayesian"),
            **free("HyperParameterTuningJobObjective", "ResourceLimits", "RandomSeed"),
            "ParameterRanges": _RANGES,
            "TrainingJobEarlyStoppingType": ANY,
            "TuningJobCompletionCriteria": {
                **free("TargetObjectiveMetricValue", "BestObjectiveNotImproving"),
                "ConvergenceDetected": {"CompleteOnConvergence": ("Disabled",)},
            },
        },
        "TrainingJobDefinition": _DEFINITION,
    },
    "CreateProcessingJob": {
        **free("ProcessingJobName", "RoleArn", "Tags", "Environment", "StoppingCondition"),
        "NetworkConfig": free("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"),
        "AppSpecification": free("ImageUri", "ContainerEntrypoint", "ContainerArguments"),
        "ProcessingInputs": {
            "InputName": ANY,
            "S3Input": {
                **free("S3Uri", "LocalPath"),
                "S3DataType": ("S3Prefix",),
                "S3InputMode": ("File",),
                "S3DataDistributionType": ("FullyReplicated", "ShardedByS3Key"),
            },
        },
        "ProcessingOutputConfig": {
            "KmsKeyId": ANY,
            "Outputs": {"OutputName": ANY, "S3Output": free("S3Uri", "LocalPath", "S3UploadMode")},
        },
        "ProcessingResources": {
            "ClusterConfig": free("InstanceType", "InstanceCount", "VolumeSizeInGB")
        },
    },
    "CreateTransformJob": {
        **free("TransformJobName", "ModelName", "Tags", "Environment"),
        **free("MaxConcurrentTransforms", "MaxPayloadInMB", "BatchStrategy"),
        "ModelClientConfig": free("InvocationsTimeoutInSeconds", "InvocationsMaxRetries"),
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": ("S3Prefix",), "S3Uri": ANY}},
            "ContentType": ANY,
            "CompressionType": ("Gzip",),
            "SplitType": ("Line",),
        },
        "TransformOutput": {
            **free("S3OutputPath", "Accept", "KmsKeyId"),
            "AssembleWith": ("Line",),
        },
        "TransformResources": free("InstanceType", "InstanceCount"),
        "DataProcessing": {**free("InputFilter", "OutputFilter"), "JoinSource": ("Input",)},
    },
    "CreateModel": {
        **free("ModelName", "ExecutionRoleArn", "Tags"),
        "PrimaryContainer": _CONTAINER,
        "Containers": _CONTAINER,
        "InferenceExecutionConfig": {"Mode": ("Serial",)},
    },
    "CreateEndpointConfig": {**free("EndpointConfigName", "Tags"), "ProductionVariants": _VARIANT},
    "CreateModelPackage": {
        **free("ModelPackageName", "ModelPackageGroupName", "ModelPackageDescription", "Tags"),
        **free("ModelPackageRegistrationType", "InferenceSpecification", "ModelApprovalStatus"),
        **free("AdditionalInferenceSpecifications", "SkipModelValidation", "ClientToken"),
        **free("MetadataProperties", "CustomerMetadataProperties", "ModelMetrics", "ModelCard"),
        **free("DriftCheckBaselines", "ModelLifeCycle", "SourceUri", "SamplePayloadUrl"),
        **free("Domain", "Task"),
    },
    "Search": {
        **free("Resource", "SearchExpression", "SortBy", "SortOrder", "NextToken", "MaxResults"),
        "CrossAccountFilterOption": ("SameAccount",),
    },
    "CreateEndpoint": {
        **free("EndpointName", "EndpointConfigName", "Tags"),
        "DeploymentConfig": _DEPLOYMENT,
    },
    "UpdateEndpointWeightsAndCapacities": {
        "EndpointName": ANY,
        "DesiredWeightsAndCapacities": free("VariantName", "DesiredWeight", "DesiredInstanceCount"),
    },
    "UpdateEndpoint": {
        **free("EndpointName", "EndpointConfigName", "RetainAllVariantProperties"),
        "DeploymentConfig": _DEPLOYMENT,
        "RetainDeploymentConfig": ANY,
    },
}


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
