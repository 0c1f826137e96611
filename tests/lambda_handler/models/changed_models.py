"""Model files with other entries or arrays than those that were written."""

import numpy as np
import pytest
from hypothesis import strategies as st

from lambda_handler.errors import ModelError
from lambda_handler.model import load_model
from lambda_handler.npz import read_npz
from newsgroup_classifier.export.npz import write_npz


def parts_of(content):
    """Return the manifest and the arrays of the bytes of a model."""
    manifest, arrays = read_npz(content)
    del manifest["format"]
    return manifest, dict(arrays)


def loaded(manifest, arrays):
    """Return the model of a manifest and arrays."""
    return load_model(write_npz(manifest, arrays))


def refusal(manifest, arrays):
    """Return the message with which a model is refused."""
    with pytest.raises(ModelError) as caught:
        loaded(manifest, arrays)
    return str(caught.value)


def without(entries, name):
    """Return entries but the one with a name."""
    return {other: value for other, value in entries.items() if other != name}


def check_arrays_are_needed(manifest, arrays):
    """Check that a model without any one of its arrays is refused with the array's name."""
    for name in arrays:
        assert f"lacks the array {name}" in refusal(manifest, without(arrays, name))


def check_entries_are_needed(manifest, arrays):
    """Check that a model without any one entry of its manifest is refused with the entry's name."""
    for name in set(manifest) - {"versions"}:
        assert name in refusal(without(manifest, name), arrays)


def check_modified_number(manifest, arrays, data, texts):
    """Check that a model with another number in an array is refused, or has probabilities."""
    name = data.draw(st.sampled_from(sorted(name for name in arrays if arrays[name].size)))
    array = arrays[name].copy()
    at = data.draw(st.integers(0, array.size - 1))
    raw = array.reshape(-1)[at : at + 1].view(np.uint8)
    raw[:] = data.draw(st.lists(st.integers(0, 255), min_size=raw.size, max_size=raw.size))
    try:
        model = loaded(manifest, arrays | {name: array})
    except ModelError:
        return
    probabilities = model.predict_proba(texts)
    assert probabilities.shape == (len(texts), 3)
    assert ((probabilities >= 0) & (probabilities <= 1 + 1e-9)).all()
