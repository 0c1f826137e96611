"""Model files with other entries or arrays than those that were written."""

import pytest

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
        assert f"lacks '{name}'" in refusal(manifest, without(arrays, name))


def check_entries_are_needed(manifest, arrays):
    """Check that a model without any one entry of its manifest is refused with the entry's name."""
    for name in set(manifest) - {"versions"}:
        assert name in refusal(without(manifest, name), arrays)
