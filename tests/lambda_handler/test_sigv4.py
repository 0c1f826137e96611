"""The signature of a GET equals that of botocore."""

import string

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from lambda_handler.s3 import Credentials, encode_path, sign_headers

keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
names = st.text(string.ascii_letters + string.digits + "/+=", min_size=1, max_size=60)
buckets = st.text(string.ascii_lowercase + string.digits + ".-", min_size=3, max_size=20)
regions = st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1"])


def botocore_headers(url: str, region: str, credentials: Credentials) -> dict[str, str]:
    """Return the headers that botocore adds to a signed GET, with its own timestamp."""
    request = AWSRequest("GET", url)
    S3SigV4Auth(BotocoreCredentials(*credentials), "s3", region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    bucket=buckets,
    key=keys,
    region=regions,
    access=names,
    secret=names,
    token=st.none() | names,
    host=st.sampled_from(["127.0.0.1:4566", "s3.us-east-1.amazonaws.com", "b.s3.amazonaws.com"]),
)
def test_sign_headers_equals_botocore(bucket, key, region, access, secret, token, host):
    credentials = Credentials(access, secret, token)
    path = encode_path(bucket, key)
    theirs = botocore_headers(f"https://{host}{path}", region, credentials)
    ours = sign_headers(host, path, region, credentials, theirs["x-amz-date"])
    assert ours == theirs | {"host": host}


@given(key=keys)
def test_encode_path_is_printable_ascii_and_preserves_slashes(key):
    path = encode_path("bucket", key)
    assert path.isascii()
    assert path.isprintable()
    assert path.count("/") == key.count("/") + 2
    assert not set(path) & set(' ?#"<>')
