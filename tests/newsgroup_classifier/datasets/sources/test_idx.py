"""IDX files are read as written, and any other content is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from newsgroup_classifier.datasets.sources.idx import read_idx
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.test_images import as_idx


@given(arrays(np.uint8, array_shapes(max_dims=4)))
def test_read_idx_of_any_array_returns_the_array(array):
    assert np.array_equal(read_idx(as_idx(array), DataError), array)


@given(arrays(np.uint8, array_shapes(max_dims=3)), st.data())
def test_read_idx_of_a_truncated_or_longer_file_is_refused(array, data):
    content = as_idx(array)
    cut = data.draw(st.integers(0, len(content) - 1))
    for broken in (content[:cut], content + b"\0"):
        with pytest.raises(DataError, match="expected"):
            read_idx(broken, DataError)


@given(st.binary())
def test_read_idx_of_any_bytes_returns_an_array_or_raises_data_error(content):
    try:
        array = read_idx(content, DataError)
    except DataError as error:
        assert "expected" in str(error)
    else:
        assert as_idx(array) == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0\0\x08", "it has 3 bytes; expected a header of at least 4"),
        (b"\0\0\x0d\x01" + b"\0" * 4, "it begins with 00 00 0d 01; expected 00 00 08"),
        (b"\x89PNG", "it begins with 89 50 4e 47; expected 00 00 08"),
        (b"\0\0\x08\x03\0\0", "its header has 6 bytes; expected 16"),
        (b"\0\0\x08\x02" + b"\xff" * 8, "it has 0 values; expected 4294967295 x 4294967295 = "),
    ],
)
def test_read_idx_of_a_wrong_header_describes_it(content, reason):
    with pytest.raises(DataError) as caught:
        read_idx(content, DataError)
    assert str(caught.value).startswith(reason)
