"""Splitting, JSONPath, filters, and joins of transform jobs, without processes."""

import csv
import io
import itertools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.errors import ValidationError
from local_aws.sagemaker.transforming.instance import Output
from local_aws.sagemaker.transforming.json_paths import JsonPath, NoMatch
from local_aws.sagemaker.transforming.plan import MEGABYTE, Plan, read_plan
from local_aws.sagemaker.transforming.records import (
    BadRecord,
    Batch,
    batch_output,
    batches,
    preparation,
)

SOURCE = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}}


def make_plan(content_type: str = "", split: str = "Line", **changes: Any) -> Plan:
    processing = {
        name: changes.pop(name)
        for name in ("InputFilter", "OutputFilter", "JoinSource")
        if name in changes
    }
    target = {
        "S3OutputPath": "s3://b/out",
        "Accept": changes.pop("Accept", content_type),
        "AssembleWith": changes.pop("AssembleWith", split),
    }
    return read_plan(
        {
            "TransformInput": SOURCE | {"ContentType": content_type, "SplitType": split},
            "TransformOutput": target,
            "DataProcessing": processing,
        }
        | changes
    )


def split_file(content: bytes, plan: Plan) -> list[Batch]:
    return list(batches(io.BytesIO(content), plan, preparation(plan)))


@given(
    st.binary(max_size=400),
    st.sampled_from(["Line", "None"]),
    st.sampled_from(["MultiRecord", "SingleRecord"]),
)
@pytest.mark.observes("batch-strategy")
def test_concatenated_bodies_are_the_file(content, split, strategy):
    parts = split_file(content, make_plan(split=split, BatchStrategy=strategy))
    assert b"".join(batch.body for batch in parts) == content
    assert [b"".join(batch.records) for batch in parts] == [batch.body for batch in parts]
    if split == "Line" and strategy == "SingleRecord":
        assert [batch.body for batch in parts] == io.BytesIO(content).readlines()
    else:
        assert len(parts) == (1 if content else 0)


@given(st.lists(st.integers(0, MEGABYTE), max_size=6))
def test_batch_has_as_many_records_as_fit_into_the_payload(sizes):
    content = b"".join(b"x" * max(0, size - 1) + b"\n" for size in sizes)
    parts = split_file(content, make_plan(MaxPayloadInMB=1))
    assert b"".join(batch.body for batch in parts) == content
    for one, after in itertools.pairwise(parts):
        assert len(one.body) <= MEGABYTE < len(one.body) + len(after.records[0])


@pytest.mark.parametrize("split", ["Line", "None"])
@pytest.mark.observes("batch-payload")
def test_record_one_byte_larger_than_the_payload_is_refused(split):
    plan = make_plan(split=split, MaxPayloadInMB=1)
    assert len(split_file(b"x" * MEGABYTE, plan)) == 1
    with pytest.raises(BadRecord, match="Too much data for max payload size"):
        split_file(b"x" * (MEGABYTE + 1), plan)


