"""CloudFormation's API: a form in, XML out."""

import uuid
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from moto.core.model import OperationModel
from moto.core.parse import QueryParser
from moto.core.serialize import QuerySerializer, SerializationContext
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from local_aws.cloudformation import change_sets, describing, operations
from local_aws.cloudformation.errors import StackError
from local_aws.cloudformation.records import Region
from local_aws.cloudformation.table import restore as restore
from local_aws.cloudformation.table import saved as saved
from local_aws.errors import AccessDenied, ValidationError, as_service_error, not_reproduced
from local_aws.parsing import read_body
from local_aws.permissions.checks import check
from local_aws.rules import ANY, Rule, check_members, free
from local_aws.validation import validate

OPERATIONS = {**operations.OPERATIONS, **describing.OPERATIONS, **change_sets.OPERATIONS}
# Operations of which only some members are reproduced; the others reproduce every member.
_MEMBERS: dict[str, Rule] = {
    **free("StackName", "TemplateBody", "TemplateURL", "UsePreviousTemplate", "Parameters", "Tags"),
    **free("Capabilities", "DisableRollback", "OnFailure", "ClientRequestToken", "ChangeSetName"),
    **free("Description", "RetainResources", "IncludeNestedStacks", "RoleARN"),
    **free("ClientToken", "RetainExceptOnCreate", "OnStackFailure", "EnableTerminationProtection"),
    "ChangeSetType": ("CREATE", "UPDATE"),
    "ImportExistingResources": ANY,  # none is imported: a name that is taken fails its resource
    "DeploymentConfig": {"Mode": ("STANDARD",), "DisableRollback": ANY},
}
RULES = {
    **dict.fromkeys(("CreateStack", "UpdateStack", "DeleteStack"), _MEMBERS),
    **dict.fromkeys(("CreateChangeSet", "ExecuteChangeSet"), _MEMBERS),
    "DescribeStackResources": free("StackName", "LogicalResourceId"),
}
# The errors that CloudFormation spells differently from other services.
_CODES = {ValidationError: StackError.code, AccessDenied: "AccessDenied"}
_MAX_BYTES = 2**20
new_region = Region


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for CloudFormation."""
    return signed_for == "cloudformation"


def answer(request: Request, region: Region) -> Response:
    """Run the operation that the form names."""
    request_id = str(uuid.uuid4())
    try:
        form = _form(read_body(request, _MAX_BYTES, StackError))
        check(dict(request.headers), *_authorization(form, region))
        return _run(form, region, request_id)
    except Exception as failure:
        error = as_service_error(failure, "CloudFormation", request_id)
        code = _CODES.get(type(error), error.code)
        return _error(error.status, code, error.message, request_id)


def _authorization(form: dict[str, str], region: Region) -> tuple[str, str]:
    """Return the IAM action of a form, and the ARN of its stack."""
    action, name = f"cloudformation:{form.get('Action', '')}", form.get("StackName", "")
    if not name or name.startswith("arn:"):
        return action, name or "*"
    account = region.settings.account_id
    return action, f"arn:aws:cloudformation:{region.name}:{account}:stack/{name}/*"


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise StackError(f"The body of the request is not a form: {error}") from error


def _run(form: dict[str, str], region: Region, request_id: str) -> Response:
    name = form.get("Action", "")
    if name not in OPERATIONS:
        if name in get_service_model("cloudformation").operation_names:
            raise not_reproduced(f"the operation {name}")
        raise StackError(f"CloudFormation does not have the operation {name[:100]}.")
    model = get_service_model("cloudformation").operation_model(name)
    result = OPERATIONS[name](region, _parse(form, name, model))
    serializer = QuerySerializer(model, SerializationContext(request_id))
    content: dict[str, Any] = dict(serializer.serialize(result))
    return Response(content["body"], content["status_code"], content_type="text/xml")


def _parse(form: dict[str, str], name: str, model: OperationModel) -> dict[str, Any]:
    try:
        fields: Any = {"values": form}  # the only part of a request that this parser reads
        request: dict[str, Any] = QueryParser(model).parse(fields)
    except ValueError as error:
        raise StackError(f"The form cannot be read: {error}") from error
    validate(request, model.input_shape)
    check_members(request, RULES.get(name), name)
    return request


def _error(status: int, code: str, message: str, request_id: str) -> Response:
    kind = "Sender" if status < 500 else "Receiver"
    # XML cannot represent most control characters.
    text = escape("".join(c if c.isprintable() or c in "\n\t" else "?" for c in message))
    body = (
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<Error><Type>{kind}</Type><Code>{code}</Code><Message>{text}</Message>"
        f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(body, status, content_type="text/xml")
