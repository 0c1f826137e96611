"""`ship` refuses what cannot work before it creates anything, and takes its name from the file."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.steps.own_job import data_name_of
from tests.own_files import ENGLISH, write_csv
from tests.scripts.account_state import state_of


@pytest.fixture(scope="module")
def tickets(tmp_path_factory):
    """Write tickets to a file; return its path."""
    path = tmp_path_factory.mktemp("files") / "tickets.csv"
    return write_csv(path, ENGLISH.rows(40), ("body", "queue"))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("tickets.csv", "tickets"),
        ("a/b/Tickets of 2026.csv.gz", "tickets-of-2026"),
        ("s3://bucket/folder/Support_Tickets.jsonl", "support-tickets"),
        ("folder/reviews/", "reviews"),
    ],
)
def test_data_is_named_after_its_file(file, name):
    assert data_name_of(file) == name


def test_file_whose_name_has_no_usual_letter_needs_a_name():
    with pytest.raises(DeploymentError, match=r"no letter or digit .* pass --name"):
        data_name_of("質問.csv")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("", "standard input is not one; pass --yes"),
        ("--yes --target lambda --with-api", "--with-api is for --target pipeline; "),
        ("--yes --recipe text-liner", "unknown recipe 'text-liner'; did you mean text-linear?"),
        ("--yes --recipe spooky-topic-forest", "recipe spooky-topic-forest does not take own data"),
        ("--yes --name Tickets", "'Tickets' is not a name for data"),
        ("--yes --text bodi", "has no column 'bodi' (--text); did you mean body?"),
        ("--yes --text body --label colour", "has no column 'colour' (--label)"),
        ("--yes --set alhpa=1", "unknown hyperparameter 'alhpa'"),
    ],
)
def test_command_that_cannot_work_is_refused_before_anything_is_created(
    empty_region, tickets, flags, message
):
    assert message in empty_region.run("ship", str(tickets), *flags.split()).error
    assert not any(state_of(empty_region).values())


def test_missing_file_is_named(empty_region, tmp_path):
    path = tmp_path / "nowhere.csv"
    assert str(path) in empty_region.run("ship", str(path), "--yes").error
    assert not any(state_of(empty_region).values())
