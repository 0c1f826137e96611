"""Only .npz files with plain arrays are read; others are a ModelError."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lambda_handler import s3
from lambda_handler.errors import ModelError
from lambda_handler.npz import read_npz
from newsgroup_classifier.errors import NotExportable
from newsgroup_classifier.export import npz as export
from newsgroup_classifier.export.npz import write_npz

KINDS = ["u1", "<u2", "<u4", "<u8", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8"]


def refusal(content):
    """Return the reason for refusing a file with the content."""
    with pytest.raises(ModelError) as caught:
        read_npz(content)
    return str(caught.value)


def zipped(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


@given(
    st.sampled_from(KINDS).flatmap(
        lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=1, max_dims=3, min_side=0))
    )
)
def test_write_and_read_preserve_manifest_and_arrays(array):
    content = write_npz({"kind": "x"}, {"one": array, "two": np.arange(3)})
    manifest, copies = read_npz(content)
    assert manifest == {"format": 2, "kind": "x"}
    assert copies["one"].dtype == array.dtype
    np.testing.assert_array_equal(copies["one"], array)
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        np.testing.assert_array_equal(loaded["two"], copies["two"])


def test_read_of_a_file_by_numpy_returns_its_arrays(tmp_path):
    path = tmp_path / "model.npz"
    manifest = np.frombuffer(b"{}", np.uint8)
    for save in (np.savez, np.savez_compressed):
        save(path, a=np.eye(3), b=np.arange(5, dtype=np.uint16))
        with zipfile.ZipFile(path, "a") as file:
            file.writestr("manifest.json", manifest.tobytes())
        copies = read_npz(path.read_bytes())[1]
        np.testing.assert_array_equal(copies["a"], np.eye(3))
        np.testing.assert_array_equal(copies["b"], np.arange(5))


def test_write_of_the_same_arrays_creates_the_same_bytes():
    one, other = (write_npz({"a": 1}, {"x": np.arange(9)}) for _ in range(2))
    assert one == other


def test_model_that_the_function_would_not_fetch_is_not_exported(monkeypatch):
    assert export.MAX_BYTES == s3.MAX_BYTES
    monkeypatch.setattr(export, "MAX_BYTES", 1000)
    noise = np.random.default_rng(0).integers(256, size=2000, dtype=np.uint8)
    with pytest.raises(NotExportable, match=r"has 2\.\d kB; expected at most 1\.0 kB\. Use fewer"):
        write_npz({}, {"x": noise})


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_read_of_a_file_that_is_not_a_zip_is_refused(content):
    assert "is not a valid .npz file" in refusal(content)


def test_read_of_an_array_of_objects_is_refused():
    objects = npy(np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert "x.npy holds objects" in refusal(zipped({"manifest.json": "{}", "x.npy": objects}))


def test_read_of_a_file_without_a_manifest_is_refused():
    assert "no manifest.json" in refusal(zipped({"x.npy": npy(np.zeros(2))}))


@pytest.mark.parametrize("text", ["[]", "{", "\x00", "[" * 100_000, "NaN"])
def test_read_of_a_malformed_manifest_is_refused(text):
    assert "model file" in refusal(zipped({"manifest.json": text}))


def test_read_of_an_array_with_a_wrong_size_is_refused():
    complete = npy(np.zeros(100))
    content = zipped({"manifest.json": "{}", "x.npy": complete[:-8]})
    assert "not a valid .npz file" in refusal(content)


@pytest.mark.parametrize("shape", ["1, " * 65, f"0, {'9999999999, ' * 2}"])
def test_read_of_an_array_with_a_shape_that_numpy_cannot_create_is_refused(shape):
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}\n".encode()
    array = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + b"\0" * ("1" in shape)
    assert "not a valid .npz file" in refusal(zipped({"manifest.json": "{}", "x.npy": array}))


def test_read_of_a_member_larger_than_its_header_says_is_refused():
    content = bytearray(zipped({"manifest.json": " " * 100_000}, compression=8))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert "incomplete or modified" in refusal(bytes(content))


@given(cut=st.integers(0, 200))
def test_read_of_a_file_that_is_cut_off_is_refused(cut):
    content = write_npz({"a": 1}, {"x": np.arange(50)})
    assert "model file" in refusal(content[: cut % (len(content) - 1)])


def test_read_of_a_manifest_that_is_not_an_object_is_refused():
    assert "is not a JSON object" in refusal(zipped({"manifest.json": json.dumps([1])}))
