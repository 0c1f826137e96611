"""An image becomes a drawing as MNIST and QuickDraw have them."""

import io

import numpy as np
import pytest
from PIL import Image

from newsgroup_classifier.datasets.files.images import drawn_pixels, ink_size

MNIST, QUICKDRAW = ink_size("mnist"), ink_size("quickdraw")


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, "PNG")
    return file.getvalue()


def stroke(shape, rows, columns, ink=255):
    """Return light ink on black."""
    pixels = np.zeros(shape)
    pixels[rows, columns] = ink
    return pixels


@pytest.mark.parametrize("size", [MNIST, QUICKDRAW])
@pytest.mark.parametrize("is_light", [True, False])
def test_ink_fills_the_size_and_dark_ink_is_inverted(size, is_light):
    image = stroke((300, 200), slice(20, 140), slice(50, 80))
    drawing = drawn_pixels(png(image if is_light else 255 - image), "x", size)
    rows, columns = np.nonzero(drawing > 127)
    assert drawing.shape == (28, 28)
    assert rows.max() - rows.min() + 1 == size
    assert columns.max() - columns.min() + 1 == round(size / 4)
    assert abs(rows.mean() - 13.5) <= 0.5
    assert abs(columns.mean() - 13.5) <= 0.5


def test_center_of_mass_of_a_digit_and_the_frame_of_a_sketch_are_in_the_middle():
    image = stroke((100, 100), slice(10, 90), slice(10, 20))
    image[80:90, 10:60] = 255  # the letter L
    digit, sketch = (drawn_pixels(png(image), "x", size) for size in (MNIST, QUICKDRAW))
    rows, columns = np.nonzero(digit > 127)
    assert abs(rows.mean() - 13.5) <= 0.6
    assert abs(columns.mean() - 13.5) <= 0.6
    rows, columns = np.nonzero(sketch > 127)
    assert (rows.min(), rows.max()) == (1, 26)
    assert abs(columns.min() + columns.max() - 27) <= 1


def test_image_of_28_pixels_is_only_inverted():
    image = stroke((28, 28), slice(0, 9), slice(3, 5), ink=77)
    assert drawn_pixels(png(image), "x", MNIST).tolist() == image.tolist()
    assert drawn_pixels(png(255 - image), "x", MNIST).tolist() == image.tolist()


@pytest.mark.parametrize("shade", [0, 30, 255])
def test_blank_image_is_black(shade):
    assert not drawn_pixels(png(np.full((50, 40), shade)), "x", MNIST).any()


def test_line_of_one_pixel_width_stays_visible():
    drawing = drawn_pixels(png(stroke((1000, 1000), slice(0, 1000), slice(500, 501))), "x", MNIST)
    assert drawing.any()
