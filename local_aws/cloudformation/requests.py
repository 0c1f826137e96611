"""The parts that requests share: template, parameters, capabilities, and tags."""

from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from local_aws.cloud import split_uri
from local_aws.cloudformation import macros, parameters
from local_aws.cloudformation.desired_state import check_types
from local_aws.cloudformation.errors import InsufficientCapabilities, StackError, template_error
from local_aws.cloudformation.provider import tag_map
from local_aws.cloudformation.records import Region, Stack, StackRequest
from local_aws.cloudformation.template import Template, check_structure, read_template

_MAX_BODY_BYTES = 51_200
_MAX_OBJECT_BYTES = 1_048_576
# The types that need a capability, with the property that sets their names.
_IAM_NAMES = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
}


def template_text(region: Region, request: dict[str, Any], stack: Stack | None) -> str:
    """Return the template that a request carries, points to, or takes from the stack."""
    sources = ("TemplateBody", "TemplateURL", "UsePreviousTemplate")
    present = [name for name in sources if request.get(name)]
    if len(present) != 1:
        raise StackError("Either Template URL or Template Body must be specified.")
    if "UsePreviousTemplate" in present:
        if stack is None or stack.request is None:
            raise StackError("There is no previous template to use.")
        return stack.request.body
    if "TemplateURL" in present:
        return _fetch(region, *_object_of(request["TemplateURL"]))
    body = str(request["TemplateBody"])
    if len(body.encode("utf-8", "replace")) > _MAX_BODY_BYTES:
        raise StackError(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_MAX_BODY_BYTES}"
        )
    return body


def _object_of(url: str) -> tuple[str, str]:
    """Return the bucket and key of an object's URL, in either of S3's styles."""
    try:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path.lstrip("/")
    except ValueError as error:
        raise StackError(f"S3 error: {url} is not the URL of an object.") from error
    bucket, in_host, _ = host.partition(".s3")
    if in_host:
        return bucket, path
    bucket, _, key = path.partition("/")
    if not (host and bucket and key):
        raise StackError(f"S3 error: {url} is not the URL of an object.")
    return bucket, key


def _fetch(region: Region, bucket: str, key: str) -> str:
    try:
        body = region.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        data = body.read(_MAX_OBJECT_BYTES + 1)
        if len(data) > _MAX_OBJECT_BYTES:
            raise StackError(f"S3 error: {bucket}/{key} has more than {_MAX_OBJECT_BYTES} bytes.")
        return str(data.decode())
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise StackError(f"S3 error: {message} ({bucket}/{key})") from error
    except UnicodeDecodeError as error:
        raise template_error(f"{bucket}/{key} is not UTF-8.") from error


def read_request(
    region: Region, request: dict[str, Any], stack: Stack, is_reviewed: bool = False
) -> StackRequest:
    """Return the checked content of a request to create or change a stack.

    Changes that are reviewed before their execution need no capability for macros.
    """
    body = template_text(region, request, stack)
    template = checked_template(body)
    declarations = template.get("Parameters", {})
    previous = stack.request
    texts = parameters.read_texts(
        declarations, request.get("Parameters", []), previous.parameters if previous else {}
    )
    capabilities = request.get("Capabilities", [])
    values = {
        **_pseudo_values(region, stack),
        **parameters.ref_values(declarations, texts, lambda name: _stored(region, name)),
    }
    expanded = macros.expand(
        template,
        values,
        lambda uri: _fetch(region, *split_uri(uri)),
        is_acknowledged=is_reviewed or macros.CAPABILITY in capabilities,
    )
    _check_capabilities(expanded, capabilities)
    old_tags = previous.tags if previous else {}
    tags = tag_map(request["Tags"]) if "Tags" in request else old_tags
    return StackRequest(body, expanded, texts, values, tags, capabilities)


def _pseudo_values(region: Region, stack: Stack) -> dict[str, Any]:
    return {
        "AWS::AccountId": region.settings.account_id,
        "AWS::NotificationARNs": [],
        "AWS::Partition": "aws",
        "AWS::Region": region.name,
        "AWS::StackId": stack.stack_id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _stored(region: Region, name: str) -> str:
    """Return a value of the parameter store."""
    ssm = region.client("ssm")
    try:
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound as error:
        raise StackError(
            f"Unable to fetch parameters [{name}] from parameter store for this account."
        ) from error


def checked_template(body: str) -> Template:
    """Return a template whose structure and parameter declarations are valid."""
    template = read_template(body)
    # What includes and loops make of the others is checked once they are expanded.
    if {macros.INCLUDE, macros.LANGUAGE_EXTENSIONS}.isdisjoint(macros.transforms_of(template)):
        check_structure(template)
    parameters.check_declarations(template.get("Parameters", {}))
    return template


def needed_capabilities(template: Template) -> tuple[list[str], list[str]]:
    """Return the capabilities that a template needs, and the types that need them."""
    kinds, named = set(), False
    for resource in template.get("Resources", {}).values():
        kind = resource["Type"]
        if kind in _IAM_NAMES:
            named = named or _IAM_NAMES[kind] in resource.get("Properties", {})
            kinds.add(kind)
    capability = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    return [capability] if kinds else [], sorted(kinds)


def _check_capabilities(template: Template, acknowledged: list[str]) -> None:
    """Raise InsufficientCapabilities unless the request acknowledges the IAM resources."""
    needed, _ = needed_capabilities(template)
    implied = {"CAPABILITY_IAM"} if "CAPABILITY_NAMED_IAM" in acknowledged else set()
    if not set(needed) <= {*acknowledged, *implied}:
        raise InsufficientCapabilities(f"Requires capabilities : [{', '.join(needed)}]")


def resources_of(template: Template) -> dict[str, dict[str, Any]]:
    """Return the resources of a template, of which a macro may include others or all."""
    section = template.get("Resources")
    items = section.items() if isinstance(section, dict) else ()
    return {name: item for name, item in items if isinstance(item, dict)}


def check_all_types(template: Template) -> None:
    """Raise StackError for types that cannot be created, unless a macro may replace them."""
    resources = resources_of(template)
    if macros.transforms_of(template):
        resources = {name: item for name, item in resources.items() if _is_final(item)}
    unconditional = [name for name, item in resources.items() if "Condition" not in item]
    check_types({"Resources": resources}, unconditional)


def _is_final(resource: dict[str, Any]) -> bool:
    """Return whether no macro replaces a resource or its type."""
    kind = resource.get("Type")
    return isinstance(kind, str) and "{" not in kind and not kind.startswith("AWS::Serverless::")
