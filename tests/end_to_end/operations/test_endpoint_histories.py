"""Every answer of an endpoint comes from a release that could be live, no matter who deploys.

Three actors deploy, roll back, delete, and invoke the endpoints of two environments at random, with
the functions of the commands and a local AWS whose containers answer at once. The history of each
endpoint is checked as that of a register. A command that ended with an error may have had an effect
or none.

HISTORY_SEEDS is the number of histories, 20 by default; CONTRIBUTING.md has the command for 200.
"""

import argparse
import json
import os
import random
import threading
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from local_aws.sagemaker.hosting import deployment, fleet, instance
from local_aws.sagemaker.hosting.container import NoReply, Reply
from local_aws.settings import Settings
from local_aws.testing import LocalAws, environment_of
from local_aws.tests.account import Account
from local_aws.tests.process.actors import act_together
from local_aws.tests.process.in_process import serving
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.model_archives import ModelArchive
from scripts.account.naming import PIPELINE, endpoint_name, name_in_stack, new_stamp
from scripts.endpoints.live import describe_endpoint, own_endpoint, read_live, wait_until_gone
from scripts.endpoints.previous import previous_config, roll_back, rollback_call
from scripts.endpoints.release import release
from scripts.endpoints.removal import release_calls
from scripts.releases.smoke import Smoke
from tests.scripts.endpoints.plans import CONTAINERS, release_plan

pytestmark = pytest.mark.slow
ENVIRONMENTS, ACTORS, STEPS = ("dev", "prod"), 3, 6
SEEDS = int(os.environ.get("HISTORY_SEEDS", "20"))
GONE = "deleted"
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
        self.logs.close()


@dataclass
class Change:
    """A request that changes an endpoint to a release; the end is that of its command."""

    environment: str
    value: str
    start: float
    end: float = float("inf")
    is_sure: bool = False  # whether it certainly had its effect before its end


@dataclass(frozen=True)
class Answer:
    """A release that answered a call."""

    environment: str
    value: str
    start: float
    end: float


class Watched(Aws):
    """The local AWS as one actor uses it in one environment, with its changes."""

    def __init__(self, clients, environment):
        super().__init__("us-east-1")
        self._clients, self._environment, self.changes = clients, environment, []
        (self._other,) = set(ENVIRONMENTS) - {environment}

    def make(self, call, *ignored):
        """Make a call, which must not name anything of the other environment."""
        text = json.dumps(call.parameters, default=str)
        assert f"{self._other}--" not in text or call.operation.startswith("describe"), text
        start = time.monotonic()
        response = super().make(call, *ignored)
        if call.operation in _CHANGES and response is not None:
            value = call.parameters.get("EndpointConfigName", GONE)
            self.changes.append(Change(self._environment, value, start))
        return response

    def pause(self):
        time.sleep(0.01)


class Endpoints:
    """The endpoints of two environments in an account, and what happens to them."""

    def __init__(self, account, clients):
        self.account, self.clients = account, clients
        enabled = {"Status": "Enabled"}
        account.s3.put_bucket_versioning(Bucket=account.bucket, VersioningConfiguration=enabled)
        self.archive = account.upload("approved/model.tar.gz", b"model")
        head = account.s3.head_object(Bucket=account.bucket, Key="approved/model.tar.gz")
        self.version = head["VersionId"]
        self.changes, self.answers, self._lock = [], [], threading.Lock()

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
        _, endpoint = own_endpoint(aws, recipe, arguments, "roll back")
        roll_back(aws, endpoint, rollback_call(endpoint, previous_config(aws, endpoint, "")))

    def delete(self, aws, environment):
        for call in release_calls(aws, environment, release_plan().recipe):
            aws.remove(call)
            if call.operation == "delete_endpoint":
                wait_until_gone(aws, call.parameters["EndpointName"])

    def invoke(self, aws, environment):
        scope = name_in_stack(environment, release_plan().recipe.scope)
        runtime, start = aws.client("sagemaker-runtime"), time.monotonic()
        try:
            reply = runtime.invoke_endpoint(EndpointName=endpoint_name(scope, PIPELINE), Body=b"x")
            value = reply["Body"].read().decode()
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationError", error
            value = GONE
        with self._lock:
            self.answers.append(Answer(environment, value, start, time.monotonic()))

    def change(self, action, environment):
        """Run a command; one that fails because of the others is recorded as such."""
        aws, ended_well = Watched(self.clients, environment), False
        try:
            action(aws, environment)
            ended_well = True
        except (DeploymentError, ClientError):
            pass
        end = time.monotonic()
        with self._lock:
            for change in aws.changes:
                change.end, change.is_sure = end, ended_well
            self.changes += aws.changes

    def act(self, chance):
        """Do one thing at random."""
        environment = chance.choice(ENVIRONMENTS)
        action = chance.choice([self.deploy, self.deploy, self.rollback, self.delete, self.invoke])
        if action == self.invoke:
            self.invoke(Watched(self.clients, environment), environment)
        else:
            self.change(action, environment)
            self.invoke(Watched(self.clients, environment), environment)


def wrong_answers(changes, answers):
    """Return the answers that no order of the changes explains."""

    def could_answer(answer):
        same = [each for each in changes if each.environment == answer.environment]
        first = Change(answer.environment, GONE, -1.0, 0.0, is_sure=True)
        return any(
            change.value == answer.value
            and change.start < answer.end
            and not any(
                other.is_sure and change.end < other.start and other.end < answer.start
                for other in same
            )
            for change in (first, *same)
        )

    return [each for each in answers if not could_answer(each)]


def play(endpoints, seed):
    """Let the actors act at the same time, each on its own random choices."""

    def act(number):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - not for secrets
        for _ in range(STEPS):
            endpoints.act(chance)

    assert act_together(ACTORS, act) == [], seed


@pytest.fixture
def endpoints(tmp_path, monkeypatch):
    """Serve a local AWS with stand-in containers from this process."""
    for module in (fleet, instance):
        monkeypatch.setattr(module, "Container", StandIn)
    # A collection takes long with everything that the tests have imported.
    monkeypatch.setattr(deployment, "gc", SimpleNamespace(collect=int, freeze=int))
    with serving(Settings(tmp_path, port=0)) as port:
        local = LocalAws(f"http://127.0.0.1:{port}", 0)
        with environment_of(local):
            aws = Aws("us-east-1")
            clients = {
                name: aws.client(name) for name in ("sagemaker", "s3", "logs", "sagemaker-runtime")
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
    for seed in range(SEEDS):
        play(endpoints, seed)
        assert wrong_answers(endpoints.changes, endpoints.answers) == [], seed
        for environment in ENVIRONMENTS:
            endpoints.change(endpoints.delete, environment)
    values = {each.value for each in endpoints.answers}
    assert len(values) > SEEDS  # releases that answered
    assert sum(each.is_sure for each in endpoints.changes) > SEEDS
