"""What requests have in common: the template they send, its parameters, what they allow."""

from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from local_aws.cloud import split_uri
from local_aws.cloudformation import macros, parameters
from local_aws.cloudformation.desired import check_types, pseudo_values, stored_parameter
from local_aws.cloudformation.errors import InsufficientCapabilities, StackError
from local_aws.cloudformation.provider import tag_map
from local_aws.cloudformation.records import Request, Stack
from local_aws.cloudformation.template import Template, check_frame, check_no_null, read_template
from local_aws.region import Region

_MOST_BYTES = 51_200  # of a template that a request carries itself
_MOST_FILE_BYTES = 1_048_576  # of one in S3
_NAMED = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
}
_IAM_TYPES = (*_NAMED, "AWS::IAM::Policy", "AWS::IAM::AccessKey", "AWS::IAM::UserToGroupAddition")
_CARRIED_OUT = {
    "StackName", "TemplateBody", "TemplateURL", "UsePreviousTemplate", "Parameters", "Tags",
    "Capabilities", "DisableRollback", "OnFailure", "ClientRequestToken", "ChangeSetName",
    "ChangeSetType", "Description", "RetainResources", "IncludeNestedStacks",
}  # fmt: skip


def check_members(operation: str, request: dict[str, Any]) -> None:
    """Raise StackError naming a member that would have no effect."""
    for name, value in request.items():
        if name not in _CARRIED_OUT and value:
            raise StackError(f"The local AWS does not reproduce {name} of {operation}.")


def template_text(region: Region, request: dict[str, Any], stack: Stack | None) -> str:
    """Return the template that a request carries, points to, or takes from before."""
    given = [
        name for name in ("TemplateBody", "TemplateURL", "UsePreviousTemplate") if request.get(name)
    ]
    if len(given) != 1:
        raise StackError("Either Template URL or Template Body must be specified.")
    if "UsePreviousTemplate" in given:
        if stack is None or stack.request is None:
            raise StackError("There is no previous template to use.")
        return stack.request.body
    if "TemplateURL" in given:
        return _fetch(region, *_place(request["TemplateURL"]))
    body = str(request["TemplateBody"])
    if len(body.encode("utf-8", "replace")) > _MOST_BYTES:
        raise StackError(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MOST_BYTES}"
        )
    return body


def _place(url: str) -> tuple[str, str]:
    """Return bucket and key of the address of an object, in either of S3's styles."""
    try:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path.lstrip("/")
    except ValueError as error:
        raise StackError(f"S3 error: {url} is no address of an object.") from error
    bucket, found, _ = host.partition(".s3")
    if found:
        return bucket, path
    bucket, _, key = path.partition("/")
    if not (host and bucket and key):
        raise StackError(f"S3 error: {url} is no address of an object.")
    return bucket, key


def _fetch(region: Region, bucket: str, key: str) -> str:
    try:
        body = region.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        data = body.read(_MOST_FILE_BYTES + 1)
        if len(data) > _MOST_FILE_BYTES:
            raise StackError(f"S3 error: {bucket}/{key} has more than {_MOST_FILE_BYTES} bytes.")
        return str(data.decode())
    except ClientError as error:
        raise StackError(
            f"S3 error: {error.response['Error']['Message']} ({bucket}/{key})"
        ) from error
    except UnicodeDecodeError as error:
        raise StackError(f"Template format error: {bucket}/{key} is not UTF-8.") from error


def build(region: Region, request: dict[str, Any], stack: Stack) -> Request:
    """Return what a stack is to be made from; raise StackError for what it cannot be made from."""
    body = template_text(region, request, stack)
    template = checked_template(body)
    declared = template.get("Parameters", {})
    previous = stack.request
    chosen = parameters.choose(
        declared, request.get("Parameters", []), previous.parameters if previous else {}
    )
    capabilities = request.get("Capabilities", [])
    values = {
        **pseudo_values(region, stack.name, stack.stack_id),
        **parameters.values(declared, chosen, stored_parameter(region)),
    }
    expanded = macros.expand(
        template, values, capabilities, lambda uri: _fetch(region, *split_uri(uri))
    )
    check_capabilities(expanded, capabilities)
    old_tags = previous.tags if previous else {}
    tags = tag_map(request["Tags"]) if "Tags" in request else old_tags
    shown = parameters.shown(declared, chosen)
    return Request(body, expanded, chosen, shown, tags, capabilities)


def checked_template(body: str) -> Template:
    """Return a template whose frame and parameters are as they may be."""
    template = read_template(body)
    check_no_null(template)
    if "Fn::Transform" not in template:
        check_frame(template | _framed(template))
    parameters.check_declared(template.get("Parameters", {}))
    return template


def _framed(template: Template) -> Template:
    """Return the resources without the place where an included file will bring more."""
    resources = template.get("Resources")
    if not isinstance(resources, dict) or "Fn::Transform" not in resources:
        return {}
    kept = {name: item for name, item in resources.items() if name != "Fn::Transform"}
    return {"Resources": kept or {"Included": {"Type": "to come"}}}


def needed_capabilities(template: Template) -> tuple[list[str], list[str]]:
    """Return the capabilities that a template needs, and the types that need them."""
    kinds, capabilities = set(), set()
    for resource in template.get("Resources", {}).values():
        kind = resource["Type"]
        if kind in _IAM_TYPES:
            named = _NAMED.get(kind, "") in resource.get("Properties", {})
            capabilities.add("CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM")
            kinds.add(kind)
    if "CAPABILITY_NAMED_IAM" in capabilities:
        capabilities = {"CAPABILITY_NAMED_IAM"}
    return sorted(capabilities), sorted(kinds)


def check_capabilities(template: Template, given: list[str]) -> None:
    """Raise InsufficientCapabilities unless what the template does to IAM was allowed."""
    needed, _ = needed_capabilities(template)
    enough = set(given) | ({"CAPABILITY_IAM"} if "CAPABILITY_NAMED_IAM" in given else set())
    if not set(needed) <= enough:
        raise InsufficientCapabilities(f"Requires capabilities : [{', '.join(needed)}]")


def check_all_types(template: Template) -> None:
    """Raise StackError for types that AWS does not have, where no macro is to come."""
    if not macros.transforms_of(template):
        check_types(template)
