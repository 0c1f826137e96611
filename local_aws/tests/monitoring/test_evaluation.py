"""The states of alarms, from the tables of CloudWatch's documentation."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cloudwatch.models import Dimension, MetricDatum

from local_aws.monitoring.alarms import evaluate, new_state

STATES = {"A": "ALARM", "O": "OK", "I": "INSUFFICIENT_DATA", "=": "as before"}
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
NOW = datetime(2026, 11, 29, 12)


@pytest.mark.observes("alarm-missing-data")
@pytest.mark.parametrize(
    ("points", "to_alarm", "expected"),  # oldest first; a state for each treatment
    [
        ("0-X-X", 3, "OOOO"),
        ("0----", 3, "OOOO"),
        ("-----", 3, "I=AO"),
        ("0XX-X", 3, "AAAA"),
        ("--X--", 3, "A=AO"),
        ("0-X-X", 2, "AAAA"),
        ("00X0X", 2, "AAAA"),
        ("0-X--", 2, "OOAO"),
        ("----0", 2, "OOAO"),
        ("---X-", 2, "A=AO"),
    ],
)
def test_missing_data_is_treated_as_in_the_tables(points, to_alarm, expected):
    breaches = [{"0": False, "X": True, "-": None}[point] for point in reversed(points)]
    states = [new_state(breaches, 3, to_alarm, each, "as before") for each in TREATMENTS]
    assert states == [STATES[letter] for letter in expected]


@given(
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from(TREATMENTS),
)
def test_complete_data_alarms_if_enough_of_the_newest_points_breach(points, count, enough, missing):
    enough = min(enough, count)
    expected = "ALARM" if sum(points[:count]) >= enough else "OK"
    assert new_state(points, count, enough, missing, "OK") == expected


def alarm(**changes):
    """Return an alarm as moto stores one."""
    members = {
        "namespace": "space",
        "metric_name": "m",
        "dimensions": [Dimension("a", "1"), Dimension("b", "2")],
        "statistic": "Sum",
        "extended_statistic": None,
        "unit": None,
        "period": 60,
        "evaluation_periods": 1,
        "datapoints_to_alarm": None,
        "threshold": 5.0,
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "treat_missing_data": "notBreaching",
        "state_value": "OK",
    }
    return SimpleNamespace(**members | changes)


def datum(value, age=30.0, dimensions=(("b", "2"), ("a", "1")), unit="Count", name="m"):
    """Return one value of a metric, some seconds old."""
    named = [{"Name": key, "Value": text} for key, text in dimensions]
    return MetricDatum("space", name, value, named, NOW - timedelta(seconds=age), unit)


@pytest.mark.parametrize(
    ("changes", "data", "state"),
    [
        ({}, [datum(2), datum(3)], "ALARM"),
        ({}, [datum(4.9)], "OK"),
        ({}, [datum(9, dimensions=(("a", "1"),))], "OK"),
        ({}, [datum(9, dimensions=(("a", "1"), ("b", "2"), ("c", "3")))], "OK"),
        ({}, [datum(9, name="other")], "OK"),
        ({"unit": "Bytes"}, [datum(9)], "OK"),
        ({"unit": "Count"}, [datum(9)], "ALARM"),
        ({"statistic": "Average"}, [datum(2), datum(3)], "OK"),
        (
            {"statistic": None, "extended_statistic": "p90"},
            [datum(1)] * 8 + [datum(9)] * 2,
            "ALARM",
        ),
        ({"statistic": None, "extended_statistic": "p50"}, [datum(1)] * 8 + [datum(9)] * 2, "OK"),
        ({"evaluation_periods": 2}, [datum(9), datum(1, 90)], "OK"),
        ({"evaluation_periods": 2}, [datum(9), datum(9, 90)], "ALARM"),
        ({"comparison_operator": "LessThanThreshold"}, [datum(4)], "ALARM"),
    ],
)
def test_alarm_follows_exactly_its_metric_and_its_statistic(changes, data, state):
    assert evaluate(alarm(**changes), data, NOW, 60.0)[0] == state


def test_reason_names_the_values_and_the_threshold():
    _, reason, data = evaluate(alarm(), [datum(7)], NOW, 60.0)
    assert "7.0" in reason
    assert "threshold 5.0" in reason
    assert '"recentDatapoints": [7.0]' in data
