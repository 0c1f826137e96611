"""The foundation: what the template gives is what is deployed, and not a right more."""

import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.testing import LocalAws
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.container_images import image_address
from scripts.setup import TEMPLATE
from tests.scripts.processes import RECIPE, Scripts

ACCOUNT = "123456789012"
LOGS = f"arn:aws:logs:eu-west-2:{ACCOUNT}:log-group:/aws/sagemaker/*"
LAYERS = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
REPOSITORIES = ("sagemaker-scikit-learn", "tensorflow-training", "tensorflow-inference")
# What BUCKET stands for is known when the stack is there.
RIGHTS = {
    "ReadAndWriteTheBucket": (["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::BUCKET/*"),
    "ListTheBucket": ("s3:ListBucket", "arn:aws:s3:::BUCKET"),
    "WriteLogs": (
        [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
        LOGS,
    ),
    "WriteMetrics": ("cloudwatch:PutMetricData", "*"),
    "PullImages": (["ecr:GetAuthorizationToken"], "*"),
    "PullImageLayers": (
        [f"ecr:{name}" for name in LAYERS],
        [f"arn:aws:ecr:*:*:repository/{name}" for name in REPOSITORIES],
    ),
}


@pytest.fixture(scope="module")
def bucket(foundation_only: Scripts) -> str:
    """Return the name of the deployed bucket."""
    found: str = foundation_only.run("setup").result["bucket"]
    return found


@pytest.fixture(scope="module")
def role(foundation_only: Scripts) -> str:
    """Return the name of the deployed role."""
    outputs = foundation_only.client("cloudformation").describe_stacks(
        StackName="newsgroup-classifier"
    )["Stacks"][0]["Outputs"]
    arns = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    return arns["RoleArn"].rsplit("/", 1)[1]


def test_the_role_may_pull_every_image_that_a_recipe_names_and_no_other(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    local = Aws("eu-west-2")
    addresses = set()
    for recipe in RECIPES.values():
        images = {recipe.framework, *(stage.image for stage in recipe.stages)}
        addresses |= {image_address(local, image) for image in images}
    repositories = {address.partition("/")[2].partition(":")[0] for address in addresses}
    assert repositories == set(REPOSITORIES)


def test_the_role_has_the_rights_of_the_template_and_no_other(foundation_only, role, bucket):
    iam = foundation_only.client("iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["jobs-and-endpoints"]
    policy = iam.get_role_policy(RoleName=role, PolicyName="jobs-and-endpoints")
    statements = policy["PolicyDocument"]["Statement"]
    assert {item["Effect"] for item in statements} == {"Allow"}
    found = {item["Sid"]: (item["Action"], named(item["Resource"], bucket)) for item in statements}
    assert found == RIGHTS


def named(resource: str | list[str], bucket: str) -> str | list[str]:
    """Return what a right is for with BUCKET in the place of the bucket's name."""
    if isinstance(resource, list):
        return [each.replace(bucket, "BUCKET") for each in resource]
    return resource.replace(bucket, "BUCKET")


def test_metrics_are_written_to_sagemaker_s_namespaces_alone(foundation_only, role):
    policy = foundation_only.client("iam").get_role_policy(
        RoleName=role, PolicyName="jobs-and-endpoints"
    )
    statements = policy["PolicyDocument"]["Statement"]
    (metrics,) = [item for item in statements if item["Sid"] == "WriteMetrics"]
    assert metrics["Condition"] == {
        "StringEquals": {
            "cloudwatch:namespace": [
                "/aws/sagemaker/TrainingJobs",
                "/aws/sagemaker/TransformJobs",
                "/aws/sagemaker/Endpoints",
            ]
        }
    }


def test_only_sagemaker_may_take_the_role_and_only_from_this_account(foundation_only, role):
    found = foundation_only.client("iam").get_role(RoleName=role)["Role"]
    (statement,) = found["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }


def test_the_deployed_bucket_is_encrypted(foundation_only, bucket):
    s3 = foundation_only.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_the_deployed_bucket_is_versioned_closed_to_the_public_and_tidied_up(
    foundation_only, bucket
):
    s3 = foundation_only.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert len(access) == 4 and all(access.values())
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert {rule["ID"]: rule["Status"] for rule in rules} == {
        "unfinished-uploads": "Enabled",
        "old-versions": "Enabled",
    }


def test_setting_up_again_changes_nothing(foundation_only, role, bucket):
    again = foundation_only.run("setup")
    assert again.result == {
        "stack_name": "newsgroup-classifier",
        "bucket": bucket,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
    }


def test_a_second_foundation_under_another_name_has_a_bucket_of_its_own(foundation_only):
    first = foundation_only.run("setup").result
    second = foundation_only.run("setup", "--stack", "another").result
    assert first["bucket"] != second["bucket"]
    assert first["role_arn"] != second["role_arn"]


@pytest.mark.parametrize("name", ["NEWSGROUP_CLASSIFIER_BUCKET", "NEWSGROUP_CLASSIFIER_ROLE_ARN"])
def test_a_bucket_without_a_role_or_the_other_way_round_is_refused(foundation_only, name):
    error = foundation_only.run("train", "--dry-run", **{name: "one"}).error
    assert f"{name} is set and " in error
    assert "set both or neither" in error


def test_a_stack_that_is_no_foundation_is_named_with_what_it_lacks(foundation_only):
    template = "Resources: {Group: {Type: 'AWS::Logs::LogGroup'}}"
    foundation_only.client("cloudformation").create_stack(
        StackName="a-stranger-s", TemplateBody=template
    )
    foundation_only.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="a-stranger-s", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    error = foundation_only.run("train", "--stack", "a-stranger-s").error
    assert "'a-stranger-s' (CREATE_COMPLETE) has no output BucketName or RoleArn" in error


def test_bucket_and_role_can_be_given_instead_of_a_stack(local_aws: LocalAws):
    given = {
        "NEWSGROUP_CLASSIFIER_BUCKET": "a-bucket",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/a-role",
    }
    scripts = Scripts(local_aws, "eu-west-1")
    scripts.client("s3").create_bucket(
        Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    ended = scripts.run("train", "--dry-run", **given)
    job = ended.result["calls"][1]["parameters"]
    assert job["RoleArn"] == given["NEWSGROUP_CLASSIFIER_ROLE_ARN"]
    assert job["OutputDataConfig"]["S3OutputPath"].startswith("s3://a-bucket/")


@pytest.mark.parametrize("script", ["train", "upload_data", "tune"])
@pytest.mark.parametrize("bucket", ["not-there", "Not a Bucket!"])
def test_bucket_of_the_environment_that_is_not_there_is_named_with_its_variable(
    local_aws, script, bucket
):
    given = {
        "NEWSGROUP_CLASSIFIER_BUCKET": bucket,
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/a-role",
    }
    error = Scripts(local_aws, "eu-west-1").run(script, "--recipe", RECIPE, **given).error
    assert error.startswith(
        f"NEWSGROUP_CLASSIFIER_BUCKET names the bucket {bucket!r}, which does not exist. Name"
    )


def test_the_template_is_clean_for_cfn_lint():
    linter = Path(sys.executable).with_name("cfn-lint")
    ended = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
