"""delete removes what the commands created for a recipe, and nothing else."""

import time
from collections.abc import Iterator

import pytest

from local_aws.testing import REGION, running_local_aws
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import DEFAULT_STACK, recipe_tags
from scripts.account.selection import own_model_recipe
from tests.account_state import state_of
from tests.data_source import SAMPLE
from tests.scripts.processes import RECIPE, Scripts
from tests.scripts.releases import Release, create_config, create_model, make_release

pytestmark = pytest.mark.slow
SIMILAR = f"{RECIPE}-wide"  # another recipe, whose name has the same beginning
OTHER_MODEL = f"{SIMILAR}-20260102030405-00ff00"


@pytest.fixture(scope="module")
def release() -> Iterator[Release]:
    """Make a release with two endpoints in its own local AWS, next to other resources."""
    with running_local_aws("--instance-cpus", "1") as aws:
        release = make_release(Scripts(aws, REGION), *SAMPLE, train=("--no-report",))
        assert release.scripts.run("deploy", "--endpoint-name", "second").code == 0
        s3 = release.scripts.client("s3")
        bucket = release.setup["bucket"]
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=bucket, Key=f"checkpoints/{RECIPE}/job/1", Body=b"x")
        for key in ("data/20newsgroups-raw/x", f"jobs/{SIMILAR}/x", "notes.txt"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        for _ in range(2):  # a second version
            s3.put_object(Bucket=bucket, Key="data/20newsgroups/train/train.csv", Body=b"x")
        s3.delete_object(Bucket=bucket, Key="data/20newsgroups/test/test.csv")  # a delete marker
        _deploy_similar_recipe(release)
        yield release


def _deploy_similar_recipe(release: Release) -> None:
    client = release.scripts.client("sagemaker")
    create_model(release, OTHER_MODEL)
    client.create_endpoint(EndpointName=f"{SIMILAR}-pipeline", EndpointConfigName=OTHER_MODEL)
    client.create_model_package_group(ModelPackageGroupName=SIMILAR)
    client.get_waiter("endpoint_in_service").wait(
        EndpointName=f"{SIMILAR}-pipeline", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )


def versions(release, prefix=""):
    """Return every version and delete marker below a prefix."""
    page = release.scripts.client("s3").list_object_versions(
        Bucket=release.setup["bucket"], Prefix=prefix
    )
    return [item["Key"] for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, [])]


# The tests build on each other; pytest runs them in this order.


def test_delete_removes_endpoints_configurations_and_models_of_the_recipe(release):
    before = state_of(release.scripts)
    served = versions(release, f"models/{RECIPE}/")  # copies of the model's archive
    assert len(served) == 2
    others = len(versions(release)) - len(served)
    ended = release.scripts.run("delete")
    deleted = {"endpoint": 2, "endpoint_config": 2, "model": 2, "object": 2, "log_group": 2}
    assert ended.result == {"deleted": deleted}
    after = state_of(release.scripts)
    assert versions(release, "models/") == []
    assert len(versions(release)) == others
    after.pop("objects")
    assert set(after.pop("endpoints")) == {f"{SIMILAR}-pipeline"}
    assert set(after.pop("endpoint_configs")) == {OTHER_MODEL}
    assert set(after.pop("models")) == {OTHER_MODEL}
    assert after == {kind: before[kind] for kind in after}


def test_second_delete_removes_nothing(release):
    ended = release.scripts.run("delete")
    assert ended.result == {"deleted": {}}
    assert "Deleted: nothing." in ended.stderr


def test_delete_of_a_name_without_models_lists_those_that_have_some(release):
    client, model = release.scripts.client("sagemaker"), own_model_recipe("pkl")
    client.create_model_package_group(
        ModelPackageGroupName=model.scope, Tags=recipe_tags(DEFAULT_STACK, model)
    )
    ended = release.scripts.run("delete", "--recipe", "own-model", "--name", "nosuch")
    assert ended.result == {"deleted": {}}
    assert "No model of own-model has the name 'nosuch'; found: pkl." in ended.stderr
    client.delete_model_package_group(ModelPackageGroupName=model.scope)


def test_packages_flag_removes_the_registered_models_and_their_group(release):
    before = state_of(release.scripts)
    ended = release.scripts.run("delete", "--packages")
    assert ended.result == {"deleted": {"model_package": 1, "model_package_group": 1}}
    after = state_of(release.scripts)
    assert after.pop("model_packages") == {}
    assert set(after.pop("model_package_groups")) == {SIMILAR}
    assert after == {kind: before[kind] for kind in after}


def test_data_flag_removes_every_version_of_channels_job_outputs_and_checkpoints(release):
    before = state_of(release.scripts)
    assert versions(release, "data/20newsgroups/")
    key = f"models/{RECIPE}/{RECIPE}-20260102030405-00ff00/model.tar.gz"  # of no model
    release.scripts.client("s3").put_object(Bucket=release.setup["bucket"], Key=key, Body=b"x")
    ended = release.scripts.run("delete", "--data")
    assert set(ended.result["deleted"]) == {"object"}
    count = ended.result["deleted"]["object"]
    assert f"Deleted: {count} objects (bucket {release.setup['bucket']})." in ended.stderr
    assert versions(release, "data/20newsgroups/") == []
    assert versions(release, f"jobs/{RECIPE}/") == []
    assert versions(release, f"checkpoints/{RECIPE}/") == []
    remaining = {key for key in versions(release) if not key.startswith("code/")}
    assert remaining == {"data/20newsgroups-raw/x", f"jobs/{SIMILAR}/x", "notes.txt"}
    after = state_of(release.scripts)
    after.pop("objects")
    assert after == {kind: before[kind] for kind in after}


