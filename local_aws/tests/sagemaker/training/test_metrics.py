"""Metrics are read from lines of a log, in bounded time."""

import logging
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cloudwatch.models import cloudwatch_backends

from local_aws.sagemaker.training.metrics import Curves, Metrics
from local_aws.settings import ACCOUNT_ID
from local_aws.tests.account import unique


@pytest.mark.slow
def test_expression_that_takes_exponential_time_is_dropped_with_a_warning(caplog):
    published = []
    definitions = [
        {"Name": "slow", "Regex": "((a|aa)+)+ ([0-9]+)$"},
        {"Name": "loss", "Regex": "loss=([0-9.]+)"},
    ]
    metrics = Metrics(definitions, published.append)
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            metrics.read(f"loss={number}: " + "a" * 100 + "!")
    assert published[-1][0]["Value"] == 99
    (warning,) = caplog.messages
    assert warning.startswith("the Regex of metric slow is not used any more: matching was stopped")


def test_metric_with_two_expressions_is_read_by_both():
    published = []
    definitions = [{"Name": "loss", "Regex": f"{name}=([0-9.]+)"} for name in ("loss", "error")]
    metrics = Metrics(definitions, published.append)
    values = []
    for line in ("loss=1", "error=2", "error=none", "loss"):
        metrics.read(line)
        values.append(published[-1][0]["Value"])
    assert values == [1, 2, 2, 2]


def test_values_that_are_not_finite_are_skipped():
    published, watched = [], []
    definitions = [{"Name": "loss", "Regex": "loss=(.*)"}]
    metrics = Metrics(definitions, published.append, [lambda *each: watched.append(each)])
    for text in ("0.5", "nan", "-inf", "1e400"):
        metrics.read(f"loss={text}")
    assert [[each["Value"] for each in values] for values in published] == [[0.5]]
    assert watched == [("loss", 0.5)]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20))
def test_curve_of_a_job_has_its_values_at_once(values):
    job = unique("job")
    curves = Curves("eu-west-3", job)
    for value in values:
        curves.add("loss", value)
    curves.store()
    data = [
        datum
        for datum in cloudwatch_backends[ACCOUNT_ID]["eu-west-3"].metric_data
        if [(each.name, each.value) for each in datum.dimensions] == [("TrainingJobName", job)]
    ]
    assert sum(datum.sample_count for datum in data) == len(values)
    assert sum(datum.sum for datum in data) == pytest.approx(sum(values), rel=1e-6, abs=1e-6)


PRINT = """
for epoch in range(3):
    print(f"loss={1 / (epoch + 1)}; accuracy={epoch / 2}", flush=True)
print("accuracy=nan")
"""


@pytest.mark.slow
@pytest.mark.observes("metrics-training", "metrics-start-time")
def test_metrics_of_a_job_are_in_cloudwatch_as_training_job_analytics_reads_them(account):
    definitions = [
        {"Name": name, "Regex": f"{regex}=([0-9.]+|nan)"}
        for name, regex in (("train:loss", "loss"), ("accuracy", "accuracy"))
    ]
    request = account.job_request({"train.py": PRINT})
    request["AlgorithmSpecification"]["MetricDefinitions"] = definitions
    account.sagemaker.create_training_job(**request)
    job = account.finished_job(request["TrainingJobName"])
    averages = {}
    for name in ("train:loss", "accuracy"):
        points = account.aws.client("cloudwatch").get_metric_statistics(
            Namespace="/aws/sagemaker/TrainingJobs",
            MetricName=name,
            Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}],
            StartTime=job["TrainingStartTime"],
            EndTime=job["TrainingEndTime"] + timedelta(minutes=1),
            Period=60,
            Statistics=["SampleCount", "Sum"],
        )["Datapoints"]
        averages[name] = (
            sum(point["Sum"] for point in points),
            sum(point["SampleCount"] for point in points),
        )
    assert averages["accuracy"] == (1.5, 3)
    assert averages["train:loss"] == (pytest.approx(1 + 1 / 2 + 1 / 3), 3)
