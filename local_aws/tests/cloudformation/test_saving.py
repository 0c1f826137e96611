"""Stacks that a stop of the local AWS cut off have statuses of CloudFormation afterwards."""

import pytest

from local_aws.cloudformation import table
from local_aws.cloudformation.records import Region
from local_aws.settings import Settings


@pytest.mark.observes("data-folder")
@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("CREATE_IN_PROGRESS", "CREATE_FAILED"),
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED"),
        ("DELETE_IN_PROGRESS", "DELETE_FAILED"),
        ("UPDATE_IN_PROGRESS", "UPDATE_FAILED"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE"),
        ("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS"),
    ],
)
def test_stack_that_was_being_changed_has_failed_unless_only_its_cleanup_was_left(
    tmp_path, status, after
):
    before, restored = (Region("us-east-1", Settings(tmp_path)) for _ in range(2))
    stack = table.blank(before, "changing")
    stack.status = status
    table.add(before, stack)
    table.restore(restored, table.saved(before))
    assert restored.stacks[stack.stack_id].status == after
