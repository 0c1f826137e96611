"""The training jobs of a tuning job are shown as they end, ranked, and counted if they failed."""

from typing import Any

from newsgroup_classifier.recipe import OBJECTIVE
from scripts.jobs.tuning_job import Progress, best_first, ranking, unranked


def trial(number: int, value: float | None, status: str = "Completed", **more) -> dict[str, Any]:
    metric = {"MetricName": OBJECTIVE, "Value": value}
    final = {} if value is None else {"FinalHyperParameterTuningJobObjectiveMetric": metric}
    return {
        "TrainingJobName": f"tuning-{number:03d}-0000000{number}",
        "TrainingJobStatus": status,
        "CreationTime": number,
        "TunedHyperParameters": {"alpha": f"0.{number}"},
        **final,
        **more,
    }


def test_each_training_job_is_shown_once_with_the_best_so_far():
    progress = Progress(3)
    assert progress.new_lines([trial(1, None, "InProgress")]) == []
    assert progress.new_lines([trial(1, 0.5), trial(2, None, "Failed")]) == [
        "1 of 3  001  Completed  0.5000  alpha=0.1  best so far 0.5000",
        "2 of 3  002  Failed  no objective  alpha=0.2  best so far 0.5000",
    ]
    assert progress.new_lines([trial(1, 0.5), trial(3, 0.25)]) == [
        "3 of 3  003  Completed  0.2500  alpha=0.3  best so far 0.5000"
    ]


def test_failed_training_job_is_shown_with_its_reason_on_one_line():
    failed = trial(1, None, "Failed", FailureReason="a\n  b " + "c" * 300)
    (line,) = Progress(1).new_lines([failed])
    assert line.startswith("1 of 1  001  Failed  no objective  alpha=0.1  because: a b ccc")
    assert line.endswith("c...")
    assert len(line) < 300


def test_long_numbers_are_shown_with_four_digits():
    values = {"rate": "0.00034575944606717143", "kind": "logarithmic", "units": "128"}
    (line,) = Progress(1).new_lines([trial(1, 0.5, TunedHyperParameters=values)])
    assert "  kind=logarithmic rate=0.0003458 units=128  " in line


def test_long_ranking_says_how_many_training_jobs_it_leaves_out():
    lines = ranking([trial(1, 0.5)] * 25).splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more"


def test_best_training_job_is_the_first_of_those_with_its_objective():
    trials = [trial(2, 0.5), trial(1, 0.5), trial(3, 0.75)]
    names = [each["TrainingJobName"] for each in trials]
    assert best_first(trials, names[1]) == [trials[2], trials[1], trials[0]]


def test_training_jobs_without_an_objective_are_counted_by_status():
    trials = [trial(1, None, "Failed"), trial(2, 0.5), trial(3, None, "Failed")]
    assert unranked(trials) == "Not ranked because they have no objective: 2 Failed."
    assert unranked(trials[1:2]) == ""


def test_warm_start_from_a_missing_tuning_job_names_it_and_the_region(foundation_only):
    error = foundation_only.run("tune", "--warm-start", "nothere").error
    assert error == (
        "there is no tuning job 'nothere' in region eu-west-2 to --warm-start from; expected a "
        "name that tune printed as tuning_job_name"
    )
    error = foundation_only.run("tune", "--warm-start", "a b").error
    assert error.startswith("--warm-start 'a b' is not valid for SageMaker; expected a name of the")
