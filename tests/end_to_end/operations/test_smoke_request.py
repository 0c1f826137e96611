"""A new model answers the example of its package before the old one goes, or is not released."""

import json

import pytest

from local_aws.tests.account import eventually
from tests.account_state import kinds_that_differ, state_of
from tests.end_to_end.operations.faulty_models import FAULTS, register_faulty
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE

FOUND = {
    "answers 500": "found status 500: the request could not be served. Its log group is /aws/sage",
    "answers slowly": "found no response within 5 s (ReadTimeoutError)",
    "has swapped labels": "found the label '",
}
ENDPOINT = ("--endpoint-name", "smoked")
QUICKLY = ("--smoke-seconds", "5")


@pytest.fixture(scope="module")
def faulty(small):
    """Register the faulty models; reject them afterwards."""
    packages = {fault: register_faulty(small, fault) for fault in FAULTS}
    yield packages
    for arn in packages.values():
        assert small.scripts.run("approve", "--reject", "--package", arn).code == 0


@pytest.fixture(scope="module")
def smoked(small):
    """Deploy the release's model to another endpoint; delete the endpoint afterwards."""
    arn = small.train["model_package_arn"]
    yield small.scripts.run("deploy", *ENDPOINT, "--package", arn).result
    client = small.scripts.client("sagemaker")
    client.delete_endpoint(EndpointName="smoked")
    for kind, name in (("endpoint_config", "EndpointConfigName"), ("model", "ModelName")):
        for each in others(small, kind, name):
            getattr(client, f"delete_{kind}")(**{name: each})
    eventually(lambda: "smoked" not in state_of(small.scripts)["endpoints"])


def others(small, kind, name):
    """Return the configs or models of releases other than the session's own one."""
    client = small.scripts.client("sagemaker")
    found = getattr(client, f"list_{kind}s")(NameContains=RECIPE)
    key = {"endpoint_config": "EndpointConfigs", "model": "Models"}[kind]
    own = {small.deploy["endpoint_config_name"]}
    return [item[name] for item in found[key] if item[name] not in own]


def describe(small):
    return small.scripts.client("sagemaker").describe_endpoint(EndpointName="smoked")


def test_package_carries_an_example_that_its_model_labels_right(small):
    arn = small.train["model_package_arn"]
    package = small.scripts.client("sagemaker").describe_model_package(ModelPackageName=arn)
    statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]
    lineage = json.loads(small.scripts.read_object(statistics["S3Uri"]))
    properties = package["CustomerMetadataProperties"]
    assert statistics["ContentDigest"] == f"sha256:{properties['lineage-sha256']}"
    example = lineage["example"]
    assert example["label"] and example["row"] >= 1
    assert lineage["training_job_name"] == small.train["training_job_name"]
    assert lineage["metrics"] == small.train["metrics"]
    assert lineage["hyperparameters"]["alpha"] == "0.01"
    assert set(lineage["data"]) == {"train", "test"}
    assert properties["approved-by"].startswith("arn:aws:")


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_update_to_a_faulty_model_is_refused_while_the_old_one_serves(small, smoked, faulty, fault):
    before, state = describe(small)["EndpointConfigName"], state_of(small.scripts)
    error = small.scripts.run("deploy", *ENDPOINT, *QUICKLY, "--package", faulty[fault])
    assert error.code == 1
    last = error.stderr.splitlines()[-1]
    assert " failed the smoke request: expected the label '" in last
    assert "for the example of the package (row " in last
    assert FOUND[fault] in last
    assert error.stderr.count("Removing the trial endpoint ") == 1
    assert ("Its log group is " in last) == (fault != "has swapped labels")
    endpoint = describe(small)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", before)
    assert "LastDeploymentConfig" not in endpoint
    assert kinds_that_differ(state, state_of(small.scripts)) == set()


@pytest.mark.slow
def test_log_of_a_trial_endpoint_that_failed_has_the_place_of_the_error_without_its_message(
    small, smoked, faulty
):
    flags = ("--package", faulty["answers 500"])
    named = small.scripts.run("deploy", *ENDPOINT, *flags).error.rpartition(" ")[2]
    logs = small.scripts.client("logs")
    (group,) = logs.describe_log_groups(logGroupNamePrefix=named)["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (named, 30)
    events = logs.filter_log_events(logGroupName=named)["events"]
    text = "\n".join(each["message"] for each in events)
    assert "RuntimeError in a stage" in text
    assert "in predict_fn" in text
    logs.delete_log_group(logGroupName=named)


@pytest.mark.slow
def test_first_release_of_a_faulty_model_is_removed(small, faulty):
    state = state_of(small.scripts)
    flags = ("--endpoint-name", "never-smoked", "--package", faulty["answers 500"])
    error = small.scripts.run("deploy", *flags)
    assert "endpoint never-smoked failed the smoke request" in error.stderr.splitlines()[-1]
    assert kinds_that_differ(state, state_of(small.scripts)) == set()
    logs = small.scripts.client("logs")
    name = "/aws/sagemaker/Endpoints/never-smoked"
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 30
    logs.delete_log_group(logGroupName=name)


@pytest.mark.slow
def test_rollback_returns_to_the_previous_release_which_stays_until_two_later(small, smoked):
    arn = small.train["model_package_arn"]
    none = small.scripts.run("rollback", *ENDPOINT).error
    assert none.startswith("endpoint smoked has no previous release: it has had one release only")
    second = small.scripts.run("deploy", *ENDPOINT, "--package", arn).result
    result = small.scripts.run("rollback", *ENDPOINT).result
    assert set(result) == KEYS["rollback"]
    assert result["endpoint_config_name"] == smoked["endpoint_config_name"]
    assert result["replaced"] == second["endpoint_config_name"]
    assert result["model_package_arn"] == arn
    assert describe(small)["EndpointConfigName"] == smoked["endpoint_config_name"]
    again = small.scripts.run("rollback", *ENDPOINT).result
    assert again["endpoint_config_name"] == second["endpoint_config_name"]
    third = small.scripts.run("deploy", *ENDPOINT, "--package", arn, "--smoke-seconds", "0").result
    configs = others(small, "endpoint_config", "EndpointConfigName")
    assert smoked["endpoint_config_name"] not in configs
    assert {second["endpoint_config_name"], third["endpoint_config_name"]} <= set(configs)
