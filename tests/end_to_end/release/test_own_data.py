"""Two own sets and the built-in one of a recipe, and two recipes on one own set, side by side."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from scripts.account.naming import DEFAULT_STACK, lambda_stack_name
from tests.account_state import State, state_of
from tests.data_source import SAMPLE
from tests.scripts.processes import Scripts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
NGRAMS, LINEAR = "spooky-ngrams", "subreddits-linear"
LABELS = {
    "": ["EAP", "HPL", "MWS"],
    "tickets": ["007", "billing", "true"],
    "reviews": ["bad", "good"],
}
TEXTS = {
    "tickets": "the invoice shows a wrong amount",
    "reviews": "a dull and boring film",
    "": "x",
}
SETS = [(NGRAMS, ""), (NGRAMS, "tickets"), (NGRAMS, "reviews"), (LINEAR, "tickets")]
FUNCTIONS = [(NGRAMS, ""), (NGRAMS, "tickets")]
WORDS = {
    "billing": ["invoice", "amount", "payment", "refund"],
    "007": ["agent", "secret", "gadget", "martini"],
    "true": ["login", "password", "account", "email"],
    "bad": ["dull", "boring", "slow", "weak"],
    "good": ["great", "funny", "clever", "warm"],
}


def selection(recipe: str, name: str) -> list[str]:
    return ["--recipe", recipe, *(["--name", name] if name else [])]


def scope(recipe: str, name: str) -> str:
    return f"{recipe}---{name}" if name else recipe


def write_file(folder: Path, name: str) -> Path:
    """Write a CSV file with 16 texts of each label."""
    rows = [
        f'"the {first} and the {second}, {label}",{label}\n'
        for label in LABELS[name]
        for first, second in product(WORDS[label], repeat=2)
    ]
    path = folder / f"{name}.csv"
    path.write_text("body,queue\n" + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(scripts: Scripts, tmp_path_factory) -> dict[tuple[str, ...], dict[str, Any]]:
    """Run each command for each set; return the results by command, recipe and name."""
    folder, found = tmp_path_factory.mktemp("files"), {}
    for name in LABELS:
        file = ["--file", str(write_file(folder, name))] if name else SAMPLE
        found["upload_data", name] = scripts.run(
            "upload_data", *selection(NGRAMS, name), *file
        ).result
    for recipe, name in SETS:
        for command, *flags in (("train", "--approve"), ("deploy",)):
            ended = scripts.run(command, *selection(recipe, name), *flags)
            found[command, recipe, name] = ended.result
    for recipe, name in FUNCTIONS:
        ended = scripts.run("deploy", *selection(recipe, name), "--target", "lambda")
        found["lambda", recipe, name] = ended.result
    return found


@pytest.fixture(scope="module")
def bucket(scripts: Scripts) -> str:
    return str(scripts.run("setup").result["bucket"])


# The tests build on each other; pytest runs them in this order.


@pytest.mark.parametrize(("recipe", "name"), SETS)
def test_endpoint_of_a_set_has_its_name_and_its_labels(scripts, results, recipe, name):
    assert results["deploy", recipe, name]["endpoint_name"] == f"{scope(recipe, name)}-pipeline"
    ended = scripts.run("invoke", *selection(recipe, name), TEXTS[name])
    (prediction,) = ended.result["predictions"]
    assert sorted(prediction["probabilities"]) == LABELS[name]


@pytest.mark.parametrize(("recipe", "name"), FUNCTIONS)
def test_function_of_a_set_has_its_labels(scripts, results, recipe, name):
    function = lambda_stack_name(DEFAULT_STACK, scope(recipe, name))
    assert results["lambda", recipe, name]["stack_name"] == function
    ended = scripts.run("invoke", *selection(recipe, name), "--target", "api", TEXTS[name])
    (prediction,) = ended.result["predictions"]
    assert sorted(prediction["probabilities"]) == LABELS[name]


def test_invoke_without_a_text_sends_an_example_of_the_same_set(scripts, results):
    ended = scripts.run("invoke", *selection(LINEAR, "tickets"))
    assert any(f"from the test data: {label}." in ended.stderr for label in LABELS["tickets"])


def test_two_recipes_train_on_the_same_channels_of_a_name(scripts, results, bucket):
    uploaded = results["upload_data", "tickets"]
    assert uploaded["channels"]["train"].startswith(f"s3://{bucket}/data/own---tickets/")
    for recipe in (NGRAMS, LINEAR):
        trained = results["train", recipe, "tickets"]
        assert trained["data_version"] == uploaded["data_version"]
        package = scripts.client("sagemaker").describe_model_package(
            ModelPackageName=trained["model_package_arn"]
        )
        properties = package["CustomerMetadataProperties"]
        assert properties["channel-train"] == uploaded["channels"]["train"]
        assert f"/jobs/{recipe}/_own/tickets/" in trained["model_artifacts"]


@pytest.mark.parametrize(("recipe", "name"), SETS)
def test_resources_of_a_set_are_tagged_with_its_name(scripts, results, recipe, name):
    client = scripts.client("sagemaker")
    job = results["train", recipe, name]["training_job_name"]
    endpoint = results["deploy", recipe, name]["endpoint_name"]
    for arn in (
        client.describe_training_job(TrainingJobName=job)["TrainingJobArn"],
        client.describe_endpoint(EndpointName=endpoint)["EndpointArn"],
    ):
        tags = {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
        assert (tags["recipe"], tags.get("data", "")) == (recipe, name)


def removed(before: State, after: State) -> dict[str, set[str]]:
    """Return the names of the deleted resources by kind; check that nothing else changed."""
    gone = {}
    for kind, resources in before.items():
        assert after[kind].items() <= resources.items()
        gone[kind] = set(resources) - set(after[kind])
    return gone


def check_removed(gone: dict[str, set[str]], bucket: str, own: str, prefixes: list[str]) -> None:
    """Check that everything that is gone is of a scope, and its objects are under prefixes."""
    keys = {key.removeprefix(f"{bucket}/") for key in gone.pop("objects")}
    for prefix in prefixes:
        assert [key for key in keys if key.startswith(prefix)], prefix
    assert not [key for key in keys if not key.startswith(tuple(prefixes))]
    assert gone.pop("endpoints") == {f"{own}-pipeline"}
    assert gone.pop("model_package_groups") == {own}
    assert gone.pop("stacks") == {lambda_stack_name(DEFAULT_STACK, own)}
    (package,) = gone.pop("model_packages")
    assert package.endswith(f"/{own}/1")
    for kind in ("models", "endpoint_configs"):
        (name,) = gone.pop(kind)
        assert name.startswith(f"{own}-2")
    assert not any(gone.values())


def test_delete_without_a_name_removes_only_the_built_in_set(scripts, results, bucket):
    before = state_of(scripts)
    assert scripts.run("delete", "--recipe", NGRAMS, "--packages", "--data").code == 0
    job = results["train", NGRAMS, ""]["training_job_name"]
    prefixes = ["data/spooky/", f"jobs/{NGRAMS}/{job}/", f"models/{NGRAMS}/"]
    prefixes.append(f"lambda/models/{NGRAMS}/")
    check_removed(removed(before, state_of(scripts)), bucket, NGRAMS, prefixes)


def test_delete_with_a_name_removes_only_that_set(scripts, results, bucket):
    before = state_of(scripts)
    flags = [*selection(NGRAMS, "tickets"), "--packages", "--data"]
    assert scripts.run("delete", *flags).code == 0
    own = scope(NGRAMS, "tickets")
    # No other function is left, so the objects that functions share go, too.
    # The channels stay: the other recipe is trained on them, too.
    prefixes = [f"jobs/{NGRAMS}/_own/tickets/", f"models/{own}/"]
    prefixes += [f"lambda/models/{own}/", "lambda/code/", "lambda/api/"]
    check_removed(removed(before, state_of(scripts)), bucket, own, prefixes)
    for recipe, name in SETS[2:]:
        assert scripts.run("invoke", *selection(recipe, name), TEXTS[name]).code == 0


def test_foundation_is_kept_while_own_sets_are_deployed(scripts, results):
    ended = scripts.run("delete", "--recipe", NGRAMS, "--foundation")
    for recipe, name in SETS[2:]:
        assert f"endpoint {scope(recipe, name)}-pipeline" in ended.error
        assert f"\n  python -m scripts.delete --recipe {recipe} --name {name}\n" in ended.stderr
        assert scripts.run("delete", *selection(recipe, name)).code == 0
    assert scripts.run("delete", "--recipe", NGRAMS, "--foundation").code == 0
    after = state_of(scripts)
    assert (after["stacks"], after["model_package_groups"], after["model_packages"]) == ({}, {}, {})
