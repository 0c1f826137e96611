"""Tuning jobs that go well: what they start, how they rank it, and what is told of it."""

import re

import pytest

from tests.infra.tunings import METRIC, SCORES, Tunings, choices

VALUES = ["0.1", "0.9", "0.35", "0.6"]


@pytest.fixture(scope="module")
def tunings(account) -> Tunings:
    """Begin tuning jobs, and wait for their ends."""
    return Tunings(account)


@pytest.fixture(scope="module")
def walked(tunings):
    """Run a whole grid; give its description."""
    request = tunings.request(tunings.definition(SCORES), choices(x=VALUES), Strategy="Grid")
    return tunings.run(request | {"Tags": [{"Key": "recipe", "Value": "r"}]})


def test_grid_runs_every_combination_once_and_finds_the_best(tunings, walked):
    assert walked["HyperParameterTuningJobStatus"] == "Completed"
    trials = tunings.trials(walked["HyperParameterTuningJobName"])
    assert [trial["TunedHyperParameters"] for trial in trials] == [{"x": x} for x in VALUES]
    best = walked["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"x": "0.35"}
    final = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert final == {"MetricName": METRIC, "Value": pytest.approx(-0.05)}
    assert walked["TrainingJobStatusCounters"] == {
        **dict.fromkeys(("InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0),
        "Completed": 4,
    }
    assert walked["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    assert walked["HyperParameterTuningEndTime"] > walked["CreationTime"]


def test_training_jobs_of_a_tuning_job_are_named_and_made_as_sagemaker_does(tunings, walked):
    name = walked["HyperParameterTuningJobName"]
    for number, trial in enumerate(tunings.trials(name), start=1):
        assert re.fullmatch(rf"{name}-{number:03d}-[0-9a-f]{{8}}", trial["TrainingJobName"])
        job = tunings.client.describe_training_job(TrainingJobName=trial["TrainingJobName"])
        assert job["TuningJobArn"] == walked["HyperParameterTuningJobArn"]
        assert job["HyperParameters"]["_tuning_objective_metric"] == METRIC
        assert job["HyperParameters"]["x"] == trial["TunedHyperParameters"]["x"]
        tags = tunings.client.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        assert tags == [{"Key": "recipe", "Value": "r"}]


def test_list_of_training_jobs_is_ranked_filtered_and_paged(tunings, walked):
    name = walked["HyperParameterTuningJobName"]
    ranked = tunings.trials(
        name,
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 3},
    )
    assert [trial["TunedHyperParameters"]["x"] for trial in ranked] == ["0.35", "0.1", "0.6", "0.9"]
    assert tunings.trials(name, StatusEquals="Failed") == []


def test_list_of_tuning_jobs_has_its_strategy_limits_and_counts(tunings, walked):
    found = tunings.client.list_hyper_parameter_tuning_jobs(
        NameContains=walked["HyperParameterTuningJobName"], StatusEquals="Completed"
    )["HyperParameterTuningJobSummaries"]
    (summary,) = found
    assert summary["Strategy"] == "Grid"
    assert summary["ResourceLimits"]["MaxParallelTrainingJobs"] == 2
    assert summary["TrainingJobStatusCounters"]["Completed"] == 4
