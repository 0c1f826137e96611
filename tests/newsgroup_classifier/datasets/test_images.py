"""The loaders of images check the published files completely."""

import gzip
import hashlib
import struct

import numpy as np
import pytest

from newsgroup_classifier.datasets.mnist import TEST, load_mnist, read_part
from newsgroup_classifier.datasets.quickdraw import CLASSES, SKETCHES, load_quickdraw
from newsgroup_classifier.datasets.sources.location import PublishedFile
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.conftest import data_folder

IMAGES = np.arange(4 * 784, dtype=np.uint32).astype(np.uint8).reshape(4, 28, 28)


def as_idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


def published(folder, images, labels):
    """Write two files in the form of MNIST; return them as a part of the data set."""
    part = []
    for name, content in (("images.gz", images), ("labels.gz", labels)):
        (folder / "mnist").mkdir(exist_ok=True)
        (folder / "mnist" / name).write_bytes(gzip.compress(content))
        file = PublishedFile("mnist", (name,), "", "http://unused", "of another packing")
        part.append((file, hashlib.sha256(content).hexdigest()))
    return tuple(part)


def test_read_part_of_recompressed_files_returns_the_digits(tmp_path):
    labels = np.array([7, 0, 9, 9], dtype=np.uint8)
    channel = read_part(published(tmp_path, as_idx(IMAGES), as_idx(labels)), tmp_path)
    assert np.array_equal(channel.images, IMAGES)
    assert channel.labels == [7, 0, 9, 9]
    assert channel.label_names == tuple("0123456789")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gzip.compress(as_idx(IMAGES), mtime=0)[:-9], "it is not a complete gzip file"),
        (gzip.compress(b"", mtime=0), "its unpacked bytes have the sha256 "),
        (gzip.compress(as_idx(IMAGES), mtime=0), "its unpacked bytes have the sha256 "),
    ],
)
def test_load_mnist_of_a_wrong_file_names_it_and_its_address(tmp_path, content, reason):
    (tmp_path / "mnist").mkdir()
    path = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load_mnist(tmp_path)
    assert str(caught.value).startswith(f"{path} is not the MNIST file: {reason}")
    address = "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz"
    assert str(caught.value).endswith(f". Delete it and download {address} again.")


def test_load_mnist_of_the_real_files_has_the_published_counts():
    dataset = load_mnist(data_folder())
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert np.bincount(dataset.test.labels).tolist() == [
        *(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
    ]
    assert [len(part) for part in TEST] == [2, 2]


def sketches(tmp_path, **changed):
    labels = np.repeat(np.arange(10), 5)
    content = {"arr_0": np.zeros((50, 784), np.uint8), "arr_1": labels} | changed
    (tmp_path / "quickdraw").mkdir(exist_ok=True)
    path = tmp_path / "quickdraw" / "quickdraw10.npz"
    with path.open("wb") as file:
        np.savez(file, **{name: array for name, array in content.items() if array is not None})
    return path


def test_load_quickdraw_of_a_file_without_class_names_uses_the_published_ones(tmp_path):
    sketches(tmp_path)
    dataset = load_quickdraw(tmp_path)
    assert dataset.train.label_names == dataset.test.label_names == CLASSES
    assert sorted(dataset.test.labels) == list(range(10))
    assert dataset.train.images.shape == (40, 28, 28)


def test_load_quickdraw_of_a_file_with_class_names_uses_them(tmp_path):
    sketches(tmp_path, arr_1=np.arange(50) % 2, class_names=np.array(["cat", "dog"]))
    assert load_quickdraw(tmp_path).test.label_names == ("cat", "dog")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"arr_1": None}, "it has no array arr_1; it has arr_0; expected arr_0, arr_1"),
        ({"arr_0": np.zeros((50, 784))}, "images is float64 (50, 28, 28); expected uint8 (n, 28"),
        ({"arr_0": np.zeros((50, 28), np.uint8)}, "images is uint8 (50, 28); expected uint8"),
        ({"arr_1": np.zeros(49, int)}, "labels is int64 (49,); expected integers (50,)"),
        ({"arr_1": np.arange(50)}, "the label of image 11 is 10; expected 0 to 9"),
        ({"arr_1": np.zeros(50, int)}, "it has 0 sketches of anvil; expected 3 or more"),
        ({"class_names": np.array(["x", "x"])}, "label_names has an empty or duplicate name"),
        ({"class_names": np.array(["x", 2], object)}, "not a complete .npz file without pickles"),
    ],
)
def test_load_quickdraw_of_wrong_arrays_describes_them(tmp_path, changed, reason):
    path = sketches(tmp_path, **changed)
    with pytest.raises(DataError) as caught:
        load_quickdraw(tmp_path)
    assert str(caught.value).startswith(f"{path} is not the Quick, Draw! file: ")
    assert reason in str(caught.value)
    assert str(caught.value).endswith(f". Delete it and download {SKETCHES.url} again.")


def test_load_quickdraw_without_the_file_names_its_path(tmp_path):
    with pytest.raises(DataError) as caught:
        load_quickdraw(tmp_path)
    assert f"{tmp_path / 'quickdraw'} has no quickdraw10.npz. Download {SKETCHES.url}" in str(
        caught.value
    )
    assert SKETCHES.url.endswith(SKETCHES.names[-1])


def test_load_quickdraw_of_the_real_file_parts_each_class():
    dataset = load_quickdraw(data_folder())
    train, test = np.bincount(dataset.train.labels), np.bincount(dataset.test.labels)
    assert np.allclose(test / (train + test), 0.2, atol=0.001)
