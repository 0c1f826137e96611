"""Run command lines on accounts in memory, for several stacks and sets of data."""

import argparse
from typing import Any

import pytest

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
from tests.scripts.environments.small_account import Person, SmallAccount
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
    "rollback --target lambda": rollback,
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


def work_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the commands work on an account in memory, and build no package for Lambda."""
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
