"""The table of hashed keys: the places that a binary search finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.hashed_text.key_table import make_key_table
from newsgroup_classifier.hashed_text.vocabulary import find_places

_LARGEST = 2**64 - 1
# Keys in few rows of the table, and keys anywhere.
_KEYS = st.one_of(
    st.integers(0, 40), st.integers(_LARGEST - 40, _LARGEST), st.integers(0, _LARGEST)
)


@given(known=st.sets(_KEYS, max_size=60), others=st.lists(_KEYS, max_size=60))
def test_table_finds_keys_where_a_binary_search_does(known, others):
    keys = np.array(sorted(known), np.uint64)
    wanted = np.array([*known, *others], np.uint64)
    places = make_key_table(keys).find(wanted)
    np.testing.assert_array_equal(places, find_places(keys, wanted))
