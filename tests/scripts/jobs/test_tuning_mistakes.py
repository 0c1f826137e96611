"""Flags of scripts.tune that would do nothing are refused; what failed in a search is told."""

import argparse

import pytest

from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts import tune
from scripts.jobs.tuning_flags import Search, read_search
from scripts.jobs.tuning_job import Shown, unranked
from tests.scripts.processes import RECIPE

NETWORK = "digits-cnn"
VALUE = {"FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "m", "Value": 0.5}}


def searched(recipe: str, *flags: str, **given: str) -> Search:
    parser = argparse.ArgumentParser(exit_on_error=False)
    tune.add_arguments(parser)
    arguments = parser.parse_args(["--recipe", recipe, *flags])
    return read_search(RECIPES[recipe], given, arguments)


def ended(number: int, status: str, **more):
    return {
        "TrainingJobName": f"tuning-{number:03d}-00000000",
        "TrainingJobStatus": status,
        "CreationTime": number,
        "TunedHyperParameters": {"alpha": "1"},
    } | more


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--stop-at", "3"], "'3' is no accuracy to stop at; expected a number above 0, up to 1"),
        (["--stop-at", "0"], "is no accuracy"),
        (["--stop-at", "nan"], "is no accuracy"),
        (["--max-jobs", "0"], "0 is too few; expected 1 or more"),
        (["--parallel", "two"], "'two' is no whole number, such as 5"),
        (["--folds", "-1"], "'-1' is no whole number"),
    ],
)
def test_number_that_a_flag_cannot_take_is_refused(flags, message):
    with pytest.raises(argparse.ArgumentError, match=message):
        searched(RECIPE, *flags)


@pytest.mark.parametrize("folds", ["0", "1"])
def test_folds_that_compare_nothing_are_refused_in_the_same_words(folds):
    message = f"--folds {folds} leaves nothing to compare by; expected 2 or more"
    with pytest.raises(DeploymentError, match=message):
        searched(RECIPE, "--folds", folds)


def test_search_from_a_stream_is_refused_with_what_to_do():
    with pytest.raises(HyperparameterError) as caught:
        searched(RECIPE, reading="stream")
    assert str(caught.value) == (
        "tune compares by folds, which a stream has not; leave --set reading=stream out, and train "
        "with what it finds from a stream: python -m scripts.train --recipe newsgroups-naive-bayes "
        "--set reading=stream"
    )


def test_early_stopping_is_refused_where_there_are_no_epochs_to_compare():
    with pytest.raises(DeploymentError, match="nothing would be stopped; leave it out"):
        searched(RECIPE, "--early-stopping")
    assert searched(NETWORK, "--early-stopping").jobs


def test_more_jobs_than_combinations_or_than_aws_takes_are_told_apart():
    with pytest.raises(DeploymentError, match=r"combinations \(2\); expected 2 or fewer$"):
        searched(RECIPE, "--range", "alpha=1,2", "--max-jobs", "3")
    with pytest.raises(DeploymentError, match=r"100000 is more than AWS takes; it takes 750$"):
        searched(RECIPE, "--range", "alpha=1..2", "--max-jobs", "100000")


def test_failed_training_job_is_shown_with_its_reason_on_one_line():
    (line,) = Shown(1).new_lines([ended(1, "Failed", FailureReason="a\n  b " + "c" * 300)])
    assert line.startswith("1 of 1  001  Failed  no objective  alpha=1  because: a b ccc")
    assert line.endswith("c...")
    assert len(line) < 300


def test_training_jobs_without_an_objective_are_counted_by_how_they_ended():
    trials = [ended(1, "Failed"), ended(2, "Completed", **VALUE), ended(3, "Failed")]
    assert unranked(trials) == "Without an objective, so not ranked: 2 Failed."
    assert unranked(trials[1:2]) == ""


def test_warm_start_from_a_tuning_job_that_is_not_there_names_it_and_the_region(foundation_only):
    error = foundation_only.run("tune", "--warm-start", "nothere").error
    assert error == (
        "there is no tuning job 'nothere' in region eu-west-2 to --warm-start from; expected a "
        "name that tune printed as tuning_job_name"
    )
