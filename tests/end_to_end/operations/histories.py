"""Random histories of deployments in two environments, each checked as that of a register.

Three actors deploy, roll back, delete, and invoke at random, with the functions of the commands. A
command that ended with an error may have had an effect or none.
"""

import json
import os
import random
import threading
import time
from dataclasses import dataclass

from botocore.exceptions import ClientError

from local_aws.tests.process.actors import act_together
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws

ENVIRONMENTS, ACTORS, STEPS = ("dev", "prod"), 3, 6
SEEDS = int(os.environ.get("HISTORY_SEEDS", "20"))
GONE = "deleted"


@dataclass
class Change:
    """A request that changes a deployment to a release; the end is that of its command."""

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

    def __init__(self, clients, environment, value_of):
        super().__init__("us-east-1")
        self._clients, self._environment, self._value_of = clients, environment, value_of
        self.changes = []
        (self._other,) = set(ENVIRONMENTS) - {environment}

    def make(self, call, *ignored):
        """Make a call, which must not name anything of the other environment."""
        text = json.dumps(call.parameters, default=str)
        assert f"{self._other}--" not in text or call.operation.startswith("describe"), text
        value, start = self._value_of(self, call), time.monotonic()
        response = super().make(call, *ignored)
        if value and response is not None:
            self.changes.append(Change(self._environment, value, start))
        return response

    def pause(self):
        time.sleep(0.01)


class History:
    """What happens to the deployments of two environments.

    A subclass has the commands. Its `value_of` returns the release to which a call changes a
    deployment, or None, and its `answer` the one that answers a call.
    """

    def __init__(self, clients):
        self._clients, self._lock = clients, threading.Lock()
        self.changes, self.answers = [], []

    def aws(self, environment):
        """Return the local AWS as one command uses it."""
        return Watched(self._clients, environment, self.value_of)

    def invoke(self, environment):
        """Call the deployment of an environment."""
        aws, start = self.aws(environment), time.monotonic()
        value = self.answer(aws, environment)
        with self._lock:
            self.answers.append(Answer(environment, value, start, time.monotonic()))

    def change(self, action, environment):
        """Run a command; one that fails because of the others is recorded as such."""
        aws, ended_well = self.aws(environment), False
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

    def actions(self):
        """Return what an actor chooses from; None only calls the deployment."""
        return [self.deploy, self.deploy, self.rollback, self.delete, None]

    def act(self, chance):
        """Do one thing at random."""
        environment, action = chance.choice(ENVIRONMENTS), chance.choice(self.actions())
        if action:
            self.change(action, environment)
        self.invoke(environment)

    def wrong_answers(self):
        """Return the answers that no order of the changes explains."""
        return wrong_answers(self.changes, self.answers)


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


def check_histories(history, seeds):
    """Let actors act at the same time, each on its own random choices, and check what happened."""
    for seed in range(seeds):

        def act(number, seed=seed):
            chance = random.Random(f"{seed}/{number}")  # noqa: S311 - not for secrets
            for _ in range(STEPS):
                history.act(chance)

        failures = act_together(ACTORS, act)
        assert failures == [], (seed, failures)
        assert history.wrong_answers() == [], seed
        for environment in ENVIRONMENTS:
            history.change(history.delete, environment)
    values = {each.value for each in history.answers}
    assert len(values) > seeds  # releases that answered
    assert sum(each.is_sure for each in history.changes) > seeds
