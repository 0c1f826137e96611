"""The archive of a training job is read to its end, or refused as damaged."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.tests.account import archive
from local_aws.tests.sagemaker.containers.generated_archives import file, generated, header, whole
from newsgroup_classifier.errors import DeploymentError
from scripts.account.model_archives import open_tar

URI = "s3://bucket/jobs/j/output/model.tar.gz"
FILES = {"manifest.json": b"{}" * 300, "serving/a.py": b"import json\n"}


def read(data: bytes) -> dict[str, bytes]:
    with open_tar(io.BytesIO(data), URI) as tar:
        files = ((member.name, tar.extractfile(member)) for member in tar)
        return {name: file.read() for name, file in files if file}


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


def test_damaged_header_is_not_taken_for_the_end_of_the_archive():
    damaged = whole(file("x", b"1"), b"text" * 128)
    assert reason(damaged) == "a header of a member is damaged (invalid header)"
    pax = whole(header("pax", b"x", 26), b"99999999999999999999 a=b\n".ljust(512, b"\0"))
    assert reason(pax)


def test_size_that_no_archive_has_is_refused_without_reading_as_much():
    assert reason(whole(header("x", size=2**62))) == "it has more than 30 GB"


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
