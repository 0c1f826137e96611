"""recipes lists the recipes for people and programs, or shows one of them."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.scripts.processes import RECIPE, Ended, clean_environment, run


def recipes(*words: str) -> Ended:
    ended = run("recipes", *words, environment=clean_environment())
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_list_has_a_row_per_recipe_with_container_and_targets():
    ended = recipes()
    listed = ended.result["recipes"]
    assert [recipe["name"] for recipe in listed] == list(RECIPES)
    rows = [line.split() for line in ended.stderr.splitlines()]
    assert rows[0][:6] == ["recipe", "data", "set", "container", "served", "by"]
    assert rows[0][6:] == ["accuracy", "measured", "on"]
    for facts, row in zip(listed, rows[1:], strict=True):
        recipe = RECIPES[facts["name"]]
        assert facts["data_set"] == recipe.dataset
        assert facts["own_data"] is not bool(recipe.own_data_refusal)
        assert ("Lambda" in facts["served_by"]) == recipe.served_by_lambda == ("Lambda" in row)
        assert facts["container"] == recipe.framework
        assert recipe.framework in " ".join(row).lower()


def test_recipe_has_hyperparameters_presets_and_stages():
    ended = recipes("headlines-lstm")
    recipe = RECIPES["headlines-lstm"]
    details = ended.result
    names = [parameter["name"] for parameter in details["hyperparameters"]]
    assert names == [parameter.name for parameter in recipe.hyperparameters]
    assert set(details["presets"]) == set(recipe.presets)
    assert [stage["name"] for stage in details["stages"]] == [one.name for one in recipe.stages]
    for word in (*names, *recipe.presets, *(stage.name for stage in recipe.stages)):
        assert word in ended.stderr


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        ("headlines-fast", "own data     accepted (--name)"),
        (
            "newsgroups-linear",
            "own data     not accepted: it drops the first five lines of every text",
        ),
    ],
)
def test_recipe_says_whether_it_takes_own_data(recipe, line):
    ended = recipes(recipe)
    assert line in ended.stderr
    assert ended.result["own_data"] is not bool(ended.result["own_data_refusal"])


def test_unknown_recipe_is_refused_with_the_nearest_name():
    assert f"did you mean {RECIPE}?" in recipes("newsgroup-naive-bayes").error
