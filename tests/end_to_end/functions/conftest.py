"""A release to Lambda that several files of this folder use."""

from collections.abc import Iterator

import pytest

from local_aws.testing import running_local_aws
from tests.end_to_end.functions.lambda_release import LambdaRelease, make_lambda_release


@pytest.fixture(scope="package")
def function() -> Iterator[LambdaRelease]:
    """Make a release in its own local AWS, which the tests use, change, and delete.

    They do so in the order of their files: test_function_requests, test_function_updates, and
    test_stack_removal.
    """
    with running_local_aws("--instance-cpus", "1") as aws:
        yield make_lambda_release(aws)
