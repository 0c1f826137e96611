"""Generate bodies of text requests, valid and hostile, with their content types."""

import csv
import gzip
import io
import json
import zlib

from hypothesis import strategies as st

from inference_pipeline.content_types import CSV, JSON, JSON_LINES, TEXT
from newsgroup_classifier.text.visible import is_blank

MARK = "\ufeff"
visible_texts = st.text(max_size=40).filter(lambda text: not is_blank(text))
_blank_texts = st.text(st.sampled_from(" \n\t\0\u200b\ufeff\u0301\u3164"), max_size=4)


def _mostly(common, *rare):
    """Return a strategy that draws from the first one four times out of five."""
    return st.sampled_from([common] * 4 * len(rare) + list(rare)).flatmap(lambda chosen: chosen)


_texts = _mostly(visible_texts, st.sampled_from(["a moon", "1", MARK]), _blank_texts)
_lists = _mostly(st.lists(_texts, min_size=1, max_size=3), st.lists(_texts, max_size=5))
# "text" is a request of the Lambda function alone.
_keys = st.text(max_size=5).filter(lambda key: key != "text")
_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner),
    max_leaves=6,
)


def csv_of(texts, **dialect):
    """Return texts as CSV with quotes."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, **dialect).writerows([item] for item in texts)
    return text.getvalue()


def _json_list(texts):
    return json.dumps(texts, ensure_ascii=False)


def _instances(texts):
    return json.dumps({"instances": texts})


def _twice(texts):
    return f'{{"instances": {json.dumps(texts)}, "instances": ["b"]}}'


_json = _mostly(
    st.builds(_json_list, _lists) | st.builds(_instances, _lists),
    st.builds(_instances, _values),
    st.builds(_twice, _lists),
    st.builds(json.dumps, _values),
)
_TEXTS_BY_TYPE = {
    TEXT: _texts,
    CSV: st.builds(csv_of, _lists, lineterminator=st.sampled_from(["\n", "\r\n", "\r"]))
    | st.builds("\n".join, _lists),
    JSON: _json,
    JSON_LINES: st.builds(
        "\n".join, st.lists(_mostly(st.builds(json.dumps, _texts), _json), max_size=4)
    ),
}
_any_text = st.one_of(*_TEXTS_BY_TYPE.values()) | st.text(max_size=20)


def _utf_8(text):
    return text.encode("utf-8", "surrogatepass")


_encode = st.sampled_from(
    [
        *[_utf_8] * 12,
        lambda text: _utf_8(MARK + text),
        lambda text: _utf_8(MARK * 2 + text),
        lambda text: text.encode("utf-16", "surrogatepass"),
        lambda text: text.encode("utf-16-le", "surrogatepass"),
        lambda text: text.encode("latin-1", "replace"),
        lambda text: gzip.compress(_utf_8(text)),
        lambda text: zlib.compress(_utf_8(text)),
        lambda text: _utf_8(text)[:-1],
        lambda text: b"PK\3\4" + _utf_8(text),
    ]
)
_parameters = st.sampled_from(
    [
        *[""] * 12,
        "; charset=utf-8",
        '; Charset="UTF-8"',
        "; charset=latin-1",
        ";charset",
        "; charset=",
        '; name="; charset=latin-1"',
        "; header=present",
        "; header=absent",
        "; header=2",
        ";",
        "; q",
    ]
)


def requests(content_type):
    """Return a strategy of a body in bytes and a content type that is or begins with this one."""
    texts = _mostly(_TEXTS_BY_TYPE[content_type], _any_text)
    encoded = st.builds(lambda encode, text: encode(text), _encode, texts)
    bodies = _mostly(encoded, st.binary(max_size=30))
    return st.tuples(bodies, _parameters.map(lambda parameters: content_type + parameters))
