"""A second local AWS runs alongside the suite, answers calls, and stays alive and small."""

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.soak import Soak


@pytest.mark.slow
def test_local_aws_answers_calls_while_the_suite_runs(soak: Soak):
    """The end of the session checks its memory and its log (see conftest)."""
    assert eventually(lambda: soak.rounds > 0 or soak.failed)
    assert soak.fault == ""