class Endless(io.RawIOBase):
    """A file that generates lines of 1 kB instead of storing them."""

    def __init__(self, size: int) -> None:
        self._remaining = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._remaining) // 1000 * 1000
        buffer[:count] = (b"x" * 999 + b"\n") * (count // 1000)
        self._remaining -= count
        return count


@pytest.mark.slow
def test_memory_holds_one_batch_of_a_large_file():
    plan = make_plan(MaxPayloadInMB=1)
    tracemalloc.start()
    try:
        file = io.BufferedReader(Endless(50_000_000), 100_000)
        sizes = [len(batch.body) for batch in batches(file, plan, preparation(plan))]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 50_000_000
    assert peak < 6 * MEGABYTE


@given(st.lists(st.binary(max_size=20)), st.booleans())
@pytest.mark.observes("batch-last-line-end")
def test_output_has_the_responses_in_order_with_newlines_if_assembled_by_line(
    tmp_path_factory, parts, by_line
):
    uploaded = []

    class S3:
        def upload_file(self, path: str, bucket: str, key: str, ExtraArgs: None) -> None:
            uploaded.append((Path(path).read_bytes(), bucket, key))

    path = tmp_path_factory.mktemp("out") / "1.out"
    file = Output(path, "s3://b/out/a.out", by_line)
    for part in parts:
        file.add(part)
    file.finish(S3())
    ended = [part if part.endswith(b"\n") or not by_line else part + b"\n" for part in parts]
    assert uploaded == [(b"".join(ended), "b", "out/a.out")]
    assert not path.exists()


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("$", [1, 2], [1, 2]),
        ("$.features", {"features": 3}, 3),
        ("$.a.b", {"a": {"b": 1}}, 1),
        ("$['id','SageMakerOutput']", {"id": 1, "x": 2, "SageMakerOutput": 3},
         {"id": 1, "SageMakerOutput": 3}),
        ("$.a['b','c']", {"a": {"b": 1, "c": 2, "d": 3}}, {"b": 1, "c": 2}),
        ("$.a.['b']", {"a": {"b": 1}}, 1),
        ("$[0]", [1, 2], 1),
        ("$[-1]", [1, 2], 2),
        ("$[0,2]", [1, 2, 3], [1, 3]),
        ("$[1:]", [1, 2, 3], [2, 3]),
        ("$[:-1]", [1, 2, 3], [1, 2]),
        ("$[0,5:]", [0, 1, 2, 3, 4, 5, 6], [0, 5, 6]),
        ("$.*", {"a": 1, "b": 2}, [1, 2]),
        ("$[*].a", [{"a": 1}, {"a": 2}], [1, 2]),
    ],
)  # fmt: skip
def test_json_path_selects_part_of_a_value(path, value, expected):
    assert JsonPath(path).select(value) == expected


@pytest.mark.parametrize(
    "path", ["", "a", "$.", "$..a", "$[?(@.a)]", "$[", "$['a]", "$[1;2]", "$a"]
)
def test_json_path_with_other_operators_is_refused(path):
    with pytest.raises(ValidationError, match="is not a JSONPath that SageMaker supports"):
        JsonPath(path)


@given(st.text(max_size=30))
def test_json_path_accepts_or_refuses_any_text(text):
    try:
        path = JsonPath(text)
    except ValidationError:
        return
    assert text.startswith("$")
    assert path.is_root == (text == "$")


@pytest.mark.parametrize(
    ("path", "value"), [("$.a", {}), ("$.a", [1]), ("$[3]", [1]), ("$[0]", {}), ("$.*", "text")]
)
def test_json_path_that_does_not_match_raises_an_error(path, value):
    with pytest.raises(NoMatch):
        JsonPath(path).select(value)


def output(records: bytes, response: bytes, plan: Plan) -> bytes:
    (batch,) = split_file(records, plan)
    return batch_output(batch, response, plan)


@pytest.mark.observes("batch-join-json")
def test_responses_are_joined_to_json_lines_as_sagemaker_output():
    plan = make_plan("application/jsonlines", JoinSource="Input")
    result = output(b'{"id": 1}\n{"id": 2}\n', b'{"label": "a"}\n{"label": "b"}\n', plan)
    assert [json.loads(line) for line in result.splitlines()] == [
        {"id": 1, "SageMakerOutput": {"label": "a"}},
        {"id": 2, "SageMakerOutput": {"label": "b"}},
    ]
    result = output(b'"text"\n', b'{"label": "a"}\n', plan)
    assert json.loads(result) == {"SageMakerInput": "text", "SageMakerOutput": {"label": "a"}}


@pytest.mark.observes("batch-join-json")
def test_json_document_is_joined_and_filtered():
    plan = make_plan(
        "application/json", "None", JoinSource="Input", OutputFilter="$['id','SageMakerOutput']"
    )
    result = output(b'{"id": 1, "more": 2}', b'{"predictions": [3]}', plan)
    assert json.loads(result) == {"id": 1, "SageMakerOutput": {"predictions": [3]}}


