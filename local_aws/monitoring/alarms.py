"""The alarms of moto's CloudWatch: evaluated every minute, and watched by deployments."""

import json
import operator
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import (
    InvalidParameterCombination,
    ResourceNotFound,
    ValidationError,
)
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatumBase, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from local_aws.monitoring.actions import Send, act
from local_aws.monitoring.statistics import is_reproduced, same_dimensions, statistic, utc
from local_aws.processes import pause
from local_aws.settings import ACCOUNT_ID, Settings

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
# More periods than an alarm evaluates are read, in case some lack data. AWS publishes no number;
# the examples of its documentation have two.
EXTRA_PERIODS = 2
OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
_PUT, _SET_STATE = CloudWatchBackend.put_metric_alarm, CloudWatchBackend.set_alarm_state
_REQUIRED = ("namespace", "metric_name", "period", "evaluation_periods", "threshold")
_MISSING = ("breaching", "notBreaching", "ignore", "missing")
_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800
_CHECK_SECONDS = 0.2  # between checks of watched alarms
_KEPT = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


def new_state(
    breaches: Sequence[bool | None], evaluate: int, to_alarm: int, missing: str, old: str
) -> str:
    """Return the state for points of time, the newest first; None is one without data.

    `missing` is the alarm's TreatMissingData. The most recent `evaluate` points that have data
    count; if there are fewer, the missing ones are filled in as it says. See the tables of
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    real = [breach for breach in breaches if breach is not None][:evaluate]
    gaps = evaluate - len(real)
    breaching = sum(real) + (gaps if missing == "breaching" else 0)
    if breaching >= to_alarm:
        return ALARM
    if gaps == 0 or missing in ("breaching", "notBreaching"):
        return OK
    if not real:
        return old if missing == "ignore" else INSUFFICIENT
    if all(real):  # as far as is known
        return old if missing == "ignore" else ALARM
    return OK


def evaluate(
    alarm: Alarm, data: Sequence[MetricDatumBase], now: datetime, seconds: float
) -> tuple[str, str, str]:
    """Return the state of an alarm whose period lasts some seconds, its reason, and its data."""
    matching = [
        datum
        for datum in data
        if datum.namespace == alarm.namespace
        and datum.name == alarm.metric_name
        and alarm.unit in (None, datum.unit)
        and same_dimensions(datum.dimensions, alarm.dimensions)
    ]
    name = alarm.statistic or alarm.extended_statistic or ""
    count = int(alarm.evaluation_periods)
    points: list[tuple[datetime, float | None]] = []
    for number in range(count + EXTRA_PERIODS):
        end = now - timedelta(seconds=number * seconds)
        start = end - timedelta(seconds=seconds)
        inside = [datum for datum in matching if start <= datum.timestamp < end]
        points.append((start, statistic(inside, name)))
    compare, words = OPERATORS[alarm.comparison_operator]
    threshold = float(alarm.threshold)
    breaches = [None if value is None else compare(value, threshold) for _, value in points]
    to_alarm = int(alarm.datapoints_to_alarm or count)
    missing = alarm.treat_missing_data or "missing"
    state = new_state(breaches, count, to_alarm, missing, alarm.state_value)
    known = [(moment, value) for moment, value in points if value is not None][:count]
    return state, _reason(state, known, words, threshold), _reason_data(alarm, known, now)


def _reason(
    state: str, points: Sequence[tuple[datetime, float]], words: str, threshold: float
) -> str:
    if not points:
        return "No datapoints were received for the evaluated periods."
    shown = ", ".join(f"{value} ({moment:%d/%m/%y %H:%M:%S})" for moment, value in points)
    verb = "Threshold Crossed" if state == ALARM else "Threshold Not Crossed"
    return f"{verb}: the datapoints [{shown}] were compared with {words} the threshold {threshold}."


def _reason_data(alarm: Alarm, points: Sequence[tuple[datetime, float]], now: datetime) -> str:
    data: dict[str, Any] = {
        "version": "1.0",
        "queryDate": now.isoformat(),
        "statistic": alarm.statistic or alarm.extended_statistic,
        "period": alarm.period,
        "recentDatapoints": [value for _, value in points],
        "threshold": alarm.threshold,
    }
    return json.dumps(data)


def watch(region: str, names: Sequence[str], seconds: float) -> list[str]:
    """Return the names of those alarms that are in the state ALARM, as soon as there are any.

    Return none if that does not happen within some seconds.
    """
    end = time.monotonic() + seconds
    while True:
        alarms = cloudwatch_backends[ACCOUNT_ID][region].alarms
        tripped = [name for name in names if name in alarms and alarms[name].state_value == ALARM]
        left = end - time.monotonic()
        if tripped or left <= 0 or pause(min(_CHECK_SECONDS, left)):
            return tripped


def evaluate_all(settings: Settings, now: float) -> None:
    """Evaluate the alarms of all regions at the end of a minute."""
    for backend in list(cloudwatch_backends[ACCOUNT_ID].values()):
        alarms = list(backend.alarms.values())
        if not alarms:
            continue
        counts = ((float(item.period), int(item.evaluation_periods)) for item in alarms)
        longest = max(period * (count + EXTRA_PERIODS) for period, count in counts)
        start = utc(now) - timedelta(seconds=settings.scaled(longest))
        recent = [datum for datum in list(backend.metric_data) if datum.timestamp >= start]
        for alarm in alarms:
            seconds = settings.scaled(float(alarm.period))
            state, reason, data = evaluate(alarm, recent, utc(now), seconds)
            if state != alarm.state_value:
                with suppress(ResourceNotFound):  # it has just been deleted
                    backend.set_alarm_state(alarm.name, reason, data, state)


def install(settings: Settings, send: Send) -> None:
    """Make moto's alarms begin without data, keep their state when they are changed, and act."""

    def set_alarm_state(self: Any, name: str, reason: str, data: str, state: str) -> None:
        alarm = self.alarms.get(name)
        old = alarm.state_value if alarm else ""
        _SET_STATE(self, name, reason, data, state)
        if state != old and alarm.actions_enabled:
            threading.Thread(target=act, args=(settings, send, alarm, old), daemon=True).start()

    backend: Any = CloudWatchBackend
    backend.put_metric_alarm, backend.set_alarm_state = _put_metric_alarm, set_alarm_state
    responses: Any = CloudWatchResponse
    responses.describe_alarms = _describe_alarms


