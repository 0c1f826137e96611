"""A package leads back to its job, which trains the same weights again; status shows it all."""

import io
import json
import re
import tarfile
from datetime import datetime

import pytest

from tests.data_source import SAMPLE
from tests.documents import arguments_of, marked_commands, run_aws
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE

PAGE, THIS = "docs/how-to/operate.md", "tests/end_to_end/operations/test_lineage.py"
REGISTER, TRAIN_AGAIN, COPY_BACK = marked_commands(PAGE, THIS)
EXAMPLE_JOB = "newsgroups-naive-bayes-20261130093000-0a1b2c"
EXAMPLE = "arn:aws:sagemaker:REGION:ACCOUNT:model-package/NAME/1"


def weights(scripts, uri):
    """Return the sha256 of the files with weights, from the manifest of an archive."""
    with tarfile.open(fileobj=io.BytesIO(scripts.read_object(uri))) as tar:
        member = next(each for each in tar if each.name.endswith("manifest.json"))
        files = json.load(tar.extractfile(member))["files"]
    ends = ("model.npz", ".joblib")
    return {name: digest for name, digest in files.items() if name.endswith(ends)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "override"),
    [
        (RECIPE, "alpha=0.5"),
        ("spooky-topic-forest", "n_estimators=20"),
        ("newsgroups-linear", "max_iter=2"),
    ],
)
def test_training_like_a_package_gives_the_same_weights(small, recipe, override):
    named = ("--recipe", recipe)
    small.scripts.run("upload_data", *named, *SAMPLE)
    first = small.scripts.run("train", *named, "--set", override).result
    again = small.scripts.run("train", *named, "--like", first["model_package_arn"]).result
    assert again["training_job_name"] != first["training_job_name"]
    found = weights(small.scripts, again["model_artifacts"])
    assert found == weights(small.scripts, first["model_artifacts"]) != {}
    assert again["metrics"] == first["metrics"]


@pytest.mark.slow
def test_command_of_the_guide_trains_the_model_of_a_package_again(small):
    line = TRAIN_AGAIN.replace(EXAMPLE, small.train["model_package_arn"])
    again = small.scripts.run(*arguments_of(line)).result
    assert again["metrics"] == small.train["metrics"]


def test_like_does_not_go_with_hyperparameters(small):
    arn = small.train["model_package_arn"]
    error = small.scripts.run("train", "--like", arn, "--set", "alpha=1").error
    assert error == "--like repeats the job of a package; it does not go with --set"


@pytest.fixture
def unregistered(small):
    """Return the training job of a model whose registration failed, and its lineage."""
    client, name = small.scripts.client("sagemaker"), small.train["training_job_name"]
    job = client.describe_training_job(TrainingJobName=name)
    prefix = job["OutputDataConfig"]["S3OutputPath"]
    again = f"{name[:-6]}00ff00"
    members = ("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig")
    members += ("ResourceConfig", "StoppingCondition", "HyperParameters", "Environment")
    client.create_training_job(
        TrainingJobName=again, **{member: job[member] for member in members if member in job}
    )
    lineage = small.scripts.read_object(f"{prefix}/{name}/output/lineage.json")
    return again, json.loads(lineage)


@pytest.mark.slow
def test_model_of_a_job_whose_command_ended_early_is_registered_later(small, unregistered):
    name, lineage = unregistered
    words = arguments_of(REGISTER.replace(EXAMPLE_JOB, name))
    planned = small.scripts.run(*words, "--dry-run").result["calls"]
    assert [call["operation"] for call in planned] == [
        "create_model_package_group",
        "create_model_package",
    ]
    ended = small.scripts.run(*words, "--approve").result
    assert (ended["training_job_name"], ended["approval_status"]) == (name, "Approved")
    document = small.scripts.read_object(
        ended["model_artifacts"].replace("model.tar.gz", "lineage.json")
    )
    assert json.loads(document) == lineage | {"training_job_name": name}
    arn = ended["model_package_arn"]
    error = small.scripts.run(*words).error
    assert error == f"the model of {name} is already registered as {arn} (Approved)"
    client = small.scripts.client("sagemaker")
    client.delete_model_package(ModelPackageName=arn)


