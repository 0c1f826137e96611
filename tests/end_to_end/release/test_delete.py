"""delete takes what the scripts made for a recipe, and nothing else."""

import time
from collections.abc import Iterator

import pytest

from local_aws.testing import REGION, running_local_aws
from tests.scripts.account_state import state_of
from tests.scripts.processes import RECIPE, Scripts
from tests.scripts.releases import Release, make_release

ALIKE = f"{RECIPE}-wide"  # another recipe, whose name begins alike
STRANGER = f"{ALIKE}-20260102030405-00ff00"


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    """Make a release in a local AWS of its own, with two endpoints and a stranger's things."""
    with running_local_aws() as aws:
        made = make_release(Scripts(aws, REGION), "--generated-sample")
        assert made.scripts.run("deploy", "--endpoint-name", "second").code == 0
        s3 = made.scripts.client("s3")
        bucket = made.setup["bucket"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=bucket, Key=f"checkpoints/{RECIPE}/job/1", Body=b"x")
        for key in ("data/20newsgroups-raw/x", f"jobs/{ALIKE}/x", "notes.txt"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"a stranger's")
        for _ in range(2):  # a version over another
            s3.put_object(Bucket=bucket, Key="data/20newsgroups/train/train.csv", Body=b"x")
        s3.delete_object(Bucket=bucket, Key="data/20newsgroups/test/test.csv")  # a marker
        _make_a_stranger_s(made)
        yield made


def _make_a_stranger_s(made: Release) -> None:
    client = made.scripts.client("sagemaker")
    model = client.describe_model(ModelName=made.deploy["model_name"])
    client.create_model(
        ModelName=STRANGER,
        ExecutionRoleArn=made.setup["role_arn"],
        Containers=model["Containers"],
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": STRANGER,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    client.create_endpoint_config(EndpointConfigName=STRANGER, ProductionVariants=[variant])
    client.create_endpoint(EndpointName=f"{ALIKE}-pipeline", EndpointConfigName=STRANGER)
    client.create_model_package_group(ModelPackageGroupName=ALIKE)


def versions(release, prefix=""):
    """Return every version and delete marker below a prefix."""
    page = release.scripts.client("s3").list_object_versions(
        Bucket=release.setup["bucket"], Prefix=prefix
    )
    return [item["Key"] for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, [])]


# The steps build on each other: pytest runs them in this order.


def test_the_default_is_endpoints_configs_and_models_of_the_recipe(release):
    before = state_of(release.scripts)
    ended = release.scripts.run("delete")
    assert ended.result == {"deleted": {"endpoint": 2, "endpoint_config": 2, "model": 2}}
    after = state_of(release.scripts)
    assert set(after.pop("endpoints")) == {f"{ALIKE}-pipeline"}
    assert set(after.pop("endpoint_configs")) == {STRANGER}
    assert set(after.pop("models")) == {STRANGER}
    assert after == {kind: before[kind] for kind in after}


def test_deleting_again_deletes_nothing(release):
    ended = release.scripts.run("delete")
    assert ended.result == {"deleted": {}}
    assert "Deleted: nothing." in ended.stderr


def test_packages_takes_the_registered_models_and_their_group(release):
    before = state_of(release.scripts)
    ended = release.scripts.run("delete", "--packages")
    assert ended.result == {"deleted": {"model_package": 1, "model_package_group": 1}}
    after = state_of(release.scripts)
    assert after.pop("model_packages") == {}
    assert set(after.pop("model_package_groups")) == {ALIKE}
    assert after == {kind: before[kind] for kind in after}


def test_data_takes_every_version_of_channels_job_output_and_checkpoints(release):
    before = state_of(release.scripts)
    assert versions(release, "data/20newsgroups/")
    ended = release.scripts.run("delete", "--data")
    assert set(ended.result["deleted"]) == {"object"}
    count = ended.result["deleted"]["object"]
    assert f"Deleted: {count} objects (bucket {release.setup['bucket']})." in ended.stderr
    assert versions(release, "data/20newsgroups/") == []
    assert versions(release, f"jobs/{RECIPE}/") == []
    assert versions(release, f"checkpoints/{RECIPE}/") == []
    kept = {key for key in versions(release) if not key.startswith("code/")}
    assert kept == {"data/20newsgroups-raw/x", f"jobs/{ALIKE}/x", "notes.txt"}
    after = state_of(release.scripts)
    after.pop("objects")
    assert after == {kind: before[kind] for kind in after}


