"""Every answer of an endpoint comes from a release that could be live, no matter who deploys.

The containers of the local AWS answer at once. HISTORY_SEEDS is the number of histories, 20 by
default; CONTRIBUTING.md has the command for 200.
"""

import argparse
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.hosting import deployment, fleet
from local_aws.sagemaker.hosting.container import NoReply, Reply
from local_aws.settings import Settings
from local_aws.testing import LocalAws, environment_of
from local_aws.tests.account import Account
from local_aws.tests.process.in_process import serving
from scripts.account.aws import Aws
from scripts.account.model_archives import ModelArchive
from scripts.account.naming import PIPELINE, endpoint_name, name_in_stack, new_stamp
from scripts.endpoints.live import (
    describe_endpoint,
    own_endpoint,
    previous_config,
    read_live,
    roll_back,
    rollback_call,
    wait_until_gone,
)
from scripts.endpoints.release import release
from scripts.endpoints.removal import release_calls
from scripts.releases.smoke import Smoke
from tests.end_to_end.operations.histories import (
    GONE,
    SEEDS,
    Answer,
    Change,
    History,
    check_histories,
    wrong_answers,
)
from tests.scripts.endpoints.plans import CONTAINERS, release_plan

pytestmark = pytest.mark.slow
_CHANGES = ("create_endpoint", "update_endpoint", "delete_endpoint")


class StandIn:
    """A container that answers with its version, until it is stopped."""

    pid = None

    def __init__(self, region, spec, folder, logs, cpus):
        self._version, self.logs, self._stopped = spec["Environment"]["VERSION"], logs, False

    def prepare(self):
        """Need no model."""

    start = prepare

    def is_alive(self):
        return True

    def wait_until_healthy(self, seconds):
        return True

    def ping(self):
        return 200

    def activity(self):
        return None

    def invoke(self, body, headers, seconds):
        if self._stopped:
            raise NoReply("it was stopped")
        return Reply(200, self._version.encode(), "text/plain")

    def stop(self):
        self._stopped = True


class Endpoints(History):
    """The endpoints of two environments in an account, and what happens to them."""

    def __init__(self, account, clients):
        super().__init__(clients)
        self.account = account
        enabled = {"Status": "Enabled"}
        account.s3.put_bucket_versioning(Bucket=account.bucket, VersioningConfiguration=enabled)
        self.archive = account.upload("approved/model.tar.gz", b"model")
        head = account.s3.head_object(Bucket=account.bucket, Key="approved/model.tar.gz")
        self.version = head["VersionId"]

    def plan(self, environment):
        """Return the plan of a release whose containers answer with its name."""
        archive = ModelArchive(self.archive, self.version, "0" * 64)
        bucket, role = self.account.bucket, self.account.role
        plan = release_plan()
        plan = replace(plan, archive=archive, bucket=bucket, role_arn=role, stack=environment)
        name = endpoint_name(plan.scope, PIPELINE)
        plan = replace(plan, endpoint_name=name, stamp=new_stamp(), instance_count=1)
        variables = {"VERSION": plan.name}
        return replace(plan, containers=[{**CONTAINERS[0], "Environment": variables}])

    def deploy(self, aws, environment):
        plan = self.plan(environment)
        live = describe_endpoint(aws, plan.endpoint_name)
        if live is not None:
            kept = argparse.Namespace(instance_count=None)
            plan = replace(plan, live=read_live(aws, live, kept))
        release(aws, plan, Smoke(None))

    def rollback(self, aws, environment):
        recipe = release_plan().recipe
        selected = {"stack": environment, "target": PIPELINE, "endpoint_name": None}
        arguments = argparse.Namespace(**selected)
        _, endpoint = own_endpoint(aws, recipe, arguments, "roll back", "")
        roll_back(aws, endpoint, rollback_call(endpoint, previous_config(aws, endpoint, "")))

    def delete(self, aws, environment):
        for call in release_calls(aws, environment, release_plan().recipe):
            aws.remove(call)
            if call.operation == "delete_endpoint":
                wait_until_gone(aws, call.parameters["EndpointName"])

    @staticmethod
    def value_of(aws, call):
        """Return the endpoint config to which a call changes an endpoint."""
        changes = call.operation in _CHANGES
        return call.parameters.get("EndpointConfigName", GONE) if changes else None

    def answer(self, aws, environment):
        scope = name_in_stack(environment, release_plan().recipe.scope)
        runtime, name = aws.client("sagemaker-runtime"), endpoint_name(scope, PIPELINE)
        try:
            return runtime.invoke_endpoint(EndpointName=name, Body=b"x")["Body"].read().decode()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationError", error
            return GONE


@pytest.fixture
def endpoints(tmp_path, monkeypatch):
    """Serve a local AWS with stand-in containers from this process."""
    monkeypatch.setattr(fleet, "Container", StandIn)
    # A collection takes long with everything that the tests have imported.
    monkeypatch.setattr(deployment, "gc", SimpleNamespace(collect=int, freeze=int))
    with serving(Settings(tmp_path, port=0)) as port:
        local = LocalAws(f"http://127.0.0.1:{port}", 0)
        with environment_of(local):
            aws = Aws("us-east-1")
            clients = {
                name: aws.client(name)
                for name in ("sagemaker", "s3", "logs", "sagemaker-runtime", "cloudformation")
            }
            yield Endpoints(Account(local), clients)


def test_checker_finds_an_answer_of_a_release_that_was_never_live():
    changes = [
        Change("dev", "1", 1, 2, is_sure=True),
        Change("dev", "2", 3, 4, is_sure=True),
        Change("dev", "3", 5, 6),  # its command failed
    ]
    right = [Answer("dev", "1", 2.5, 3.5), Answer("dev", "2", 7, 8), Answer("dev", "3", 7, 8)]
    wrong = [Answer("dev", "1", 5, 6), Answer("prod", "1", 5, 6), Answer("dev", GONE, 5, 6)]
    assert wrong_answers(changes, [*right, *wrong]) == wrong


def test_answers_of_random_histories_are_of_live_releases(endpoints):
    check_histories(endpoints, SEEDS)
