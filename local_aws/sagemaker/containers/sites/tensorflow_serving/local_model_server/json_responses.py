"""Response bodies, byte for byte as TensorFlow Serving writes them.

Floats have six digits if these identify the float exactly, and nine otherwise.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from local_model_server.status import invalid

_INDENT = "    "
_BLOCK = 2**16  # values


def error_body(text: str) -> bytes:
    """Return the body of an error response."""
    return _encode(f'{{\n{_INDENT}"error": {_quoted(text)}\n}}')


def rows_body(outputs: Mapping[str, Any]) -> bytes:
    """Return `predictions`: one value per row, or one object if there are several outputs."""
    names = sorted(outputs)
    count = _row_count(outputs, names)
    rows = {name: _rows(outputs[name], name) for name in names}
    if len(names) == 1:
        return _listing("predictions", ", ".join(rows[names[0]]))
    items = []
    for number in range(count):
        members = [f"{_INDENT * 3}{_quoted(name)}: {rows[name][number]}" for name in names]
        items.append(f"\n{_INDENT * 2}{{\n" + ",\n".join(members) + f"\n{_INDENT * 2}}}")
    return _listing("predictions", ",".join(items))


def columns_body(outputs: Mapping[str, Any]) -> bytes:
    """Return `outputs`: the value of the only output, or an object if there are several outputs."""
    names = sorted(outputs)
    texts = {name: _texts(outputs[name], name) for name in names}
    if len(names) == 1:
        value = _lines(texts[names[0]], 1)
    else:
        members = [f"{_INDENT * 2}{_quoted(name)}: {_lines(texts[name], 2)}" for name in names]
        value = "{\n" + ",\n".join(members) + f"\n{_INDENT}}}"
    return _encode(f'{{\n{_INDENT}"outputs": {value}\n}}')


def regressions_body(values: Any) -> bytes:
    """Return `results`: one number per example."""
    return _encode(f'{{\n{_INDENT}"results": {_line(_texts(values, ""))}\n}}')


def classifications_body(classes: Any, scores: Any) -> bytes:
    """Return `results`: for each example, pairs of a class and a score."""
    rows = zip(_texts(classes, ""), _texts(scores, ""), strict=True)
    pairs = [[list(pair) for pair in zip(*row, strict=True)] for row in rows]
    return _listing("results", ", ".join(map(_line, pairs)))


def _listing(key: str, items: str) -> bytes:
    end = f"\n{_INDENT}" if items else ""
    return _encode(f'{{\n{_INDENT}"{key}": [{items}{end}]\n}}')


def _row_count(outputs: Mapping[str, Any], names: list[str]) -> int:
    counts: list[int] = []
    for name in names:
        shape = outputs[name].shape
        if not shape:
            raise invalid(f"Tensor name: {name} has no shape information ")
        counts.append(shape[0])
        if shape[0] != counts[0]:
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {shape[0]} expecting: "
                f"{counts[0]}"
            )
    return counts[0]


def _rows(values: Any, name: str) -> list[str]:
    """Return the text of each row; of some rows at a time, because values take far more memory."""
    step = max(1, _BLOCK * len(values) // max(1, values.size))
    blocks = (values[start : start + step] for start in range(0, len(values), step))
    return [_line(row) for block in blocks for row in _texts(block, name)]


def _texts(values: Any, name: str) -> Any:
    """Return the values as text, in nested lists."""
    flat = values.ravel()
    kind = values.dtype.kind
    if kind == "f" and values.dtype.itemsize > 2:
        texts = _decimals(flat)
    elif kind in "iu" and values.dtype != np.uint16:  # which the real server cannot write either
        texts = [str(value) for value in flat.tolist()]
    elif kind == "b":
        texts = ["true" if value else "false" for value in flat.tolist()]
    elif kind == "O":
        texts = [_string(value, name.endswith("_bytes")) for value in flat.tolist()]
    else:
        written = values.dtype.name.replace("float16", "half")
        raise invalid(f"Failed to write JSON value for tensor type: {written}")
    shaped = np.empty(flat.size, dtype=np.object_)
    shaped[:] = texts
    return shaped.reshape(values.shape).tolist()


def _decimals(flat: Any) -> list[str]:
    digits = 9 if flat.dtype == np.float32 else 17
    values = flat.tolist()
    short = ["%.6g" % value for value in values]  # noqa: UP031 - the format of C
    parsed = np.array(short, dtype=np.float64).astype(flat.dtype)
    return [
        _decimal(text if exact else "%.*g" % (digits, value))  # noqa: UP031
        for text, exact, value in zip(short, (parsed == flat).tolist(), values, strict=True)
    ]


def _decimal(text: str) -> str:
    if text in ("nan", "inf", "-inf"):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]
    return text if "." in text or "e" in text else f"{text}.0"


def _string(value: bytes, as_bytes: bool) -> str:
    if as_bytes:
        return f'{{ "b64": "{base64.b64encode(value).decode()}" }}'
    return _quoted(value.decode("utf-8", "surrogateescape"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _line(value: Any) -> str:
    return f"[{', '.join(_line(item) for item in value)}]" if isinstance(value, list) else value


def _lines(value: Any, level: int) -> str:
    if not isinstance(value, list):
        return str(value)
    if not value:
        return "[]"
    inner = _INDENT * (level + 1)
    items = ",\n".join(inner + _lines(item, level + 1) for item in value)
    return f"[\n{items}\n{_INDENT * level}]"


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
