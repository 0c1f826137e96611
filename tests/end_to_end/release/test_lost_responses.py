"""A call that took effect but whose response was lost leaves nothing behind that costs money."""

import pytest

from local_aws.tests.account import eventually
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.model_archives import approved_archive
from scripts.account.naming import new_stamp
from scripts.account.registry import newest_package
from scripts.account.stacks import foundation
from scripts.endpoints.live import describe_endpoint
from scripts.endpoints.plans import ReleasePlan
from scripts.endpoints.release import release, release_calls
from scripts.jobs.training_job import run_job
from scripts.jobs.training_plans import TrainingPlan
from tests.scripts.account_state import kinds_that_differ, state_of
from tests.scripts.processes import IMAGE, RECIPE
from tests.scripts.stubbed import Interrupted

STACK = "newsgroup-classifier"


@pytest.fixture
def interrupted(small, monkeypatch):
    """Return a function that returns AWS in the small release's region, with Ctrl-C in a call."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", small.scripts.aws.url)
    return lambda operation: Interrupted(operation, small.scripts.region)


@pytest.mark.parametrize(
    "operation", ["copy_object", "create_model", "create_endpoint_config", "create_endpoint"]
)
def test_release_interrupted_in_any_call_removes_all_it_created(small, interrupted, operation):
    aws = interrupted(operation)
    before = state_of(small.scripts)
    package = newest_package(aws, STACK, RECIPE, "Approved")
    plan = ReleasePlan(
        recipe=RECIPES[RECIPE],
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        archive=approved_archive(aws, STACK, RECIPE, package),
        containers=package["InferenceSpecification"]["Containers"],
        endpoint_name="lost-response",
        instance_type="ml.m5.large",
        instance_count=1,
        bucket=small.setup["bucket"],
        role_arn=foundation(aws, STACK).role_arn,
    )
    with pytest.raises(KeyboardInterrupt):
        release(aws, plan, release_calls(plan))
    eventually(lambda: describe_endpoint(aws, "lost-response") is None)
    bucket, key = plan.model_object["Bucket"], plan.model_object["Key"]
    assert small.scripts.list_objects(f"s3://{bucket}/{key}") == []
    assert kinds_that_differ(before, state_of(small.scripts)) == set()


def test_training_job_interrupted_in_its_creation_is_stopped(small, interrupted, capsys):
    aws = interrupted("create_training_job")
    plan = TrainingPlan(
        recipe=RECIPES[RECIPE],
        stamp=new_stamp(),
        image=IMAGE,
        instance_type="ml.m5.large",
        hyperparameters={"alpha": 1.0},
        code_uri=f"s3://{small.setup['bucket']}/code/none/sourcedir.tar.gz",
        channel_uris=small.upload_data["channels"],
        foundation=foundation(aws, STACK),
        checkpoints="lost",
    )
    checkpoint = f"checkpoints/{RECIPE}/lost/epoch-00001.npz"
    small.scripts.put_object(f"s3://{small.setup['bucket']}/{checkpoint}", b"")
    with pytest.raises(KeyboardInterrupt):
        run_job(aws, plan, "", resume="the command")
    assert "To resume from its last checkpoint: the command" in capsys.readouterr().err
    client = small.scripts.client("sagemaker")
    eventually(
        lambda: (
            client.describe_training_job(TrainingJobName=plan.job_name)["TrainingJobStatus"]
            == "Stopped"
        )
    )
