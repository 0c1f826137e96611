"""A call that took effect but whose response was lost leaves nothing behind that costs money."""

import pytest

from local_aws.tests.account import eventually
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.model_archives import approved_archive
from scripts.account.naming import new_stamp
from scripts.account.registry import newest_package
from scripts.account.stacks import foundation
from scripts.endpoints.live import describe_endpoint
from scripts.endpoints.plans import ReleasePlan
from scripts.endpoints.release import release
from scripts.jobs.training_job import run_job
from scripts.jobs.training_plans import TrainingPlan
from scripts.releases.smoke import Smoke
from tests.account_state import kinds_that_differ, state_of
from tests.scripts.processes import IMAGE, RECIPE
from tests.scripts.stubbed import Interrupted

STACK = "newsgroup-classifier"


@pytest.fixture
def interrupted(small, monkeypatch):
    """Return a function that returns AWS in the small release's region, with Ctrl-C in a call."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", small.scripts.aws.url)
    return lambda operation: Interrupted(operation, small.scripts.region)


@pytest.mark.parametrize(
    "operation",
    [
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("copy", "create_model")),
        pytest.param("create_endpoint_config", marks=pytest.mark.slow),
        pytest.param("create_endpoint", marks=pytest.mark.slow),
    ],
)
def test_release_interrupted_in_any_call_removes_all_it_created(small, interrupted, operation):
    aws = interrupted(operation)
    before = state_of(small.scripts)
    plan = plan_of(aws, "lost-response")
    with pytest.raises(KeyboardInterrupt):
        release(aws, plan, Smoke(None))
    eventually(lambda: describe_endpoint(aws, "lost-response") is None)
    bucket, key = plan.model_object["Bucket"], plan.model_object["Key"]
    assert small.scripts.list_objects(f"s3://{bucket}/{key}") == []
    assert kinds_that_differ(before, state_of(small.scripts)) == set()


def plan_of(aws: Aws, endpoint: str) -> ReleasePlan:
    """Return the plan of the first release to an endpoint."""
    package = newest_package(aws, STACK, RECIPES[RECIPE], "Approved")
    return ReleasePlan(
        recipe=RECIPES[RECIPE],
        stamp=new_stamp(),
        package_arn=package["ModelPackageArn"],
        archive=approved_archive(aws, STACK, RECIPES[RECIPE], package),
        containers=package["InferenceSpecification"]["Containers"],
        endpoint_name=endpoint,
        instance_type="ml.m5.large",
        instance_count=1,
        bucket=foundation(aws, STACK).bucket,
        role_arn=foundation(aws, STACK).role_arn,
    )


@pytest.mark.slow
def test_endpoint_that_someone_else_created_in_the_meantime_is_kept(small, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", small.scripts.aws.url)
    aws, client = Aws(small.scripts.region), small.scripts.client("sagemaker")
    live = small.deploy["endpoint_config_name"]
    client.create_endpoint(EndpointName="contended", EndpointConfigName=live)
    before = state_of(small.scripts)
    plan = plan_of(aws, "contended")
    with pytest.raises(DeploymentError, match="someone else created endpoint contended in the me"):
        release(aws, plan, Smoke(None))
    # It has started, and its logs have got a retention.
    assert kinds_that_differ(before, state_of(small.scripts)) <= {"endpoints", "endless logs"}
    eventually(lambda: describe_endpoint(aws, "contended")["EndpointStatus"] == "InService")
    client.delete_endpoint(EndpointName="contended")
    eventually(lambda: describe_endpoint(aws, "contended") is None)


@pytest.mark.slow
def test_update_without_flags_keeps_the_instances_and_the_dry_run_says_so(small):
    named = ("--endpoint-name", "sized")
    sizes = ("--instance-count", "2", "--instance-type", "ml.c5.large")
    assert small.scripts.run("deploy", *named, *sizes).code == 0
    planned = small.scripts.run("deploy", *named, "--dry-run").result
    assert planned["kept"] == {"instance_type": "ml.c5.large", "instance_count": 2}
    *_, config, update = (call["parameters"] for call in planned["calls"])
    assert config["ProductionVariants"][0]["InitialInstanceCount"] == 2
    assert update["RetainAllVariantProperties"] is True
    ended = small.scripts.run("deploy", *named)
    assert "Kept from the live endpoint: --instance-type ml.c5.large, --instance-count 2." in (
        ended.stderr
    )
    client = small.scripts.client("sagemaker")
    endpoint = client.describe_endpoint(EndpointName="sized")
    assert endpoint["EndpointConfigName"] == ended.result["endpoint_config_name"]
    assert endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    client.delete_endpoint(EndpointName="sized")
    client.delete_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    client.delete_model(ModelName=endpoint["EndpointConfigName"])
    eventually(lambda: "sized" not in state_of(small.scripts)["endpoints"])


def test_training_job_interrupted_in_its_creation_is_stopped(small, interrupted, capsys):
    aws = interrupted("create_training_job")
    plan = TrainingPlan(
        recipe=RECIPES[RECIPE],
        job_name=f"{RECIPE}-{new_stamp()}",
        image=IMAGE,
        instance_type="ml.m5.large",
        hyperparameters={"alpha": 1.0},
        code_uri=f"s3://{small.setup['bucket']}/code/none/sourcedir.tar.gz",
        channel_keys={name: small.channel_key(name) for name in ("train", "test")},
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
