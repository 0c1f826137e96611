"""The foundation is deployed as its template says, with no permission beyond it."""

import json
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
# BUCKET stands for the name of the bucket, which only the deployed stack has.
RUNNING = {
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
OF_OTHERS = ("checkpoints", "code", "data", "jobs", "lambda", "models")
ALARMS = "arn:aws:cloudwatch:eu-west-2:123456789012:alarm:*"
LIST = ("s3:ListBucket", "arn:aws:s3:::BUCKET")
PERMISSIONS = {
    "RoleArn": {
        "ReadTheModels": ("s3:GetObject", "arn:aws:s3:::BUCKET/models/*"),
        "ReadAlarms": ("cloudwatch:DescribeAlarms", ALARMS),
    },
    "TransformRoleArn": {
        "ReadModelsAndFiles": (["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::BUCKET/*"),
        "KeepWhatOthersRead": (
            "s3:PutObject",
            [f"arn:aws:s3:::BUCKET/{prefix}/*" for prefix in OF_OTHERS],
        ),
        "ListTheBucket": LIST,
    },
    "JobsRoleArnnewsgroupsnaivebayes": {
        "ReadDataAndCode": (
            "s3:GetObject",
            ["arn:aws:s3:::BUCKET/code/*", "arn:aws:s3:::BUCKET/data/*"],
        ),
        "ReadAndWriteTheRecipesOwnPrefixes": (
            ["s3:GetObject", "s3:PutObject"],
            [f"arn:aws:s3:::BUCKET/{prefix}/{RECIPE}/*" for prefix in ("checkpoints", "jobs")],
        ),
        "ListTheBucket": LIST,
    },
}


@pytest.fixture(scope="module")
def bucket(foundation_only: Scripts) -> str:
    """Return the name of the deployed bucket."""
    return str(foundation_only.run("setup").result["bucket"])


@pytest.fixture(scope="module")
def roles(foundation_only: Scripts) -> dict[str, str]:
    """Return the names of the deployed roles by output."""
    outputs = foundation_only.client("cloudformation").describe_stacks(
        StackName="newsgroup-classifier"
    )["Stacks"][0]["Outputs"]
    arns = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    return {name: arn.rsplit("/", 1)[1] for name, arn in arns.items() if name.endswith("RoleArn")
            or name.startswith("JobsRoleArn")}  # fmt: skip


@pytest.fixture(scope="module")
def role(roles: dict[str, str]) -> str:
    """Return the name of the role of endpoints."""
    return roles["RoleArn"]


def test_role_can_pull_the_images_of_the_recipes_and_no_other(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    local = Aws("eu-west-2")
    addresses = set()
    for recipe in RECIPES.values():
        images = {recipe.framework, *(stage.image for stage in recipe.stages)}
        addresses |= {image_address(local, image) for image in images}
    repositories = {address.partition("/")[2].partition(":")[0] for address in addresses}
    assert repositories == set(REPOSITORIES)


def permissions(document, bucket):
    statements = document["Statement"]
    return {item["Sid"]: (item["Action"], generic(item["Resource"], bucket)) for item in statements}


@pytest.mark.parametrize("output", PERMISSIONS)
def test_role_has_the_permissions_of_the_template_and_no_other(
    foundation_only, roles, bucket, output
):
    iam, role = foundation_only.client("iam"), roles[output]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert permissions(document, bucket) == PERMISSIONS[output]
    denied = {item["Sid"] for item in document["Statement"] if item["Effect"] != "Allow"}
    assert denied <= {"KeepWhatOthersRead"}
    assert permissions(common_policy(iam, role), bucket) == RUNNING


def common_policy(iam, role):
    """Return the managed policy of a role, which has no other."""
    (attached,) = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    arn = attached["PolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return found["PolicyVersion"]["Document"]


def test_every_recipe_and_files_of_users_have_a_role_for_training_jobs(roles):
    jobs = {name.removeprefix("JobsRoleArn") for name in roles if name.startswith("JobsRoleArn")}
    assert jobs == {name.replace("-", "") for name in (*RECIPES, "own")}


def generic(resource: str | list[str], bucket: str) -> str | list[str]:
    """Return a resource with BUCKET instead of the name of the bucket."""
    if isinstance(resource, list):
        return [each.replace(bucket, "BUCKET") for each in resource]
    return resource.replace(bucket, "BUCKET")


def test_metrics_can_be_written_only_to_the_namespaces_of_sagemaker(foundation_only, role):
    statements = common_policy(foundation_only.client("iam"), role)["Statement"]
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


@pytest.mark.parametrize("output", PERMISSIONS)
def test_only_sagemaker_in_this_account_can_assume_the_role(foundation_only, roles, output):
    description = foundation_only.client("iam").get_role(RoleName=roles[output])["Role"]
    (statement,) = description["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }


def test_bucket_is_encrypted(foundation_only, bucket):
    s3 = foundation_only.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_bucket_is_versioned_private_and_has_lifecycle_rules(foundation_only, bucket):
    s3 = foundation_only.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert len(access) == 4 and all(access.values())
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert {rule["ID"]: rule["Status"] for rule in rules} == {
        "unfinished-uploads": "Enabled",
        "old-versions": "Enabled",
    }


def test_bucket_refuses_requests_without_tls(foundation_only, bucket):
    policy = foundation_only.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    everything = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    assert statement == {
        "Sid": "RefuseRequestsWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": everything,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_second_setup_changes_nothing(foundation_only, role, bucket):
    again = foundation_only.run("setup")
    assert again.result == {
        "stack_name": "newsgroup-classifier",
        "bucket": bucket,
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
    }


@pytest.mark.slow
def test_foundation_of_another_name_has_its_own_bucket_and_role(foundation_only):
    first = foundation_only.run("setup").result
    second = foundation_only.run("setup", "--stack", "another").result
    assert first["bucket"] != second["bucket"]
    assert first["role_arn"] != second["role_arn"]


@pytest.mark.parametrize("name", ["NEWSGROUP_CLASSIFIER_BUCKET", "NEWSGROUP_CLASSIFIER_ROLE_ARN"])
def test_environment_with_only_a_bucket_or_only_a_role_is_refused(foundation_only, name):
    error = foundation_only.run("train", "--dry-run", **{name: "one"}).error
    assert f"{name} is set and " in error
    assert "set both or neither" in error


def test_stack_that_is_not_a_foundation_is_named_with_its_missing_outputs(foundation_only):
    template = "Resources: {Group: {Type: 'AWS::Logs::LogGroup'}}"
    foundation_only.client("cloudformation").create_stack(
        StackName="a-stranger-s", TemplateBody=template
    )
    foundation_only.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName="a-stranger-s", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    error = foundation_only.run("train", "--stack", "a-stranger-s").error
    assert "'a-stranger-s' (CREATE_COMPLETE) has no output BucketName or RoleArn or " in error


def test_environment_can_name_bucket_and_role_instead_of_a_stack(local_aws: LocalAws):
    variables = {
        "NEWSGROUP_CLASSIFIER_BUCKET": "a-bucket",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/a-role",
    }
    scripts = Scripts(local_aws, "eu-west-1")
    scripts.client("s3").create_bucket(
        Bucket="a-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    ended = scripts.run("train", "--dry-run", **variables)
    job = ended.result["calls"][1]["parameters"]
    assert job["RoleArn"] == variables["NEWSGROUP_CLASSIFIER_ROLE_ARN"]
    assert job["OutputDataConfig"]["S3OutputPath"].startswith("s3://a-bucket/")


def test_bucket_of_the_environment_in_another_region_is_refused_with_its_region(local_aws):
    variables = {
        "NEWSGROUP_CLASSIFIER_BUCKET": "far-away",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/a-role",
    }
    Scripts(local_aws, "eu-west-1").client("s3").create_bucket(
        Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    error = Scripts(local_aws, "eu-west-2").run("train", "--recipe", RECIPE, **variables).error
    assert error.startswith(
        "NEWSGROUP_CLASSIFIER_BUCKET names the bucket 'far-away', which is in region eu-west-1; "
        "expected one in eu-west-2"
    )
    assert error.endswith("Pass --region eu-west-1, or name another bucket")


@pytest.mark.parametrize("script", ["train", "upload_data", "tune"])
@pytest.mark.parametrize("bucket", ["not-there", "Not a Bucket!"])
def test_missing_bucket_of_the_environment_is_named_with_its_variable(local_aws, script, bucket):
    variables = {
        "NEWSGROUP_CLASSIFIER_BUCKET": bucket,
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/a-role",
    }
    error = Scripts(local_aws, "eu-west-1").run(script, "--recipe", RECIPE, **variables).error
    assert error.startswith(
        f"NEWSGROUP_CLASSIFIER_BUCKET names the bucket {bucket!r}, which does not exist. Name"
    )


@pytest.mark.slow
def test_template_passes_cfn_lint():
    linter = Path(sys.executable).with_name("cfn-lint")
    ended = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
