"""Hyperparameters are read strictly, and what is refused is named with what is expected."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.hyperparameters import (
    ChoiceParameter,
    FloatParameter,
    IntParameter,
    WholeNumbersParameter,
    parse_hyperparameters,
    whole_numbers,
)
from newsgroup_classifier.recipes.catalogue import RECIPES, preset_values

EPOCHS = WholeNumbersParameter("epochs", "2,5", "epochs", 1, 100)
DROPOUT = FloatParameter("dropout", 0.5, "a part", lowest=0.0, highest=0.95)
ALPHA = FloatParameter("alpha", 0.01, "smoothing", above=0.0)
SHARE = FloatParameter("share", 0.5, "a share", above=0.0, highest=1.0)
TREES = IntParameter("trees", 5, "trees", 1, 10)
LEARNING = ChoiceParameter("learning", "batch", "how", ("batch", "online"))


def test_parse_hyperparameters_without_overrides_returns_the_defaults():
    assert parse_hyperparameters({}, (ALPHA, SHARE)) == {"alpha": 0.01, "share": 0.5}


def test_parse_hyperparameters_with_one_override_keeps_the_other_default():
    assert parse_hyperparameters({"alpha": "2"}, (ALPHA, SHARE)) == {"alpha": 2.0, "share": 0.5}


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (ALPHA, dict.fromkeys(["1e-3", "0.001", ".001", "+1E-3"], 0.001)),
        (SHARE, {"1": 1.0}),
        (DROPOUT, {"0": 0.0, "0.95": 0.95}),
        (TREES, {"1": 1, "7": 7, "05": 5, "10": 10}),
        (LEARNING, {"batch": "batch", "online": "online"}),
        (EPOCHS, {"5": "5", "2,10,25": "2,10,25", "02,1": "2,1"}),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
def test_parameter_parses_valid_text(parameter, values):
    assert {text: parameter.parse(text) for text in values} == values


@pytest.mark.parametrize(
    ("parameter", "texts", "expected"),
    [
        (
            ALPHA,
            ["-1", "0", "abc", "nan", "inf", "-inf", "1,5", "0x1", "1e999", "1_0", "٣"],
            "a number above 0, such as 0.01",
        ),
        (SHARE, ["1.0001", "0"], "a number above 0 up to 1, such as 0.5"),
        (DROPOUT, ["-0.1", "0.96"], "a number from 0 up to 0.95, such as 0.5"),
        (
            TREES,
            ["0", "11", "-1", "+1", "1.0", "1e1", "٣", "1_0"],
            "a whole number from 1 to 10, such as 5",
        ),
        (LEARNING, ["Batch", "all"], "one of batch, online"),
        (
            EPOCHS,
            [",", "1,", "1,,2", "0", "101", "1, 2", "1.5", "2,2", "2,02", "1,2,3,4,5,6,7,8,9,10"],
            "up to 9 whole numbers from 1 to 100, such as 2,5, without duplicates",
        ),
    ],
    ids=lambda case: getattr(case, "name", ""),
)
def test_parameter_refuses_other_text_with_what_is_expected(parameter, texts, expected):
    for text in ["", " 1", *texts]:
        with pytest.raises(HyperparameterError) as caught:
            parameter.parse(text)
        message = f"hyperparameter {parameter.name} is {text!r}; expected {expected}"
        assert str(caught.value) == message


def test_whole_numbers_of_a_value_are_its_numbers():
    assert whole_numbers("2,10,25") == [2, 10, 25]


@given(st.text())
@settings(max_examples=200)
def test_float_parameter_of_any_text_is_a_number_in_range_or_refused(text):
    try:
        value = ALPHA.parse(text)
    except HyperparameterError:
        return
    assert 0 < value < math.inf


@given(st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False))
@settings(max_examples=100)
def test_float_parameter_of_a_printed_number_is_the_same_number(value):
    assert ALPHA.parse(repr(value)) == value


def test_parse_hyperparameters_with_a_misspelled_name_suggests_the_nearest():
    with pytest.raises(HyperparameterError) as caught:
        parse_hyperparameters({"alhpa": "1"}, (ALPHA, SHARE))
    assert str(caught.value) == (
        "unknown hyperparameter 'alhpa'; did you mean alpha? (known: alpha, share)"
    )


def test_parse_hyperparameters_with_an_unknown_name_lists_the_known_ones():
    with pytest.raises(HyperparameterError) as caught:
        parse_hyperparameters({"epochs": "1"}, (ALPHA,))
    assert str(caught.value) == "unknown hyperparameter 'epochs' (known: alpha)"


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_defaults_of_each_recipe_are_within_their_ranges(recipe):
    for parameter in recipe.hyperparameters:
        assert parameter.parse(str(parameter.default)) == parameter.default


def test_former_name_sets_the_hyperparameter_and_logs_the_present_name(caplog):
    parameters = RECIPES["spooky-ngrams"].hyperparameters
    assert parse_hyperparameters({"c": "3", "alpha": "1"}, parameters)["C"] == 3
    assert caplog.messages == ["hyperparameter c is now called C"]


def test_hyperparameter_under_both_names_is_refused():
    with pytest.raises(HyperparameterError, match="hyperparameter C is set twice"):
        parse_hyperparameters({"c": "3", "C": "3"}, RECIPES["spooky-ngrams"].hyperparameters)


@pytest.mark.parametrize(
    ("recipe", "name", "meant"),
    [
        ("spooky-ngrams", "ALPHA", "alpha"),
        ("spooky-topic-forest", "Min-DF", "min_df"),
        ("spooky-ngrams", "regularization", "C"),
        ("subreddits-linear", "svm_C", "C"),
        ("spooky-topic-forest", "num_trees", "n_estimators"),
        ("subreddits-xgboost", "trees", "n_estimators"),
        ("subreddits-xgboost", "eta", "learning_rate"),
        ("subreddits-boosting", "n_estimators", "max_iter"),
        ("headlines-lstm", "lr", "learning_rate"),
        ("headlines-lstm", "batch", "batch_size"),
        ("comments-mlp", "iterations", "max_iter"),
        ("comments-mlp", "random_state", "seed"),
        ("spooky-topic-forest", "tres", "n_estimators"),
        ("headlines-lstm", "droput", "dropout"),
        ("spooky-ngrams", "depth", None),
        ("newsgroups-naive-bayes", "trees", None),
        ("comments-mlp", "trees", None),
    ],
)
def test_unknown_name_is_refused_with_the_name_of_the_same_meaning_or_spelling(recipe, name, meant):
    hint = f"; did you mean {meant}?" if meant else ""
    with pytest.raises(HyperparameterError) as caught:
        parse_hyperparameters({name: "1"}, RECIPES[recipe].hyperparameters)
    assert str(caught.value).startswith(f"unknown hyperparameter {name!r}{hint} (known: ")


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_presets_of_each_recipe_have_valid_values(recipe):
    known = {parameter.name: parameter for parameter in recipe.hyperparameters}
    for name in recipe.presets:
        values = preset_values(recipe, name)
        assert list(values) == list(known)
        for parameter, value in values.items():
            assert known[parameter].parse(str(value)) == value


def test_tutorial_preset_has_every_value_of_the_tutorials_model():
    values = preset_values(RECIPES["spooky-topic-forest"], "tutorial")
    assert values == {
        "stop_words": "english",
        "min_df": 2,
        "topics_of": "all",
        "n_components": 50,
        "learning_method": "online",
        "max_iter": 5,
        "doc_topic_prior": 1 / 50,
        "topic_word_prior": 1 / 50,
        "n_estimators": 10,
        "min_samples_leaf": 100,
        "min_samples_split": 100,
        "max_samples": 0.25,
        "folds": 0,
    }


def test_old_name_of_the_tutorial_preset_is_accepted_with_a_note(caplog):
    recipe = RECIPES["headlines-lstm"]
    assert preset_values(recipe, "seed") == preset_values(recipe, "tutorial")
    assert caplog.messages == ["preset seed is now called tutorial"]


def test_unknown_preset_is_refused_with_the_known_ones():
    with pytest.raises(HyperparameterError, match=r"no preset 'best' \(known: tuned, tutorial\)"):
        preset_values(RECIPES["spooky-topic-forest"], "best")
