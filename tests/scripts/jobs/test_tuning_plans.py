"""The request of a tuning job, the flags it is made from, and how its training jobs are shown."""

import argparse
from dataclasses import replace
from typing import Any

import pytest

from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval, check_space
from scripts import tune
from scripts.account.naming import TUNING_NAME, is_tuning_of, new_tuning_name
from scripts.account.stacks import Foundation
from scripts.jobs.training_plans import TrainingPlan, training_call
from scripts.jobs.tuning_flags import DEFAULT_FOLDS, DEFAULT_JOBS, Search, read_search
from scripts.jobs.tuning_job import Shown, ranking
from scripts.jobs.tuning_plans import TuningPlan, parameter_ranges, tuning_call

BAYES, DIGITS = RECIPES["newsgroups-naive-bayes"], RECIPES["digits-cnn"]
ALPHA = Interval("alpha", 0.0001, 1.0, LOGARITHMIC)
TRAINING = TrainingPlan(
    recipe=BAYES,
    stamp="20260102030405-00ff00",
    image="image",
    instance_type="ml.m5.large",
    hyperparameters={"alpha": 0.01, "folds": 5},
    code_uri="s3://bucket/code/0/sourcedir.tar.gz",
    channel_uris={"train": "s3://bucket/data/train/"},
    foundation=Foundation("bucket", "arn:aws:iam::123456789012:role/execution"),
)
PLAN = TuningPlan("tuning", TRAINING, (ALPHA,), "bayesian", jobs=20, parallel=2)

NUMBERS = ",".join(map(str, range(1, 31)))
COUNTS = ("filters", "batch_size", "epochs", "patience", "seed")
MANY = [word for name in COUNTS for word in ("--range", f"{name}={NUMBERS}")]


def requested(plan: TuningPlan) -> dict[str, Any]:
    return tuning_call(plan).parameters


def searched(recipe: str, *flags: str, **given: str) -> Search:
    parser = argparse.ArgumentParser(exit_on_error=False)
    tune.add_arguments(parser)
    arguments = parser.parse_args(["--recipe", recipe, *flags])
    return read_search(RECIPES[recipe], given, arguments)


def test_training_jobs_of_a_search_are_defined_as_the_recipe_s_own_training_job():
    definition = requested(PLAN)["TrainingJobDefinition"]
    alone = training_call(TRAINING).parameters
    static = definition.pop("StaticHyperParameters")
    assert definition == {name: alone[name] for name in definition}
    assert static == {
        name: text for name, text in alone["HyperParameters"].items() if name != "alpha"
    }
    assert static["folds"] == "5"


def test_a_search_maximizes_the_objective_that_the_training_programs_print():
    request = requested(PLAN)
    config = request["HyperParameterTuningJobConfig"]
    assert config["HyperParameterTuningJobObjective"] == {
        "Type": "Maximize",
        "MetricName": OBJECTIVE,
    }
    definitions = request["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"]
    assert OBJECTIVE in {item["Name"] for item in definitions}
    assert "WarmStartConfig" not in request
    assert "TuningJobCompletionCriteria" not in config


def test_values_stay_categories_and_intervals_keep_their_scale():
    space = (
        Choices("kind", ("a", "b")),
        Choices("leaf", (40, 0.5)),
        ALPHA,
        Interval("units", 1, 9, whole=True),
    )
    assert parameter_ranges(space) == {
        "CategoricalParameterRanges": [
            {"Name": "kind", "Values": ["a", "b"]},
            {"Name": "leaf", "Values": ["40", "0.5"]},
        ],
        "ContinuousParameterRanges": [
            {
                "Name": "alpha",
                "MinValue": "0.0001",
                "MaxValue": "1.0",
                "ScalingType": "Logarithmic",
            }
        ],
        "IntegerParameterRanges": [
            {"Name": "units", "MinValue": "1", "MaxValue": "9", "ScalingType": "Linear"}
        ],
    }


@pytest.mark.parametrize(
    ("transfer", "kind"), [(False, "IdenticalDataAndAlgorithm"), (True, "TransferLearning")]
)
def test_a_warm_start_names_its_parents_and_its_kind(transfer, kind):
    request = requested(replace(PLAN, parents=("one", "two"), transfer=transfer, stop_at=0.0))
    warm = request["WarmStartConfig"]
    assert [item["HyperParameterTuningJobName"] for item in warm.pop(
        "ParentHyperParameterTuningJobs")] == ["one", "two"]  # fmt: skip
    assert warm == {"WarmStartType": kind}
    criteria = request["HyperParameterTuningJobConfig"]["TuningJobCompletionCriteria"]
    assert criteria == {"TargetObjectiveMetricValue": 0.0}


