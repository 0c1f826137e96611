"""Lambda refuses invalid zips, configurations, and roles, and what is not reproduced."""

import io
import zipfile

import pytest
from botocore.exceptions import ClientError

from local_aws.awslambda.execution.workers import architecture
from local_aws.tests.account import refusal, unique
from local_aws.tests.awslambda.functions import ECHO, zipped

OTHER = "arm64" if architecture() == "x86_64" else "x86_64"


def encrypted():
    data = bytearray(zipped({"app.py": ECHO}))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    return bytes(data)


def linked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("app.py")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return buffer.getvalue()


@pytest.mark.observes("lambda-limits")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "non-empty|unzip|source"),
        (b"no zip", "Could not unzip uploaded file"),
        (zipped({}), "non-empty zip"),
        (zipped({"../app.py": ECHO}), "'../app.py' is refused"),
        (zipped({"/app.py": ECHO}), "'/app.py' is refused"),
        (encrypted(), "'app.py' is refused"),
        (linked(), "links in a zip"),
    ],
    ids=["no bytes", "not a zip", "empty", "outside", "absolute", "encrypted", "link"],
)
def test_invalid_zip_is_refused_with_its_reason(lambdas, data, words):
    refuse_zip(lambdas, data, words)


@pytest.mark.slow
@pytest.mark.observes("lambda-limits")
def test_zip_that_is_too_large_unpacked_is_refused_with_its_reason(lambdas):
    data = zipped({"app.py": ECHO, "zeros": bytes(262_144_000)})
    refuse_zip(lambdas, data, "smaller than 262144000 bytes")


def refuse_zip(lambdas, data, words):
    """Assert that a function with a zip is refused, and is not created."""
    request = lambdas.request(ECHO, Code={"ZipFile": data})
    with pytest.raises(ClientError, match=words):
        lambdas.client.create_function(**request)
    assert refusal(lambdas.client.get_function, FunctionName=request["FunctionName"])


@pytest.mark.observes("lambda-limits", "not-lambda-members", "not-lambda-machines")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"Runtime": "nodejs22.x"},
            "the runtime nodejs22.x: functions run under Python 3.10 or later",
        ),
        (
            {"Runtime": "python3.9"},
            "the runtime python3.9: functions run under Python 3.10 or later",
        ),
        ({"Architectures": [OTHER]}, f"the architecture {OTHER}.*which is {architecture()}"),
        ({"Architectures": ["x86_64", "arm64"]}, "'architectures' failed .* less than or equal"),
        ({"Timeout": 901}, "'timeout' failed .* less than or equal to 900"),
        ({"MemorySize": 10_241}, "'memorySize' failed .* less than or equal to 10240"),
        ({"Handler": "app handler"}, "'handler' failed to satisfy"),
        ({"FunctionName": "x" * 65}, "at most 64"),
        ({"FunctionName": "name with spaces"}, "'functionName' failed to satisfy"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "reserved keys .*: AWS_REGION"),
        ({"Environment": {"Variables": {"KEY": "x" * 4096}}}, "exceeded the 4KB limit"),
        ({"LoggingConfig": {"SystemLogLevel": "WARN"}}, "WARN as the LoggingConfig.SystemLog"),
        ({"LoggingConfig": {"ApplicationLogLevel": "WARN"}}, "with the LogFormat JSON only"),
        ({"Environment": {"Variables": {"1": "x"}}}, "failed to satisfy"),
        ({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:one:1"]}, "Layers of Create"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "VpcConfig.SubnetIds of CreateFunction"),
        ({"PackageType": "Image", "Code": {"ImageUri": "image"}}, "Code.ImageUri|Image as the"),
        ({"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1"}, "KMSKeyArn of CreateFunction"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "PublishedVersions as the SnapStart"),
        ({"EphemeralStorage": {"Size": 20_000}}, "less than or equal to 10240"),
    ],
    ids=lambda value: None if isinstance(value, str) else str(next(iter(value.items())))[:40],
)
def test_invalid_or_unsupported_member_is_refused_by_name(lambdas, changes, words):
    with pytest.raises(ClientError, match=words):
        lambdas.client.create_function(**lambdas.request(ECHO, **changes))


@pytest.mark.observes("lambda-role")
@pytest.mark.parametrize("service", ["sagemaker.amazonaws.com", None])
def test_role_that_lambda_may_not_assume_is_refused(lambdas, account, service):
    missing = f"arn:aws:iam::123456789012:role/{unique('role')}"
    role = account.create_role(service) if service else missing
    response = refusal(lambdas.client.create_function, **lambdas.request(ECHO, Role=role))
    assert response == (
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )


def test_operation_that_is_not_reproduced_is_refused_by_name(lambdas):
    with pytest.raises(ClientError, match="does not reproduce the operation ListLayers"):
        lambdas.client.list_layers()


def test_function_without_runtime_or_handler_is_refused(lambdas):
    for member in ("Runtime", "Handler"):
        request = lambdas.request(ECHO)
        del request[member]
        code, message = refusal(lambdas.client.create_function, **request)
        assert code == "InvalidParameterValueException"
        assert message.startswith("Runtime and Handler are mandatory parameters")
