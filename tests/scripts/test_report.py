"""The command `report` fetches the report of a job, and compares jobs."""

import time

import pytest

from tests.scripts.processes import Scripts


@pytest.fixture
def job(release):
    return release.train["training_job_name"]


def test_report_of_a_job_is_written_to_a_file(release, job, tmp_path):
    path = tmp_path / "report.html"
    result = release.scripts.run("report", "--recipe", "", job, "--output", str(path)).result
    assert result["report"] == str(path)
    assert result["output"].endswith("/output/output.tar.gz")
    assert path.read_text().startswith("<!doctype html>")


def test_output_that_is_a_folder_is_refused(release, job, tmp_path):
    error = release.scripts.run("report", "--recipe", "", job, "--output", str(tmp_path)).error
    assert error == f"{tmp_path}: is a folder; expected a file"


def test_report_of_a_recipe_is_that_of_its_newest_completed_job(release):
    jobs = release.scripts.client("sagemaker").list_training_jobs(
        NameContains="newsgroups-naive-bayes", StatusEquals="Completed", SortOrder="Descending"
    )["TrainingJobSummaries"]
    (call,) = release.scripts.run("report", "--dry-run").result["calls"]
    assert call["operation"] == "get_object"
    assert call["parameters"]["Key"].endswith(f"/{jobs[0]['TrainingJobName']}/output/output.tar.gz")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--recipe", "", "--compare", "x", "y", "x"), "needs two or more different jobs"),
        (("--compare", "x", "y"), "found --recipe and --compare"),
        (("x",), "found JOB and --recipe"),
        (("--recipe", "", "x", "--name", "y"), "--name is the name of the data of a --recipe"),
        (("--no-texts",), "--no-texts leaves texts out of a comparison; a report without texts"),
    ],
)
def test_report_of_jobs_that_are_named_in_two_ways_is_refused(release, words, message):
    assert message in release.scripts.run("report", *words).error


def test_report_of_a_recipe_without_a_job_says_how_to_train(foundation_only: Scripts):
    error = foundation_only.run("report").error
    assert error.startswith("recipe newsgroups-naive-bayes has no completed training job; start")
    assert "scripts.train --recipe newsgroups-naive-bayes" in error


def test_report_of_a_model_that_was_trained_elsewhere_is_refused(foundation_only: Scripts):
    error = foundation_only.run("report", "--recipe", "own-model", "--name", "tickets").error
    assert error.startswith("a model that you trained elsewhere has no report; for one, train its")


def test_report_of_a_job_that_does_not_exist_is_refused(release):
    scripts = release.scripts
    error = scripts.run("report", "--recipe", "", "no-such-job").error
    assert "there is no training job 'no-such-job'" in error
    error = scripts.run("report", "--recipe", "", "--compare", "a", "a").error
    assert error == "--compare needs two or more different jobs"


@pytest.mark.slow
def test_compare_shows_which_texts_changed_sides(release, job, tmp_path):
    second = release.scripts.run("train", "--set", "alpha=100").result["training_job_name"]
    path = tmp_path / "page.html"
    words = ("--recipe", "", "--compare", job, second, "--output", str(path))
    ended = release.scripts.run("report", *words)
    (figures,) = ended.result["compared"]
    assert figures["training_job_name"] == second
    assert figures["rows"] > figures["only_first"] > 0
    assert f"metric           {job}  {second}  difference\naccuracy " in ended.stderr
    assert f"test rows, only the first is right on {figures['only_first']}" in ended.stderr
    assert "McNemar" in path.read_text()
    without = release.scripts.run("train", "--no-report").result["training_job_name"]
    error = release.scripts.run("report", "--recipe", "", without).error
    assert "has no report.html: the job was trained with --no-report" in error


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "channels", "reason"),
    [
        ({"alpha": "-1"}, ("train", "test"), "hyperparameter alpha is '-1'"),
        ({}, ("train",), "test.csv is missing in the channel folder"),
    ],
)
def test_report_of_a_failed_job_says_why_it_failed(release, changes, channels, reason):
    client, good = release.scripts.client("sagemaker"), release.training_job
    members = ("AlgorithmSpecification", "RoleArn", "OutputDataConfig", "ResourceConfig")
    name = {"TrainingJobName": f"fails-with-{len(channels)}-channels"}
    client.create_training_job(
        **name,
        **{member: good[member] for member in (*members, "StoppingCondition")},
        InputDataConfig=[one for one in good["InputDataConfig"] if one["ChannelName"] in channels],
        HyperParameters=good["HyperParameters"] | changes,
    )
    while client.describe_training_job(**name)["TrainingJobStatus"] == "InProgress":
        time.sleep(0.2)
    error = release.scripts.run("report", "--recipe", "", *name.values()).error
    assert f"training job {name['TrainingJobName']} is Failed" in error
    assert reason in error
    assert error.endswith("and only completed jobs have a report")
