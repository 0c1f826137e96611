"""Requests that exceed the limits of the model server: numbers, characters, and nested lists."""

import pytest

from local_aws.tests.sagemaker.containers.model_servers import MODEL


def lists(depth: int, inner: str = "") -> str:
    """Return a request with nested lists."""
    return f'{{"inputs": {"[" * depth}{inner}{"]" * depth}}}'


@pytest.mark.slow
@pytest.mark.observes("tfs-error-texts")
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f'{{"instances": [[{10**400}, 0, 0, 0]]}}', "is not of expected type: float"),
        (f'{{"instances": [[{"9" * 5000}, 0, 0, 0]]}}', "JSON Parse error: "),
        ('{"signature_name": "\\ude00", "instances": [1]}', "not found in signature def"),
        (lists(65), "Lists are nested 65 levels deep; the maximum is 64"),
        (lists(100_000), "nested too deeply"),
        (lists(970, '{"b64": 1, "b": 2}'), "nested"),
    ],
    ids=range(6),
)  # fmt: skip
def test_request_beyond_the_limits_gets_400_with_a_reason(model_server, body, text):
    reply = model_server.predict(body)
    assert (reply.status, reply.content_type) == (400, "application/json")
    assert text in reply.error
    assert model_server.request("GET", MODEL).status == 200


def test_number_beyond_64_bits_is_read_as_a_double(model_server):
    rows = f"[[{2**64}, -{2**70}, 1e-400, 1e+007], [1e300, {10**39}, 0, 0]]"
    reply = model_server.predict(f'{{"instances": {rows}}}')
    assert reply.status == 200


def test_surrogate_pair_is_one_character_and_an_escaped_backslash_starts_no_pair(model_server):
    body = '{"signature_name": "texts", "inputs": ["\\ud83d\\ude00", "\\\\ud83d"]}'
    same = model_server.predict(body).json["outputs"]["same"]
    assert same == ["\N{GRINNING FACE}", "\\ud83d"]
