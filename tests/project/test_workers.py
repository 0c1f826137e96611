"""Files that share what takes long to make are left to one worker."""

import pytest

from tests.workers import ROOT, SHARED, sharing


@pytest.mark.parametrize(
    ("path", "shares"),
    [
        ("tests/end_to_end/release/test_parity.py", "the full release"),
        ("tests/end_to_end/release/test_moving.py", "the small release"),
        ("tests/scripts/test_invoke.py", "the small release"),
        ("tests/chaos/test_many_clients.py", "the stage"),
        ("local_aws/tests/sagemaker/containers/test_model_server.py", "the model server"),
    ],
)
def test_file_that_asks_for_what_takes_long_shares_a_worker(path, shares):
    assert sharing(path) == shares


@pytest.mark.parametrize("name", ["release/test_delete.py", "recipes/test_recipe_parity.py"])
def test_file_that_makes_its_own_shares_none(name):
    assert sharing(f"tests/end_to_end/{name}") == f"tests/end_to_end/{name}"


@pytest.mark.parametrize(
    ("folder", "fixture"),
    [(folder, fixture) for folder, fixtures in SHARED.items() for fixture in fixtures],
)
def test_what_is_shared_is_made_once_a_session(folder, fixture):
    conftest = (ROOT / folder / "conftest.py").read_text(encoding="utf-8")
    assert f'@pytest.fixture(scope="session")\ndef {fixture}(' in conftest
