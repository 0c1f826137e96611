"""The address of an HTTP API: AWS's own there, a path of the local AWS here."""

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.functions.api_address import api_url

ADDRESS = "https://abc123def4.execute-api.us-east-1.amazonaws.com"


def test_address_on_aws_is_its_own(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert api_url(Aws("us-east-1"), ADDRESS) == ADDRESS


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:4566", "http://127.0.0.1:4566/"])
@pytest.mark.parametrize("rest", ["", "/prod", "/prod/predict?x=1"])
def test_address_on_a_local_aws_is_a_path_of_it(monkeypatch, endpoint, rest):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    expected = f"http://127.0.0.1:4566/_local_aws/apis/abc123def4{rest}"
    assert api_url(Aws("us-east-1"), ADDRESS + rest) == expected


def test_address_of_something_else_is_refused(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    with pytest.raises(DeploymentError, match="is no address of an HTTP API"):
        api_url(Aws("us-east-1"), "https://example.com")
