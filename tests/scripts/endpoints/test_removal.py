"""delete removes what nothing needs any more: archives, models of the foundation, and channels."""

import pytest

from newsgroup_classifier.recipes.catalogue import find_recipe
from scripts.account.log_groups import ENDPOINTS
from scripts.account.naming import (
    DEFAULT_STACK,
    name_in_stack,
    new_stamp,
    new_tuning_name,
    recipe_tags,
)
from scripts.account.ownership import tag_map
from scripts.account.selection import own_model_recipe
from scripts.endpoints.removal import (
    archive_calls,
    channel_prefixes,
    package_calls,
    release_calls,
    tuning_calls,
)
from tests.scripts.environments.small_account import Person, SmallAccount

DELETED, KEPT, GONE = (f"staging--a-recipe-20260102030405-{digits * 6}" for digits in "abc")


@pytest.mark.parametrize(("orphans", "expected"), [(False, {DELETED}), (True, {DELETED, GONE})])
def test_archive_of_a_model_that_stays_is_never_deleted(orphans, expected):
    person = Person(SmallAccount(), 0, "staging")
    for model in (DELETED, KEPT, GONE):
        key = f"models/staging--a-recipe/{model}/model.tar.gz"
        person.client("s3").copy(Bucket="b", Key=key, CopySource={})
    for model in (DELETED, KEPT):
        person.client("sagemaker").create_model(ModelName=model)
    (call,) = archive_calls(person, "b", "staging--a-recipe", {DELETED}, orphans=orphans)
    assert {item["Key"].split("/")[2] for item in call.parameters["Delete"]["Objects"]} == expected


TICKETS = find_recipe("text-linear").for_data("tickets")
NETWORK = find_recipe("text-network").for_data("tickets")


def account_with_models_of(*recipes, stack=DEFAULT_STACK):
    """Return an account with a registered model of each recipe."""
    person = Person(SmallAccount(), 0, stack)
    client = person.client("sagemaker")
    for recipe in recipes:
        group = {"ModelPackageGroupName": recipe.scope}
        client.create_model_package_group(**group, Tags=recipe_tags(stack, recipe))
        client.create_model_package(**group)
    return person


def test_foundation_takes_the_models_of_all_recipes_and_names_of_its_stack_along():
    person = account_with_models_of(TICKETS, own_model_recipe("pkl"))
    deleted = [
        [call.operation for call in package_calls(person, stack, TICKETS, others=others)]
        for stack, others in ((DEFAULT_STACK, False), (DEFAULT_STACK, True), ("staging", True))
    ]
    group = ["delete_model_package", "delete_model_package_group"]
    assert deleted == [group, group * 2, []]


def test_channels_stay_while_a_model_of_another_recipe_is_trained_on_them(capsys):
    person = account_with_models_of(TICKETS, NETWORK)
    assert channel_prefixes(person, DEFAULT_STACK, TICKETS) == []
    assert capsys.readouterr().err == (
        "Kept data/own---tickets/: text-network is trained on it, too. Delete its models with: "
        "python -m scripts.delete --recipe text-network --name tickets --region us-east-1 "
        "--packages\n"
    )


@pytest.mark.parametrize(
    "other", [own_model_recipe("tickets"), find_recipe("text-network").for_data("reviews")]
)
def test_channels_go_if_no_other_recipe_is_trained_on_them(other):
    person = account_with_models_of(TICKETS, other)
    assert channel_prefixes(person, DEFAULT_STACK, TICKETS) == ["data/own---tickets/"]


def test_channels_of_a_built_in_data_set_are_shared_by_its_recipes_only():
    person = account_with_models_of(*map(find_recipe, ("spooky-ngrams", "newsgroups-linear")))
    kept = [
        channel_prefixes(person, DEFAULT_STACK, find_recipe(name))
        for name in ("spooky-topic-forest", "newsgroups-naive-bayes", "subreddits-linear")
    ]
    assert kept[:2] == [[], []]
    assert len(kept[2]) == 1


def test_foundation_takes_the_ended_tuning_jobs_of_all_recipes_of_its_stack_along(capsys):
    person, key, jobs = account_with_models_of(), "HyperParameterTuningJob", {}
    for owner, recipe, stack in (
        ("own", TICKETS, "dev"),
        ("other", NETWORK, "dev"),
        ("prod", TICKETS, "prod"),
    ):
        for digits, status in (("00", "Completed"), ("01", "InProgress")):
            name = new_tuning_name(name_in_stack(stack, recipe.scope))[:-2] + digits
            jobs[name] = f"{owner}, {status}"
            person.client("sagemaker").create_hyper_parameter_tuning_job(
                **{f"{key}Name": name, f"{key}Status": status}, Tags=recipe_tags(stack, recipe)
            )

    def deleted(others):
        calls = tuning_calls(person, "dev", TICKETS, others=others)
        return [jobs[call.parameters[f"{key}Name"]] for call in calls]

    assert deleted(others=False) == ["own, Completed"]
    assert deleted(others=True) == ["own, Completed", "other, Completed"]
    assert capsys.readouterr().err == ""


class Logged(SmallAccount):
    """An account with log groups of endpoints, each with the tags of a recipe in a stack."""

    def __init__(self, tags):
        super().__init__()
        self.tags = {f"{ENDPOINTS}{name}": tags for name, tags in tags.items()}

    def page(self, operation, parameters):
        if operation != "describe_log_groups":
            return super().page(operation, parameters)
        found = [name for name in self.tags if name.startswith(parameters["logGroupNamePrefix"])]
        return {"logGroups": [{"logGroupName": name, "arn": f"{name}:*"} for name in found]}

    def call(self, person, operation, parameters):
        if operation != "list_tags_for_resource":
            return super().call(person, operation, parameters)
        return {"tags": self.tags[parameters["resourceArn"]]}


def test_logs_of_trials_and_releases_that_failed_go_with_the_recipe():
    scope, stamp = name_in_stack("dev", TICKETS.scope), new_stamp()
    own, prod = (tag_map(recipe_tags(stack, TICKETS)) for stack in ("dev", "prod"))
    endpoints = {f"{scope}-{stamp}": own, f"{scope}-pipeline": own, f"{scope}-{stamp}x": prod}
    person = Person(Logged({**endpoints, f"{scope}-single": {}}), 0, "dev")
    deleted = [call.parameters["logGroupName"] for call in release_calls(person, "dev", TICKETS)]
    assert deleted == [f"{ENDPOINTS}{scope}-{stamp}", f"{ENDPOINTS}{scope}-pipeline"]