@pytest.mark.observes("batch-join-csv")
def test_responses_are_appended_to_the_columns_of_csv():
    plan = make_plan("text/csv", JoinSource="Input", InputFilter="$[1:]")
    (batch,) = split_file(b'7,"a, b"\n8,c\n', plan)
    assert batch.body == b'"a, b"\nc\n'
    assert batch_output(batch, b"x,0.5\ny,1\n", plan) == b'7,"a, b",x,0.5\n8,c,y,1\n'


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_any_columns_of_a_response_are_appended_and_read_back(columns):
    text = io.StringIO()
    csv.writer(text).writerow(columns)
    plan = make_plan("text/csv", JoinSource="Input")
    (row,) = csv.reader(io.StringIO(output(b'7,"a\rb"\n', text.getvalue().encode(), plan).decode()))
    assert row == ["7", "a\rb", *columns]


@pytest.mark.observes("batch-join-csv")
def test_output_filter_selects_columns_of_input_and_response():
    plan = make_plan("text/csv", JoinSource="Input", OutputFilter="$[0,-1]")
    assert output(b"7,text\n", b"label,0.5\n", plan) == b"7,0.5\n"


@pytest.mark.observes("batch-filters")
def test_filters_do_not_need_a_join():
    plan = make_plan("application/jsonlines", InputFilter="$.text", OutputFilter="$.label")
    (batch,) = split_file(b'{"id": 1, "text": "\xc3\xa4"}\n', plan)
    assert batch.body == '"ä"\n'.encode()
    assert batch_output(batch, b'{"label": "a", "probability": 1}\n', plan) == b'"a"\n'


@pytest.mark.parametrize(
    ("records", "response", "changes", "message"),
    [
        (b"1\n2\n", b"1\n", {"JoinSource": "Input"}, "mismatched line count between the input"),
        (b"{\n", b"1\n", {"JoinSource": "Input"}, "Failed to parse the input as JSON"),
        (b"1\n", b"{\n", {"JoinSource": "Input"}, "Failed to parse the output as JSON"),
        (b"1\n", b"{}\n", {"OutputFilter": "$.label"}, "there is no 'label'"),
    ],
)
def test_record_that_cannot_be_joined_is_refused(records, response, changes, message):
    with pytest.raises(BadRecord, match=message):
        output(records, response, make_plan("application/jsonlines", **changes))


def test_record_that_cannot_be_filtered_is_refused():
    with pytest.raises(BadRecord, match=r"Fail to filter the input with \$.text: there is no"):
        split_file(b"{}\n", make_plan("application/jsonlines", InputFilter="$.text"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MaxPayloadInMB": 101}, "cannot be greater than 100 MB"),
        ({"MaxPayloadInMB": 6, "MaxConcurrentTransforms": 17}, "cannot exceed 100 MB"),
        ({"MaxConcurrentTransforms": 17}, "cannot exceed 100 MB"),
        ({"MaxPayloadInMB": 0}, "does not reproduce MaxPayloadInMB 0"),
        ({"content_type": "text/plain", "JoinSource": "Input"}, "DataProcessing needs"),
        ({"content_type": "text/csv", "Accept": "application/json", "JoinSource": "Input"},
         "DataProcessing needs"),
        ({"content_type": "text/csv", "InputFilter": "features"}, "is not a JSONPath"),
        ({"content_type": "text/csv", "split": "None", "InputFilter": "$[1]"}, "must be Line"),
        ({"content_type": "text/csv", "AssembleWith": "None", "JoinSource": "Input"},
         "SplitType and an AssembleWith of the same value"),
        ({"content_type": "application/json", "AssembleWith": "None", "OutputFilter": "$.a"},
         "SplitType and an AssembleWith of the same value"),
    ],
)  # fmt: skip
@pytest.mark.observes("batch-limits", "batch-splitting")
def test_plan_with_invalid_options_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        make_plan(**changes)
