"""approve takes the newest pending model or the one named; deploy takes approved ones only."""

import pytest

from local_aws.testing import LocalAws
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.registry import group_call, package_call
from tests.scripts.processes import IMAGES, RECIPE, Scripts


@pytest.fixture(scope="module")
def registry(local_aws: LocalAws, own_region: str) -> Scripts:
    """Return the commands of a region with a model package group only."""
    scripts = Scripts(local_aws, own_region)
    group = group_call(RECIPES[RECIPE])
    scripts.client("sagemaker").create_model_package_group(**group.parameters)
    return scripts


@pytest.fixture
def packages(registry):
    """Register three pending models, oldest first; delete them afterwards."""
    client = registry.client("sagemaker")
    call = package_call(RECIPES[RECIPE], IMAGES, "s3://bucket/model.tar.gz", approved=False)
    arns = [client.create_model_package(**call.parameters)["ModelPackageArn"] for _ in range(3)]
    yield arns
    for arn in arns:
        client.delete_model_package(ModelPackageName=arn)


def statuses(registry, packages):
    client = registry.client("sagemaker")
    return [
        client.describe_model_package(ModelPackageName=arn)["ModelApprovalStatus"]
        for arn in packages
    ]


def test_newest_pending_model_is_approved(registry, packages):
    ended = registry.run("approve")
    assert ended.result == {"model_package_arn": packages[2], "approval_status": "Approved"}
    assert f"{packages[2]} is Approved." in ended.stderr
    assert registry.run("approve").result["model_package_arn"] == packages[1]
    assert statuses(registry, packages) == ["PendingManualApproval", "Approved", "Approved"]


def test_named_model_is_approved_or_rejected(registry, packages):
    flags = ("--package", packages[0])
    assert registry.run("approve", *flags).result["approval_status"] == "Approved"
    assert registry.run("approve", "--reject", *flags).result["approval_status"] == "Rejected"
    assert statuses(registry, packages)[0] == "Rejected"


def test_package_records_who_approved_it_and_who_rejected_it(registry, packages):
    client, flags = registry.client("sagemaker"), ("--package", packages[0])

    def people():
        package = client.describe_model_package(ModelPackageName=packages[0])
        properties = package.get("CustomerMetadataProperties", {})
        return {name for name in properties if name.endswith("-by")}

    registry.run("approve", "--reject", *flags)
    assert people() == {"rejected-by"}
    registry.run("approve", *flags)
    assert people() == {"approved-by", "rejected-by"}


@pytest.mark.parametrize("reject", [False, True])
def test_deploy_refuses_a_named_model_that_is_not_approved(registry, packages, reject):
    if reject:
        registry.run("approve", "--reject", "--package", packages[0])
    error = registry.run("deploy", "--package", packages[0]).error
    status = "Rejected" if reject else "PendingManualApproval"
    assert f"{packages[0]} cannot be deployed: " in error
    assert f"found {status} and Completed" in error
    assert f"scripts.approve --recipe {RECIPE} --package {packages[0]}" in error


@pytest.mark.parametrize("script", ["deploy", "approve"])
def test_model_of_another_recipe_is_refused(registry, script):
    client = registry.client("sagemaker")
    foreign = f"foreign-{script}"
    client.create_model_package_group(ModelPackageGroupName=foreign)
    arn = client.create_model_package(ModelPackageGroupName=foreign)["ModelPackageArn"]
    error = registry.run(script, "--package", arn).error
    assert error == (
        f"{arn} is a model of {foreign}, not of {RECIPE}. Pass the --recipe, --name, and --stack "
        "that it was registered for"
    )


def test_deploy_without_an_approved_model_names_the_command_to_run(registry, packages):
    registry.run("approve", "--reject")
    assert registry.run("deploy").error == (
        f"no model of {RECIPE} is approved; 3 registered: PendingManualApproval, Rejected. "
        f"Approve one with: python -m scripts.approve --recipe {RECIPE} [--package ARN]"
    )


def test_approve_without_a_pending_model_is_refused(registry, packages):
    for _ in packages:
        registry.run("approve")
    assert registry.run("approve").error == (
        f"no model of {RECIPE} is waiting for approval; 3 registered: Approved. "
        "Name another one with --package ARN."
    )


def test_package_that_is_not_an_arn_is_refused_in_one_line(registry):
    assert "a package" in registry.run("approve", "--package", "a package").error
