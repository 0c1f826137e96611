"""The commands of "Train on your own data", in order."""

import shutil

import pytest

from tests.documents import marked_commands, result_of, run_commands

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMMANDS = marked_commands(
    "docs/how-to/your-own-data.md", "tests/end_to_end/own_data/test_how_to.py"
)


@pytest.fixture(scope="module")
def results():
    """Run every command of the guide."""
    return run_commands(COMMANDS)


def test_guide_ships_the_tickets_to_both_targets(results):
    shipped = result_of(results, "ship")
    assert (shipped["recipe"], shipped["name"]) == ("text-linear", "tickets")
    assert shipped["endpoint_name"] and shipped["api_url"]


def test_guide_gets_the_label_of_a_text_from_the_endpoint(results):
    (prediction,) = result_of(results, "invoke")["predictions"]
    assert prediction["label"] == "billing"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_guide_gets_the_same_answer_from_curl(results):
    (prediction,) = result_of(results, "invoke")["predictions"]
    (other,) = result_of(results, "curl")["predictions"]
    assert other["label"] == prediction["label"]
    assert other["probabilities"] == pytest.approx(prediction["probabilities"], abs=1e-6)


def test_guide_scores_a_file_and_deletes_everything(results):
    assert result_of(results, "transform")["records"] == 3
    deleted = result_of(results, "delete")["deleted"]
    assert deleted["endpoint"] == deleted["stack"] == 1
