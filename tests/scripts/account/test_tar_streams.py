"""The archive of a training job is read to its end, or refused as damaged."""

import gzip
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.tests.account import archive
from local_aws.tests.sagemaker.containers.generated_archives import (
    extended,
    file,
    generated,
    header,
    whole,
)
from newsgroup_classifier.errors import DeploymentError
from scripts.account import tar_streams
from scripts.account.tar_streams import open_tar, read_member

URI = "s3://bucket/jobs/j/output/model.tar.gz"
FILES = {"manifest.json": b"{}" * 300, "serving/a.py": b"import json\n"}


def read(data: bytes) -> dict[str, bytes | None]:
    with open_tar(io.BytesIO(data), URI) as tar:
        return {member.name: read_member(tar, member) for member in tar}


def reason(data: bytes) -> str:
    """Read an archive that must be refused; return the reason."""
    with pytest.raises(DeploymentError) as caught:
        read(data)
    start, end = f"{URI} is not a valid archive: ", ". Train the model again."
    message = str(caught.value)
    assert message.startswith(start)
    assert message.endswith(end)
    return message[len(start) : -len(end)]


def test_files_of_an_archive_are_read_at_any_ratio():
    files = FILES | {"weights.bin": bytes(32 * 2**20)}
    assert read(archive(files)) == files


def test_archive_cut_off_anywhere_is_refused():
    data = archive(FILES)
    assert all(reason(data[:length]) for length in range(len(data)))


@pytest.mark.parametrize("place", range(1, 9))
def test_changed_byte_of_the_checksum_or_the_length_is_refused(place):
    data = bytearray(archive(FILES))
    data[-place] ^= 1
    assert "check failed" in reason(bytes(data)) or "length" in reason(bytes(data))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((header("x", size=-1024),), "a header of 'x' has the size -1024"),
        ((file("x", b"1"), header("y", size=-1024)), "a header of 'y' has the size -1024"),
        ((extended({"size": "-1024"}), header("x")), "'x' is sparse, or has a negative size"),
        (
            (header("pax", b"x", 26), b"99999999999999999999 a=b\n".ljust(512, b"\0")),
            "a header of a member is damaged (",
        ),
        ((header("x", b"S"),), "'x' is sparse, or has a negative size"),
        ((header("pax", b"x", 2**20), bytes(2**20)), "a header of 'pax' has the size 1048576"),
        ((header("x", size=31 * 2**30),), "it has more than 30 GB, or more than 50,000 members"),
        ((header("lambda/model.npz", size=2**30),), "'lambda/model.npz' has 1073741824 bytes"),
        ((file("x", b"1"), b"text" * 128), "a header of a member is damaged (invalid header)"),
    ],
)
def test_inconsistent_member_is_refused(members, expected):
    assert reason(whole(*members)).startswith(expected)


def test_archive_of_too_many_members_is_refused(monkeypatch):
    monkeypatch.setattr(tar_streams, "_MAX_MEMBERS", 10)
    assert read(archive({str(number): b"" for number in range(10)}))
    assert "more than 50,000 members" in reason(archive({str(n): b"" for n in range(11)}))


def test_zeros_after_the_members_count_as_well(monkeypatch):
    monkeypatch.setattr(tar_streams, "_MAX_BYTES", 10**6)
    tar = gzip.decompress(archive(FILES))
    assert read(gzip.compress(tar + bytes(900_000))) == FILES
    assert reason(gzip.compress(tar + bytes(10**6))) == "it has more than 30 GB"


def send(data: bytes) -> None:
    try:
        read(data)
    except DeploymentError as error:
        assert "\n" not in str(error)


@settings(max_examples=100, deadline=None)
@given(st.randoms(note_method_calls=False))
def test_generated_archive_is_read_or_refused_in_one_line(rng):
    send(generated(rng))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_generated_archives_are_read_or_refused_in_one_line():
    rng = random.Random(14)  # noqa: S311 - nothing secret
    for _ in range(10_000):
        send(generated(rng))