@pytest.mark.slow
def test_model_of_a_job_that_tune_started_is_registered_later(small):
    tuned = small.scripts.run("tune", "--strategy", "grid", "--range", "alpha=0.1,1.0").result
    client, name = small.scripts.client("sagemaker"), tuned["best_training_job"]
    client.delete_model_package(ModelPackageName=tuned["model_package_arn"])
    ended = small.scripts.run("train", "--job", name).result
    assert (ended["training_job_name"], ended["metrics"]) == (name, tuned["metrics"])
    package = client.describe_model_package(ModelPackageName=ended["model_package_arn"])
    uri = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    assert uri == tuned["model_artifacts"]
    lineage = json.loads(small.scripts.read_object(uri.replace("model.tar.gz", "lineage.json")))
    assert lineage["hyperparameters"]["alpha"] == tuned["hyperparameters"]["alpha"]
    client.delete_model_package(ModelPackageName=ended["model_package_arn"])


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (("--set", "alpha=1", "--spot"), "does not go with --set, --spot$"),
        (("--no-report",), "does not go with --no-report$"),
        (("--recipe", "newsgroups-linear"), "is a job of newsgroups-naive-bayes, not of"),
    ],
)
def test_job_that_is_not_of_the_command_line_is_refused(small, flags, error):
    name = small.train["training_job_name"]
    assert re.search(error, small.scripts.run("train", "--job", name, *flags).error)


def test_unknown_job_is_refused(small):
    error = small.scripts.run("train", "--job", "no-such-job").error
    assert "there is no training job 'no-such-job'" in error


def test_status_shows_package_job_metrics_and_instances_of_each_environment(small):
    ended = small.scripts.run("status")
    assert set(ended.result) == KEYS["status"]
    name = small.deploy["endpoint_name"]
    (shown,) = [each for each in ended.result["deployments"] if each["name"] == name]
    assert shown["stack"] == "newsgroup-classifier"
    assert shown["release"] == small.deploy["endpoint_config_name"]
    client = small.scripts.client("sagemaker")
    config = client.describe_endpoint_config(EndpointConfigName=shown["release"])
    created = config["CreationTime"].replace(microsecond=0)
    assert datetime.fromisoformat(shown["released"]) == created
    assert shown["incoming"] == ""
    assert shown["model_package_arn"] == small.train["model_package_arn"]
    assert shown["training_job_name"] == small.train["training_job_name"]
    assert shown["metrics"] == small.train["metrics"]
    assert shown["data_rows"]["test"]["sha256"]
    assert shown["generated_sample"] is ("generated sample" in small.upload_data["data"])
    assert (shown["instance_type"], shown["instance_count"]) == ("ml.m5.large", 1)
    assert (shown["dollars_per_hour"], shown["price_source"]) == (None, "unknown")
    assert shown["approved_by"].startswith("arn:aws:")
    assert shown["alarms"] == {}
    assert name in ended.stderr
    assert "staging" in small.scripts.run("status", "--stack", "staging", "--json").error


@pytest.mark.slow
def test_status_shows_a_deployment_whose_lineage_was_changed_until_the_guide_copies_it_back(small):
    archive = small.train["model_artifacts"]
    package = small.scripts.client("sagemaker").describe_model_package(
        ModelPackageName=small.train["model_package_arn"]
    )
    uri = package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert uri.rpartition("/")[0] == archive.rpartition("/")[0]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    names = {"BUCKET": bucket, "KEY": key, "OLD": small.scripts.get_object(uri)["VersionId"]}
    small.scripts.put_object(uri, b"{}")
    try:
        ended = small.scripts.run("status")
    finally:
        line = re.sub("BUCKET|KEY|OLD", lambda found: names[found[0]], COPY_BACK)
        run_aws(small.scripts.client, line)
    name = small.deploy["endpoint_name"]
    (shown,) = [each for each in ended.result["deployments"] if each["name"] == name]
    assert (shown["status"], "commit" in shown) == ("InService", False)
    assert shown["problem"].startswith(f"{uri} is not the lineage that was registered")
    assert f"Warning: {name}: {uri} is not the lineage" in ended.stderr
    assert "Warning: " not in small.scripts.run("status").stderr
