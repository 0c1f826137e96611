"""Metrics are read from lines of a log, in bounded time."""

import logging

from local_aws.sagemaker.training.metrics import Metrics


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
