"""Values that services record, and the statistics of what is stored of them."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from local_aws.monitoring.metrics import RECORDER, Recorder, record_embedded
from local_aws.monitoring.queries import points
from local_aws.monitoring.statistics import statistic
from local_aws.settings import ACCOUNT_ID
from local_aws.tests.account import unique

NUMBERS = st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=50)
# Integers of the digits that JSON allows, also those that no float holds.
NUMERALS = st.integers() | st.integers(1, 4300).map(lambda digits: 10 ** (digits - 1))


def stored(region, namespace):
    """Return the data that moto stores under a namespace."""
    data = cloudwatch_backends[ACCOUNT_ID][region].metric_data
    return [datum for datum in data if datum.namespace == namespace]


def recorded(values, minute=60.0):
    """Record values of one metric in one minute; return the data."""
    recorder, namespace = Recorder(minute), unique("space")
    for value in values:
        recorder.record("eu-west-3", namespace, [(("a", "b"),)], [("m", value, "Count")], 600.0)
    recorder.flush(600.0 + minute)
    return stored("eu-west-3", namespace)


@given(NUMBERS)
def test_minute_of_values_is_one_datum_with_their_statistics(values):
    (datum,) = data = recorded(values)
    assert statistic(data, "SampleCount") == len(values)
    assert statistic(data, "Sum") == pytest.approx(sum(values), abs=1e-3)
    assert statistic(data, "Average") == pytest.approx(sum(values) / len(values), abs=1e-3)
    assert statistic(data, "Minimum") == min(values)
    assert statistic(data, "Maximum") == max(values)
    assert (datum.unit, [(d.name, d.value) for d in datum.dimensions]) == ("Count", [("a", "b")])


@given(st.lists(st.integers(1, 999), min_size=1, max_size=50), st.integers(1, 100))
def test_percentile_is_a_value_that_this_share_does_not_exceed(values, percent):
    result = statistic(recorded(values), f"p{percent}")
    assert result in values
    assert sum(value <= result for value in values) >= percent / 100 * len(values)
    assert sum(value < result for value in values) < percent / 100 * len(values) or percent == 0


def test_minute_is_stored_only_once_it_has_ended():
    recorder, namespace = Recorder(10.0), unique("space")
    recorder.record("eu-west-3", namespace, [()], [("m", 1.0, "None")], 105.0)
    recorder.flush(109.9)
    assert stored("eu-west-3", namespace) == []
    recorder.flush(110.0)
    (datum,) = stored("eu-west-3", namespace)
    assert (datum.timestamp.minute, datum.timestamp.second) == (1, 40)


def line(**changes):
    """Return a line in the embedded metric format."""
    now = int(time.time() * 1000)
    metrics = [{"Name": "texts", "Unit": "Count"}, {"Name": "times"}]
    directive = {"Namespace": "space", "Dimensions": [["function"], []], "Metrics": metrics}
    metadata = {"Timestamp": now, "CloudWatchMetrics": [directive | changes]}
    return {"_aws": metadata, "function": "f", "texts": 3, "times": [1, 2.5]}


@pytest.mark.observes("metrics-embedded")
def test_line_of_a_log_defines_metrics_in_each_set_of_dimensions():
    namespace = unique("space")
    record_embedded("eu-west-3", json.dumps(line(Namespace=namespace)))
    RECORDER.flush(time.time() + 120)
    data = stored("eu-west-3", namespace)
    sums = {(datum.name, len(datum.dimensions)): datum.sum for datum in data}
    assert sums == {("texts", 1): 3, ("texts", 0): 3, ("times", 1): 3.5, ("times", 0): 3.5}
    assert {datum.unit for datum in data} == {"Count", "None"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["Namespace", "Dimensions", "Metrics", "Name", "Unit", "x"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_other_lines_define_no_metric_and_never_fail(content):
    now = int(time.time() * 1000)
    for text in (
        json.dumps({"_aws": content}),
        json.dumps({"_aws": {"Timestamp": now, "CloudWatchMetrics": [content]}, "x": content}),
        json.dumps(content),
        '{"_aws": ',
    ):
        record_embedded("eu-west-3", text)


@given(NUMERALS, NUMERALS)
def test_line_with_numbers_of_any_size_never_fails(moment, value):
    entry = line() | {"texts": value, "times": [value]}
    record_embedded("eu-west-3", json.dumps(entry))
    entry["_aws"]["Timestamp"] = moment
    record_embedded("eu-west-3", json.dumps(entry))


@pytest.mark.observes("metrics-start-time")
@given(st.integers(0, 3599), st.sampled_from([5, 10, 20, 30, 60, 300]))
def test_query_starts_with_the_whole_minute_or_the_short_period_of_its_start(second, period):
    start = datetime(2026, 11, 29, 12, tzinfo=UTC).replace(tzinfo=None) + timedelta(seconds=second)
    step = min(period, 60)
    first, last = [
        start - timedelta(seconds=second % step + early) for early in (0, 1)
    ]  # the first that counts, and the last that does not
    data = [
        MetricDatum("space", "m", value, [], moment, "None")
        for value, moment in enumerate([first, last], 1)
    ]
    assert points(data, start, start + timedelta(hours=1), period) == [(first, data[:1])]
