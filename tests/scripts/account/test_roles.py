"""The roles of the foundation can read and write what their jobs need, and nothing of others.

The local AWS enforces the policies of a role for calls with its session.
"""

from dataclasses import replace

import boto3
import pytest
from botocore.exceptions import ClientError

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import (
    checkpoints_prefix,
    jobs_prefix,
    lambda_models_prefix,
    models_prefix,
    transform_prefix,
)
from scripts.account.stacks import Foundation, check_jobs_role, foundation
from scripts.jobs.training_plans import plan_training, training_call
from scripts.transforms.plans import check_output_prefix
from tests.scripts.jobs.test_training_plans import parsed
from tests.scripts.processes import RECIPE, Scripts

STACK = "newsgroup-classifier"
OTHER = "spooky-ngrams"
PREFIXES = {
    "data/20newsgroups/train/": "r",
    "code/0123456789abcdef/": "r",
    jobs_prefix(RECIPE): "rw",
    jobs_prefix(f"{RECIPE}/_own/tickets"): "rw",
    checkpoints_prefix(f"{RECIPE}/_own/tickets", "a-job/"): "rw",
    "data/own---tickets/0123/train/": "r",
    jobs_prefix(OTHER): "",
    jobs_prefix(f"{OTHER}/_own/tickets"): "",
    jobs_prefix("own/my-recipe"): "",
    checkpoints_prefix("own/my-recipe", "a-job/"): "",
    jobs_prefix(f"{RECIPE}-wide"): "",
    checkpoints_prefix(RECIPE, "a-job/"): "rw",
    checkpoints_prefix(OTHER, "a-job/"): "",
    models_prefix(RECIPE, "a-model"): "",
    lambda_models_prefix(RECIPE): "",
    "lambda/code/": "",
    "lambda/api/": "",
    transform_prefix(RECIPE): "",
    "files/of/a/user/": "",
}
HOSTING = dict.fromkeys(PREFIXES, "") | {models_prefix(RECIPE, "a-model"): "r"}
TRANSFORM = dict.fromkeys(PREFIXES, "r") | {
    transform_prefix(RECIPE): "rw",
    "files/of/a/user/": "rw",
}


