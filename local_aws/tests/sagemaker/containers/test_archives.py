"""Archives are unpacked whole, or refused: their sizes, paths, links, headers, and checksums."""

import gc
import gzip
import io
import os
import random
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.sagemaker.containers import archives
from local_aws.sagemaker.errors import JobFailure
from local_aws.tests.account import archive
from local_aws.tests.sagemaker.containers.generated_archives import (
    extended,
    file,
    generated,
    header,
    padded,
    whole,
)

SOURCE = "s3://bucket/model.tar.gz"
MEGABYTE = 2**20
FILES = {"model.json": b"{}" * 300, "code/serve.py": b"import json\n"}


def unpacked(folder: Path, data: bytes) -> dict[str, bytes]:
    """Unpack an archive; return its files by path."""
    (folder / "model.tar.gz").write_bytes(data)
    archives.extract(folder / "model.tar.gz", folder / "model", SOURCE)
    found = (path for path in (folder / "model").rglob("*") if path.is_file())
    return {path.relative_to(folder / "model").as_posix(): path.read_bytes() for path in found}


def reason(folder: Path, data: bytes) -> str:
    """Unpack an archive that must be refused; return the reason."""
    (folder / "model.tar.gz").write_bytes(data)
    with pytest.raises(JobFailure, match=SOURCE) as caught:
        archives.extract(folder / "model.tar.gz", folder / "model", SOURCE)
    return str(caught.value)


def test_honest_archive_may_be_a_thousand_times_larger_unpacked(tmp_path):
    data = archive({"weights.bin": bytes(32 * MEGABYTE)})
    assert 32 * MEGABYTE / len(data) > 500
    assert unpacked(tmp_path, data) == {"weights.bin": bytes(32 * MEGABYTE)}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_format_of_tar_is_unpacked(tmp_path, form):
    files = {"d/" * 20 + "model.json": b"{}", "ä/é.txt": b"text", "n" * 100: b"x" * 513}
    if form != tarfile.USTAR_FORMAT:
        files |= {"n" * 200 + "/" + "ö" * 120: b"long"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as tar:
        top = tarfile.TarInfo(".")
        top.type = tarfile.DIRTYPE
        tar.addfile(top)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), 1.5
            tar.addfile(member, io.BytesIO(content))
    assert unpacked(tmp_path, buffer.getvalue()) == files


@pytest.mark.parametrize(
    "members",
    [
        (header("x", size=-1024),),
        (file("x", b"1"), header("x", size=-1024)),
        (extended({"size": "-1024"}), header("x")),
        (header("pax", b"x", -1024), header("x")),
        (header("long", b"L", -512), header("x")),
    ],
    ids=["first", "second", "record", "records", "long name"],
)
def test_negative_size_is_refused_at_once(tmp_path, members):
    data = whole(*members)
    assert len(data) < 200
    assert "is not a complete tar.gz archive: " in reason(tmp_path, data)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ((header("x", size=31 * 2**30),), "more than the 30 GB of its volume"),
        ((extended({"size": str(2**62)}), header("x")), "more than the 30 GB of its volume"),
        ((header("x", b"5", 512), bytes(512)), "'x' is not a file of the size 512"),
        ((file("x", b"1"), header("y", b"1", 1, "x")), "'y' is not a file of the size 1"),
        ((extended({"GNU.sparse.major": "1"}), file("x", b"1")), "contains a sparse file, 'x'"),
        ((extended({"GNU.sparse.map": "0,1"}, b"g"), file("x", b"1")), "contains a sparse file"),
        ((header("x", b"S"),), "contains a sparse file, 'x'"),
        ((header("pax", b"x", 2**20), bytes(2**20)), "headers of a member are too long"),
        ((header("long", b"L", 2**34), bytes(2**20)), "headers of a member are too long"),
        ((extended({}),) * 300, "headers of a member are too long"),
        ((extended({"path": "y"}),), "end of file header"),
        ((header("pax", b"x", 9), padded(b"0 path=y\n")), "invalid header"),
        ((header("x", b"?"),), "a member of the unknown type b'?'"),
        ((file("x", b"1"), b"text" * 128), "a header of a member is damaged"),
        ((header("x", size=5000),), "unexpected end of data"),
        ((header("x", size=2**34),), "unexpected end of data"),
        ((extended({"size": "0"}, b"g"), header("x", size=2**62)), "'x' has different sizes"),
    ],
)
def test_inconsistent_member_is_refused(tmp_path, members, expected):
    assert expected in reason(tmp_path, whole(*members))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (archive({"d/" * 2000 + "f": b"1"}), "a path of more than 100 names"),
        (archive({("n" * 200 + "/") * 30 + "f": b"1"}), "a path too long for this computer"),
        (archive({"n" * 300: b"1"}), "a name of more than 255 bytes"),
        (whole(file("x", b"1"), file("x/y", b"1")), "'x/y' as a file and as a folder"),
        (whole(file("x/y", b"1"), file("x", b"1")), "'x' as a file and as a folder"),
        (whole(file("", b"1")), "an unsafe path ''"),
        (whole(file("../x", b"1")), "an unsafe path '../x'"),
        (whole(file("/x", b"1")), "an unsafe path '/x'"),
        (whole(file("code/../../x", b"1")), "an unsafe path 'code/../../x'"),
        (whole(header("x", b"6")), "an unsafe path 'x'"),
        (whole(header("x", b"2", 0, "/etc/passwd")), "an unsafe link 'x': SageMaker does not"),
        (whole(extended({"path": "a\0b"}), file("x", b"1")), "an unsafe path 'a\\x00b'"),
    ],
    ids=range(12),
)
def test_path_that_cannot_be_written_is_refused(tmp_path, members, expected):
    assert expected in reason(tmp_path, members)


