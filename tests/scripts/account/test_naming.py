"""Names are valid on AWS, unique, and identify their recipes and stacks."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsgroup_classifier.data_names import nearest_data_name
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipe import Recipe
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import (
    DEFAULT_STACK,
    OWN_DATA,
    OWN_ROLE,
    TARGETS,
    TUNING_NAME,
    api_stack_name,
    bundle_prefix,
    channel_prefix,
    check_stack,
    checkpoints_prefix,
    endpoint_name,
    is_key_of_another_stack,
    is_release_of,
    is_tuning_of,
    jobs_folder,
    jobs_prefix,
    lambda_api_prefix,
    lambda_code_prefix,
    lambda_log_group,
    lambda_models_prefix,
    lambda_stack_name,
    models_prefix,
    name_in_stack,
    new_stamp,
    new_tuning_name,
    recipe_tags,
    release_name,
    transform_prefix,
    watch_stack_name,
)
from scripts.account.ownership import fault_of, tag_map

STAMP = "20260102030405-00ff00"
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
    lambda words: "-".join(["a", *words])[:40].rstrip("-")
)
STACKS = st.one_of(
    st.sampled_from([DEFAULT_STACK, f"{DEFAULT_STACK}-a", "a", "A", "a-", "a--b", "staging"]),
    st.text("abA0-", max_size=18).map(lambda text: f"a{text}"),
    st.text("ab-", min_size=50, max_size=127).map(lambda text: f"a{text}"),
)
DATA_NAMES = st.one_of(
    st.just(""),
    st.sampled_from(["a", "a-b", "20260102030405-00ff00", "deadbeef", "own", "a" * 40]),
    st.text("ab0-", max_size=40).map(nearest_data_name),
)
TRIPLES = st.tuples(STACKS, RECIPE_NAMES, DATA_NAMES)
A_RECIPE = Recipe(name="a", summary="a recipe", dataset="spooky", hyperparameters=())


def recipe_of(name: str, data: str, file: str = "") -> Recipe:
    """Return a recipe for own data, or for its built-in data set."""
    recipe = replace(A_RECIPE, name=name, dataset=name, file=file)
    return recipe.for_data(data) if data else recipe


def names_of(stack: str, recipe: Recipe) -> dict[str, str]:
    """Return the names of a recipe's resources in a stack, by kind."""
    scope, folder = name_in_stack(stack, recipe.scope), jobs_folder(stack, recipe)
    function = lambda_stack_name(stack, recipe.scope)
    return {
        "group": scope,
        "release": release_name(scope, STAMP),
        "pipeline": endpoint_name(scope, "pipeline"),
        "function": function,
        "API": api_stack_name(endpoint_name(scope, "pipeline")),
        "log group": lambda_log_group(function),
        "jobs": jobs_prefix(folder),
        "checkpoints": checkpoints_prefix(folder, "name/"),
        "transforms": transform_prefix(scope),
        "models": models_prefix(scope),
        "lambda models": lambda_models_prefix(scope),
    }


def test_names_in_the_default_stack_are_those_of_the_first_release():
    assert names_of(DEFAULT_STACK, RECIPES["spooky-ngrams"]) == {
        "group": "spooky-ngrams",
        "release": "spooky-ngrams-20260102030405-00ff00",
        "pipeline": "spooky-ngrams-pipeline",
        "function": "newsgroup-classifier-spooky-ngrams",
        "API": "api-of-spooky-ngrams-pipeline",
        "log group": "/aws/lambda/newsgroup-classifier-spooky-ngrams",
        "jobs": "jobs/spooky-ngrams/",
        "checkpoints": "checkpoints/spooky-ngrams/name/",
        "transforms": "transform/spooky-ngrams/",
        "models": "models/spooky-ngrams/",
        "lambda models": "lambda/models/spooky-ngrams/",
    }
    assert lambda_code_prefix(DEFAULT_STACK) == "lambda/code/"
    assert lambda_api_prefix(DEFAULT_STACK) == "lambda/api/"
    assert bundle_prefix(DEFAULT_STACK, "0123") == "code/0123/"
    assert re.fullmatch(r"spooky-ngrams-\d{12}[0-9a-f]{2}", new_tuning_name("spooky-ngrams"))


def test_names_for_own_data_contain_the_name_of_the_data():
    names = names_of(DEFAULT_STACK, RECIPES["spooky-ngrams"].for_data("tickets"))
    assert names["group"] == "spooky-ngrams---tickets"
    assert names["pipeline"] == "spooky-ngrams---tickets-pipeline"
    assert names["jobs"] == "jobs/spooky-ngrams/_own/tickets/"
    assert names["lambda models"] == "lambda/models/spooky-ngrams---tickets/"


def test_names_in_another_stack_begin_with_it():
    names = names_of("staging", RECIPES["spooky-ngrams"])
    assert names["pipeline"] == "staging--spooky-ngrams-pipeline"
    assert names["function"] == "staging--spooky-ngrams"
    assert names["jobs"] == "jobs/staging--spooky-ngrams/"
    own = names_of("staging", RECIPES["spooky-ngrams"].for_data("tickets"))
    assert own["pipeline"] == "staging--spooky-ngrams---tickets-pipeline"
    assert own["jobs"] == "jobs/staging--spooky-ngrams/_own/tickets/"


