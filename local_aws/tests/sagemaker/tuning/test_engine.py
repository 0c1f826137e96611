"""The limits and the end of tuning jobs, with simulated training jobs."""

import pytest

from local_aws.errors import ValidationError
from local_aws.records import Table
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.tuning.engine import run_tuning_job
from local_aws.sagemaker.tuning.trials import best_of
from local_aws.tests.sagemaker.tuning.tuning_worlds import World, tuning_record
from local_aws.tests.sagemaker.tuning.tunings import choices, continuous

TEN = choices(x=[str(number) for number in range(10)])


@pytest.fixture
def world(tmp_path):
    """Return a function that creates a world; the objective of its jobs is x for two epochs."""

    def make(epochs=lambda values: [float(values["x"])] * 2) -> World:
        return World(tmp_path, epochs)

    return make


def states(world: World) -> list[str]:
    return [trial["TrainingJobStatus"] for trial in world.trials()]


@pytest.mark.observes("tuning-limits")
@pytest.mark.parametrize("at_once", [1, 3, 10])
def test_tuning_runs_the_maximum_number_of_parallel_jobs(world, at_once):
    simulation = world()
    ended = simulation.run(tuning_record(TEN, {"MaxParallelTrainingJobs": at_once}))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(simulation) == ["Completed"] * 10
    assert simulation.most_at_once == at_once


def test_tuning_does_not_read_ended_training_jobs_repeatedly(world):
    simulation, reads = world(), list[str]()

    class Counted(Table):
        def get(self, name):
            reads.append(name)
            return super().get(name)

    simulation.region.training_jobs = Counted(ValidationError, ValidationError)
    sixty = choices(x=[str(number) for number in range(60)])
    simulation.run(tuning_record(sixty, {"MaxParallelTrainingJobs": 2}))
    assert states(simulation) == ["Completed"] * 60
    assert len(reads) < 20 * 60


@pytest.mark.observes("tuning-limits")
def test_tuning_ends_after_its_maximum_number_of_training_jobs(world):
    simulation = world()
    limits = {"MaxParallelTrainingJobs": 4, "MaxNumberOfTrainingJobs": 7}
    simulation.run(tuning_record(continuous(), limits, Strategy="Random"))
    assert states(simulation) == ["Completed"] * 7


def test_training_jobs_that_somebody_deletes_count_and_are_not_repeated(world):
    simulation, deleted = world(), list[dict[str, str]]()

    def delete() -> None:
        assert len(deleted) < 10, deleted
        for trial in simulation.trials():
            if trial["TrainingJobStatus"] == "Completed":
                deleted.append(trial)
                simulation.region.training_jobs.remove(trial["TrainingJobName"])

    simulation.at_pause = delete
    limits = {"MaxParallelTrainingJobs": 2, "MaxNumberOfTrainingJobs": 7}
    ended = simulation.run(tuning_record(TEN, limits, Strategy="Random"))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    numbers = [trial["TrainingJobName"].split("-")[1] for trial in deleted]
    assert numbers == [f"{number:03d}" for number in range(1, 8)]
    assert len({trial["TunedHyperParameters"]["x"] for trial in deleted}) == 7
    assert simulation.trials() == []


@pytest.mark.slow
@pytest.mark.observes("tuning-runtime")
def test_tuning_that_exceeds_its_runtime_stops_its_training_jobs_and_completes(world):
    simulation = world(lambda values: [1.0] * (2 if values["x"] == "0" else 100_000))
    limits = {"MaxParallelTrainingJobs": 2, "MaxRuntimeInSeconds": 120}
    ended = simulation.run(tuning_record(TEN, limits))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(simulation) == ["Completed", "Stopped", "Stopped"]
    assert simulation.seconds == pytest.approx(120, abs=1)


@pytest.mark.observes("tuning-target")
def test_tuning_that_reaches_its_target_completes(world):
    simulation = world()
    criteria = {"TargetObjectiveMetricValue": 3.0}
    limits = {"MaxParallelTrainingJobs": 1}
    ended = simulation.run(tuning_record(TEN, limits, TuningJobCompletionCriteria=criteria))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert len(simulation.trials()) == 4


@pytest.mark.observes("tuning-not-improving")
def test_tuning_that_stops_improving_completes(world):
    simulation = world(lambda values: [1.0 if values["x"] == "0" else 1.005])
    criteria = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    limits = {"MaxParallelTrainingJobs": 1}
    simulation.run(tuning_record(TEN, limits, TuningJobCompletionCriteria=criteria))
    assert len(simulation.trials()) == 4  # half a percent is not an improvement


