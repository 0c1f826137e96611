"""Runs on two stacks or own data, by two people, interrupted anywhere, change only their own."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.errors import ProjectError
from tests.scripts.environments.command_lines import COMMANDS, PAIRS, SETS, prepare, start
from tests.scripts.environments.small_account import Person, SmallAccount

pytestmark = pytest.mark.usefixtures("in_memory")


@dataclass(frozen=True)
class Run:
    """A command on a stack; the next run happens before call `pause` of this one.

    Ctrl-C comes before or after the effect of call `interrupt`. A `failing` run's endpoint or
    stack does not become healthy.
    """

    second_stack: bool
    command: str
    pause: int = -1
    interrupt: int = -1
    after: bool = False
    failing: bool = False


def play(account: SmallAccount, stacks: tuple[str, str], runs: list[Run], number: int = 0) -> None:
    """Run the commands from a number on, each inside or after the one before it."""
    if number == len(runs):
        return
    run, rest = runs[number], iter([number + 1])

    def around(call: int, after: bool) -> None:
        if call == run.pause:
            for following in rest:
                play(account, stacks, runs, following)
        if call == run.interrupt and after == run.after:
            raise KeyboardInterrupt

    account.failing |= {number} if run.failing else set()
    with suppress(ProjectError, ClientError, KeyboardInterrupt):
        start(Person(account, number, stacks[run.second_stack], around), run.command)
    for following in rest:
        play(account, stacks, runs, following)


def check(account: SmallAccount, runs: list[Run]) -> None:
    for change in account.changes:
        resource = change.resource
        assert resource.stack == change.stack, f"{change.operation} of another stack's resource"
        name = runs[change.run].command if change.run >= 0 else "setup"
        if name.startswith("deploy") and change.operation.startswith("delete"):
            superseded = ("endpoint_config", "model", "object")
            replaced = change.status == "ROLLBACK_COMPLETE" or resource.kind in superseded
            assert resource.run == change.run or (replaced and not change.in_use)
    if not any(run.command.startswith("delete") for run in runs):
        for endpoint in account.of_kind("endpoint"):
            config = endpoint.members["EndpointConfigName"]
            assert ("endpoint_config", config) in account.resources
            assert ("model", config) in account.resources
            assert [each for each in account.of_kind("object") if config in each.name]


def check_changes(stacks: tuple[str, str], runs: list[Run]) -> SmallAccount:
    """Play runs on new stacks, check what they change, and return their account."""
    account = SmallAccount()
    for stack in stacks:
        prepare(account, stack)
    account.changes.clear()
    play(account, stacks, runs)
    check(account, runs)
    return account


TO_LAMBDA, SHARED = "deploy --target lambda", "deploy --endpoint-name shared"
OTHER, OTHER_FUNCTION = Run(second_stack=False, command="deploy"), Run(False, TO_LAMBDA)
RUNS = {
    "two first endpoints": (PAIRS[0], [Run(False, "deploy", pause=4), OTHER]),
    "endpoint of someone else, and a lost response": (
        PAIRS[0],
        [Run(False, "deploy", pause=4, interrupt=4), OTHER],
    ),
    "two first functions": (PAIRS[0], [Run(False, TO_LAMBDA, pause=0), OTHER_FUNCTION]),
    "function of someone else, and a lost response": (
        PAIRS[0],
        [Run(False, TO_LAMBDA, pause=0, interrupt=0), OTHER_FUNCTION],
    ),
    "one endpoint name, two stacks": (PAIRS[0], [Run(False, SHARED), Run(True, SHARED)]),
    "one recipe, two stacks": (PAIRS[0], [OTHER, Run(True, "deploy")]),
    "delete of another stack": (PAIRS[0], [OTHER, Run(True, "delete --packages --data")]),
    "foundation with the name of a function": (PAIRS[1], [OTHER_FUNCTION, Run(True, "setup")]),
    "Ctrl-C while a trial endpoint is deleted": (
        PAIRS[0],
        [OTHER, Run(False, "deploy", interrupt=4)],
    ),
    "Ctrl-C while a failed trial endpoint is deleted": (
        PAIRS[0],
        [OTHER, Run(False, "deploy", interrupt=4, failing=True)],
    ),
    "stacks with the same beginning": (
        PAIRS[2],
        [OTHER, Run(True, TO_LAMBDA), Run(True, "delete --foundation")],
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_run_changes_only_what_it_or_its_stack_made(name):
    check_changes(*RUNS[name])


ENDPOINT_KINDS = {"object", "model", "endpoint_config", "endpoint"}


@pytest.mark.parametrize("name", [name for name in RUNS if "first" in name or "lost" in name])
def test_resource_of_the_faster_of_two_runs_stays_and_serves(name):
    account = check_changes(*RUNS[name])
    faster = [each for each in account.resources.values() if each.run == 1]
    assert {each.kind for each in faster} in (ENDPOINT_KINDS, {"stack"})
    assert not [each for each in account.resources.values() if each.run == 0]


def lists_of_runs(commands: Collection[str]) -> st.SearchStrategy[list[Run]]:
    return st.lists(
        st.builds(
            Run,
            second_stack=st.booleans(),
            command=st.sampled_from([*commands]),
            pause=st.integers(-1, 6),
            interrupt=st.integers(-1, 8),
            after=st.booleans(),
            failing=st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )


# All data of a stack share its foundation, and an endpoint of one name serves one of them.
FOR_DATA = [each for each in COMMANDS if each != "delete --foundation" and "shared" not in each]


@pytest.mark.parametrize("examples", [40, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("pairs", "commands"), [(PAIRS, COMMANDS), (SETS, FOR_DATA)], ids=["stacks", "data"]
)
def test_runs_of_any_kind_change_only_what_their_stack_or_data_made(pairs, commands, examples):
    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(stacks=st.sampled_from(pairs), runs=lists_of_runs(commands))
    def check_any(stacks, runs):
        check_changes(stacks, runs)

    check_any()
