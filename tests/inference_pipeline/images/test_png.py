"""PNG files are passed on unchanged, or refused with what is wrong and what to do."""

import base64
import zlib

import pytest

from inference_pipeline.content_types import PNG
from tests.inference_pipeline.images.image_files import (
    IMAGE,
    SIGNATURE,
    chunk,
    header,
    png,
    png_of,
    refusal,
    serving_request,
)


@pytest.mark.parametrize(
    "body", [png(IMAGE, extra=chunk(b"tEXt", b"Title\0a digit")), png_of(color=2)]
)
def test_png_is_passed_on_unchanged(body):
    coded = base64.b64encode(body).decode()
    assert serving_request(body, PNG) == {"signature_name": "png", "instances": [{"b64": coded}]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"GIF89a", "the body is not a PNG file: it lacks the PNG signature"),
        (png_of(width=32, height=30), "the PNG has 32 x 30 pixels; expected 28 x 28. Resize it."),
        (png_of(color=3), "the PNG has a palette; expected one gray or three color channels. "),
        (png_of(color=4), "the PNG has 2 channels (gray and transparency); expected one gray or "),
        (png_of(color=6), "the PNG has 4 channels (color and transparency); expected one "),
        (png_of(bits=16), "the PNG has 16 bits per channel; expected 8. Convert it."),
        (png_of(bits=1), "the PNG has 1 bits per channel; expected 8. Convert it."),
        (png_of(interlaced=1), "the PNG is interlaced; expected one that is not. Save it without."),
        (
            png(IMAGE) + b"\0",
            "the PNG file is corrupt: 1 bytes follow its end; expected a single image",
        ),
        (SIGNATURE, "the PNG file is corrupt: it is cut off after 8 bytes"),
        (SIGNATURE + chunk(b"IEND", b""), "the PNG file is corrupt: its first chunk is not a"),
        (png(IMAGE, extra=header()), "the PNG file is corrupt: its first chunk is not a"),
        (
            png(IMAGE, extra=chunk(b"PLTE", b"\0" * 3)),
            "the PNG file is corrupt: it has an unknown chunk b'PL",
        ),
        (png(IMAGE, extra=chunk(b"tRNS", b"\0\0")), "the PNG has a transparent color; expected o"),
    ],
)
def test_invalid_png_is_refused_with_the_reason(body, message):
    assert refusal(body, PNG).startswith(message)


def test_png_with_a_wrong_checksum_names_the_chunk():
    body = bytearray(png(IMAGE))
    body[40] ^= 1  # in the pixels, whose chunk begins at byte 33
    expected = "the PNG file is corrupt: the chunk at byte 33 fails its checksum (CRC)"
    assert refusal(bytes(body), PNG) == expected


def test_png_that_is_cut_off_anywhere_is_refused():
    body = png(IMAGE)
    for length in range(1, len(body), 7):
        assert "PNG" in refusal(body[:length], PNG)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (b"not deflated", "its pixels cannot be decompressed"),
        (zlib.compress(b"\0" * 29 * 27), "its pixels are not 28 rows of 28"),
        (zlib.compress(b"\0" * 10_000_000), "its pixels are not 28 rows of 28"),
        (zlib.compress(b"\5" * 29 * 28), "one of its rows has an unknown filter"),
        (zlib.compress(b"\0" * 29 * 28)[:-2], "its pixels are not 28 rows of 28"),
    ],
)
def test_png_with_corrupt_pixels_is_refused(pixels, reason):
    body = SIGNATURE + header() + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    assert refusal(body, PNG) == f"the PNG file is corrupt: {reason}"