@pytest.mark.slow
def test_archive_with_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_write", write_few(archives._write))
    files = whole(*[file(f"{number}", b"") for number in range(50_001)])
    assert "more than 50,000 files" in reason(tmp_path, files)


def write_few(write):
    """Return a function that writes members as `write` does, but no empty files."""
    return lambda *arguments: arguments[2].size and write(*arguments)


@pytest.mark.observes("train-hard-links")
def test_hard_links_are_packed_and_unpacked(tmp_path):
    model = tmp_path / "ml"
    (model / "1").mkdir(parents=True)
    (model / "1" / "first.bin").write_bytes(b"weights")
    (model / "2").hardlink_to(model / "1" / "first.bin")
    packed = tmp_path / "packed.tar.gz"
    archives.pack({path.relative_to(model).as_posix(): path for path in model.rglob("*")}, packed)
    with tarfile.open(packed) as tar:
        assert tar.getmember("2").islnk()
    assert unpacked(tmp_path, packed.read_bytes()) == {"1/first.bin": b"weights", "2": b"weights"}


@pytest.mark.parametrize("target", ["later", "x", "../outside", "/etc/passwd", "dir"])
def test_hard_link_to_anything_but_an_earlier_file_is_refused(tmp_path, target):
    members = (header("dir", b"5"), header("x", b"1", 0, target), file("later", b"1"))
    assert "an unsafe link 'x'" in reason(tmp_path, whole(*members))


def test_last_of_several_members_with_one_path_remains(tmp_path):
    members = (file("x", b"1"), header("y", b"1", 0, "x"), file("x", b"2"))
    assert unpacked(tmp_path, whole(*members)) == {"x": b"2", "y": b"1"}


def test_gzip_of_several_members_or_with_padding_is_unpacked(tmp_path):
    tar = gzip.decompress(archive(FILES))
    for data in (gzip.compress(tar[:700]) + gzip.compress(tar[700:]), archive(FILES) + bytes(512)):
        assert unpacked(tmp_path, data) == FILES


@pytest.mark.parametrize("place", range(1, 9))
def test_changed_byte_of_the_checksum_or_the_length_is_refused(tmp_path, place):
    data = bytearray(archive(FILES))
    data[-place] ^= 1
    assert "is not a complete tar.gz archive" in reason(tmp_path, bytes(data))


def test_archive_cut_off_anywhere_is_refused(tmp_path):
    data = archive(FILES)
    for length in range(len(data)):
        assert "is not a complete tar.gz archive" in reason(tmp_path, data[:length])


def test_bytes_that_are_not_a_gzip_stream_are_refused(tmp_path):
    for data in (b"", b"text", gzip.decompress(archive(FILES)), archive(FILES) + b"garbage"):
        assert "is not a complete tar.gz archive" in reason(tmp_path, data)


def test_file_larger_than_the_free_space_of_the_disk_is_not_written(tmp_path, monkeypatch):
    usage = archives.shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match=r"No space left on device: .*/model/x"):
        unpacked(tmp_path, archive({"x": bytes(101)}))


def contents(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive as tarfile reads them."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar:
            if (content := tar.extractfile(member)) is not None:
                yield os.path.normpath(member.name), content.read()


def send(data: bytes) -> bool:
    """Unpack a generated archive; return whether it was accepted, and check what was written."""
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder, "inside")
        inside.mkdir()
        try:
            files = unpacked(inside, data)
        except JobFailure:
            accepted = False
        else:
            accepted = True
            assert files == dict(contents(data))
        assert list(Path(folder).iterdir()) == [inside]
        assert {path.name for path in inside.iterdir()} <= {"model.tar.gz", "model"}
    return accepted


@settings(max_examples=100, deadline=None)
@given(st.randoms(note_method_calls=False))
def test_generated_archive_is_unpacked_as_tarfile_reads_it_or_refused(rng):
    send(generated(rng))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_thousand_generated_archives_take_neither_long_nor_memory():
    rng, process, slowest, accepted = random.Random(14), psutil.Process(), 0.0, 0  # noqa: S311
    before = 0
    for number in range(11_000):
        data = generated(rng)
        started = time.monotonic()
        accepted += send(data)
        slowest = max(slowest, time.monotonic() - started)
        if number == 1_000:
            gc.collect()
            before = process.memory_info().rss
    gc.collect()
    assert slowest < 10
    assert 1_000 < accepted < 5_000
    assert process.memory_info().rss < 1.01 * before


@pytest.mark.slow
def test_time_to_check_an_archive_grows_no_faster_than_its_size(tmp_path):
    times = []
    for megabytes in (32, 128):
        path = tmp_path / f"{megabytes}.tar.gz"
        noise = os.urandom(MEGABYTE)
        path.write_bytes(archive({f"{part}.bin": noise for part in range(megabytes)}))
        times.append(min(timed(path) for _ in range(3)))
    assert times[1] < 8 * times[0]


def timed(path: Path) -> float:
    """Return the seconds that checking an archive takes."""
    started = time.monotonic()
    archives.check(path, SOURCE)
    return time.monotonic() - started
