"""Tuning jobs with real training jobs: names, ranking, warm starts, and stops."""

import re

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.tuning.tunings import METRIC, Tunings, choices, continuous
from local_aws.tests.stages import processes_of

VALUES = ["0.1", "breaks", "is silent", "0.35"]
# Scores x after a pause, and prints when it ran.
MIXED = """
import sys, time
print(f"started={time.time()};", flush=True)
time.sleep(0.5)
x = sys.argv[sys.argv.index("-x") + 1]
if x == "breaks":
    sys.exit("it broke")
if x != "is silent":
    print(f"score={-abs(float(x) - 0.3)};")
print(f"ended={time.time()};")
"""
EPOCHS = """
import sys, time
x = float(sys.argv[sys.argv.index("-x") + 1])
for epoch in range(3 if x > 0.5 else 600):
    print(f"score={x};", flush=True)
    time.sleep(0.2)
"""
WAITS = "import time\nprint('score=0.5;', flush=True)\ntime.sleep(300)\n"


@pytest.fixture(scope="module")
def tunings(account) -> Tunings:
    """Start tuning jobs and wait for them."""
    return Tunings(account)


@pytest.fixture(scope="module")
def grid_job(tunings):
    """Run a complete grid, in which one training job fails and one has no objective."""
    request = tunings.request(tunings.definition(MIXED), choices(x=VALUES), Strategy="Grid")
    return tunings.run(request | {"Tags": [{"Key": "recipe", "Value": "r"}]})


def by_value(tunings, job) -> dict[str, dict]:
    trials = tunings.trials(job["HyperParameterTuningJobName"])
    return {trial["TunedHyperParameters"]["x"]: trial for trial in trials}


