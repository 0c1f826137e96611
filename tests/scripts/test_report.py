"""The command `report` fetches the report of a job, and compares jobs."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.evaluation.report.comparison import METRICS, Run
from scripts import report
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


CHANNEL = "data,data_subject,label_names,label\nsome words,,a,0\n"
FIGURES = {
    **{"format": 1, "recipe": "r", "commit": "", "texts": True},
    "data": {
        "train": {"rows": 2, "sha256": ""},
        "test": {"rows": 1, "sha256": hashlib.sha256(CHANNEL.encode()).hexdigest()},
    },
    **{"hyperparameters": {}, "versions": {}},
    "metrics": {name: {"value": 1.0, "interval": [1.0, 1.0]} for name in METRICS},
}
ROWS = "row,label,predicted,probability\n1,a,a,0.5\n"
JOB = {
    "TrainingJobName": "job",
    "ModelArtifacts": {"S3ModelArtifacts": "s3://b/job/output/model.tar.gz"},
    "InputDataConfig": [
        {
            "ChannelName": "test",
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3Uri": "s3://b/test/"}},
        }
    ],
}


class Bucket:
    """An account whose bucket has one file."""

    def __init__(self, content):
        self.content = content

    def client(self, service):
        return self

    def make(self, call, *ignored):
        return None if self.content is None else {}

    def download_file(self, bucket, key, path):
        assert (bucket, key) == ("b", "test/test.csv")
        Path(path).write_text(self.content)


def members(figures, rows):
    content = figures if isinstance(figures, str) else json.dumps(figures)
    return {"report.json": content.encode(), "predictions.csv": rows.encode()}


def test_run_and_texts_of_a_job_are_read(monkeypatch):
    monkeypatch.setattr(report, "_read_output", lambda *_: members(FIGURES, ROWS))
    run = report._read_run(None, JOB)
    assert run.predictions == {1: ("a", "a")}
    assert report._read_texts(Bucket(CHANNEL), run, JOB) == ["some words"]


@pytest.mark.parametrize(
    ("figures", "rows", "message"),
    [
        ("{", ROWS, "Expecting property name"),
        ([], ROWS, "report.json does not have the format 1"),
        ({"base": "other code"}, ROWS, "report.json does not have the format 1"),
        (FIGURES | {"format": 2}, ROWS, "report.json does not have the format 1"),
        (FIGURES, "", "predictions.csv is broken"),
        (FIGURES, ROWS.replace("1,a", "x,a"), "predictions.csv is broken"),
        (FIGURES, ROWS + "1,a", "predictions.csv is broken"),
    ],
)
def test_output_of_other_code_is_refused(monkeypatch, figures, rows, message):
    monkeypatch.setattr(report, "_read_output", lambda *_: members(figures, rows))
    with pytest.raises(DeploymentError) as raised:
        report._read_run(None, JOB)
    error = str(raised.value)
    assert error.startswith("s3://b/job/output/output.tar.gz: ")
    assert message in error
    assert error.endswith("the job ran other code. Train again with this release")


@pytest.mark.parametrize(
    ("job", "content", "message"),
    [
        (JOB | {"InputDataConfig": []}, CHANNEL, "job job has no test channel in S3"),
        (JOB, CHANNEL + "other,,a,0\n", "s3://b/test/test.csv has changed since job job was"),
        (JOB, None, "s3://b/test/test.csv was deleted since job job was tested with it"),
    ],
)
def test_texts_that_the_job_was_not_tested_with_are_refused(job, content, message):
    with pytest.raises(DeploymentError, match=message) as raised:
        report._read_texts(Bucket(content), Run("job", FIGURES, {}), job)
    assert str(raised.value).endswith("pass --no-texts")


@pytest.mark.parametrize("texts", [(True, True), (True, False), (False, True)])
def test_comparison_has_texts_only_if_all_jobs_have_them(monkeypatch, texts):
    runs = iter(
        Run(f"job-{number}", FIGURES | {"texts": reads}, {1: ("a", "ab"[number])})
        for number, reads in enumerate(texts)
    )
    monkeypatch.setattr(report, "_read_run", lambda *_: next(runs))
    content, _ = report._compare(Bucket(CHANNEL), [JOB, JOB], reads=True)
    assert (b"some words" in content) == all(texts)