def test_tuning_that_minimizes_prefers_the_lowest_value(world):
    simulation = world()
    objective = {"Type": "Minimize", "MetricName": "score"}
    limits = {"MaxParallelTrainingJobs": 5}
    simulation.run(tuning_record(TEN, limits, HyperParameterTuningJobObjective=objective))
    best = best_of(simulation.trials(), maximize=False)
    assert best["TunedHyperParameters"] == {"x": "0"}


@pytest.mark.observes("tuning-all-failed")
def test_tuning_whose_first_five_training_jobs_fail_is_failed(world):
    simulation = world(lambda values: None)
    ended = simulation.run(tuning_record(TEN, {"MaxParallelTrainingJobs": 1}))
    assert ended["HyperParameterTuningJobStatus"] == "Failed"
    assert ended["FailureReason"].startswith("No training job succeeded after 5 attempts.")
    assert len(simulation.trials()) == 5


@pytest.mark.observes("tuning-no-metric")
def test_tuning_whose_metric_is_never_logged_fails_with_that_reason(world):
    simulation = world(lambda values: [])
    ended = simulation.run(tuning_record(choices(x=["1", "2"]), {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Failed"
    assert ended["FailureReason"].startswith(
        "No objective metrics found after running 2 training jobs."
    )
    assert [trial["ObjectiveStatus"] for trial in simulation.trials()] == ["Failed"] * 2


@pytest.mark.observes("tuning-failed-trial")
def test_tuning_continues_after_a_training_job_fails(world):
    simulation = world(lambda values: None if values["x"] == "1" else [float(values["x"])])
    ended = simulation.run(tuning_record(TEN, {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(simulation).count("Failed") == 1
    assert best_of(simulation.trials(), maximize=True)["TunedHyperParameters"] == {"x": "9"}


@pytest.mark.observes("tuning-stop")
def test_stopped_tuning_stops_its_training_jobs_and_keeps_the_best_one(world):
    simulation = world(lambda values: [float(values["x"])] * (1 if values["x"] in "01" else 1000))

    def stop() -> None:
        if len(states(simulation)) == 4:
            simulation.region.tuning_jobs.update("tuning", HyperParameterTuningJobStatus="Stopping")

    simulation.at_pause = stop
    ended = simulation.run(tuning_record(TEN, {"MaxParallelTrainingJobs": 2}))
    assert ended["HyperParameterTuningJobStatus"] == "Stopped"
    assert set(states(simulation)) == {"Completed", "Stopped"}
    assert best_of(simulation.trials(), maximize=True)["TunedHyperParameters"] == {"x": "1"}


@pytest.mark.observes("tuning-early-stopping")
def test_tuning_stops_a_training_job_that_is_worse_than_the_median_early(world):
    simulation = world(lambda values: [float(values["x"])] * 50)
    limits = {"MaxParallelTrainingJobs": 1}
    record = tuning_record(choices(x=["5", "1", "6"]), limits, TrainingJobEarlyStoppingType="Auto")
    ended = simulation.run(record)
    assert ended["HyperParameterTuningJobStatus"] == "Completed"
    assert states(simulation) == ["Completed", "Stopped", "Completed"]
    stopped = simulation.trials()[1]
    assert stopped["ObjectiveStatus"] == "Succeeded"
    assert stopped["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 1.0


def test_tuning_without_early_stopping_completes_every_training_job(world):
    simulation = world(lambda values: [float(values["x"])] * 50)
    simulation.run(tuning_record(choices(x=["5", "1", "6"]), {"MaxParallelTrainingJobs": 1}))
    assert states(simulation) == ["Completed"] * 3


class Failing(World):
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
        (KeyError("x"), "InternalServerError: the local AWS failed; see its log."),
    ],
)
def test_tuning_that_cannot_start_a_training_job_stops_the_others_and_fails(
    tmp_path, error, reason
):
    simulation = Failing(tmp_path, lambda values: [0.0] * 1000)
    simulation.error = error
    record = tuning_record(TEN, {"MaxParallelTrainingJobs": 5})
    simulation.add(record)
    run_tuning_job(simulation.region, "tuning", simulation)
    ended = simulation.region.tuning_jobs.get("tuning")
    assert (ended["HyperParameterTuningJobStatus"], ended["FailureReason"]) == ("Failed", reason)
    assert states(simulation) == ["Stopped"] * 3
    assert simulation.region.metric_watchers == {}