def test_foundation_takes_the_stack_s_own_bucket_whatever_the_environment_names(release):
    release.scripts.client("s3").create_bucket(Bucket="my-precious")
    release.scripts.client("s3").put_object(Bucket="my-precious", Key="thesis.doc", Body=b"x")
    given = {
        "NEWSGROUP_CLASSIFIER_BUCKET": "my-precious",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": release.setup["role_arn"],
    }
    calls = release.scripts.run("delete", "--foundation", "--dry-run", **given).result["calls"]
    buckets = {call["parameters"].get("Bucket") for call in calls if call["service"] == "s3"}
    assert buckets == {release.setup["bucket"]}
    release.scripts.client("s3").delete_object(Bucket="my-precious", Key="thesis.doc")


@pytest.fixture(scope="module")
def others(release: Release) -> str:
    """Deploy something of two other recipes: an endpoint, and a function's stack."""
    client = release.scripts.client("sagemaker")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": STRANGER,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    config = "spooky-topic-forest-20260102030405-00ff00"
    client.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    client.create_endpoint(EndpointName="forest", EndpointConfigName=config)
    # Its model went with the data of the recipe above; a failed endpoint stands all the same.
    while client.describe_endpoint(EndpointName="forest")["EndpointStatus"] == "Creating":
        time.sleep(0.1)
    make_function_stack(release)
    return "stack newsgroup-classifier-spooky-ngrams, endpoint forest"


def make_function_stack(release: Release) -> None:
    """Make a stack that is named as the one of a recipe's function, with little in it."""
    client = release.scripts.client("cloudformation")
    client.create_stack(
        StackName="newsgroup-classifier-spooky-ngrams",
        TemplateBody="Parameters: {CodeBucket: {Type: String}, Recipe: {Type: String}}\n"
        "Resources: {Log: {Type: 'AWS::Logs::LogGroup'}}",
        Parameters=[
            {"ParameterKey": "CodeBucket", "ParameterValue": release.setup["bucket"]},
            {"ParameterKey": "Recipe", "ParameterValue": "spooky-ngrams"},
        ],
    )
    client.get_waiter("stack_create_complete").wait(
        StackName="newsgroup-classifier-spooky-ngrams",
        WaiterConfig={"Delay": 0.1, "MaxAttempts": 600},
    )


@pytest.mark.parametrize("dry", [[], ["--dry-run"]])
def test_foundation_is_refused_while_other_recipes_have_something_deployed(release, others, dry):
    before = state_of(release.scripts)
    error = release.scripts.run("delete", "--foundation", *dry).error
    assert error == (
        "nothing was deleted, because deployments of other recipes need the foundation: "
        f"{others}. Delete them first with: python -m scripts.delete --recipe spooky-ngrams; "
        "python -m scripts.delete --recipe spooky-topic-forest"
    )
    assert state_of(release.scripts) == before


def test_what_the_refusal_names_takes_it_away(release, others):
    forest = release.scripts.run("delete", "--recipe", "spooky-topic-forest")
    assert forest.result == {"deleted": {"endpoint": 1, "endpoint_config": 1}}
    ngrams = release.scripts.run("delete", "--recipe", "spooky-ngrams")
    assert ngrams.result == {"deleted": {"stack": 1}}


def test_foundation_takes_all_objects_and_the_stack(release):
    ended = release.scripts.run("delete", "--foundation")
    assert ended.result["deleted"]["stack"] == 1
    after = state_of(release.scripts)
    assert after["stacks"] == {}
    assert after["objects"] == {}
    assert set(after["endpoints"]) == {f"{ALIKE}-pipeline"}
    buckets = release.scripts.client("s3").list_buckets()["Buckets"]
    assert release.setup["bucket"] not in {bucket["Name"] for bucket in buckets}


def test_foundation_again_deletes_nothing_and_says_that_there_is_none(release):
    ended = release.scripts.run("delete", "--foundation", "--data")
    assert ended.result == {"deleted": {}}
    assert "There is no stack 'newsgroup-classifier' in region us-east-1." in ended.stderr
    assert "Deleted: nothing." in ended.stderr


def test_data_without_a_foundation_is_nothing_to_delete(release):
    ended = release.scripts.run("delete", "--data")
    assert ended.result == {"deleted": {}}
    assert "There is no stack 'newsgroup-classifier' in region us-east-1, so there is no data." in (
        ended.stderr
    )


def test_a_function_s_stack_that_outlived_its_bucket_is_deleted_all_the_same(release):
    make_function_stack(release)
    ended = release.scripts.run("delete", "--recipe", "spooky-ngrams")
    assert ended.result == {"deleted": {"stack": 1}}
    assert state_of(release.scripts)["stacks"] == {}