@pytest.mark.observes("tuning-grid")
def test_grid_runs_every_combination_once_and_has_the_best(tunings, grid_job):
    assert grid_job["HyperParameterTuningJobStatus"] == "Completed"
    assert list(by_value(tunings, grid_job)) == VALUES
    best = grid_job["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"x": "0.35"}
    final = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert final == {"MetricName": METRIC, "Value": pytest.approx(-0.05)}
    assert grid_job["HyperParameterTuningEndTime"] > grid_job["CreationTime"]
    assert grid_job["ConsumedResources"]["RuntimeInSeconds"] >= 1


@pytest.mark.observes("tuning-failed-trial")
def test_training_job_without_an_objective_does_not_fail_the_tuning_job(tunings, grid_job):
    trials = by_value(tunings, grid_job)
    assert trials["breaks"]["TrainingJobStatus"] == "Failed"
    assert "exit code: 1" in trials["breaks"]["FailureReason"]
    assert trials["is silent"]["TrainingJobStatus"] == "Completed"
    for name in ("breaks", "is silent"):
        assert trials[name]["ObjectiveStatus"] == "Failed"
        assert "FinalHyperParameterTuningJobObjectiveMetric" not in trials[name]
    assert grid_job["TrainingJobStatusCounters"] == {
        **dict.fromkeys(("InProgress", "RetryableError", "Stopped"), 0),
        "NonRetryableError": 1,
        "Completed": 3,
    }
    assert grid_job["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 0, "Failed": 2}


@pytest.mark.observes("tuning-limits")
def test_training_jobs_do_not_exceed_the_maximum_of_concurrent_ones(tunings, grid_job):
    spans = []
    for trial in by_value(tunings, grid_job).values():
        text = " ".join(tunings.account.job_log(trial["TrainingJobName"]))
        spans.append([float(time) for time in re.findall(r"(?:started|ended)=([0-9.]+);", text)])
    complete = [span for span in spans if len(span) == 2]
    assert len(complete) == 3
    for started, _ in complete:
        assert sum(start <= started < end for start, end in complete) <= 2


@pytest.mark.observes("tuning-job-names", "tuning-objective-hyperparameter", "tuning-tags")
def test_training_jobs_have_the_names_hyperparameters_and_tags_of_sagemaker(tunings, grid_job):
    name = grid_job["HyperParameterTuningJobName"]
    for number, trial in enumerate(tunings.trials(name), start=1):
        assert re.fullmatch(rf"{name}-{number:03d}-[0-9a-f]{{8}}", trial["TrainingJobName"])
        job = tunings.client.describe_training_job(TrainingJobName=trial["TrainingJobName"])
        assert job["TuningJobArn"] == grid_job["HyperParameterTuningJobArn"]
        assert job["HyperParameters"]["_tuning_objective_metric"] == METRIC
        assert job["HyperParameters"]["x"] == trial["TunedHyperParameters"]["x"]
        tags = tunings.client.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        assert tags == [{"Key": "recipe", "Value": "r"}]


@pytest.mark.observes("tuning-ranking")
def test_list_of_training_jobs_can_be_sorted_filtered_and_paged(tunings, grid_job):
    name = grid_job["HyperParameterTuningJobName"]
    ranked = tunings.trials(
        name,
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 1},
    )
    assert [trial["TunedHyperParameters"]["x"] for trial in ranked] == ["0.35", "0.1"]
    (failed,) = tunings.trials(name, StatusEquals="Failed")
    assert failed["TunedHyperParameters"] == {"x": "breaks"}


def test_list_of_tuning_jobs_has_strategy_limits_and_counts(tunings, grid_job):
    (summary,) = tunings.client.list_hyper_parameter_tuning_jobs(
        NameContains=grid_job["HyperParameterTuningJobName"], StatusEquals="Completed"
    )["HyperParameterTuningJobSummaries"]
    assert summary["Strategy"] == "Grid"
    assert summary["ResourceLimits"]["MaxParallelTrainingJobs"] == 2
    assert summary["TrainingJobStatusCounters"]["Completed"] == 3


@pytest.mark.slow
@pytest.mark.observes("tuning-warm-start")
def test_warm_start_repeats_no_candidate_and_has_the_best_job_of_all(tunings, grid_job):
    parent = grid_job["HyperParameterTuningJobName"]
    values = choices(x=[*VALUES, "0.9"])
    request = tunings.request(grid_job["TrainingJobDefinition"], values, 1, Strategy="Bayesian")
    warm = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    job = tunings.run(request | {"WarmStartConfig": warm})
    assert list(by_value(tunings, job)) == ["0.9"]
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.9"}
    overall = job["OverallBestTrainingJob"]
    assert overall["TrainingJobName"] == grid_job["BestTrainingJob"]["TrainingJobName"]
    assert overall["TuningJobName"] == parent


@pytest.mark.slow  # test_engine.py has the same with a simulated clock
@pytest.mark.observes("tuning-early-stopping")
def test_training_job_that_is_worse_than_an_earlier_one_is_stopped_early(tunings):
    config = {
        "Strategy": "Grid",
        "ResourceLimits": {"MaxParallelTrainingJobs": 1},
        "TrainingJobEarlyStoppingType": "Auto",
    }
    ranges = choices(x=["0.9", "0.1"])
    job = tunings.run(tunings.request(tunings.definition(EPOCHS), ranges, **config))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    trials = by_value(tunings, job)
    assert trials["0.9"]["TrainingJobStatus"] == "Completed"
    assert trials["0.1"]["TrainingJobStatus"] == "Stopped"
    assert trials["0.1"]["ObjectiveStatus"] == "Succeeded"


@pytest.mark.observes("tuning-stop")
def test_stopped_tuning_job_leaves_no_process(tunings):
    name = tunings.start(tunings.request(tunings.definition(WAITS), continuous(), 5))

    def waiting() -> list[str]:
        return [
            trial["TrainingJobName"]
            for trial in tunings.trials(name, StatusEquals="InProgress")
            if processes_of(trial["TrainingJobName"])
        ]

    (first, *_) = eventually(waiting)
    with pytest.raises(tunings.client.exceptions.ClientError, match="Stop it first"):
        tunings.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    tunings.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert tunings.finished(name)["HyperParameterTuningJobStatus"] == "Stopped"
    assert {trial["TrainingJobStatus"] for trial in tunings.trials(name)} == {"Stopped"}
    assert processes_of(first) == []
    with pytest.raises(tunings.client.exceptions.ClientError, match="in status Stopped"):
        tunings.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    tunings.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert tunings.client.describe_training_job(TrainingJobName=first)  # it still exists
