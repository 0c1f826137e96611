"""The model registry: groups, versions, approval, and models created from packages."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.sagemaker.training import iris


@pytest.fixture
def group(account) -> str:
    """Create a group for one test."""
    name = unique("Group")
    account.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


def register(account, group: str, *containers, **changes) -> str:
    specification = {
        "Containers": list(containers) or [account.packed_container("")],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    request = {"ModelPackageGroupName": group, "InferenceSpecification": specification}
    return str(account.sagemaker.create_model_package(**request | changes)["ModelPackageArn"])


def test_group_is_described_as_requested(account):
    name = unique("group")
    account.sagemaker.create_model_package_group(
        ModelPackageGroupName=name, ModelPackageGroupDescription="a test's"
    )
    response = account.sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    assert response["ModelPackageGroupDescription"] == "a test's"
    assert response["ModelPackageGroupStatus"] == "Completed"


def test_packages_of_a_group_are_numbered_from_one(account, group):
    arns = [register(account, group) for _ in range(3)]
    assert [arn.rpartition("/")[2] for arn in arns] == ["1", "2", "3"]
    package = account.sagemaker.describe_model_package(ModelPackageName=arns[1])
    assert (package["ModelPackageVersion"], package["ModelPackageGroupName"]) == (2, group)


def test_version_number_of_a_deleted_package_is_not_reused(account, group):
    account.sagemaker.delete_model_package(ModelPackageName=register(account, group))
    assert register(account, group).endswith("/2")


def test_package_is_pending_until_it_is_approved(account, group):
    arn = register(account, group)
    describe = account.sagemaker.describe_model_package
    assert describe(ModelPackageName=arn)["ModelApprovalStatus"] == "PendingManualApproval"
    account.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert describe(ModelPackageName=arn)["ModelApprovalStatus"] == "Approved"


def test_model_of_a_package_that_is_not_approved_is_rejected(account, group):
    arn = register(account, group)
    with pytest.raises(ClientError, match=r"PendingManualApproval, not Approved"):
        account.sagemaker.create_model(
            ModelName=unique("model"), PrimaryContainer={"ModelPackageName": arn}
        )


def test_model_of_a_package_without_containers_is_rejected(account, group):
    response = account.sagemaker.create_model_package(
        ModelPackageGroupName=group, ModelApprovalStatus="Approved"
    )
    container = {"ModelPackageName": response["ModelPackageArn"]}
    with pytest.raises(ClientError, match=r"ValidationException.*no InferenceSpecification"):
        account.sagemaker.create_model(ModelName=unique("model"), PrimaryContainer=container)


def test_approved_package_can_be_deployed_and_invoked(account, group, iris_job):
    arn = register(account, group, iris.container(iris_job), ModelApprovalStatus="Approved")
    endpoint = account.deploy({"ModelPackageName": arn})
    response = account.runtime.invoke_endpoint(
        EndpointName=endpoint, ContentType="application/json", Body="[[6.5, 3.0, 5.8, 2.2]]"
    )
    assert json.load(response["Body"]) == [2]
    account.delete_endpoint(endpoint)


def test_packages_are_listed_by_group_and_approval(account, group):
    arns = [register(account, group) for _ in range(2)]
    account.sagemaker.update_model_package(ModelPackageArn=arns[0], ModelApprovalStatus="Approved")
    for filters, expected in (
        ({}, arns[::-1]),
        ({"ModelApprovalStatus": "Approved"}, arns[:1]),
        ({"ModelApprovalStatus": "Rejected"}, []),
    ):
        response = account.sagemaker.list_model_packages(ModelPackageGroupName=group, **filters)
        assert [item["ModelPackageArn"] for item in response["ModelPackageSummaryList"]] == expected


def test_package_in_a_missing_group_is_rejected(account):
    with pytest.raises(ClientError, match=r"ModelPackageGroup arn:.*/missing does not exist\."):
        register(account, "missing")


def test_list_of_packages_in_a_missing_group_is_rejected(account):
    with pytest.raises(ClientError, match=r"ModelPackageGroup arn:.*/missing does not exist\."):
        account.sagemaker.list_model_packages(ModelPackageGroupName="missing")


@pytest.mark.observes("missing-resources")
def test_describe_of_a_missing_package_is_rejected_with_its_arn(account, group):
    arn = register(account, group)
    account.sagemaker.delete_model_package(ModelPackageName=arn)
    with pytest.raises(
        ClientError, match=rf"ValidationException.*ModelPackage {arn} does not exist"
    ):
        account.sagemaker.describe_model_package(ModelPackageName=arn)


def test_group_with_packages_cannot_be_deleted(account, group):
    arn = register(account, group)
    with pytest.raises(ClientError, match=r"still contains Model Packages"):
        account.sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    account.sagemaker.delete_model_package(ModelPackageName=arn)
    account.sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    with pytest.raises(ClientError, match=r"ModelPackageGroup arn:.* does not exist\."):
        account.sagemaker.describe_model_package_group(ModelPackageGroupName=group)


def test_package_without_a_group_has_no_version(account):
    name = unique("package")
    account.sagemaker.create_model_package(
        ModelPackageName=name, ModelPackageDescription="without a group"
    )
    package = account.sagemaker.describe_model_package(ModelPackageName=name)
    assert package["ModelPackageArn"].endswith(f":model-package/{name}")
    assert not {"ModelPackageVersion", "ModelPackageGroupName"} & package.keys()


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        ({}, ["plain"]),
        ({"ModelPackageType": "Unversioned"}, ["plain"]),
        ({"ModelPackageType": "Versioned"}, ["versioned"]),
        ({"ModelPackageType": "Both"}, ["plain", "versioned"]),
    ],
    ids=str,
)
def test_list_without_a_group_has_unversioned_packages_unless_it_asks_for_others(
    account, group, filters, listed
):
    name = unique("plain")
    account.sagemaker.create_model_package(ModelPackageName=name)
    arns = {"versioned": register(account, group), "plain": f":model-package/{name}"}
    pages = account.sagemaker.get_paginator("list_model_packages").paginate(**filters)
    found = [item["ModelPackageArn"] for page in pages for item in page["ModelPackageSummaryList"]]
    assert [kind for kind in arns if any(arn.endswith(arns[kind]) for arn in found)] == listed[::-1]


@pytest.mark.observes("package-properties")
def test_update_keeps_the_properties_of_a_package_that_it_does_not_remove(account, group):
    properties = {"stage": "dev", "team": "blue", "kept": "yes"}
    arn = register(account, group, CustomerMetadataProperties=properties)
    account.sagemaker.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"stage": "prod", "new": "1"},
        CustomerMetadataPropertiesToRemove=["team", "none"],
    )
    package = account.sagemaker.describe_model_package(ModelPackageName=arn)
    properties = {"stage": "prod", "new": "1", "kept": "yes"}
    assert package["CustomerMetadataProperties"] == properties


def test_update_adds_specifications_to_those_of_a_package(account, group):
    arn = register(account, group)
    for name in ("first", "second"):
        account.sagemaker.update_model_package(
            ModelPackageArn=arn,
            AdditionalInferenceSpecificationsToAdd=[
                {"Name": name, "Containers": [account.packed_container("")]}
            ],
        )
    package = account.sagemaker.describe_model_package(ModelPackageName=arn)
    assert [item["Name"] for item in package["AdditionalInferenceSpecifications"]] == [
        "first",
        "second",
    ]


@pytest.mark.observes("package-tags")
def test_package_in_a_group_cannot_have_tags(account, group):
    with pytest.raises(ClientError, match=r"ValidationException.*has the tags of the group"):
        register(account, group, Tags=[{"Key": "team", "Value": "blue"}])


def test_package_for_the_marketplace_is_refused(account, group):
    with pytest.raises(ClientError, match="does not reproduce CertifyForMarketplace"):
        register(account, group, CertifyForMarketplace=True)


@pytest.mark.observes("names-case")
def test_group_is_found_by_its_arn_and_its_name_is_taken_in_any_case(account, group):
    described = account.sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    arn = described["ModelPackageGroupArn"]
    assert arn.endswith(f"/{group.lower()}")
    assert register(account, arn).endswith(f"/{group.lower()}/1")
    with pytest.raises(ClientError, match="Cannot create already existing model package group"):
        account.sagemaker.create_model_package_group(ModelPackageGroupName=group.upper())


def test_package_without_a_name_is_rejected(account):
    with pytest.raises(ClientError, match=r"ModelPackageName or ModelPackageGroupName"):
        account.sagemaker.create_model_package(ModelPackageDescription="without a name")
