"""A guarded release moves traffic in stages; an alarm of `watch` returns it to the old model."""

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import REGION, running_local_aws
from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.releases.callers import calling
from tests.data_source import SAMPLE
from tests.end_to_end.operations.faulty_models import register_faulty
from tests.end_to_end.operations.recorded_calls import RecordedCalls
from tests.scripts.processes import Scripts
from tests.scripts.releases import make_release

pytestmark = pytest.mark.slow
POST = "From: a\nSubject: b\nLines: 1\n\nbela mida kore raba dile kari more\n"
MOST_FAILED = 0.12  # of the calls during a canary of 10 percent
CLIENTS = 8


@pytest.fixture(scope="module")
def watched():
    """Watch an endpoint on two instances in a local AWS whose minutes last one second."""
    with running_local_aws("--instance-cpus", "1", "--metric-period", "1") as aws:
        scripts = Scripts(aws, REGION)
        release = make_release(scripts, *SAMPLE, deploy=("--instance-count", "2"))
        assert scripts.run("watch", "--latency", "60000").code == 0
        yield release


def caller(release):
    """Return a function that calls the endpoint once, without retries, and returns the status.

    The status of an error is its code.
    """
    client = release.scripts.aws.client("sagemaker-runtime", retries=0)
    request = {"EndpointName": release.deploy["endpoint_name"], "ContentType": "text/plain"}

    def call():
        try:
            response = client.invoke_endpoint(**request, Body=POST)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return str(response["ResponseMetadata"]["HTTPStatusCode"])

    return call


def describe(release):
    client = release.scripts.client("sagemaker")
    return client.describe_endpoint(EndpointName=release.deploy["endpoint_name"])


def deploy_under_load(release, *flags):
    """Deploy while clients call; return the ended command, and the calls."""
    calls = RecordedCalls(caller(release), "200")
    with calling(calls, CLIENTS) as callers:
        eventually(lambda: callers.last)
        ended = release.scripts.run("deploy", "--bake", "5", *flags)
    return ended, calls


@pytest.mark.parametrize("share", [("--canary", "10"), ("--linear", "50")])
def test_good_release_fails_no_call(watched, share):
    package = watched.train["model_package_arn"]
    ended, calls = deploy_under_load(watched, *share, "--package", package)
    endpoint = describe(watched)
    assert endpoint["EndpointConfigName"] == ended.result["endpoint_config_name"]
    policy = endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]
    assert policy["TrafficRoutingConfiguration"]["Type"] == share[0].removeprefix("--").upper()
    assert policy["TerminationWaitInSeconds"] == 300
    assert "Baking for " in ended.stderr
    assert {status for _, status in calls.made} == {"200"}


def test_alarm_returns_a_release_that_fails_to_the_old_model(watched):
    package = register_faulty(watched, "answers 500")
    before = describe(watched)["EndpointConfigName"]
    flags = ("--canary", "10", "--smoke-seconds", "0", "--package", package)
    ended, calls = deploy_under_load(watched, *flags)
    endpoint = describe(watched)
    last = ended.stderr.splitlines()[-1]
    assert ended.code == 1, ended.stderr
    assert last.startswith("error: the alarm watch-"), ended.stderr
    assert last.endswith(f" has returned to its previous release, {before}")
    assert "-model-errors" in last or "-5xx" in last  # both count a 500 of the model
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", before)
    seen = calls.between_failures()
    assert 0 < seen.count("ModelError") <= MOST_FAILED * len(seen) + 1
    assert {status for _, status in calls.made} == {"200", "ModelError"}
    call = caller(watched)
    assert {call() for _ in range(20)} == {"200"}