@given(TRIPLES, TRIPLES)
@example(("staging", "a", ""), (DEFAULT_STACK, "staging", "a"))
@example((DEFAULT_STACK, "a-b", ""), (DEFAULT_STACK, "a", "b"))
@example((DEFAULT_STACK, "a", ""), (DEFAULT_STACK, "a", "pipeline"))
@example((DEFAULT_STACK, "a", "b"), (DEFAULT_STACK, "a", "b-20260102030405-00ff00"))
@example(("a", "a", "deadbeef"), ("a", "a", "deadbeef-a"))
def test_no_two_triples_of_stack_recipe_and_data_share_a_name(one, other):
    if one == other:
        return
    first, second = (recipe_of(name, data) for _, name, data in (one, other))
    names, others = names_of(one[0], first), names_of(other[0], second)
    # SageMaker does not distinguish the case of the names of endpoints.
    assert not [kind for kind, name in names.items() if name.lower() == others[kind].lower()]
    assert not is_release_of(name_in_stack(other[0], second.scope), names["release"])
    tags = tag_map(recipe_tags(one[0], first))
    assert fault_of(tags, one[0], first) == ""
    assert fault_of(tags, other[0], second)
    # No prefix of one lies under a prefix of the other, apart from jobs for own data.
    prefixes = [name for name in others.values() if name.endswith("/")]
    shared = [name for name in names.values() if name.startswith(tuple(prefixes))]
    if one[:2] == other[:2] and not other[2]:
        assert shared == [names["jobs"]]
        assert shared[0].startswith(f"{others['jobs']}{OWN_DATA}")
    else:
        assert not shared


@given(TRIPLES, TRIPLES)
def test_own_data_of_two_names_or_stacks_share_no_prefix_with_each_other_or_a_built_in_set(
    one, other
):
    prefixes = [
        channel_prefix(name_in_stack(stack, recipe_of(name, data).data_scope))
        for stack, name, data in (one, other)
    ]
    same = [(stack, data or f"built-in {name}") for stack, name, data in (one, other)]
    assert prefixes[0].startswith(prefixes[1]) is (same[0] == same[1])


@given(TRIPLES)
def test_names_of_every_stack_recipe_and_data_are_valid_on_aws(triple):
    stack, name, data = triple
    recipe = recipe_of(name, data)
    names, scope = names_of(stack, recipe), name_in_stack(stack, recipe.scope)
    for kind in ("group", "release", "pipeline"):
        assert _AWS_NAME.fullmatch(names[kind])
        assert len(names[kind]) <= 63
    for kind in ("function", "API"):
        assert re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", names[kind])
    assert len(f"{names['API']}-Function-123456789012") <= 64
    if data:
        assert len(f"{names['function']}-Function-123456789012") <= 64
    tuning = new_tuning_name(scope)
    assert TUNING_NAME.fullmatch(tuning)
    assert len(tuning) <= 32
    assert is_tuning_of(scope, tuning)
    assert is_release_of(scope, names["release"])


@given(TRIPLES)
def test_jobs_write_where_the_role_of_their_recipe_can(triple):
    stack, name, data = triple
    role = name_in_stack(stack, name)
    assert jobs_prefix(jobs_folder(stack, recipe_of(name, data))).startswith(f"jobs/{role}/")
    own = jobs_folder(stack, recipe_of(name, data, file="my_model.py"))
    assert own.startswith(f"{name_in_stack(stack, OWN_ROLE)}/")


@given(STACKS, TRIPLES)
@example("stagin", ("Staging", "a", ""))
@example("a", (DEFAULT_STACK, "a", "b"))
@example(DEFAULT_STACK, (DEFAULT_STACK, "a" * 30, "b" * 30))
@example("a", ("a", "deadbeef", "tickets"))
def test_key_of_another_stack_is_recognized_unless_it_is_the_default_one(stack, triple):
    other, name, data = triple
    recipe = recipe_of(name, data)
    scope = name_in_stack(other, recipe.scope)
    keys = [f"{jobs_prefix(jobs_folder(other, recipe))}model.tar.gz"]
    keys += [f"{channel_prefix(name_in_stack(other, recipe.data_scope))}current.json"]
    keys += [f"{lambda_models_prefix(scope)}0.npz", f"{models_prefix(scope)}m/model.tar.gz"]
    keys += [f"{lambda_code_prefix(other)}0.zip", f"{bundle_prefix(other, '0')}x"]
    for key in keys:
        assert is_key_of_another_stack(stack, key) is (other not in (stack, DEFAULT_STACK))


@pytest.mark.parametrize(
    "stack", ["", "1a", "-a", "a b", "a_b", "a.b", "ä", "a" * 129, "a\n", "api-of-x"]
)
def test_stack_that_cloudformation_would_refuse_is_refused_by_name(stack):
    with pytest.raises(DeploymentError, match="is not the name of a stack; expected up to 128"):
        check_stack(stack)


@given(TRIPLES)
def test_no_environment_has_the_name_of_the_stack_of_an_api_or_of_alarms(triple):
    stack, recipe, data = triple
    endpoint = endpoint_name(name_in_stack(stack, recipe_of(recipe, data).scope), TARGETS[0])
    names = (api_stack_name(endpoint), watch_stack_name(endpoint))
    for name in (*names, *(each.upper() for each in names)):
        with pytest.raises(DeploymentError, match=r"letter and not api-of- or watch-of-$"):
            check_stack(name)


def test_data_set_whose_name_contains_the_separator_is_refused():
    with pytest.raises(DeploymentError, match="contains '--'; choose one without it"):
        name_in_stack(DEFAULT_STACK, "my--reviews")
