"""The request of a tuning job: its objective, its ranges, and its warm start."""

from dataclasses import replace
from typing import Any

import pytest

from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.recipes.catalogue import RECIPES
from newsgroup_classifier.search_space import LOGARITHMIC, Choices, Interval
from scripts.account.naming import TUNING_NAME, is_tuning_of, new_tuning_name
from scripts.account.stacks import Foundation
from scripts.jobs.training_plans import TrainingPlan, training_call
from scripts.jobs.tuning_plans import Search, parameter_ranges, tuning_call

BAYES = RECIPES["newsgroups-naive-bayes"]
ALPHA = Interval("alpha", 0.0001, 1.0, LOGARITHMIC)
TRAINING = TrainingPlan(
    recipe=BAYES,
    job_name="newsgroups-naive-bayes-20260102030405-00ff00",
    image="image",
    instance_type="ml.m5.large",
    hyperparameters={"alpha": 0.01, "folds": 5},
    code_uri="s3://bucket/code/0/sourcedir.tar.gz",
    channel_keys={"train": "data/train/train.csv"},
    foundation=Foundation("bucket", "arn:aws:iam::123456789012:role/execution"),
)
SEARCH = Search((ALPHA,), {}, "bayesian", jobs=20, parallel=2)


def requested(search: Search = SEARCH) -> dict[str, Any]:
    return tuning_call("tuning", TRAINING, search).parameters


def test_training_jobs_of_a_search_have_the_definition_of_a_single_training_job():
    definition = requested()["TrainingJobDefinition"]
    alone = training_call(TRAINING).parameters
    static = definition.pop("StaticHyperParameters")
    assert definition == {name: alone[name] for name in definition}
    assert static == {
        name: text for name, text in alone["HyperParameters"].items() if name != "alpha"
    }
    assert static["folds"] == "5"


def test_search_maximizes_the_objective_that_training_programs_print():
    request = requested()
    config = request["HyperParameterTuningJobConfig"]
    assert config["HyperParameterTuningJobObjective"] == {
        "Type": "Maximize",
        "MetricName": OBJECTIVE,
    }
    definitions = request["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"]
    assert OBJECTIVE in {item["Name"] for item in definitions}
    assert "WarmStartConfig" not in request
    assert "TuningJobCompletionCriteria" not in config


def test_values_become_categories_and_intervals_keep_their_scale():
    space = (
        Choices("kind", ("a", "b")),
        Choices("min_samples_leaf", (40, 0.5)),
        ALPHA,
        Interval("units", 1, 9, whole=True),
    )
    assert parameter_ranges(space) == {
        "CategoricalParameterRanges": [
            {"Name": "kind", "Values": ["a", "b"]},
            {"Name": "min_samples_leaf", "Values": ["40", "0.5"]},
        ],
        "ContinuousParameterRanges": [
            {"Name": "alpha", "MinValue": "0.0001", "MaxValue": "1.0", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [
            {"Name": "units", "MinValue": "1", "MaxValue": "9", "ScalingType": "Linear"}
        ],
    }


@pytest.mark.parametrize(
    ("transfer", "kind"), [(False, "IdenticalDataAndAlgorithm"), (True, "TransferLearning")]
)
def test_warm_start_names_its_parents_and_its_type(transfer, kind):
    search = replace(SEARCH, parents=["one", "two"], transfer=transfer, stop_at=0.0)
    request = requested(search)
    warm = request["WarmStartConfig"]
    parents = warm.pop("ParentHyperParameterTuningJobs")
    assert parents == [{"HyperParameterTuningJobName": name} for name in ("one", "two")]
    assert warm == {"WarmStartType": kind}
    criteria = request["HyperParameterTuningJobConfig"]["TuningJobCompletionCriteria"]
    assert criteria == {"TargetObjectiveMetricValue": 0.0}


def test_warm_start_has_another_seed_than_its_parents():
    seeds = [
        requested(replace(SEARCH, parents=parents))["HyperParameterTuningJobConfig"]["RandomSeed"]
        for parents in ([], ["one"], ["two"], ["one"])
    ]
    assert seeds[0] == 0
    assert len(set(seeds)) == 3
    assert seeds[1] == seeds[3]


@pytest.mark.parametrize("recipe", RECIPES)
def test_tuning_job_names_are_short_and_identify_the_recipe(recipe):
    name = new_tuning_name(recipe)
    assert TUNING_NAME.fullmatch(name)
    assert [other for other in RECIPES if is_tuning_of(other, name)] == [recipe]
