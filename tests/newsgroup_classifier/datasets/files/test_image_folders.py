"""Folders of images become channels: gray, 28 x 28 pixels, and split by class."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from PIL import Image, ImageOps

from newsgroup_classifier.datasets.files import images
from newsgroup_classifier.datasets.files.images import read_image_folders
from newsgroup_classifier.errors import DataError

RANDOM = np.random.default_rng(0)


def pixels(*shape):
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


def write(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    for label in ("cat", "dog"):
        for number in range(10):
            write(tmp_path / f"pets/{label}/{number}.png", Image.fromarray(pixels(28, 28)))
    return tmp_path / "pets"


def zip_of(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*"):
            archive.write(file, file.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_gray_images_of_the_right_size_stay_as_they_are(folder, tmp_path, packed):
    path = zip_of(folder, tmp_path / "pets.zip") if packed else folder
    dataset, report = read_image_folders(path)
    assert report["rows"] == {"read": 20, "train": 16, "test": 4}
    assert dataset.train.label_names == dataset.test.label_names == ("cat", "dog")
    found = {
        (image.tobytes(), part.label_names[label])
        for part in (dataset.train, dataset.test)
        for image, label in zip(part.images, part.labels, strict=True)
    }
    assert found == {
        (np.asarray(Image.open(file)).tobytes(), file.parent.name) for file in folder.rglob("*.png")
    }


def test_images_are_made_gray_resized_flattened_and_upright(folder):
    write(folder / "cat/large.jpg", Image.new("RGB", (300, 200), (255, 0, 0)), quality=95)
    clear = Image.new("RGBA", (28, 28), (0, 0, 0, 0))
    write(folder / "cat/clear.png", clear)
    turned = Image.new("L", (28, 28))
    turned.paste(255, (0, 0, 28, 14))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    write(folder / "dog/turned.jpeg", turned, exif=exif, quality=100)
    dataset, _ = read_image_folders(folder)
    found = np.concatenate([dataset.train.images, dataset.test.images])
    means = found.mean(axis=(1, 2))
    assert (abs(means - 76) < 2).any()  # red
    assert (means == 255).any()  # transparent
    assert any(image[:12].max() < 10 and image[16:].min() > 245 for image in found)


def test_copies_are_dropped_and_other_files_counted(folder):
    write(folder / "cat/copy.png", Image.open(folder / "cat/1.png"))
    (folder / "cat/notes.txt").write_text("x")
    _, report = read_image_folders(folder)
    assert report["rows"] == {"read": 22, "train": 16, "test": 4}
    assert report["dropped"] == {"duplicate": 1, "no_image": 1}


def test_second_folder_is_the_test_channel(folder, tmp_path):
    write(tmp_path / "test/dog/1.png", Image.fromarray(pixels(28, 28)))
    dataset, report = read_image_folders(folder, tmp_path / "test")
    assert report["rows"] == {"read": 21, "train": 20, "test": 1}
    assert dataset.test.labels == [1]


def test_class_with_one_image_is_trained_on_if_there_is_a_test_folder(folder, tmp_path):
    write(folder / "bird/1.png", Image.fromarray(pixels(28, 28)))
    write(tmp_path / "test/dog/1.png", Image.fromarray(pixels(28, 28)))
    _, report = read_image_folders(folder, tmp_path / "test")
    assert report["classes"]["bird"]["train"] == 1


KINDS = {  # modes, and options of the format
    "1": ("PNG", {}),
    "L": ("PNG", {}),
    "LA": ("PNG", {}),
    "P": ("PNG", {"transparency": 3}),
    "RGB": ("PNG", {"transparency": (1, 2, 3)}),
    "RGBA": ("PNG", {}),
    "CMYK": ("JPEG", {"quality": 90}),
}


@pytest.mark.parametrize("mode", KINDS)
def test_gray_does_not_depend_on_the_bands_that_it_is_computed_in(monkeypatch, mode):
    form, options = KINDS[mode]
    made = Image.fromarray(pixels(90, 70, 4), "RGBA").convert(mode)
    file = io.BytesIO()
    made.save(file, form, **options)
    expected = images.gray_pixels(file.getvalue(), "x")
    monkeypatch.setattr(images, "_BAND", 700)
    np.testing.assert_array_equal(images.gray_pixels(file.getvalue(), "x"), expected)
    opened = Image.open(io.BytesIO(file.getvalue()))
    if opened.has_transparency_data:
        white = Image.new("RGBA", opened.size, "white")
        opened = Image.alpha_composite(white, opened.convert("RGBA"))
    gray = np.asarray(opened.convert("RGB"), dtype=int) @ [9797, 19234, 3737] // 2**15
    whole = Image.fromarray(gray.astype(np.uint8)).resize((28, 28), Image.Resampling.LANCZOS)
    np.testing.assert_array_equal(np.asarray(whole), expected)


def test_colors_of_a_large_image_are_not_in_memory_at_once():
    file = io.BytesIO()
    Image.new("RGB", (6000, 4000), "red").save(file, "JPEG")
    tracemalloc.start()
    images.gray_pixels(file.getvalue(), "x")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_image_becomes_upright_as_pillow_makes_it_even_if_its_exif_is_damaged(orientation):
    image = Image.fromarray(pixels(28, 28))
    exif = Image.Exif()
    exif[0x0112], exif[0x011A] = orientation, 72.0
    plain = io.BytesIO()
    image.save(plain, "PNG", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(plain)))
    np.testing.assert_array_equal(images.gray_pixels(plain.getvalue(), "x"), expected)
    # The resolution becomes a text, as some cameras write it.
    damaged = exif.tobytes().replace(b"\x1a\x01\x05\0", b"\x1a\x01\x02\0")
    damaged = damaged.replace(b"\x01\x1a\0\x05", b"\x01\x1a\0\x02")
    file = io.BytesIO()
    image.save(file, "PNG", exif=damaged)
    np.testing.assert_array_equal(images.gray_pixels(file.getvalue(), "x"), expected)


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF"])
def test_image_of_another_format_is_refused_whatever_its_name(folder, form):
    write(folder / "cat/other.png", Image.new("L", (28, 28)), format=form)
    with pytest.raises(DataError, match=r"cat/other\.png is not a complete PNG or JPEG image"):
        read_image_folders(folder)


def broken(folder):
    (folder / "cat/broken.png").write_bytes((folder / "cat/1.png").read_bytes()[:100])
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (broken, r"cat/broken\.png is not a complete PNG or JPEG image"),
        (lambda folder: folder / "cat/1.png", "is a file; expected a folder or zip archive"),
        (lambda folder: folder / "cat", "has no subfolders with files"),
        (
            lambda folder: write(folder / "bird/1.png", Image.new("L", (9, 9))).parents[1],
            "has 1 class with a single image: 'bird'",
        ),
        (
            lambda folder: write(folder / "cat/deep.png", Image.new("I;16", (9, 9))).parents[1],
            r"cat/deep\.png has more than 8 bits per channel",
        ),
    ],
)
def test_folder_that_cannot_be_used_is_refused(folder, change, message):
    with pytest.raises(DataError, match=message):
        read_image_folders(change(folder))


def test_image_with_too_many_pixels_is_refused(folder, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    write(folder / "cat/large.png", Image.new("L", (40, 40)))
    with pytest.raises(DataError, match=r"cat/large\.png has more than 1,000 pixels; scale"):
        read_image_folders(folder)


@pytest.mark.slow
def test_colors_become_the_gray_that_tensorflow_serving_sees(tmp_path):
    tf = pytest.importorskip("tensorflow")
    for number in range(4):
        write(tmp_path / f"{'ab'[number % 2]}/{number}.png", Image.fromarray(pixels(28, 28, 3)))
    dataset, _ = read_image_folders(tmp_path, share=0.5)
    ours = {image.tobytes() for part in (dataset.train, dataset.test) for image in part.images}
    theirs = set()
    for file in tmp_path.rglob("*.png"):
        content = io.BytesIO(file.read_bytes()).getvalue()
        theirs.add(tf.io.decode_png(content, channels=1).numpy()[..., 0].tobytes())
    assert ours == theirs