def test_foundation_flag_removes_the_bucket_of_the_stack_and_not_that_of_the_environment(release):
    release.scripts.client("s3").create_bucket(Bucket="my-precious")
    release.scripts.client("s3").put_object(Bucket="my-precious", Key="thesis.doc", Body=b"x")
    variables = {
        "NEWSGROUP_CLASSIFIER_BUCKET": "my-precious",
        "NEWSGROUP_CLASSIFIER_ROLE_ARN": release.setup["role_arn"],
    }
    calls = release.scripts.run("delete", "--foundation", "--dry-run", **variables).result["calls"]
    buckets = {call["parameters"].get("Bucket") for call in calls if call["service"] == "s3"}
    assert buckets == {release.setup["bucket"]}
    release.scripts.client("s3").delete_object(Bucket="my-precious", Key="thesis.doc")


@pytest.fixture(scope="module")
def others(release: Release) -> str:
    """Deploy two other recipes: one to an endpoint, one to a function; return their names."""
    client = release.scripts.client("sagemaker")
    config = "spooky-topic-forest-20260102030405-00ff00"
    create_config(release.scripts, OTHER_MODEL, config)
    tags = recipe_tags(DEFAULT_STACK, RECIPES["spooky-topic-forest"])
    client.create_endpoint(EndpointName="forest", EndpointConfigName=config, Tags=tags)
    # The model was deleted above, so the endpoint fails; it still exists.
    while client.describe_endpoint(EndpointName="forest")["EndpointStatus"] == "Creating":
        time.sleep(0.1)
    create_function_stack(release)
    return "stack newsgroup-classifier-spooky-ngrams, endpoint forest"


def create_function_stack(release: Release) -> None:
    """Create a small stack with the name of a recipe's function stack."""
    client = release.scripts.client("cloudformation")
    client.create_stack(
        StackName="newsgroup-classifier-spooky-ngrams",
        TemplateBody="Parameters: {CodeBucket: {Type: String}, Recipe: {Type: String}}\n"
        "Resources: {Log: {Type: 'AWS::Logs::LogGroup'}}",
        Tags=recipe_tags(DEFAULT_STACK, RECIPES["spooky-ngrams"]),
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
def test_foundation_flag_is_refused_while_other_recipes_are_deployed(release, others, dry):
    before = state_of(release.scripts)
    ended = release.scripts.run("delete", "--foundation", *dry)
    assert ended.error == (
        f"nothing was deleted, because others need the foundation: {others}. Delete them with the "
        "commands above"
    )
    assert (
        "Other deployments need the foundation. Delete them first:\n"
        "  python -m scripts.delete --recipe spooky-ngrams\n"
        "  python -m scripts.delete --recipe spooky-topic-forest\n"
    ) in ended.stderr
    assert state_of(release.scripts) == before


def test_commands_that_the_refusal_names_remove_the_deployments(release, others):
    forest = release.scripts.run("delete", "--recipe", "spooky-topic-forest")
    assert forest.result == {"deleted": {"endpoint": 1, "log_group": 1, "endpoint_config": 1}}
    ngrams = release.scripts.run("delete", "--recipe", "spooky-ngrams")
    assert ngrams.result == {"deleted": {"stack": 1}}


def test_foundation_flag_removes_all_objects_and_the_stack(release):
    ended = release.scripts.run("delete", "--foundation")
    assert ended.result["deleted"]["stack"] == 1
    after = state_of(release.scripts)
    assert after["stacks"] == {}
    assert after["objects"] == {}
    assert set(after["endpoints"]) == {f"{SIMILAR}-pipeline"}
    buckets = release.scripts.client("s3").list_buckets()["Buckets"]
    assert release.setup["bucket"] not in {bucket["Name"] for bucket in buckets}


def test_foundation_flag_without_a_stack_removes_nothing_and_says_so(release):
    ended = release.scripts.run("delete", "--foundation", "--data")
    assert ended.result == {"deleted": {}}
    assert "There is no stack 'newsgroup-classifier' in region us-east-1." in ended.stderr
    assert "Deleted: nothing." in ended.stderr


def test_data_flag_without_a_stack_removes_nothing_and_says_so(release):
    ended = release.scripts.run("delete", "--data")
    assert ended.result == {"deleted": {}}
    assert "There is no stack 'newsgroup-classifier' in region us-east-1, so there is no data." in (
        ended.stderr
    )


def test_function_stack_with_a_deleted_bucket_is_deleted(release):
    create_function_stack(release)
    ended = release.scripts.run("delete", "--recipe", "spooky-ngrams")
    assert ended.result == {"deleted": {"stack": 1}}
    assert state_of(release.scripts)["stacks"] == {}
