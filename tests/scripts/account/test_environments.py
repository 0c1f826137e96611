"""Runs on two stacks or own data, by two people, interrupted anywhere, change only their own."""

import argparse
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsgroup_classifier.errors import DeploymentError, ProjectError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import approve, delete, deploy, setup, train, transform, tune, upload_data
from scripts.account import registry
from scripts.account.lineage import Origin, own_lineage
from scripts.account.model_archives import ModelArchive
from scripts.account.naming import DEFAULT_STACK
from scripts.endpoints import planning
from scripts.functions import deployment
from scripts.functions import release as function_release
from scripts.operations import rollback
from scripts.releases import smoke
from scripts.transforms import model as transform_model
from tests.scripts.account.small_account import Person, SmallAccount
from tests.scripts.processes import IMAGES

RECIPE = "spooky-ngrams"
# The second stack of a pair could get a name of the first one's resources.
PAIRS = (
    (DEFAULT_STACK, "staging"),
    (DEFAULT_STACK, f"{DEFAULT_STACK}-{RECIPE}"),
    ("a", "a-spooky"),
    ("staging", "Staging"),
)
# Two sets of data of a recipe in a stack: the built-in one, which has no name, and own ones.
SETS = (
    (DEFAULT_STACK, f"{DEFAULT_STACK}/tickets"),
    (f"{DEFAULT_STACK}/a", f"{DEFAULT_STACK}/a-b"),
    ("a/deadbeef", "a"),
    ("a/tickets", "b/tickets"),
)
COMMANDS = {
    "setup": setup,
    "approve": approve,
    "deploy": deploy,
    "deploy --endpoint-name shared": deploy,
    "deploy --with-api": deploy,
    "deploy --endpoint-name shared --with-api": deploy,
    "deploy --target lambda": deploy,
    "rollback": rollback,
    "rollback --endpoint-name shared": rollback,
    "delete": delete,
    "delete --packages --data": delete,
    "delete --foundation": delete,
}
PLANNED = {
    "upload_data": upload_data,
    "train": train,
    "train --recipe digits-cnn --checkpoints nightly": train,
    "tune": tune,
    "transform --input docs/posts.jsonl": transform,
    "deploy": deploy,
    "deploy --with-api": deploy,
    "deploy --target lambda": deploy,
}
_NAMES = ("TrainingJobName", "HyperParameterTuningJobName", "TransformJobName", "ModelName")
_NAMES += ("EndpointName", "EndpointConfigName", "ModelPackageGroupName", "StackName", "Key")


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


@pytest.fixture(autouse=True)
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the commands work on the account in memory, and build no package for Lambda."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for module in {*COMMANDS.values(), *PLANNED.values()}:
        monkeypatch.setattr(module, "connect", lambda arguments: arguments.person)
    monkeypatch.setattr(function_release, "build_package", lambda target, folder, numpy: b"package")
    archive = ModelArchive("s3://b/model.tar.gz", "1", "0")
    monkeypatch.setattr(registry, "record_model", lambda aws, uri: archive)
    monkeypatch.setattr(smoke, "read_lineage", lambda *arguments: {})
    for module in (planning, deployment, transform_model):
        monkeypatch.setattr(module, "approved_archive", lambda *arguments: archive)
    monkeypatch.setattr(deployment, "read_lambda_model", lambda aws, package: b"model")


def start(person: Person, line: str, *extra: str) -> dict[str, Any]:
    """Run a command line as a person; return its result."""
    name, *flags = line.split()
    module = (COMMANDS | PLANNED)[line]
    stack, _, data = person.stack.partition("/")
    if name == "setup":
        person.stack = stack  # all data share the foundation
    recipe = [] if name == "setup" else ["--recipe", RECIPE, *(["--name", data] if data else [])]
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    arguments = parser.parse_args([*recipe, *flags, "--stack", stack, *extra])
    arguments.person, arguments.yes = person, True
    result: dict[str, Any] = module.run(arguments)
    return result


def prepare(account: SmallAccount, stack: str) -> None:
    """Create a foundation, and register an approved and a pending model of a recipe for data."""
    start(Person(account, -1, stack), "setup")
    person, recipe = Person(account, -1, stack), RECIPES[RECIPE]
    stack, _, data = stack.partition("/")
    recipe = recipe.for_data(data) if data else recipe
    for approved in (True, False):
        package = registry.package_call(recipe, IMAGES, "s3://b/model.tar.gz", approved, stack)
        package.parameters["ModelPackageStatus"] = "Completed"
        registry.register(person, recipe, stack, package, Origin({}, own_lineage(recipe, "")))


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


generated = given(stacks=st.sampled_from(PAIRS), runs=lists_of_runs(COMMANDS))
# All data of a stack share its foundation, and an endpoint of one name serves one of them.
with_sets = given(
    stacks=st.sampled_from(SETS),
    runs=lists_of_runs(
        [name for name in COMMANDS if name != "delete --foundation" and "shared" not in name]
    ),
)
patient = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=40, **patient)
@generated
def test_runs_of_any_kind_change_only_what_their_stack_made(stacks, runs):
    check_changes(stacks, runs)


@pytest.mark.slow
@settings(max_examples=1000, **patient)
@generated
def test_many_runs_of_any_kind_change_only_what_their_stack_made(stacks, runs):
    check_changes(stacks, runs)


@settings(max_examples=40, **patient)
@with_sets
def test_runs_for_data_change_only_what_runs_for_the_same_data_made(stacks, runs):
    check_changes(stacks, runs)


@pytest.mark.slow
@settings(max_examples=1000, **patient)
@with_sets
def test_many_runs_for_data_change_only_what_runs_for_the_same_data_made(stacks, runs):
    check_changes(stacks, runs)


