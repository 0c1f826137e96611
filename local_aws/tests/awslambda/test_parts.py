"""Parts of the local Lambda: names, policies, codes, and the seam in moto."""

import base64
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.utils import get_service_model

from local_aws.awslambda.api import INVOKE
from local_aws.awslambda.code import Code, store, unpack
from local_aws.awslambda.errors import FunctionNotFound, InvalidParameterValue, ResourceConflict
from local_aws.awslambda.execution.workers import Pool
from local_aws.awslambda.names import Place
from local_aws.awslambda.operations import OPERATIONS
from local_aws.awslambda.operations.permissions import add_permission
from local_aws.awslambda.records import Function, Version
from local_aws.awslambda.service import Functions
from local_aws.settings import FunctionSettings, Settings
from local_aws.tests.awslambda.functions import zipped

PLACE = Place("123456789012", "us-east-1")
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
QUALIFIERS = st.one_of(st.none(), st.just("$LATEST"), st.from_regex(r"[a-z0-9_-]+", fullmatch=True))
API = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/POST/predict"


@given(NAMES, QUALIFIERS)
def test_arn_of_a_name_is_read_as_that_name(name, qualifier):
    assert PLACE.read(PLACE.arn(name, qualifier)) == (name, qualifier)
    assert PLACE.read(name, qualifier) == (name, qualifier)


@given(st.text())
def test_any_text_is_a_name_or_is_refused(text):
    try:
        name, _ = PLACE.read(text)
    except (InvalidParameterValue, FunctionNotFound):
        return
    assert name in text


def test_arn_of_another_region_or_account_is_not_found():
    for other in (Place("210987654321", "us-east-1"), Place("123456789012", "eu-west-1")):
        with pytest.raises(FunctionNotFound):
            PLACE.read(other.arn("name"))


def test_two_qualifiers_that_differ_are_refused():
    with pytest.raises(InvalidParameterValue, match="derived qualifier"):
        PLACE.read("name:1", "2")


@pytest.fixture
def functions(tmp_path):
    """Return Lambda with a function that an API may call, and an alias that it may not call."""
    service = Functions("us-east-1", Settings(tmp_path), FunctionSettings())
    code = Code(tmp_path, tmp_path, 0, "")
    latest = Version({"RevisionId": "1", "Version": "$LATEST"}, code, Pool(lambda: None))
    function = Function("name", latest, {}, aliases={"live": {"FunctionVersion": "$LATEST"}})
    function.policies[None] = [
        {
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Condition": {
                "ArnLike": {"AWS:SourceArn": API.replace("/prod/", "/*/")},
                "StringEquals": {"AWS:SourceAccount": "123456789012"},
            },
        }
    ]
    service.table["name"] = function
    return service


@pytest.mark.observes("lambda-policies-latest")
@pytest.mark.parametrize("names", [{"Qualifier": "$LATEST"}, {"FunctionName": "name:$LATEST"}])
def test_latest_cannot_have_a_policy_of_its_own(functions, names):
    with pytest.raises(InvalidParameterValue, match=r"not support adding policies for \$LATEST"):
        add_permission(functions, {"FunctionName": "name", "StatementId": "s", **names})


@pytest.mark.observes("lambda-policies")
@pytest.mark.parametrize(
    ("name", "service", "source", "permitted"),
    [
        ("name", "apigateway.amazonaws.com", API, True),
        (PLACE.arn("name"), "apigateway.amazonaws.com", API, True),
        ("name", "events.amazonaws.com", API, False),
        ("name", "apigateway.amazonaws.com", API.replace(":abc/", ":def/"), False),
        ("name:live", "apigateway.amazonaws.com", API, False),
    ],
)
def test_policy_permits_only_its_statements(functions, name, service, source, permitted):
    assert functions.permits(name, service, source) is permitted


@pytest.mark.parametrize(
    ("pattern", "permitted"),
    [
        ("arn:aws:execute-api:us-east-1:123456789012:ab?/*", True),
        ("arn:aws:execute-api:*:*:abc/*", True),
        ("arn:aws:execute-api:*", False),  # a star does not cross a colon
        ("arn:*/predict", False),
        ("arn:aws:execute-api:us-east-1:123456789012:[a]bc/*", False),  # not a class
    ],
)
def test_source_arn_is_compared_part_by_part(functions, pattern, permitted):
    (statement,) = functions.get("name").policies[None]
    statement["Condition"] = {"ArnLike": {"AWS:SourceArn": pattern}}
    assert functions.permits("name", "apigateway.amazonaws.com", API) is permitted


def test_refused_code_is_not_stored(functions, tmp_path):
    pytest.importorskip("awslambdaric", reason="functions run under awslambdaric, on Linux only")
    functions.table["name"].latest.configuration["State"] = "Pending"
    data = base64.b64encode(zipped({"app.py": ""})).decode()
    with pytest.raises(ResourceConflict, match="creation is in progress"):
        OPERATIONS["UpdateFunctionCode"](functions, {"FunctionName": "name", "ZipFile": data})
    assert list(tmp_path.rglob("*.zip")) == []


def test_corrupt_code_never_becomes_a_complete_folder(tmp_path):
    broken = bytearray(zipped({"first.py": "", "second.py": "x = 1\n" * 1000}))
    broken[broken.index(b"second.py") + 20] ^= 0xFF  # in its compressed bytes
    code = store(bytes(broken), tmp_path / "code")
    for _ in range(2):
        with pytest.raises(InvalidParameterValue, match="Could not unzip"):
            unpack(code)
        assert not code.folder.exists()


def test_every_reproduced_operation_is_an_operation_of_lambda():
    assert {*OPERATIONS, INVOKE} <= set(get_service_model("lambda").operation_names)


def test_seam_at_which_moto_checks_permissions_exists():
    signature = inspect.signature(ActionAuthenticatorMixin._authenticate_and_authorize_action)
    assert list(signature.parameters) == ["self", "iam_request_cls", "resource"]
