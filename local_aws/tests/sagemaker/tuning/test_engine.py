"""How a tuning job keeps to its limits, and when it is over: training jobs in a time of ours."""

import pytest

from local_aws.errors import JobFailure, ValidationError
from local_aws.records import Table
from local_aws.sagemaker.tuning.engine import run_tuning_job
from local_aws.sagemaker.tuning.trials import best_of
from local_aws.tests.sagemaker.tuning.tuning_worlds import World, described
from local_aws.tests.sagemaker.tuning.tunings import choices, continuous

TEN = choices(x=[str(number) for number in range(10)])


@pytest.fixture
def world(tmp_path):
    """Make a world whose training jobs have their own x as objective, after two epochs."""

    def make(epochs=lambda given: [float(given["x"])] * 2) -> World:
        return World(tmp_path, epochs)

    return make


def states(world: World) -> list[str]:
    return [trial["TrainingJobStatus"] for trial in world.trials()]


@pytest.mark.observes("tuning-limits")
@pytest.mark.parametrize("at_once", [1, 3, 10])
def test_tuning_has_never_more_training_jobs_at_once_than_it_may(world, at_once):
    made = world()
    ended = made.run(described(TEN, {"MaxParallelTrainingJobs": at_once}))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(made) == ["Completed"] * 10
    assert made.most_at_once == at_once


def test_tuning_of_many_training_jobs_does_not_read_the_ended_ones_again_and_again(world):
    made, reads = world(), list[str]()

    class Counted(Table):
        def get(self, name):
            reads.append(name)
            return super().get(name)

    made.region.training_jobs = Counted(ValidationError, ValidationError)
    sixty = choices(x=[str(number) for number in range(60)])
    made.run(described(sixty, {"MaxParallelTrainingJobs": 2}))
    assert states(made) == ["Completed"] * 60
    assert len(reads) < 20 * 60


@pytest.mark.observes("tuning-limits")
def test_tuning_at_random_ends_after_so_many_training_jobs(world):
    made = world()
    limits = {"MaxParallelTrainingJobs": 4, "MaxNumberOfTrainingJobs": 7}
    made.run(described(continuous(), limits, Strategy="Random"))
    assert states(made) == ["Completed"] * 7


@pytest.mark.observes("tuning-runtime")
def test_tuning_that_has_run_long_enough_stops_its_training_jobs_and_is_complete(world):
    made = world(lambda given: [1.0] * (2 if given["x"] == "0" else 100_000))
    limits = {"MaxParallelTrainingJobs": 2, "MaxRuntimeInSeconds": 120}
    ended = made.run(described(TEN, limits))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(made) == ["Completed", "Stopped", "Stopped"]
    assert made.seconds == pytest.approx(120, abs=1)


@pytest.mark.observes("tuning-target")
def test_tuning_whose_target_is_reached_starts_no_more_and_is_complete(world):
    made = world()
    criteria = {"TargetObjectiveMetricValue": 3.0}
    limits = {"MaxParallelTrainingJobs": 1}
    ended = made.run(described(TEN, limits, TuningJobCompletionCriteria=criteria))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert len(made.trials()) == 4


@pytest.mark.observes("tuning-not-improving")
def test_tuning_that_improves_no_more_is_complete(world):
    made = world(lambda given: [1.0 if given["x"] == "0" else 1.005])
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    limits = {"MaxParallelTrainingJobs": 1}
    made.run(described(TEN, limits, TuningJobCompletionCriteria=criteria))
    assert len(made.trials()) == 4  # half a per cent is no improvement


def test_tuning_that_minimizes_takes_the_lowest_for_the_best(world):
    made = world()
    objective = {"Type": "Minimize", "MetricName": "score"}
    record = described(
        TEN, {"MaxParallelTrainingJobs": 5}, HyperParameterTuningJobObjective=objective
    )
    made.run(record)
    best = best_of(made.trials(), maximize=False)
    assert best["TunedHyperParameters"] == {"x": "0"}


