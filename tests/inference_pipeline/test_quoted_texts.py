"""No message about an invalid request quotes its texts, wherever they are."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference_pipeline import preprocess
from inference_pipeline.content_types import REQUEST_TYPES
from inference_pipeline.images import read_images
from inference_pipeline.responses import Rejection
from newsgroup_classifier.errors import RequestError

SECRET = "Dallow\u00e4y"  # not an identifier, which a message may show
TEXT = f"Mrs. {SECRET} said she would buy the flowers herself"
VALUES = st.sampled_from([None, 5, True, "", " ", [], {}, TEXT, [TEXT], {TEXT: TEXT}, "\ud800"])
KEYS = st.sampled_from(["instances", "text", "top", "neighbors", "explain", TEXT, SECRET])
CONTENTS = st.one_of(
    VALUES,
    st.lists(VALUES, max_size=3),
    st.dictionaries(KEYS, st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=3),
)


def written_csv(content):
    text = io.StringIO()
    rows = content if isinstance(content, list) else [content]
    csv.writer(text).writerows([row if isinstance(row, list) else [row] for row in rows])
    return text.getvalue().encode("utf-8", "surrogatepass")


@st.composite
def bodies(draw):
    """Return a body with texts in any place, and possibly with another fault."""
    content = draw(CONTENTS)
    body = draw(st.sampled_from([written_csv(content), json.dumps(content).encode()]))
    cut = draw(st.integers(0, len(body)))
    damage = draw(st.sampled_from([b"", b'"', b"\\", b"\xff", b",", b"\n", b"{", b"\x00"]))
    return body[:cut] + damage + body[cut:]


HEALTH = [HealthCheck.function_scoped_fixture]


@settings(max_examples=150, suppress_health_check=HEALTH)
@given(bodies(), st.sampled_from(REQUEST_TYPES))
def test_a_text_in_an_invalid_request_is_in_no_message_of_the_endpoint(caplog, body, kind):
    request = preprocess.input_fn(body, kind)
    if isinstance(request, Rejection):
        assert SECRET not in request.message + caplog.text


def test_a_text_in_the_header_of_an_array_is_in_no_message():
    file = io.BytesIO()
    np.save(file, np.zeros(2, [(TEXT, "<f8")]))
    with pytest.raises(RequestError, match="structured") as caught:
        read_images(file.getvalue(), "application/x-npy")
    assert SECRET not in str(caught.value)
