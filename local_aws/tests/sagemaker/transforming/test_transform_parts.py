"""The parts of a transform job: splitting, JSONPath, filters and joins, without a process."""

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
from local_aws.sagemaker.transforming.json_paths import JsonPath, NoMatch
from local_aws.sagemaker.transforming.output import Output
from local_aws.sagemaker.transforming.plan import MEGABYTE, Plan, read_plan
from local_aws.sagemaker.transforming.processing import batch_output, preparation
from local_aws.sagemaker.transforming.splitting import BadRecord, Batch, batches

SOURCE = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}}


def plan(content_type: str = "", split: str = "Line", **changes: Any) -> Plan:
    processing = {
        name: changes.pop(name)
        for name in ("InputFilter", "OutputFilter", "JoinSource")
        if name in changes
    }
    target = {"S3OutputPath": "s3://b/out", "Accept": changes.pop("Accept", content_type)}
    return read_plan(
        {
            "TransformInput": SOURCE | {"ContentType": content_type, "SplitType": split},
            "TransformOutput": target,
            "DataProcessing": processing,
        }
        | changes
    )


def cut(content: bytes, asked: Plan) -> list[Batch]:
    return list(batches(io.BytesIO(content), asked, preparation(asked)))


@given(
    st.binary(max_size=400),
    st.sampled_from(["Line", "None"]),
    st.sampled_from(["MultiRecord", "SingleRecord"]),
)
@pytest.mark.observes("batch-strategy")
def test_bodies_put_together_are_the_file_whatever_it_is_cut_into(content, split, strategy):
    found = cut(content, plan(split=split, BatchStrategy=strategy))
    assert b"".join(batch.body for batch in found) == content
    assert [b"".join(batch.records) for batch in found] == [batch.body for batch in found]
    if split == "Line" and strategy == "SingleRecord":
        assert [batch.body for batch in found] == io.BytesIO(content).readlines()
    else:
        assert len(found) == (1 if content else 0)


@given(st.lists(st.integers(0, MEGABYTE), max_size=6))
def test_batch_has_as_many_records_as_fit_the_payload_and_no_more(sizes):
    content = b"".join(b"x" * max(0, size - 1) + b"\n" for size in sizes)
    found = cut(content, plan(MaxPayloadInMB=1))
    assert b"".join(batch.body for batch in found) == content
    for one, after in itertools.pairwise(found):
        assert len(one.body) <= MEGABYTE < len(one.body) + len(after.records[0])


@pytest.mark.parametrize("split", ["Line", "None"])
@pytest.mark.observes("batch-payload")
def test_record_one_byte_over_the_payload_is_a_bad_record(split):
    asked = plan(split=split, MaxPayloadInMB=1)
    assert len(cut(b"x" * MEGABYTE, asked)) == 1
    with pytest.raises(BadRecord, match="Too much data for max payload size"):
        cut(b"x" * (MEGABYTE + 1), asked)


