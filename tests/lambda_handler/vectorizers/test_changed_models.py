"""An invalid model of vectorizers is refused with a reason, or has valid probabilities."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.export.vectorizers import export
from tests.lambda_handler.models.changed_models import (
    check_arrays_are_needed,
    check_modified_number,
    parts_of,
    refusal,
    without,
)
from tests.lambda_handler.vectorizers.small_pipelines import ABOUT, fitted

MODELS = [("without stop words", "SVM"), ("a union", "logistic loss"), ("hashes", "SVM")]
every_model = pytest.mark.parametrize("names", MODELS, ids=lambda names: names[0])


def pipeline_parts(names):
    """Return the manifest and the arrays of a model."""
    pipeline, _ = fitted(*names, 3)
    return parts_of(export(pipeline, ABOUT))


@every_model
def test_model_without_an_array_or_an_entry_is_refused_with_its_name(names):
    manifest, arrays = pipeline_parts(names)
    check_arrays_are_needed(manifest, arrays)
    for entry in manifest["blocks"]:
        for name in entry:
            blocks = [without(entry, name), *manifest["blocks"][1:]]
            if name != "pattern" or entry["analyzer"] == "word":
                assert name in refusal(manifest | {"blocks": blocks}, arrays)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"blocks": []}, "lacks the list blocks"),
        ({"blocks": "words"}, "lacks the list blocks"),
        ({"blocks": [1]}, "is not an object"),
        ({"blocks": 17}, "lacks the list blocks"),
        ({"versus": 1}, "versus 1"),
        ({"pattern": "(a+)+b"}, "no token pattern that is supported"),
        ({"pattern": None}, "no token pattern that is supported"),
        ({"analyzer": "words"}, "analyzer 'words'"),
        ({"shortest": 0}, "shortest 0"),
        ({"longest": 10**6}, "longest 1000000"),
        ({"hashed": 2**30}, "idf_0 has"),
        ({"weight": 1e300}, "weight 1e"),
        ({"signed": True}, "logarithms of signed counts"),
        ({"lowercase": 1}, "lowercase 1"),
    ],
)
def test_model_with_an_invalid_manifest_is_refused(change, words):
    manifest, arrays = pipeline_parts(MODELS[0])
    (entry,) = manifest["blocks"]
    for name, value in change.items():
        if name in manifest:
            manifest[name] = (
                [entry] * value if isinstance(value, int) and name == "blocks" else value
            )
        else:
            manifest["blocks"] = [entry | {name: value}]
    assert words in refusal(manifest, arrays)


@every_model
@given(data=st.data())
@settings(max_examples=40)
def test_model_with_any_modified_number_is_refused_or_works(names, data):
    texts = ["the moon a", "", "x" * 100]
    check_modified_number(*pipeline_parts(names), data, texts)
