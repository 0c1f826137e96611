"""Stacks and sets of data have no name in common, and a foundation stays while it is used."""

import re
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import DEFAULT_STACK
from tests.scripts.environments.command_lines import PAIRS, PLANNED, RECIPE, SETS, prepare, start
from tests.scripts.environments.small_account import Person, SmallAccount

pytestmark = pytest.mark.usefixtures("in_memory")
_NAMES = ("TrainingJobName", "HyperParameterTuningJobName", "TransformJobName", "ModelName")
_NAMES += ("EndpointName", "EndpointConfigName", "ModelPackageGroupName", "StackName", "Key")


@pytest.mark.parametrize("data", ["", "tickets"])
@pytest.mark.parametrize("command", ["deploy", "deploy --target lambda"])
def test_foundation_is_kept_while_other_data_of_the_recipe_are_deployed(data, command, capsys):
    account = SmallAccount()
    for stack in (DEFAULT_STACK, f"{DEFAULT_STACK}/tickets"):
        prepare(account, stack)
    deployed = f"{DEFAULT_STACK}/{data}".rstrip("/")
    start(Person(account, 0, deployed), command)
    other = DEFAULT_STACK if data else f"{DEFAULT_STACK}/tickets"
    flags = f"--recipe {RECIPE} --name tickets" if data else f"--recipe {RECIPE}"
    with pytest.raises(DeploymentError, match="others need the foundation"):
        start(Person(account, 1, other), "delete --foundation")
    delete_it = f"python -m scripts.delete {flags} --region us-east-1"
    assert capsys.readouterr().err.endswith(f"Delete them first:\n  {delete_it}\n")
    start(Person(account, 2, deployed), "delete")
    start(Person(account, 3, other), "delete --foundation")
    assert not account.of_kind("stack")


def test_command_to_delete_an_endpoint_names_the_data_that_it_was_updated_to(capsys):
    account = SmallAccount()
    for stack in (DEFAULT_STACK, f"{DEFAULT_STACK}/tickets"):
        prepare(account, stack)
        start(Person(account, 0, stack), "deploy --endpoint-name shared")
    with pytest.raises(DeploymentError, match="need the foundation: endpoint shared"):
        start(Person(account, 1, DEFAULT_STACK), "delete --foundation")
    delete_it = f"python -m scripts.delete --recipe {RECIPE} --name tickets --region us-east-1"
    assert capsys.readouterr().err.endswith(f"\n  {delete_it}\n")
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


@pytest.mark.slow
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