@pytest.mark.parametrize("recipe", RECIPES)
def test_tuning_jobs_of_a_recipe_have_short_names_that_are_its_own(recipe):
    name = new_tuning_name(recipe)
    assert TUNING_NAME.fullmatch(name)
    assert [other for other in RECIPES if is_tuning_of(other, name)] == [recipe]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_search_space_of_a_recipe_is_one_of_its_own_hyperparameters(recipe):
    if not recipe.space:
        with pytest.raises(ProjectError, match="has no search space of its own; name what to vary"):
            searched(recipe.name)
        return
    check_space(recipe.space, recipe.hyperparameters)
    assert 1 <= searched(recipe.name).jobs <= DEFAULT_JOBS


def test_a_grid_has_as_many_training_jobs_as_combinations():
    flags = ("--strategy", "grid", "--range", "alpha=1,2,3")
    assert searched(BAYES.name, *flags).jobs == 3
    with pytest.raises(ProjectError, match="which has 3 combinations and tries them all"):
        searched(BAYES.name, *flags, "--max-jobs", "2")


def test_a_search_has_folds_that_give_the_objective_and_the_values_that_are_set():
    found = searched(BAYES.name, "--range", "alpha=0.1..1")
    assert found.values["folds"] == DEFAULT_FOLDS
    assert found.jobs == DEFAULT_JOBS
    assert searched(BAYES.name, "--folds", "3").values["folds"] == 3
    assert searched(DIGITS.name, epochs="2").values["epochs"] == 2


@pytest.mark.parametrize(
    ("recipe", "flags", "given", "message"),
    [
        (BAYES, ["--range", "alph=1,2"], {}, "did you mean alpha"),
        (BAYES, ["--range", "alpha="], {}, "the range of alpha is empty"),
        (BAYES, ["--range", "alpha=2..1"], {}, "a lowest value below the highest"),
        (BAYES, ["--range", "alpha=1,2", "--range", "alpha=3"], {}, "has two ranges"),
        (BAYES, ["--strategy", "grid", "--range", "alpha=1..2"], {}, "a grid cannot walk"),
        (BAYES, [], {"alpha": "1"}, "varied and set"),
        (BAYES, ["--folds", "1"], {}, "expected 2 or more"),
        (BAYES, [], {"folds": "3"}, "--folds, not with --set"),
        (DIGITS, ["--strategy", "grid", *MANY], {}, "the grid has 24300000 combinations"),
        (BAYES, ["--max-jobs", "99"], {}, "more than there are combinations"),
        (
            BAYES,
            ["--range", "alpha=1..2", "--max-jobs", "751"],
            {},
            "more than AWS takes; it takes 750",
        ),
        (BAYES, ["--transfer"], {}, "name the tuning job, too"),
        (BAYES, ["--warm-start", "a b"], {}, "no name of a tuning job"),
        (BAYES, ["--strategy", "grid", "--warm-start", "a"], {}, "a grid learns nothing"),
        (RECIPES["comments-mlp"], [], {"search": "grid"}, "trains one candidate"),
        (DIGITS, ["--folds", "3"], {}, "holds rows of the train channel back"),
        (
            BAYES,
            ["--range", "alpha=" + ",".join(map(str, range(1, 32)))],
            {},
            "has 31 values; AWS takes 30",
        ),
    ],
)
def test_flags_that_make_no_search_are_refused(recipe, flags, given, message):
    with pytest.raises(ProjectError, match=message):
        searched(recipe.name, *flags, **given)


def trial(number: int, value: float | None, status: str = "Completed") -> dict[str, Any]:
    found = {
        "TrainingJobName": f"tuning-{number:03d}-0000000{number}",
        "TrainingJobStatus": status,
        "CreationTime": number,
        "TunedHyperParameters": {"alpha": f"0.{number}"},
    }
    final = {"MetricName": OBJECTIVE, "Value": value}
    return (
        found if value is None else found | {"FinalHyperParameterTuningJobObjectiveMetric": final}
    )


def test_each_training_job_is_shown_once_with_the_best_so_far():
    shown = Shown(3)
    assert shown.new_lines([trial(1, None, "InProgress")]) == []
    first = shown.new_lines([trial(1, 0.5), trial(2, None, "Failed")])
    assert first == [
        "1 of 3  001  Completed  0.5000  alpha=0.1  best so far 0.5000",
        "2 of 3  002  Failed  no objective  alpha=0.2  best so far 0.5000",
    ]
    assert shown.new_lines([trial(1, 0.5), trial(3, 0.25)]) == [
        "3 of 3  003  Completed  0.2500  alpha=0.3  best so far 0.5000"
    ]


def test_numbers_that_a_search_drew_are_shown_with_four_digits():
    drawn = {"rate": "0.00034575944606717143", "kind": "logarithmic", "units": "128"}
    (line,) = Shown(1).new_lines([trial(1, 0.5) | {"TunedHyperParameters": drawn}])
    assert "  kind=logarithmic rate=0.0003458 units=128  " in line


def test_a_long_ranking_says_how_many_it_leaves_out():
    lines = ranking([trial(1, 0.5)] * 25).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more"
