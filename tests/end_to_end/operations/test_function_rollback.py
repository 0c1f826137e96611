"""A version of a function that answers with another label is not served, and rollback goes back."""

import hashlib
import json
from dataclasses import replace

import pytest

from local_aws.testing import running_local_aws
from scripts.account.lineage import LINEAGE, TRIAL, lineage_location
from tests.end_to_end.functions.lambda_release import NAMED, RECIPE, make_lambda_release
from tests.scripts.compatibility import KEYS
from tests.scripts.releases import register_archive

pytestmark = pytest.mark.slow
TO_LAMBDA = (*NAMED, "--target", "lambda")


@pytest.fixture(scope="module")
def release():
    """Make a release in its own local AWS, which the tests change, in order."""
    with running_local_aws() as aws:
        yield make_lambda_release(aws)


def live(release):
    client, name = release.scripts.client("lambda"), release.deploy["function_name"]
    return client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]


def register_other_label(release):
    """Register the release's model with an example that no model labels so; return it."""
    scripts, uri = release.scripts, release.train["model_artifacts"]
    lineage = json.loads(scripts.read_object("s3://{Bucket}/{Key}".format(**lineage_location(uri))))
    lineage["example"] = replace(TRIAL, label="another").document()
    content = json.dumps(lineage).encode()
    copy = f"s3://{release.setup['bucket']}/other-label/model.tar.gz"
    scripts.put_object(copy, scripts.read_object(uri))
    scripts.put_object("s3://{Bucket}/{Key}".format(**lineage_location(copy)), content)
    properties = {LINEAGE: hashlib.sha256(content).hexdigest()}
    return register_archive(scripts, RECIPE, copy, approved=True, properties=properties)


def test_version_that_fails_the_smoke_request_is_not_live(release):
    before = live(release)
    ended = release.scripts.run("deploy", *TO_LAMBDA, "--package", register_other_label(release))
    assert ended.code == 1
    *_, line, last = ended.stderr.splitlines()
    assert line.endswith(f"serves version {before} again.")
    assert "failed the smoke request: expected the label '" in last
    assert live(release) == before


def test_rollback_goes_one_version_back_and_the_next_deploy_forward(release):
    first = live(release)
    arn = release.train["model_package_arn"]
    release.scripts.run("deploy", *TO_LAMBDA, "--package", arn, "--memory", "1024")
    second = live(release)
    assert int(second) > int(first)
    returned = release.scripts.run("rollback", *TO_LAMBDA)
    result = returned.result
    assert f"A release that fails would bring version {second} back" in returned.stderr
    assert set(result) == KEYS["rollback to lambda"]
    assert result["replaced"] == second
    assert live(release) == result["version"]
    (shown,) = release.scripts.run("status", "--json").result["deployments"]
    assert (shown["kind"], shown["release"]) == ("function", result["version"])
    assert shown["model_package_arn"]
    again = release.scripts.run("deploy", *TO_LAMBDA, "--package", arn)
    assert again.code == 0, again.stderr
    assert live(release) == second