@pytest.mark.parametrize("data", ["", "tickets"])
@pytest.mark.parametrize("command", ["deploy", "deploy --target lambda"])
def test_foundation_is_kept_while_other_data_of_the_recipe_are_deployed(data, command):
    account = SmallAccount()
    for stack in (DEFAULT_STACK, f"{DEFAULT_STACK}/tickets"):
        prepare(account, stack)
    deployed = f"{DEFAULT_STACK}/{data}".rstrip("/")
    start(Person(account, 0, deployed), command)
    other = DEFAULT_STACK if data else f"{DEFAULT_STACK}/tickets"
    flags = f"--recipe {RECIPE} --name tickets" if data else f"--recipe {RECIPE}"
    with pytest.raises(
        DeploymentError,
        match=f"them first with: python -m scripts.delete {flags} --region us-east-1$",
    ):
        start(Person(account, 1, other), "delete --foundation")
    start(Person(account, 2, deployed), "delete")
    start(Person(account, 3, other), "delete --foundation")
    assert not account.of_kind("stack")


def test_command_to_delete_an_endpoint_names_the_data_that_it_was_updated_to():
    account = SmallAccount()
    for stack in (DEFAULT_STACK, f"{DEFAULT_STACK}/tickets"):
        prepare(account, stack)
        start(Person(account, 0, stack), "deploy --endpoint-name shared")
    delete_it = f"python -m scripts.delete --recipe {RECIPE} --name tickets --region us-east-1$"
    with pytest.raises(
        DeploymentError, match=f"endpoint shared. Delete them first with: {delete_it}"
    ):
        start(Person(account, 1, DEFAULT_STACK), "delete --foundation")
    start(Person(account, 2, f"{DEFAULT_STACK}/tickets"), "delete")
    assert not account.of_kind("endpoint")


def test_api_belongs_to_the_data_that_its_endpoint_was_updated_to():
    account, tickets = SmallAccount(), f"{DEFAULT_STACK}/tickets"
    for stack in (DEFAULT_STACK, tickets):
        prepare(account, stack)
    start(Person(account, 0, tickets), "deploy --endpoint-name shared --with-api")
    start(Person(account, 1, DEFAULT_STACK), "deploy --endpoint-name shared")
    start(Person(account, 2, tickets), "delete")
    assert ("stack", "api-of-shared") in account.resources
    start(Person(account, 3, DEFAULT_STACK), "delete")
    assert ("stack", "api-of-shared") not in account.resources


def test_model_package_group_is_deleted_last_since_later_commands_know_a_recipe_by_it():
    account, stack = SmallAccount(), f"{DEFAULT_STACK}/tickets"
    prepare(account, stack)
    person = Person(account, 0, stack)
    bucket = f"{DEFAULT_STACK}-BucketName"
    person.client("s3").copy(Bucket=bucket, Key="data/own---tickets/0/test/test.csv")
    start(person, "deploy")
    start(person, "delete --packages --data")
    assert not {each.kind for each in account.resources.values()} - {"stack"}
    assert account.changes[-1].resource.kind == "model_package_group"


def test_data_of_the_name_of_a_registered_model_stay():
    account, stack = SmallAccount(), f"{DEFAULT_STACK}/tickets"
    prepare(account, stack)
    person = Person(account, 0, stack)
    for key in ("data/own---tickets/0/test/test.csv", "jobs/own/own-model/_own/tickets/j/model"):
        person.client("s3").copy(Bucket=f"{DEFAULT_STACK}-BucketName", Key=key)
    start(person, "delete --packages --data", "--recipe", "own-model")
    (kept,) = account.of_kind("object")
    assert kept.name.startswith("data/own---tickets/")


def names_in(value: Any, key: str = "") -> set[str]:
    """Return the names, keys and addresses in the parameters of calls that they create."""
    if key in ("Tags", "CopySource"):
        return set()
    if isinstance(value, dict):
        return {name for item in value.items() for name in names_in(item[1], item[0])}
    if isinstance(value, list):
        return {name for item in value for name in names_in(item, key)}
    is_name = key in _NAMES or str(value).startswith("s3://")
    return {str(value).lower()} if is_name else set()


@pytest.mark.parametrize("line", PLANNED)
def test_plans_of_two_stacks_with_one_bucket_share_no_name_and_no_object(line, monkeypatch):
    # The local AWS has its own addresses of images, which need no SDK.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in ("BUCKET", "ROLE_ARN"):
        monkeypatch.setenv(f"NEWSGROUP_CLASSIFIER_{name}", "shared")
    shared = re.compile("code/|lambda/(a--)?(code|api)/")  # by all data of a stack
    own = SETS if line != "upload_data" else ()  # which reads a file
    for stacks in (*PAIRS, *own):
        account, planned = SmallAccount(), []
        for stack in stacks:
            prepare(account, stack)
            result = start(Person(account, 0, stack), line, "--dry-run")
            planned.append(names_in([call["parameters"] for call in result["calls"]]))
        assert planned[0]
        common = planned[0] & planned[1]
        keys = {name.removeprefix("s3://shared/") for name in common}
        assert not {key for key in keys if stacks in PAIRS or not shared.match(key)}


def test_outputs_of_a_transform_do_not_go_under_a_prefix_of_another_stack():
    account, line = SmallAccount(), "transform --input docs/posts.jsonl"
    prepare(account, DEFAULT_STACK)
    output = f"s3://newsgroup-classifier-BucketName/transform/staging--{RECIPE}/x/"
    with pytest.raises(DeploymentError, match="is under a prefix of another stack than newsgroup-"):
        start(Person(account, 0, DEFAULT_STACK), line, "--output", output, "--dry-run")