class Endless(io.RawIOBase):
    """A file of so many bytes, in lines of 1 kB, that is nowhere."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left) // 1000 * 1000
        buffer[:count] = (b"x" * 999 + b"\n") * (count // 1000)
        self._left -= count
        return count


def test_memory_holds_a_batch_and_not_the_file():
    asked = plan(MaxPayloadInMB=1)
    tracemalloc.start()
    try:
        file = io.BufferedReader(Endless(50_000_000), 100_000)
        sizes = [len(batch.body) for batch in batches(file, asked, preparation(asked))]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 50_000_000
    assert peak < 6 * MEGABYTE


@given(st.lists(st.binary(max_size=20)), st.booleans())
@pytest.mark.observes("batch-last-line-end")
def test_output_is_the_answers_in_order_each_with_a_line_end_if_asked(tmp_path_factory, parts, by):
    uploaded = []

    class S3:
        def upload_file(self, path: str, bucket: str, key: str) -> None:
            uploaded.append((Path(path).read_bytes(), bucket, key))

    path = tmp_path_factory.mktemp("out") / "1.out"
    output = Output(path, "s3://b/out/a.out", by)
    for part in parts:
        output.add(part)
    output.finish(S3())
    ended = [part if part.endswith(b"\n") or not by else part + b"\n" for part in parts]
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
def test_path_selects(path, value, expected):
    assert JsonPath(path).select(value) == expected


@pytest.mark.parametrize(
    "path", ["", "a", "$.", "$..a", "$[?(@.a)]", "$[", "$['a]", "$[1;2]", "$a"]
)
def test_path_of_other_operators_is_refused(path):
    with pytest.raises(ValidationError, match="is not a JSONPath that SageMaker supports"):
        JsonPath(path)


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_refused(text):
    try:
        path = JsonPath(text)
    except ValidationError:
        return
    assert text.startswith("$")
    assert path.is_root == (text == "$")


@given(st.lists(st.integers(), min_size=1, max_size=9), st.data())
def test_slices_and_indexes_select_as_python_does(values, data):
    start = data.draw(st.integers(-12, 12))
    end = data.draw(st.integers(-12, 12))
    assert JsonPath(f"$[{start}:{end}]").select(values) == values[start:end]
    index = data.draw(st.integers(-len(values), len(values) - 1))
    assert JsonPath(f"$[{index}]").select(values) == values[index]


@pytest.mark.parametrize(
    ("path", "value"), [("$.a", {}), ("$.a", [1]), ("$[3]", [1]), ("$[0]", {}), ("$.*", "text")]
)
def test_path_that_points_nowhere_says_so_without_the_value(path, value):
    with pytest.raises(NoMatch):
        JsonPath(path).select(value)


def kept(records: bytes, answer: bytes, asked: Plan) -> bytes:
    (batch,) = cut(records, asked)
    return batch_output(batch, answer, asked)


@pytest.mark.observes("batch-join-json")
def test_answers_join_json_lines_under_sagemaker_output():
    asked = plan("application/jsonlines", JoinSource="Input")
    found = kept(b'{"id": 1}\n{"id": 2}\n', b'{"label": "a"}\n{"label": "b"}\n', asked)
    assert [json.loads(line) for line in found.splitlines()] == [
        {"id": 1, "SageMakerOutput": {"label": "a"}},
        {"id": 2, "SageMakerOutput": {"label": "b"}},
    ]
    found = kept(b'"text"\n', b'{"label": "a"}\n', asked)
    assert json.loads(found) == {"SageMakerInput": "text", "SageMakerOutput": {"label": "a"}}


@pytest.mark.observes("batch-join-json")
def test_whole_document_is_joined_and_filtered():
    asked = plan(
        "application/json", "None", JoinSource="Input", OutputFilter="$['id','SageMakerOutput']"
    )
    found = kept(b'{"id": 1, "more": 2}', b'{"predictions": [3]}', asked)
    assert json.loads(found) == {"id": 1, "SageMakerOutput": {"predictions": [3]}}


@pytest.mark.parametrize("split", ["Line", "None"])
@pytest.mark.observes("batch-join-csv")
def test_answers_join_csv_behind_the_columns_of_the_input(split):
    asked = plan("text/csv", split, JoinSource="Input", InputFilter="$[1:]")
    (batch,) = cut(b'7,"a, b"\n8,c\n', asked)
    assert batch.body == b'"a, b"\nc\n'
    assert batch_output(batch, b"x,0.5\ny,1\n", asked) == b'7,"a, b",x,0.5\n8,c,y,1\n'


@pytest.mark.observes("batch-join-csv")
def test_columns_of_input_and_answer_are_filtered_together():
    asked = plan("text/csv", JoinSource="Input", OutputFilter="$[0,-1]")
    assert kept(b"7,text\n", b"label,0.5\n", asked) == b"7,0.5\n"


@pytest.mark.observes("batch-filters")
def test_filters_work_without_a_join():
    asked = plan("application/jsonlines", InputFilter="$.text", OutputFilter="$.label")
    (batch,) = cut(b'{"id": 1, "text": "\xc3\xa4"}\n', asked)
    assert batch.body == '"ä"\n'.encode()
    assert batch_output(batch, b'{"label": "a", "probability": 1}\n', asked) == b'"a"\n'


@pytest.mark.parametrize(
    ("records", "answer", "changes", "message"),
    [
        (b"1\n2\n", b"1\n", {"JoinSource": "Input"}, "mismatched line count between the input"),
        (b"{\n", b"1\n", {"JoinSource": "Input"}, "Failed to parse the input as JSON"),
        (b"1\n", b"{\n", {"JoinSource": "Input"}, "Failed to parse the output as JSON"),
        (b"1\n", b"{}\n", {"OutputFilter": "$.label"}, "there is no 'label'"),
    ],
)
def test_record_that_cannot_be_joined_is_a_bad_one(records, answer, changes, message):
    with pytest.raises(BadRecord, match=message):
        kept(records, answer, plan("application/jsonlines", **changes))


def test_record_that_cannot_be_filtered_is_a_bad_one():
    with pytest.raises(BadRecord, match=r"Fail to filter the input with \$.text: there is no"):
        cut(b"{}\n", plan("application/jsonlines", InputFilter="$.text"))


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
    ],
)  # fmt: skip
@pytest.mark.observes("batch-limits")
def test_job_that_asks_for_too_much_is_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        plan(**changes)
