"""Outputs of jobs that are not those of this release end in a message, and not in a traceback."""

import hashlib
import json
from pathlib import Path

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.evaluation.report.comparison import METRICS, Run
from scripts import report
from scripts.jobs import reports

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
    monkeypatch.setattr(reports, "read_output", lambda *_: members(FIGURES, ROWS))
    run = reports.read_run(None, JOB)
    assert run.predictions == {1: ("a", "a")}
    assert reports.read_texts(Bucket(CHANNEL), run, JOB) == ["some words"]


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
    monkeypatch.setattr(reports, "read_output", lambda *_: members(figures, rows))
    with pytest.raises(DeploymentError) as raised:
        reports.read_run(None, JOB)
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
        reports.read_texts(Bucket(content), Run("job", FIGURES, {}), job)
    assert str(raised.value).endswith("pass --no-texts")


@pytest.mark.parametrize("texts", [(True, True), (True, False), (False, True)])
def test_comparison_has_texts_only_if_all_jobs_have_them(monkeypatch, texts):
    runs = iter(
        Run(f"job-{number}", FIGURES | {"texts": reads}, {1: ("a", "ab"[number])})
        for number, reads in enumerate(texts)
    )
    monkeypatch.setattr(reports, "read_run", lambda *_: next(runs))
    content, _ = report._compare(Bucket(CHANNEL), [JOB, JOB], reads=True)
    assert (b"some words" in content) == all(texts)
