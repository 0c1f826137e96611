"""The resources that the commands can create in a region, for comparisons."""

from typing import Any

from tests.scripts.processes import Scripts

_SAGEMAKER = {
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJobName", "LastModifiedTime"),
    "list_hyper_parameter_tuning_jobs": (
        "HyperParameterTuningJobSummaries",
        "HyperParameterTuningJobName",
        "LastModifiedTime",
    ),
    "list_models": ("Models", "ModelName", "CreationTime"),
    "list_endpoint_configs": ("EndpointConfigs", "EndpointConfigName", "CreationTime"),
    "list_endpoints": ("Endpoints", "EndpointName", "LastModifiedTime"),
    "list_model_package_groups": (
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
        "CreationTime",
    ),
}
State = dict[str, dict[str, Any]]


def state_of(scripts: Scripts) -> State:
    """Return the name and last change of every resource of the region, by kind."""
    sagemaker = scripts.client("sagemaker")
    state: State = {}
    for operation, (key, name, changed) in _SAGEMAKER.items():
        pages = sagemaker.get_paginator(operation).paginate()
        state[operation.removeprefix("list_")] = {
            item[name]: item[changed] for page in pages for item in page[key]
        }
    state["model_packages"] = {
        package["ModelPackageArn"]: package["ModelApprovalStatus"]
        for group in state["model_package_groups"]
        for package in sagemaker.list_model_packages(ModelPackageGroupName=group)[
            "ModelPackageSummaryList"
        ]
    }
    stacks = scripts.client("cloudformation").describe_stacks()["Stacks"]
    state["stacks"] = {stack["StackName"]: stack["StackStatus"] for stack in stacks}
    state["objects"] = _objects(scripts)
    groups = scripts.client("logs").get_paginator("describe_log_groups")
    pages = groups.paginate(logGroupNamePrefix="/aws/sagemaker/Endpoints/")
    state["endless logs"] = {
        group["logGroupName"]: None
        for page in pages
        for group in page["logGroups"]
        if "retentionInDays" not in group
    }
    return state


def _objects(scripts: Scripts) -> dict[str, Any]:
    """Return the version of every object in the buckets of the region.

    Old versions of deleted objects, which the bucket keeps for 30 days, do not count.
    """
    s3 = scripts.client("s3")
    versions = {}
    for bucket in s3.list_buckets()["Buckets"]:
        location = s3.get_bucket_location(Bucket=bucket["Name"])["LocationConstraint"]
        if (location or "us-east-1") != scripts.region:
            continue
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for item in page.get("Versions", []):
                if item["IsLatest"]:
                    versions[f"{bucket['Name']}/{item['Key']}"] = item["VersionId"]
    return versions


def kinds_that_differ(before: State, after: State) -> set[str]:
    """Return the kinds with a resource that was created, deleted or changed."""
    return {kind for kind in before if before[kind] != after[kind]}
