"""Files that share what takes long to make are left to one worker."""

import pytest

from tests.workers import sharing


@pytest.mark.parametrize(
    ("path", "shares"),
    [
        ("tests/end_to_end/test_parity.py", "the full release"),
        ("tests/end_to_end/test_moving.py", "the small release"),
        ("tests/scripts/test_invoke.py", "the small release"),
        ("tests/infra/test_model_server.py", "the model server"),
    ],
)
def test_file_that_asks_for_what_takes_long_shares_a_worker(path, shares):
    assert sharing(path) == shares


@pytest.mark.parametrize("name", ["end_to_end/test_delete.py", "end_to_end/test_recipe_parity.py"])
def test_file_that_makes_its_own_shares_none(name):
    assert sharing(f"tests/{name}") == f"tests/{name}"
