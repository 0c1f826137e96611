"""A model of vectorizers of another release is refused with a reason."""

import pytest

from newsgroup_classifier.export.vectorizers import export
from tests.lambda_handler.models.changed_models import (
    check_arrays_are_needed,
    check_entries_are_needed,
    parts_of,
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
    check_entries_are_needed(manifest, arrays)
