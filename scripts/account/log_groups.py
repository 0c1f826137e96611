"""The log groups of jobs and endpoints, which SageMaker creates: their retention and removal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scripts.account.aws import Aws, Call
from scripts.account.naming import endpoint_log_group
from scripts.account.ownership import Tags, tag_map

DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 180, 365)
DEFAULT_DAYS = 30
# All jobs of the account in the region write to them.
SHARED = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Training", "Processing", "Transform"))
ENDPOINTS = endpoint_log_group("")
_EXISTS, MISSING = "ResourceAlreadyExistsException", "ResourceNotFoundException"


def add_log_days_argument(parser: Any, purpose: str) -> None:
    """Add the flag of the retention; the purpose says of which logs, and its default."""
    parser.add_argument(
        "--log-days",
        type=int,
        choices=DAYS,
        metavar="DAYS",
        help=f"{purpose}; one of {', '.join(map(str, DAYS))}",
    )


def retention_call(group: str, days: int) -> Call:
    """Return the call that keeps the logs of a group for some days."""
    return Call("logs", "put_retention_policy", {"logGroupName": group, "retentionInDays": days})


def removal_call(endpoint: str) -> Call:
    """Return the call that deletes the logs of an endpoint."""
    return Call("logs", "delete_log_group", {"logGroupName": endpoint_log_group(endpoint)})


def remove_logs(aws: Aws, endpoint: str) -> None:
    """Delete the logs of an endpoint, if there are any."""
    aws.make(removal_call(endpoint), MISSING)


def retain(aws: Aws, group: str, days: int) -> None:
    """Keep the logs of a group for some days, also those of a group that does not exist yet."""
    aws.make(Call("logs", "create_log_group", {"logGroupName": group}), _EXISTS)
    aws.make(retention_call(group, days))


def retention_calls(
    aws: Aws, endpoint: str, days: int | None, tags: Sequence[Mapping[str, str]]
) -> list[Call]:
    """Return the calls that create and tag the logs of an endpoint, and keep them for some days.

    None keeps the retention that they have, or sets the default.
    """
    group, names = endpoint_log_group(endpoint), tag_map(tags)
    groups = aws.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
    existing = next((each for each in groups if each["logGroupName"] == group), None)
    if existing:
        calls = [Call("logs", "tag_resource", {"resourceArn": arn_of(existing), "tags": names})]
    else:
        calls = [Call("logs", "create_log_group", {"logGroupName": group, "tags": names})]
    if days or "retentionInDays" not in (existing or {}):
        calls.append(retention_call(group, days or DEFAULT_DAYS))
    return calls


def endpoint_groups(aws: Aws, prefix: str = "") -> Iterator[tuple[Mapping[str, Any], Tags]]:
    """Yield the log groups of endpoints whose names begin with a prefix, and their tags."""
    query = {"logGroupNamePrefix": endpoint_log_group(prefix)}
    for group in aws.pages("logs", "describe_log_groups", "logGroups", **query):
        call = Call("logs", "list_tags_for_resource", {"resourceArn": arn_of(group)})
        yield group, (aws.make(call, MISSING) or {}).get("tags", {})


def arn_of(group: Mapping[str, Any]) -> str:
    """Return the ARN of a described log group, as the operations on tags take it."""
    return str(group["arn"]).removesuffix(":*")


def log_pages(client: Any, group: str, stream: str, token: str = "") -> Iterator[dict[str, Any]]:
    """Yield the pages of a log stream from the start, or from a token on."""
    query = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
    while True:
        page = client.get_log_events(**query, **({"nextToken": token} if token else {}))
        yield page
        # Pages in the middle can be empty. Only a repeated token marks the end.
        if page["nextForwardToken"] == token:
            return
        token = page["nextForwardToken"]
