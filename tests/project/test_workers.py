"""Files that share a slow fixture run in the same worker."""

import re

import pytest

from tests.workers import ROOT, SHARED, shared_resource


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("tests/end_to_end/release/test_parity.py", "the full release"),
        ("tests/end_to_end/release/test_moving.py", "the small release"),
        ("tests/end_to_end/functions/test_stack_removal.py", "the function"),
        ("tests/scripts/test_invoke.py", "the small release"),
        ("tests/chaos/test_many_clients.py", "the stage"),
        ("local_aws/tests/sagemaker/containers/test_model_server.py", "the model server"),
        ("tests/newsgroup_classifier/estimators/test_keras_networks.py", "TensorFlow"),
        ("tests/end_to_end/tensorflow/test_tensorflow_serving.py", "TensorFlow"),
    ],
)
def test_files_that_use_a_slow_fixture_share_a_worker(path, resource):
    assert shared_resource(path) == resource


@pytest.mark.parametrize("name", ["release/test_delete.py", "recipes/test_recipe_parity.py"])
def test_file_with_its_own_fixtures_is_scheduled_alone(name):
    assert shared_resource(f"tests/end_to_end/{name}") == f"tests/end_to_end/{name}"


@pytest.mark.parametrize(
    ("folder", "fixture"),
    [(folder, fixture) for folder, fixtures in SHARED.items() for fixture in fixtures],
)
def test_shared_fixture_has_the_scope_of_the_session_or_of_its_folder(folder, fixture):
    conftest = (ROOT / folder / "conftest.py").read_text(encoding="utf-8")
    assert re.search(rf'@pytest.fixture\(scope="(session|package)"\)\ndef {fixture}\(', conftest)
