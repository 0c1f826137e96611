"""Every promise of the product has a test, and docs/reference/promises.md says which."""

import pytest

from tests.project.promises import CONTRACT


@pytest.mark.parametrize("promise", CONTRACT.observations, ids=lambda item: item.id)
def test_promise_has_a_test(promise):
    assert not CONTRACT.fault(promise)


def test_marks_name_only_promises():
    assert not CONTRACT.shown - {promise.id for promise in CONTRACT.observations}


def test_committed_document_is_what_the_command_writes():
    committed = CONTRACT.path.read_text(encoding="utf-8")
    assert committed == CONTRACT.document(), (
        "docs/reference/promises.md is out of date; run `make conformance`"
    )
