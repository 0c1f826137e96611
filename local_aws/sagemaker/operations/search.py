"""Search resources whose properties match an expression, and change the tags of resources."""

import math
import operator
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, Shape

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record, Table
from local_aws.sagemaker.operations.resources import page, project
from local_aws.sagemaker.region import Region

_TABLES: dict[str, Callable[[Region], Table]] = {
    "TrainingJob": lambda region: region.training_jobs,
    "ModelPackage": lambda region: region.model_packages,
    "ModelPackageGroup": lambda region: region.model_package_groups,
    "Endpoint": lambda region: region.endpoints,
}
_HYPERPARAMETERS, _METRICS, _TAGS = "HyperParameters", "Metrics", "Tags"
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def search(region: Region, request: Record, model: OperationModel) -> Record:
    """Return one page of the resources that match, each with its tags."""
    kind = request["Resource"]
    if kind not in _TABLES:
        raise not_reproduced(f"{kind} as the Resource of Search")
    expression = request.get("SearchExpression", {})
    if sum(item.get("Operator") == "Contains" for item in _filters(expression)) > 1:
        raise ValidationError("'CONTAINS' operator usage limit of 1 exceeded.")
    shape = model.output_shape.members["Results"].member.members[kind]
    nothing: Record = {_TAGS: []}  # unknown names are refused even if there are no resources
    _matches(nothing, expression, shape)
    _sort([nothing], request, shape)
    records = [_with_tags(region, kind, record) for record in _TABLES[kind](region)]
    matches = [record for record in records if _matches(record, expression, shape)]
    _sort(matches, request, shape)
    results = [{kind: project(record, shape)} for record in matches]
    hits = {"TotalHits": {"Value": len(results), "Relation": "EqualTo"}}
    return page(request, results, model.output_shape) | hits


def _with_tags(region: Region, kind: str, record: Record) -> Record:
    with region.lock:
        tags = region.tags.get(record[f"{kind}Arn"], {})
        return record | {_TAGS: [{"Key": key, "Value": value} for key, value in tags.items()]}


def _sort(records: list[Record], request: Record, shape: Shape) -> None:
    modified = "LastModifiedTime"  # which groups do not have
    name = request.get("SortBy", modified if modified in shape.members else "CreationTime")

    def key(record: Record) -> tuple[bool, Any]:
        values = _values(record, name, shape)
        value = values[0] if values else None
        is_plain = isinstance(value, str | int | float | datetime)
        return is_plain, value if is_plain else 0

    records.sort(key=key, reverse=request.get("SortOrder", "Descending") == "Descending")


def _filters(expression: Record) -> Iterator[Record]:
    yield from expression.get("Filters", [])
    for nested in expression.get("NestedFilters", []):
        yield from nested["Filters"]
    for part in expression.get("SubExpressions", []):
        yield from _filters(part)


def _matches(record: Record, expression: Record, shape: Shape) -> bool:
    """Return whether a record satisfies all parts of an expression, or any of them with Or."""
    filters = expression.get("Filters", [])
    results = [_compare(_values(record, item["Name"], shape), item) for item in filters]
    results += [_passes_nested(record, item, shape) for item in expression.get("NestedFilters", [])]
    results += [_matches(record, item, shape) for item in expression.get("SubExpressions", [])]
    return any(results) if expression.get("Operator") == "Or" and results else all(results)


def _passes_nested(record: Record, nested: Record, shape: Shape) -> bool:
    """Return whether a single object of a list satisfies every filter."""
    name = nested["NestedPropertyName"]
    items = _values(record, name, shape)
    filters = [item | {"Name": item["Name"].removeprefix(f"{name}.")} for item in nested["Filters"]]
    return any(
        isinstance(item, dict) and all(_compare(_at(item, one["Name"]), one) for one in filters)
        for item in items
    )


def _values(record: Record, name: str, shape: Shape) -> list[Any]:
    """Return the values of a property; raise ValidationError unless the resource can have it."""
    first, _, rest = name.partition(".")
    if first == _METRICS and rest:
        metrics = record.get("FinalMetricDataList", [])
        return [item["Value"] for item in metrics if item["MetricName"] == rest]
    if first not in shape.members:
        raise ValidationError(f"Unknown property name: {name}")
    if first == _TAGS and rest:
        return [tag["Value"] for tag in record[_TAGS] if tag["Key"] == rest]
    return _at(record, name)


def _at(value: Any, name: str) -> list[Any]:
    """Return what a path leads to, through every item of the lists on its way."""
    if isinstance(value, list):
        return [part for item in value for part in _at(item, name)]
    if not name:
        return [value]
    if not isinstance(value, dict):
        return []
    if name in value:  # the name of a hyperparameter may contain dots
        return _at(value[name], "")
    first, _, rest = name.partition(".")
    return _at(value[first], rest) if first in value and rest else []


def _compare(values: list[Any], condition: Record) -> bool:
    kind, text = condition.get("Operator", "Equals"), condition.get("Value", "")
    if kind in ("Exists", "NotExists"):
        return bool(values) == (kind == "Exists")
    if kind == "NotEquals":
        return not _compare(values, condition | {"Operator": "Equals"})
    is_hyperparameter = condition["Name"].startswith(f"{_HYPERPARAMETERS}.")
    return any(_holds(value, kind, text, is_hyperparameter) for value in values)


def _holds(value: Any, kind: str, text: str, is_hyperparameter: bool) -> bool:
    if isinstance(value, dict):
        raise ValidationError("A filter names a property with a value, not one with properties.")
    if is_hyperparameter and kind in _ORDER:
        try:
            value = float(value)
        except ValueError:
            return False
        if text.lstrip("+-").isdecimal() and math.isfinite(value):
            value = int(value)
    if isinstance(value, str):
        if kind in _ORDER:
            raise ValidationError(f"The operator {kind} is not supported for text properties.")
        if kind == "In":
            return value in [part.strip() for part in text.split(",")]
        return text in value if kind == "Contains" else value == text
    if kind in ("In", "Contains"):
        raise ValidationError(f"The operator {kind} is only supported for text properties.")
    if isinstance(value, bool):
        return kind == "Equals" and str(value).lower() == text.lower()
    other = _moment(text) if isinstance(value, datetime) else _number(text)
    return bool(value == other) if kind == "Equals" else _ORDER[kind](value, other)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValidationError(
            f"The Value of a numerical property must be a number, got {text!r}."
        ) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(
            f"The Value of a timestamp property must be like 2026-11-29T12:00:00, got {text!r}."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _add_tags(region: Region, request: Record, model: OperationModel) -> Record:
    """Add or replace tags; return all tags of the resource."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        tags.update({tag["Key"]: tag["Value"] for tag in request["Tags"]})
    return _list_tags(region, request, model)


def _list_tags(region: Region, request: Record, model: OperationModel) -> Record:
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _delete_tags(region: Region, request: Record, model: OperationModel) -> Record:
    """Delete tags; as on AWS, keys that do not exist are ignored."""
    with region.lock:
        tags = region.tags_of(request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


OPERATIONS = {
    "Search": search,
    "AddTags": _add_tags,
    "ListTags": _list_tags,
    "DeleteTags": _delete_tags,
}
