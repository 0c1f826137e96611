"""Every observation of the contract has a test, and local_aws/docs/conformance.md says which."""

import pytest

from local_aws.tests.contract.conformance import DOCUMENT, document
from local_aws.tests.contract.marks import marked_tests
from local_aws.tests.contract.observation import HOW_KNOWN
from local_aws.tests.contract.observations import OBSERVATIONS

TESTS = marked_tests()
SHOWN = {name for test in TESTS for name in test.observes}


def test_observations_have_ids_of_their_own_and_say_how_they_are_known():
    ids = [observation.id for observation in OBSERVATIONS]
    assert sorted(ids) == sorted(set(ids))
    assert {observation.known for observation in OBSERVATIONS} <= set(HOW_KNOWN)


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=lambda observation: observation.id)
def test_observation_has_a_test_or_a_reason_why_none_can_show_it(observation):
    shown = observation.id in SHOWN
    assert shown or observation.untested, (
        f"no test carries @pytest.mark.observes({observation.id!r}): mark the one that shows it, "
        "write it, or say in tests/contract why none can"
    )
    assert not (shown and observation.untested), (
        f"{observation.id} has a test and a reason why none can show it: take the reason away"
    )


def test_marks_name_only_observations_of_the_table():
    assert not SHOWN - {observation.id for observation in OBSERVATIONS}


def test_committed_document_is_what_the_command_writes():
    committed = DOCUMENT.read_text(encoding="utf-8")
    assert committed == document(TESTS), (
        "local_aws/docs/conformance.md is out of date: run make conformance"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pytestmark = pytest.mark.observes('a')\n", "1 observes marks and 0 of them"),
        ("@pytest.mark.observes('a')\ndef stage(): ...\n", "1 observes marks and 0 of them"),
        ("@pytest.mark.observes(NAME)\ndef test_it(): ...\n", "line 1: expected the ids"),
        ("@pytest.mark.observes()\ndef test_it(): ...\n", "line 1: expected the ids"),
    ],
)
def test_mark_that_would_be_missed_is_refused(tmp_path, text, words):
    (tmp_path / "test_some.py").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        marked_tests(tmp_path)


def test_mark_of_one_case_of_a_test_counts_for_the_test(tmp_path):
    text = (
        "@pytest.mark.slow\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.observes('a'))])\n"
        "def test_it(x): ...\n"
    )
    (tmp_path / "test_some.py").write_text(text, encoding="utf-8")
    (test,) = marked_tests(tmp_path)
    assert (test.name, test.observes, test.long) == ("test_it", ("a",), ("slow",))
