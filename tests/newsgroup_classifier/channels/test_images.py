"""Image channels are read as they were written, and any other file is refused with a reason."""

import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import RidgeClassifier

from newsgroup_classifier.channels import images
from newsgroup_classifier.channels.images import (
    ImageChannel,
    read_image_channel,
    write_image_channel,
)
from newsgroup_classifier.channels.texts import check_channels
from newsgroup_classifier.datasets.catalogue import generate_dataset
from newsgroup_classifier.errors import DataError

IMAGES = np.arange(4 * 784, dtype=np.uint32).astype(np.uint8).reshape(4, 28, 28)
CHANNEL = {"images": IMAGES, "labels": np.array([0, 1, 1, 0]), "label_names": np.array(["a", "b"])}
anything_goes = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(path, **changed):
    content = CHANNEL | changed
    with path.open("wb") as file:
        np.savez(file, **{name: array for name, array in content.items() if array is not None})
    return path


@given(arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(28), st.just(28))), st.data())
@anything_goes
def test_image_channel_with_any_images_is_read_as_written(tmp_path, images, data):
    names = data.draw(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
            min_size=1,
            max_size=4,
            unique=True,
        )
    )
    labels = [data.draw(st.integers(0, len(names) - 1)) for _ in images]
    path = tmp_path / "train.npz"
    write_image_channel(ImageChannel(images, labels, tuple(names)), path)
    channel = read_image_channel(path)
    assert np.array_equal(channel.images, images)
    assert (channel.labels, channel.label_names) == (labels, tuple(names))
    assert [file.name for file in tmp_path.iterdir()] == ["train.npz"]


def test_equal_image_channels_are_written_as_equal_bytes(tmp_path):
    channel = ImageChannel(IMAGES, [0, 1, 0, 1], ("a", "b"))
    for name in ("one.npz", "two.npz"):
        write_image_channel(channel, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"labels": None}, "it has no array labels; it has images, label_names; exp"),
        ({"images": IMAGES.astype(float)}, "images is float64 (4, 28, 28); expected uint8 (n, 28"),
        ({"images": IMAGES.reshape(4, 784)}, "images is uint8 (4, 784); expected uint8 (n, 28, 2"),
        ({"images": IMAGES[..., None]}, "images is uint8 (4, 28, 28, 1); expected uint8 (n, 28"),
        ({"images": IMAGES[:0]}, "train.npz: it has no images; expected one or more."),
        ({"labels": np.zeros(3, int)}, "labels is int64 (3,); expected integers (4,)"),
        ({"labels": np.zeros(4)}, "labels is float64 (4,); expected integers"),
        ({"labels": np.array([0, 1, 2, 0])}, "the label of image 3 is 2; expected 0 to 1"),
        ({"labels": np.array([0, -1, 0, 0])}, "the label of image 2 is -1; expected 0 to 1"),
        ({"label_names": np.array([1, 2])}, "label_names is int64 (2,); expected strings (n,)"),
        ({"label_names": np.array([], str)}, "label_names is <U1 (0,); expected strings"),
        ({"label_names": np.array(["a", "a"])}, "label_names has an empty or duplicate name"),
        ({"label_names": np.array(["a", ""])}, "label_names has an empty or duplicate name"),
        ({"labels": np.array([0, None, 1, 1])}, "not a complete .npz file without pickles (Val"),
    ],
)
def test_read_image_channel_with_invalid_arrays_describes_them(tmp_path, changed, reason):
    path = written(tmp_path / "train.npz", **changed)
    with pytest.raises(DataError) as caught:
        read_image_channel(path)
    assert reason in str(caught.value)
    assert "train.npz" in str(caught.value)


def test_read_image_channel_with_countless_empty_names_is_refused_at_once(tmp_path):
    path = written(tmp_path / "train.npz", label_names=None)
    header = b"{'descr': '<U0', 'fortran_order': False, 'shape': (900000000000,)}\n"
    content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("label_names.npy", content)
    with pytest.raises(DataError, match=r"train\.npz: "):
        read_image_channel(path)


def test_read_image_channel_with_a_huge_array_is_refused_before_it_is_unpacked(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(images, "LARGEST", 1000)
    path = tmp_path / "train.npz"
    np.savez_compressed(path, **CHANNEL | {"images": np.zeros((100, 28, 28), np.uint8)})
    message = r"train\.npz: its array images has 78,528 bytes; expected at most 1,000"
    with pytest.raises(DataError, match=message):
        read_image_channel(path)


def test_read_image_channel_without_a_file_names_the_folder(tmp_path):
    with pytest.raises(DataError, match=rf"train\.npz is missing in the channel folder {tmp_path}"):
        read_image_channel(tmp_path / "train.npz")


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("'|u1'", "(2000000, 28, 28)"), ("'|u1'", "(True, 28, 28)"), ("('|u1',)", "(1, 28, 28)")],
)
def test_read_image_channel_with_an_impossible_header_is_refused(tmp_path, kind, shape):
    path = tmp_path / "train.npz"
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    with zipfile.ZipFile(path, "w") as file:
        for name in CHANNEL:
            content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
            file.writestr(f"{name}.npy", content)
    with pytest.raises(DataError, match=r"it is not a complete \.npz file without pickles"):
        read_image_channel(path)


@given(st.data())
@anything_goes
def test_read_image_channel_of_a_changed_file_returns_a_channel_or_raises_data_error(
    tmp_path, data
):
    content = bytearray(written(tmp_path / "train.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check_any(tmp_path / "changed.npz", bytes(content[: data.draw(st.integers(1, len(content)))]))


@given(st.binary(max_size=200))
@anything_goes
def test_read_image_channel_with_any_header_returns_a_channel_or_raises_data_error(
    tmp_path, header
):
    path = tmp_path / "header.npz"
    with zipfile.ZipFile(path, "w") as file:
        for name in CHANNEL:
            prefix = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
            file.writestr(f"{name}.npy", prefix + header)
    check_any(path, path.read_bytes())


def check_any(path, content):
    path.write_bytes(content)
    try:
        channel = read_image_channel(path)
    except DataError as error:
        assert path.name in str(error)
    else:
        assert len(channel.images) == len(channel.labels) > 0


@pytest.mark.parametrize("name", ["mnist", "quickdraw"])
def test_generated_images_are_reproducible_and_have_ten_classes(name):
    dataset, again = generate_dataset(name), generate_dataset(name)
    check_channels(dataset.train, dataset.test)
    assert np.array_equal(dataset.train.images, again.train.images)
    assert np.bincount(dataset.train.labels).tolist() == [40] * 10
    assert np.bincount(dataset.test.labels).tolist() == [10] * 10


@pytest.mark.parametrize("name", ["mnist", "quickdraw"])
def test_generated_images_are_separable_by_a_linear_model(name):
    dataset = generate_dataset(name)
    train, test = (part.images.reshape(-1, 784) for part in (dataset.train, dataset.test))
    model = RidgeClassifier(alpha=100.0).fit(train / 255, dataset.train.labels)
    assert model.score(test / 255, dataset.test.labels) > 0.85


def test_check_channels_with_images_that_lack_a_label_names_it():
    train = ImageChannel(IMAGES, [0, 2, 2, 0], ("a", "b", "c"))
    with pytest.raises(DataError, match="the train channel has no examples of the labels 1; num"):
        check_channels(train, train)
