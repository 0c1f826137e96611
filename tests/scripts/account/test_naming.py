"""Names are valid on AWS, unique, and identify their recipes and stacks."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import (
    DEFAULT_STACK,
    TARGETS,
    TUNING_NAME,
    bundle_prefix,
    channel_prefix,
    check_stack,
    checkpoints_prefix,
    endpoint_name,
    is_key_of_another_stack,
    is_release_of,
    is_tuning_of,
    jobs_prefix,
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_models_prefix,
    lambda_stack_name,
    name_in_stack,
    new_stamp,
    new_tuning_name,
    release_name,
    transform_prefix,
)

# The pattern of jobs, models, endpoint configs, endpoints and model package groups.
_AWS_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


@pytest.mark.parametrize("recipe", RECIPES)
def test_names_of_every_recipe_are_valid_on_aws(recipe):
    names = [release_name(recipe, new_stamp()), recipe]
    names += [endpoint_name(recipe, target) for target in TARGETS]
    for name in names:
        assert _AWS_NAME.fullmatch(name)
        assert len(name) <= 63


def test_stamps_of_one_second_differ():
    assert len({new_stamp() for _ in range(200)}) == 200


def test_stamp_is_the_time_and_six_hex_digits():
    assert re.fullmatch(r"20\d{12}-[0-9a-f]{6}", new_stamp())


def test_release_belongs_to_its_recipe():
    assert is_release_of("newsgroups", release_name("newsgroups", new_stamp()))


@pytest.mark.parametrize(
    "name",
    [
        "newsgroups-naive-bayes-20260102030405-00ff00",  # a recipe with the same beginning
        "old-newsgroups-20260102030405-00ff00",
        "newsgroups-20260102030405-00ff00-copy",
        "newsgroups-20260102030405",
        "newsgroups-pipeline",
        "newsgroups",
        "newsgroups-2026010203040-00ff00",
        "newsgroups-20260102030405-00FF00",
    ],
)
def test_name_of_another_form_or_recipe_is_not_a_release(name):
    assert not is_release_of("newsgroups", name)


def test_recipe_name_is_not_a_pattern():
    assert not is_release_of("news.roups", "newsgroups-20260102030405-00ff00")


def test_prefixes_end_with_a_slash():
    assert channel_prefix("20newsgroups") == "data/20newsgroups/"
    assert jobs_prefix("newsgroups") == "jobs/newsgroups/"


# Few letters, so that many names are close to each other.
RECIPE_NAMES = st.lists(st.text("ab0", min_size=1, max_size=9), min_size=1, max_size=4).map(
    lambda words: "-".join(["a", *words])
)
STACKS = st.one_of(
    st.sampled_from([DEFAULT_STACK, f"{DEFAULT_STACK}-a", "a", "A", "a-", "a--b", "staging"]),
    st.text("abA0-", max_size=18).map(lambda text: f"a{text}"),
    st.text("ab-", min_size=50, max_size=127).map(lambda text: f"a{text}"),
)
PAIRS = st.tuples(STACKS, RECIPE_NAMES)


def names_of(stack: str, recipe: str) -> dict[str, str]:
    """Return the names of a recipe's resources in a stack, by kind."""
    scope = name_in_stack(stack, recipe)
    return {
        "group": scope,
        "release": release_name(scope, "20260102030405-00ff00"),
        "pipeline": endpoint_name(scope, "pipeline"),
        "function": lambda_stack_name(stack, recipe),
        "jobs": jobs_prefix(scope),
        "checkpoints": checkpoints_prefix(scope),
        "transforms": transform_prefix(scope),
        "channels": channel_prefix(scope),
        "models": lambda_models_prefix(scope),
    }


def test_names_in_the_default_stack_are_those_of_the_first_release():
    assert names_of(DEFAULT_STACK, "spooky-ngrams") == {
        "group": "spooky-ngrams",
        "release": "spooky-ngrams-20260102030405-00ff00",
        "pipeline": "spooky-ngrams-pipeline",
        "function": "newsgroup-classifier-spooky-ngrams",
        "jobs": "jobs/spooky-ngrams/",
        "checkpoints": "checkpoints/spooky-ngrams/",
        "transforms": "transform/spooky-ngrams/",
        "channels": "data/spooky-ngrams/",
        "models": "lambda/models/spooky-ngrams/",
    }
    assert lambda_code_prefix(DEFAULT_STACK) == "lambda/code/"
    assert lambda_api_prefix(DEFAULT_STACK) == "lambda/api/"
    assert bundle_prefix(DEFAULT_STACK, "0123") == "code/0123/"
    assert re.fullmatch(r"spooky-ngrams-\d{12}[0-9a-f]{2}", new_tuning_name("spooky-ngrams"))


def test_names_in_another_stack_begin_with_it():
    names = names_of("staging", "spooky-ngrams")
    assert names["pipeline"] == "staging--spooky-ngrams-pipeline"
    assert names["function"] == "staging--spooky-ngrams"
    assert names["jobs"] == "jobs/staging--spooky-ngrams/"


@given(PAIRS, PAIRS)
def test_no_two_pairs_of_stack_and_recipe_share_a_name(one, other):
    if one == other:
        return
    first, second = names_of(*one), names_of(*other)
    # SageMaker does not distinguish the case of the names of endpoints.
    assert not {each.lower() for each in first.values()} & {
        each.lower() for each in second.values()
    }
    stamped = release_name(name_in_stack(*one), "20260102030405-00ff00")
    assert not is_release_of(name_in_stack(*other), stamped)
    # No prefix of one lies under a prefix of the other.
    prefixes = [name for name in second.values() if name.endswith("/")]
    assert not any(name.startswith(tuple(prefixes)) for name in first.values())


@given(PAIRS)
def test_names_of_every_stack_and_recipe_are_valid_on_aws(pair):
    names, scope = names_of(*pair), name_in_stack(*pair)
    for kind in ("group", "release", "pipeline"):
        assert _AWS_NAME.fullmatch(names[kind])
        assert len(names[kind]) <= 63
    assert re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", names["function"])
    tuning = new_tuning_name(scope)
    assert TUNING_NAME.fullmatch(tuning)
    assert len(tuning) <= 32
    assert is_tuning_of(scope, tuning)
    assert is_release_of(scope, names["release"])


@given(STACKS, PAIRS)
@example("stagin", ("Staging", "a"))
def test_key_of_another_stack_is_recognized_unless_it_is_the_default_one(stack, pair):
    other, recipe = pair
    scope = name_in_stack(other, recipe)
    keys = [f"{jobs_prefix(scope)}model.tar.gz", f"{lambda_models_prefix(scope)}0.npz"]
    keys += [f"{lambda_code_prefix(other)}0.zip", f"{bundle_prefix(other, '0')}x"]
    for key in keys:
        assert is_key_of_another_stack(stack, key) is (other not in (stack, DEFAULT_STACK))


@pytest.mark.parametrize("stack", ["", "1a", "-a", "a b", "a_b", "a.b", "ä", "a" * 129, "a\n"])
def test_stack_that_cloudformation_would_refuse_is_refused_by_name(stack):
    with pytest.raises(DeploymentError, match="is not the name of a stack; expected up to 128"):
        check_stack(stack)


def test_data_set_whose_name_contains_the_separator_is_refused():
    with pytest.raises(DeploymentError, match="contains '--'; choose one without it"):
        name_in_stack(DEFAULT_STACK, "my--reviews")
