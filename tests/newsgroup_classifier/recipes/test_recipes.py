"""The catalogue finds recipes by name, and importing it is cheap."""

import subprocess
import sys
from dataclasses import replace

import pytest

from newsgroup_classifier.datasets.catalogue import DATASETS
from newsgroup_classifier.errors import HyperparameterError, ProjectError
from newsgroup_classifier.hyperparameters import FloatParameter
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import RECIPES, find_recipe, preset_values
from newsgroup_classifier.search_space import Choices
from tests.newsgroup_classifier.conftest import ROOT
from tests.project.sources import HEAVY, light_recipes

ALPHA = FloatParameter("alpha", 1.0, "smoothing", above=0.0)


@pytest.mark.parametrize("name", RECIPES)
def test_find_recipe_with_a_known_name_returns_the_recipe(name):
    assert find_recipe(name).name == name


def test_find_recipe_with_a_misspelled_name_suggests_the_nearest():
    with pytest.raises(ProjectError, match="did you mean newsgroups-naive-bayes"):
        find_recipe("newsgroups-naive-bays")


def test_find_recipe_with_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ProjectError) as caught:
        find_recipe("xyz")
    assert str(caught.value) == f"unknown recipe 'xyz' (known: {', '.join(RECIPES)})"


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_stages_of_each_recipe_are_modules_of_the_project(recipe):
    for stage in recipe.stages:
        if stage.image == "tensorflow-serving":
            assert not stage.program
            continue
        assert (ROOT / (stage.program.replace(".", "/") + ".py")).is_file()


def test_tutorial_preset_of_headlines_lstm_has_every_number_of_the_notebook():
    assert preset_values(RECIPES["headlines-lstm"], "tutorial") == {
        "balance": "smallest",
        "max_features": 8000,
        "maxlen": 130,
        "pad": "front",
        "masking": "no",
        "embedding_dim": 128,
        "direction": "one",
        "word_dropout": 0.0,
        "spatial_dropout": 0.7,
        "units": 64,
        "dropout": 0.7,
        "recurrent_dropout": 0.7,
        "last_dropout": 0.0,
        "grouped": "yes",
        "learning_rate": 0.001,
        "batch_size": 256,
        "epochs": 10,
        "keep": "best",
        "patience": 7,
        "min_delta": 0.0001,
        "validation_split": 0.2,
        "seed": 1,
    }


def test_importing_the_recipes_loads_no_heavy_library():
    code = f"import sys, {', '.join(recipe.module for recipe in light_recipes())}; "
    code += f"print(*{HEAVY} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


def test_preset_with_a_misspelled_name_suggests_the_nearest():
    with pytest.raises(HyperparameterError, match="no preset 'tutorail'; did you mean tutorial"):
        preset_values(RECIPES["headlines-lstm"], "tutorail")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_data_set_of_each_recipe_exists(recipe):
    assert recipe.dataset in DATASETS if recipe.dataset else not recipe.own_data_refusal


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "My_Recipe"}, "lower-case letters, digits and single hyphens"),
        ({"name": "a" * 41}, "at most 40"),
        ({"hyperparameters": (ALPHA, ALPHA)}, "hyperparameter alpha is declared twice"),
        ({"hyperparameters": (ALPHA, replace(ALPHA, name="b", was="alpha"))}, "alpha is declared"),
        ({"hyperparameters": (replace(ALPHA, default=-1.0),)}, "hyperparameter alpha is '-1.0'"),
        ({"presets": {"tuned": {"alhpa": 1.0}}}, "did you mean alpha"),
        ({"presets": {"tuned": {"alpha": 0.0}}}, "hyperparameter alpha is '0.0'"),
        ({"space": (Choices("alhpa", (1.0,)),)}, "did you mean alpha"),
        ({"space": (Choices("alpha", (0.0,)),)}, "hyperparameter alpha is '0.0'"),
    ],
)
def test_recipe_with_an_invalid_declaration_is_refused(changes, message):
    valid = {"name": "mine", "summary": "-", "dataset": "spooky", "hyperparameters": (ALPHA,)}
    with pytest.raises(HyperparameterError, match=r"^recipe .* is not valid: ") as caught:
        ScikitLearnRecipe(**valid | changes, build=print)
    assert message in str(caught.value)
