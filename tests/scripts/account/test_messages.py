"""An error is one line with the call, the reason, and the remedy."""

import errno

import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import ClientError, EndpointConnectionError

from newsgroup_classifier.errors import DeploymentError
from scripts.account.messages import message_of


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateEndpointConfig")


@pytest.fixture(autouse=True)
def without_address(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ValidationException", "Correct the command; --dry-run prints its requests"),
        ("AccessDeniedException", "Ask the owner of the account for the permission"),
        ("AccessDenied", "Ask the owner of the account for the permission"),
        ("ExpiredTokenException", "Sign in to AWS again"),
        ("UnrecognizedClientException", "Check the credentials"),
        ("InvalidClientTokenId", "Check the credentials"),
        ("ThrottlingException", "Wait a minute and try again"),
        ("TooManyRequestsException", "Wait a minute and try again"),
        ("ResourceLimitExceeded", "Delete what is not needed, or request a higher quota"),
        ("InternalFailure", "Try again later"),
    ],
)
def test_error_of_aws_names_the_call_the_reason_and_the_remedy(code, remedy):
    assert message_of(refusal(code, "Value 'x'\n is bad.")) == (
        f"AWS refused CreateEndpointConfig ({code}): Value 'x' is bad. {remedy}"
    )


def test_error_of_the_local_aws_does_not_blame_aws(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert message_of(refusal("Other", "No")).startswith("the local AWS refused CreateEndpoint")


@pytest.mark.parametrize("length", [10, 5_000])
def test_long_aws_error_is_shortened_and_our_own_is_not(length):
    words = ("value " * length).strip()
    cut = words if length == 10 else f"{words[:400]} [...]"
    assert f"(Validation): {cut}. Correct" in message_of(refusal("Validation", words))
    assert message_of(DeploymentError(words)) == words


def test_failed_upload_is_reported_as_the_response_of_s3():
    with pytest.raises(S3UploadFailedError) as caught:
        try:
            raise refusal("NoSuchBucket", "The bucket does not exist")
        except ClientError as error:
            raise S3UploadFailedError(f"Failed to upload /tmp/x to b/k: {error}")  # noqa: B904
    assert message_of(caught.value).startswith(
        "AWS refused CreateEndpointConfig (NoSuchBucket): The bucket does not exist. "
    )


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(2, "No such file or directory", "a.csv"), "a.csv: No such file or directory"),
        (OSError("timed out"), "timed out"),
    ],
)
def test_error_of_the_system_has_no_number(error, line):
    assert message_of(error) == line


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_full_or_read_only_disk_is_reported_with_its_folder(tmp_path, number):
    for path in (tmp_path, tmp_path / "file"):
        line = message_of(OSError(number, "No space left on device", str(path)))
        assert line.startswith(f"No space left on device in the folder {tmp_path}. Free some space")


def test_local_aws_that_stops_is_to_be_started_again(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4600")
    assert message_of(refusal("503", "Service Unavailable")) == (
        "the local AWS at http://127.0.0.1:4600 is stopping. Start it again with: "
        "LOCAL_AWS_PORT=4600 make local-aws"
    )


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("", "For the local AWS, set AWS_ENDPOINT_URL (see: make local-aws)"),
        ("http://nowhere.invalid:4618", "Check AWS_ENDPOINT_URL (see: make local-aws)"),
    ],
)
def test_address_of_aws_that_does_not_answer_is_no_local_aws_to_start(monkeypatch, url, remedy):
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    line = message_of(EndpointConnectionError(endpoint_url="https://sts.amazonaws.com/"))
    assert '"https://sts.amazonaws.com/". Check the network and the region. ' in line
    assert line.endswith(remedy)


def test_local_aws_on_the_default_port_is_started_without_a_variable(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    line = message_of(EndpointConnectionError(endpoint_url="http://127.0.0.1:4566/"))
    assert line.endswith("Start it with: make local-aws")
