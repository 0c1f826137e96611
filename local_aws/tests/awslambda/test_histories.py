"""Every answer comes from a version that could be live at that moment, no matter who deploys.

Three actors deploy, move shares of the calls, roll back, delete, and invoke the functions of two
environments at random. The history of each alias is checked as that of a register: an answer is
right if a change that began before the answer set its version, as the only one or as one of two,
and no other change lies entirely between the two. A call is lost only to a deletion.
"""

import json
import random
import threading
import time
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from local_aws.tests.account import unique
from local_aws.tests.apigateway.http_apis import function
from local_aws.tests.cloudformation.stacks import Stacks
from local_aws.tests.process.actors import act_together

ENVIRONMENTS, VERSIONS, ACTORS, STEPS = ("dev", "prod"), 4, 3, 8
SOURCE = "def handler(event, context):\n    return [{!r}, context.function_version]\n"
GONE = "deleted"


@dataclass(frozen=True)
class Event:
    """A change of an alias to a value, or an answer of a value; the times are of its call.

    The value of a change that gives calls to two versions has a plus between them.
    """

    environment: str
    value: str
    start: float
    end: float
    is_change: bool


class History:
    """The functions of two environments, and what happens to an alias of each."""

    def __init__(self, client, names, alias):
        self.client, self.names, self.alias = client, names, alias
        self.events, self._lock = [], threading.Lock()

    def record(self, environment, is_change, call):
        """Make a call that returns its value, and record it; an error of a change has no effect."""
        start = time.monotonic()
        try:
            value = call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in ("ResourceNotFoundException", "ResourceConflictException"), code
            if is_change:
                return False
            value = GONE
        event = Event(environment, value, start, time.monotonic(), is_change)
        with self._lock:
            self.events.append(event)
        return True

    def move(self, environment, version, *other):
        """Move the alias to a version, and half of its calls to another, or create it."""
        target = {"FunctionName": self.names[environment], "Name": self.alias}
        weights = {"AdditionalVersionWeights": dict.fromkeys(other, 0.5)}

        def call(operation):
            def make():
                alias = operation(**target, FunctionVersion=version, RoutingConfig=weights)
                shares = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
                return "+".join([alias["FunctionVersion"], *shares])

            return make

        if not self.record(environment, True, call(self.client.update_alias)):
            self.record(environment, True, call(self.client.create_alias))

    def deploy(self, environment, chance):
        self.move(environment, str(chance.randint(1, VERSIONS)))

    def shift(self, environment, chance):
        self.move(environment, *map(str, chance.sample(range(1, VERSIONS + 1), 2)))

    def rollback(self, environment, chance):
        target = {"FunctionName": self.names[environment], "Name": self.alias}
        try:
            version = int(self.client.get_alias(**target)["FunctionVersion"])
        except self.client.exceptions.ResourceNotFoundException:
            return
        self.move(environment, str(max(1, version - 1)))

    def delete(self, environment, chance):
        target = {"FunctionName": self.names[environment], "Name": self.alias}

        def call():
            self.client.get_alias(**target)  # deleting a missing alias succeeds without effect
            self.client.delete_alias(**target)
            return GONE

        self.record(environment, True, call)

    def invoke(self, environment, chance):
        target = {"FunctionName": self.names[environment], "Qualifier": self.alias}

        def call():
            answered, version = json.load(self.client.invoke(**target)["Payload"])
            assert answered == environment
            return version

        self.record(environment, False, call)


def play(history, seed):
    """Let the actors act at the same time, each on its own random choices."""

    def act(number):
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - not for secrets
        changes = (history.deploy, history.shift, history.rollback, history.delete)
        actions = (*changes, *[history.invoke] * len(changes))
        for _ in range(STEPS):
            chance.choice(actions)(chance.choice(ENVIRONMENTS), chance)

    assert act_together(ACTORS, act) == []


def wrong_answers(events):
    """Return the answers that no order of the changes explains."""
    changes = [each for each in events if each.is_change]

    def could_answer(answer):
        same = [each for each in changes if each.environment == answer.environment]
        first = Event(answer.environment, GONE, -1.0, 0.0, True)
        return any(
            answer.value in change.value.split("+")
            and change.start < answer.end
            and not any(change.end < other.start and other.end < answer.start for other in same)
            for change in (first, *same)
        )

    return [each for each in events if not each.is_change and not could_answer(each)]


@pytest.fixture(scope="module")
def functions(account):
    """Create a function with some versions in each environment; return its name by environment."""
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    stacks, client, names = Stacks(account), account.aws.client("lambda"), {}
    for environment in ENVIRONMENTS:
        stack = stacks.create(function(SOURCE.format(environment)))
        names[environment] = name = stacks.physical(stack)["Function"]
        for number in range(VERSIONS):
            client.update_function_configuration(FunctionName=name, Description=str(number))
            client.get_waiter("function_updated_v2").wait(
                FunctionName=name, WaiterConfig={"Delay": 0.1}
            )
            client.publish_version(FunctionName=name)
    return client, names


def check_seeds(functions, seeds):
    client, names = functions
    answers, shared = 0, 0
    for seed in seeds:
        history = History(client, names, unique("live"))
        play(history, seed)
        assert wrong_answers(history.events) == [], seed
        answers += sum(not each.is_change and each.value != GONE for each in history.events)
        shared += sum(each.is_change and "+" in each.value for each in history.events)
    assert min(answers, shared) >= len(seeds)


def test_checker_finds_an_answer_of_a_version_that_was_never_live():
    changes = [
        Event("dev", "1", 1, 2, True),
        Event("dev", "1+2", 2.1, 2.2, True),
        Event("dev", "2", 3, 4, True),
    ]
    right = [Event("dev", "1", 2.5, 3.5, False), Event("dev", "2", 3.5, 5, False)]
    right += [Event("dev", version, 2.3, 2.4, False) for version in "12"]
    wrong = [
        Event("dev", "1", 5, 6, False),  # after the change to 2
        Event("dev", "2", 1, 2, False),  # before the change to 2
        Event("dev", "3", 5, 6, False),
        Event("prod", "1", 5, 6, False),  # of the other environment
        Event("dev", GONE, 5, 6, False),
    ]
    assert wrong_answers([*changes, *right, *wrong]) == wrong


@pytest.mark.slow
def test_answers_of_ten_histories_are_of_live_versions(functions):
    check_seeds(functions, range(10))


@pytest.mark.slow
def test_answers_of_200_histories_are_of_live_versions(functions):
    check_seeds(functions, range(10, 210))