@pytest.mark.observes("tuning-all-failed")
def test_tuning_whose_first_five_training_jobs_fail_gives_up(world):
    made = world(lambda given: None)
    ended = made.run(described(TEN, {"MaxParallelTrainingJobs": 1}))
    assert ended["HyperParameterTuningJobStatus"] == "Failed"
    assert ended["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert len(made.trials()) == 5


@pytest.mark.observes("tuning-no-metric")
def test_tuning_whose_metric_never_appears_fails_and_says_so(world):
    made = world(lambda given: [])
    ended = made.run(described(choices(x=["1", "2"]), {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Failed"
    assert ended["FailureReason"].startswith(
        "No objective metrics found after running 2 training jobs."
    )
    assert [trial["ObjectiveStatus"] for trial in made.trials()] == ["Failed"] * 2


@pytest.mark.observes("tuning-failed-trial")
def test_tuning_goes_on_after_a_training_job_that_fails(world):
    made = world(lambda given: None if given["x"] == "1" else [float(given["x"])])
    ended = made.run(described(TEN, {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(made).count("Failed") == 1
    assert best_of(made.trials(), maximize=True)["TunedHyperParameters"] == {"x": "9"}


@pytest.mark.observes("tuning-stop")
def test_tuning_that_is_stopped_stops_its_training_jobs_and_keeps_the_best(world):
    made = world(lambda given: [float(given["x"])] * (1 if given["x"] in "01" else 1000))

    def stop() -> None:
        if len(states(made)) == 4:
            made.region.tuning_jobs.update("tuning", HyperParameterTuningJobStatus="Stopping")

    made.at_pause = stop
    ended = made.run(described(TEN, {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Stopped"
    assert set(states(made)) == {"Completed", "Stopped"}
    assert best_of(made.trials(), maximize=True)["TunedHyperParameters"] == {"x": "1"}


@pytest.mark.observes("tuning-early-stopping")
def test_tuning_stops_a_training_job_early_that_is_worse_than_the_median(world):
    made = world(lambda given: [float(given["x"])] * 50)
    limits = {"MaxParallelTrainingJobs": 1}
    record = described(choices(x=["5", "1", "6"]), limits, TrainingJobEarlyStoppingType="Auto")
    ended = made.run(record)
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(made) == ["Completed", "Stopped", "Completed"]
    stopped = made.trials()[1]
    assert stopped["ObjectiveStatus"] == "Succeeded"
    assert stopped["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 1.0


def test_tuning_without_early_stopping_lets_every_training_job_end(world):
    made = world(lambda given: [float(given["x"])] * 50)
    made.run(described(choices(x=["5", "1", "6"]), {"MaxParallelTrainingJobs": 1}))
    assert states(made) == ["Completed"] * 3


def test_tuning_of_two_definitions_takes_turns_and_ranks_them_together(world):
    made = world()
    record = described(TEN, {"MaxParallelTrainingJobs": 2})
    config, definition = (
        record["HyperParameterTuningJobConfig"],
        record.pop("TrainingJobDefinition"),
    )
    objective = config.pop("HyperParameterTuningJobObjective")
    del config["ParameterRanges"]
    record["TrainingJobDefinitions"] = [
        definition
        | {"DefinitionName": name, "TuningObjective": objective, "HyperParameterRanges": ranges}
        for name, ranges in (("a", choices(x=["1", "2"])), ("b", choices(x=["3", "4", "5"])))
    ]
    made.run(record)
    found = made.trials()
    assert [item["TrainingJobDefinitionName"] for item in found] == ["a", "b", "a", "b", "b"]
    best = best_of(found, maximize=True)
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Type"] == "Maximize"
    assert (best["TrainingJobDefinitionName"], best["TunedHyperParameters"]) == ("b", {"x": "5"})


class Unlucky(World):
    """A world in which the fourth training job cannot be started."""

    def start(self, region, request, tuning_job_arn):
        if len(self.trials()) == 3:
            raise self.error
        super().start(region, request, tuning_job_arn)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValidationError("Could not assume role r."), "Could not assume role r."),
        (JobFailure("The local AWS is being stopped."), "The local AWS is being stopped."),
        (KeyError("x"), "InternalServerError: see the local AWS's log"),
    ],
)
def test_tuning_whose_training_job_cannot_be_started_stops_the_others_and_fails(
    tmp_path, error, reason
):
    made = Unlucky(tmp_path, lambda given: [0.0] * 1000)
    made.error = error
    record = described(TEN, {"MaxParallelTrainingJobs": 5})
    made.region.tuning_jobs.add("tuning", record)
    made.region.trials["tuning"] = []
    made.region.set_tags(record["HyperParameterTuningJobArn"], None)
    run_tuning_job(made.region, "tuning", made)
    ended = made.region.tuning_jobs.get("tuning")
    assert (ended["HyperParameterTuningJobStatus"], ended["FailureReason"]) == ("Failed", reason)
    assert states(made) == ["Stopped"] * 3
    assert made.region.metric_watchers == {}