@pytest.fixture(scope="module")
def base(foundation_only: Scripts) -> Foundation:
    """Return the foundation of a region, with an object under every prefix."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", foundation_only.aws.url)
        base = foundation(Aws(foundation_only.region), STACK)
    s3 = foundation_only.client("s3")
    for prefix in PREFIXES:
        s3.put_object(Bucket=base.bucket, Key=f"{prefix}object", Body=b"x")
    return base


def accesses(scripts: Scripts, bucket: str, role: str) -> dict[str, str]:
    """Return which prefixes a session of a role can read (r) and write (w)."""
    keys = scripts.client("sts").assume_role(RoleArn=role, RoleSessionName="SageMaker")
    s3 = boto3.client(
        "s3",
        endpoint_url=scripts.aws.url,
        region_name=scripts.region,
        aws_access_key_id=keys["Credentials"]["AccessKeyId"],
        aws_secret_access_key=keys["Credentials"]["SecretAccessKey"],
        aws_session_token=keys["Credentials"]["SessionToken"],
    )

    def may(call, **request):
        try:
            call(Bucket=bucket, **request)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
            return False
        return True

    return {
        prefix: "r" * may(s3.get_object, Key=f"{prefix}object")
        + "w" * may(s3.put_object, Key=f"{prefix}object", Body=b"y")
        for prefix in PREFIXES
    }


def test_training_jobs_read_data_and_code_and_write_the_prefixes_of_their_recipe_only(
    foundation_only, base
):
    role = base.jobs_role(STACK, RECIPES[RECIPE])
    assert accesses(foundation_only, base.bucket, role) == PREFIXES
    assert role != base.jobs_role(STACK, RECIPES[OTHER])


def test_endpoints_read_models_and_write_nothing(foundation_only, base):
    assert accesses(foundation_only, base.bucket, base.role_arn) == HOSTING


def test_transforms_read_files_and_write_only_where_nothing_is_loaded_from(foundation_only, base):
    assert accesses(foundation_only, base.bucket, base.transform_role_arn) == TRANSFORM


def test_training_jobs_of_files_of_users_share_a_role_that_writes_nothing_of_other_recipes(
    foundation_only, base
):
    recipe = replace(RECIPES[OTHER], name="my-recipe", file="my_recipe.py")
    role = base.jobs_role(STACK, recipe)
    found = accesses(foundation_only, base.bucket, role)
    own = (jobs_prefix("own/my-recipe"), checkpoints_prefix("own/my-recipe", "a-job/"))
    assert found == {
        prefix: "rw" if prefix in own else "" if access == "rw" else access
        for prefix, access in PREFIXES.items()
    }
    assert role == base.jobs_role(STACK, recipe.for_data("tickets"))


def test_training_jobs_for_own_data_have_the_role_of_the_recipe(base):
    recipe = RECIPES[OTHER]
    assert base.jobs_role(STACK, recipe.for_data("tickets")) == base.jobs_role(STACK, recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_trains_with_its_own_role(foundation_only, base, recipe, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", foundation_only.aws.url)
    aws = Aws(foundation_only.region)
    chosen = RECIPES[recipe] if RECIPES[recipe].dataset else RECIPES[recipe].for_data("tickets")
    plan = plan_training(aws, chosen, {}, parsed())
    role = training_call(plan).parameters["RoleArn"]
    assert role == base.jobs_role(STACK, RECIPES[recipe])


def test_new_recipe_needs_a_setup_first(base):
    with pytest.raises(DeploymentError) as caught:
        check_jobs_role(Aws(), base, STACK, replace(RECIPES[OTHER], name="my-own-recipe"))
    assert str(caught.value) == (
        f"the stack '{STACK}' has no output JobsRoleArnmyownrecipe, the role of training jobs of "
        "my-own-recipe. Create it with: python -m scripts.setup"
    )


@pytest.mark.parametrize("prefix", ["models", "lambda", "jobs", "data", "code", "checkpoints"])
def test_transform_with_an_output_that_its_role_cannot_write_is_refused(prefix):
    with pytest.raises(DeploymentError) as caught:
        check_output_prefix(f"s3://bucket/{prefix}/{RECIPE}/", "bucket")
    assert f"is under {prefix}/, where the role of transforms cannot write" in str(caught.value)
    check_output_prefix(f"s3://another/{prefix}/{RECIPE}/", "bucket")
    check_output_prefix(f"s3://bucket/{prefix}-of-mine/", "bucket")


TEMPLATE_BEFORE_ROLES = """
Resources: {Bucket: {Type: 'AWS::S3::Bucket'}}
Outputs:
  BucketName: {Value: !Ref Bucket}
  RoleArn: {Value: 'arn:aws:iam::123456789012:role/one-for-all'}
"""


@pytest.mark.slow
def test_foundation_of_an_earlier_release_is_updated_by_setup(local_aws, own_region):
    scripts = Scripts(local_aws, own_region)
    client = scripts.client("cloudformation")
    tags = [{"Key": "project", "Value": "newsgroup-classifier"}]
    client.create_stack(StackName=STACK, TemplateBody=TEMPLATE_BEFORE_ROLES, Tags=tags)
    waiter = client.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 0.1, "MaxAttempts": 600})
    for command in (("train",), ("upload_data",), ("transform", "--input", "docs/posts.jsonl")):
        assert scripts.run(*command).error == (
            f"the stack '{STACK}' (CREATE_COMPLETE) has no output TransformRoleArn. If it is a "
            "foundation, update it with: python -m scripts.setup"
        )
    assert scripts.run("delete", "--data").result == {"deleted": {}}
    assert scripts.run("setup").code == 0
    assert scripts.run("train", "--dry-run").code == 0
