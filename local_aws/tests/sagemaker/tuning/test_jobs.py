"""Tuning jobs over real training jobs: what they start, how they rank it, and how they end."""

import re

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.sagemaker.tuning.tunings import METRIC, Tunings, choices, continuous
from local_aws.tests.stages import processes_of

VALUES = ["0.1", "breaks", "is silent", "0.35"]
# Takes its time, scores x, and says when it ran.
MIXED = """
import sys, time
print(f"began={time.time()};", flush=True)
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
    """Begin tuning jobs, and wait for their ends."""
    return Tunings(account)


@pytest.fixture(scope="module")
def walked(tunings):
    """Run a whole grid, in which one training job breaks and one is silent; give its end."""
    request = tunings.request(tunings.definition(MIXED), choices(x=VALUES), Strategy="Grid")
    return tunings.run(request | {"Tags": [{"Key": "recipe", "Value": "r"}]})


def by_value(tunings, job) -> dict[str, dict]:
    trials = tunings.trials(job["HyperParameterTuningJobName"])
    return {trial["TunedHyperParameters"]["x"]: trial for trial in trials}


@pytest.mark.observes("tuning-grid")
def test_grid_runs_every_combination_once_and_finds_the_best(tunings, walked):
    assert walked["HyperParameterTuningJobStatus"] == "Completed"
    assert list(by_value(tunings, walked)) == VALUES
    best = walked["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"x": "0.35"}
    final = best["FinalHyperParameterTuningJobObjectiveMetric"]
    assert final == {"MetricName": METRIC, "Value": pytest.approx(-0.05)}
    assert walked["HyperParameterTuningEndTime"] > walked["CreationTime"]
    assert walked["ConsumedResources"]["RuntimeInSeconds"] >= 1


@pytest.mark.observes("tuning-failed-trial")
def test_training_job_that_breaks_or_is_silent_does_not_fail_the_tuning_job(tunings, walked):
    found = by_value(tunings, walked)
    assert found["breaks"]["TrainingJobStatus"] == "Failed"
    assert "exit code: 1" in found["breaks"]["FailureReason"]
    assert found["is silent"]["TrainingJobStatus"] == "Completed"
    for name in ("breaks", "is silent"):
        assert found[name]["ObjectiveStatus"] == "Failed"
        assert "FinalHyperParameterTuningJobObjectiveMetric" not in found[name]
    assert walked["TrainingJobStatusCounters"] == {
        **dict.fromkeys(("InProgress", "RetryableError", "Stopped"), 0),
        "NonRetryableError": 1,
        "Completed": 3,
    }
    assert walked["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 0, "Failed": 2}


@pytest.mark.observes("tuning-limits")
def test_training_jobs_never_run_more_at_once_than_is_asked(tunings, walked):
    spans = []
    for trial in by_value(tunings, walked).values():
        text = " ".join(tunings.account.job_log(trial["TrainingJobName"]))
        spans.append([float(found) for found in re.findall(r"(?:began|ended)=([0-9.]+);", text)])
    whole = [span for span in spans if len(span) == 2]
    assert len(whole) == 3
    for began, _ in whole:
        assert sum(start <= began < end for start, end in whole) <= 2


@pytest.mark.observes("tuning-job-names", "tuning-objective-hyperparameter", "tuning-tags")
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


@pytest.mark.observes("tuning-ranking")
def test_list_of_training_jobs_is_ranked_filtered_and_paged(tunings, walked):
    name = walked["HyperParameterTuningJobName"]
    ranked = tunings.trials(
        name,
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending",
        PaginationConfig={"PageSize": 1},
    )
    assert [trial["TunedHyperParameters"]["x"] for trial in ranked] == ["0.35", "0.1"]
    (failed,) = tunings.trials(name, StatusEquals="Failed")
    assert failed["TunedHyperParameters"] == {"x": "breaks"}


def test_list_of_tuning_jobs_has_its_strategy_limits_and_counts(tunings, walked):
    found = tunings.client.list_hyper_parameter_tuning_jobs(
        NameContains=walked["HyperParameterTuningJobName"], StatusEquals="Completed"
    )["HyperParameterTuningJobSummaries"]
    (summary,) = found
    assert summary["Strategy"] == "Grid"
    assert summary["ResourceLimits"]["MaxParallelTrainingJobs"] == 2
    assert summary["TrainingJobStatusCounters"]["Completed"] == 3


@pytest.mark.observes("tuning-warm-start")
def test_warm_start_repeats_nothing_and_knows_the_best_of_all(tunings, walked):
    parent = walked["HyperParameterTuningJobName"]
    values = choices(x=[*VALUES, "0.9"])
    request = tunings.request(walked["TrainingJobDefinition"], values, 1, Strategy="Bayesian")
    warm = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    job = tunings.run(request | {"WarmStartConfig": warm})
    assert list(by_value(tunings, job)) == ["0.9"]
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.9"}
    overall = job["OverallBestTrainingJob"]
    assert overall["TrainingJobName"] == walked["BestTrainingJob"]["TrainingJobName"]
    assert overall["TuningJobName"] == parent


@pytest.mark.slow  # test_tuning_engine.py has the same in a time of its own
@pytest.mark.observes("tuning-early-stopping")
def test_training_job_that_does_worse_than_the_one_before_is_stopped_early(tunings):
    limits = {"MaxParallelTrainingJobs": 1}
    request = tunings.request(
        tunings.definition(EPOCHS),
        choices(x=["0.9", "0.1"]),
        Strategy="Grid",
        ResourceLimits=limits,
        TrainingJobEarlyStoppingType="Auto",
    )
    job = tunings.run(request)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    found = by_value(tunings, job)
    assert found["0.9"]["TrainingJobStatus"] == "Completed"
    assert found["0.1"]["TrainingJobStatus"] == "Stopped"
    assert found["0.1"]["ObjectiveStatus"] == "Succeeded"


@pytest.mark.observes("tuning-stop")
def test_tuning_job_that_is_stopped_leaves_no_process(tunings):
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
    assert tunings.client.describe_training_job(TrainingJobName=first)  # which stays