def _put_metric_alarm(self: Any, **members: Any) -> Alarm:
    """Create an alarm, or change one without changing its state."""
    for member, feature in (("metric_data_queries", "metric math"), ("rule", "other alarms")):
        if members.get(member):
            raise ValidationError(f"The local AWS does not reproduce alarms on {feature}.")
    lacking = sorted(name for name in _REQUIRED if members.get(name) is None)
    statistic = members.get("statistic") or members.get("extended_statistic") or ""
    if not statistic:
        lacking.append("statistic")
    if lacking:
        raise ValidationError(f"The alarm {members['name']} lacks {', '.join(lacking)}.")
    if not is_reproduced(statistic):
        raise ValidationError(f"The local AWS does not reproduce the statistic {statistic}.")
    if members["comparison_operator"] not in OPERATORS:
        raise ValidationError(
            f"The local AWS does not reproduce the operator {members['comparison_operator']}."
        )
    _check_times(members)
    old = self.alarms.get(members["name"])
    alarm = _PUT(self, **members)
    alarm.state_value = INSUFFICIENT
    for member in _KEPT if old else ():
        setattr(alarm, member, getattr(old, member))
    return alarm


def _check_times(members: Mapping[str, Any]) -> None:
    """Raise ValidationError for an alarm that could not be evaluated every minute."""
    period, count = int(members["period"]), int(members["evaluation_periods"])
    if period < 1 or period % 60:
        raise ValidationError(
            f"Period must be a multiple of 60; found {period}. The local AWS does not reproduce "
            "alarms with a period of 10, 20, or 30 seconds."
        )
    longest = _DAY if period < _HOUR else _WEEK
    if period * count > longest:
        raise ValidationError(
            f"Period x EvaluationPeriods is {period} x {count} seconds; expected at most {longest}."
        )
    wanted = int(members.get("datapoints_to_alarm") or count)
    if wanted > count:
        raise ValidationError(
            f"DatapointsToAlarm is {wanted}, more than the EvaluationPeriods, {count}."
        )
    missing = members.get("treat_missing_data") or "missing"
    if missing not in _MISSING:
        raise ValidationError(
            f"Option {missing} is not supported. Supported options for parameter TreatMissingData "
            f"are {', '.join(_MISSING)}."
        )


def _describe_alarms(self: Any) -> ActionResult:
    """Return the alarms that pass all filters; moto follows one of them, whatever else is asked."""
    names, prefix = self._get_param("AlarmNames", []), self._get_param("AlarmNamePrefix") or ""
    if names and prefix:
        raise InvalidParameterCombination("AlarmNames and AlarmNamePrefix are mutually exclusive")
    state, action = self._get_param("StateValue"), self._get_param("ActionPrefix") or ""
    kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
    alarms = [
        alarm
        for alarm in list(self.cloudwatch_backend.alarms.values())
        if (not names or alarm.name in names)
        and alarm.name.startswith(prefix)
        and state in (None, alarm.state_value)
        and (not action or any(arn.startswith(action) for arn in _actions(alarm)))
    ]
    metric = alarms if "MetricAlarm" in kinds else []  # PutCompositeAlarm is refused
    return ActionResult({"MetricAlarms": metric, "CompositeAlarms": []})


def _actions(alarm: Alarm) -> list[str]:
    lists = (alarm.alarm_actions, alarm.ok_actions, alarm.insufficient_data_actions)
    return [arn for actions in lists for arn in actions or []]
