"""invoke selects the body by recipe and file extension, adds options, or sends an example."""

import argparse
import gzip
import io
import json

import numpy as np
import pytest
from PIL import Image

from inference_pipeline.bodies import OPTION_NAMES
from inference_pipeline.png import check_png
from newsgroup_classifier.datasets.files.images import drawn_pixels, read_image_folders
from newsgroup_classifier.errors import DataError, DeploymentError, RequestError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.endpoints.bodies import add_body_arguments, add_options, read_body
from tests.inference_pipeline.images.image_files import png

IMAGE = np.zeros((28, 28), np.uint8)
TEXTS, IMAGES = RECIPES["headlines-fast"], RECIPES["digits-cnn"]


def body(recipe, *arguments):
    parser = argparse.ArgumentParser()
    add_body_arguments(parser)
    return read_body(recipe, parser.parse_args([str(each) for each in arguments]))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("digit.png", "image/png"),
        ("digit.PNG", "image/png"),
        ("digits.npy", "application/x-npy"),
        ("digits.json", "application/json"),
    ],
)
def test_read_body_sends_an_image_file_by_its_extension(tmp_path, name, content_type):
    path = tmp_path / name
    content = png(IMAGE) if content_type == "image/png" else b"\x89 content"
    path.write_bytes(content)
    assert body(IMAGES, "--file", path) == (content, content_type)


@pytest.mark.parametrize(
    ("name", "mode", "size"),
    [
        ("photo.png", "RGB", (300, 200)),
        ("photo.PNG", "RGBA", (28, 28)),
        ("photo.png", "P", (28, 28)),
        ("photo.jpg", "RGB", (64, 64)),
        ("photo.jpeg", "L", (28, 28)),
    ],
)
def test_image_that_endpoints_refuse_is_sent_as_own_images_are_trained_on(
    tmp_path, capsys, name, mode, size
):
    pixels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    for folder in ("a", "b"):
        for number in range(2):
            path = tmp_path / "own" / folder / f"{number}{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            shades = pixels // (1 + number + 2 * (folder == "b"))
            Image.fromarray(shades).convert(mode).save(path, "JPEG" if "j" in name else "PNG")
    trained, _ = read_image_folders(tmp_path / "own")
    images = {each.tobytes() for part in (trained.train, trained.test) for each in part.images}
    content, content_type = body(IMAGES.for_data("own"), "--file", path)
    assert content_type == "image/png"
    check_png(content, 28)
    assert np.asarray(Image.open(io.BytesIO(content))).tobytes() in images
    assert "sent as a gray image of 28 x 28 pixels" in capsys.readouterr().err


def test_scan_for_a_model_of_digits_is_sent_as_a_drawing_of_the_data_set(tmp_path, capsys):
    scan = np.full((300, 200), 250, np.uint8)
    scan[100:200, 90:110] = 20
    path = tmp_path / "scan.png"
    path.write_bytes(png(scan))
    content, _ = body(IMAGES, "--file", path)
    drawing = np.asarray(Image.open(io.BytesIO(content)))
    assert drawing.tolist() == drawn_pixels(path.read_bytes(), "x", 20).tolist()
    assert drawing.max() > 200
    assert "with its ink light on black" in capsys.readouterr().err
    path.write_bytes(content)
    assert body(IMAGES, "--file", path)[0] == content
    assert capsys.readouterr().err == ""


def test_file_that_is_no_image_is_refused_before_it_is_sent(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"\x89PNG content")
    with pytest.raises(DataError, match=r"photo\.png is not a complete PNG or JPEG image; save"):
        body(IMAGES, "--file", path)


def test_image_of_too_many_pixels_is_refused(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("1", (10_000, 9_000)).save(path)
    with pytest.raises(DataError, match=r"photo\.png has more than 89,478,485 pixels; scale it"):
        body(IMAGES, "--file", path)


@pytest.mark.parametrize("name", ["digit.gif", "digit.txt", "digit"])
def test_read_body_of_another_file_for_images_lists_the_extensions(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"content")
    with pytest.raises(RequestError) as caught:
        body(IMAGES, "--file", path)
    assert str(caught.value) == (
        f"{path} is not a file for recipe digits-cnn, which reads images; expected .png, .jpg, "
        ".jpeg, .npy or .json, or a --content-type"
    )
    assert body(IMAGES, "--file", path, "--content-type", "application/x-npy") == (
        b"content",
        "application/x-npy",
    )


def test_read_body_of_an_image_for_texts_is_refused(tmp_path):
    with pytest.raises(
        RequestError, match=r"which reads texts; expected \.txt, \.csv, \.json or \.jsonl, or"
    ):
        body(TEXTS, "--file", tmp_path / "digit.png")


@pytest.mark.parametrize("name", ["post.md", "post.log", "posts.parquet"])
def test_read_body_of_an_unknown_extension_lists_the_extensions(tmp_path, name):
    path = tmp_path / name
    path.write_text("a post", encoding="utf-8")
    with pytest.raises(RequestError, match=r"\.json or \.jsonl, or a --content-type"):
        body(TEXTS, "--file", path)
    assert body(TEXTS, "--file", path, "--content-type", "text/plain") == (b"a post", "text/plain")
    (tmp_path / "51060").write_text("a post", encoding="utf-8")  # as in 20 Newsgroups
    assert body(TEXTS, "--file", tmp_path / "51060") == (b"a post", "text/plain")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"caf\xe9", "is not UTF-8: byte 3 is 0xe9"),
        (b"\x89PNG\r\n", "is not UTF-8: byte 0 is 0x89"),
        ("post".encode("utf-16-le"), "is not text: byte 1 is NUL"),
        (
            gzip.compress(b"a", mtime=0),
            "is compressed with gzip; expected plain data. Send it uncompressed",
        ),
        (b"a\0", "is not text: byte 1 is NUL"),
    ],
)
def test_read_body_of_a_binary_file_for_texts_names_the_file(tmp_path, content, reason):
    path = tmp_path / "post.txt"
    path.write_bytes(content)
    with pytest.raises(RequestError) as caught:
        body(TEXTS, "--file", path)
    assert str(caught.value) == (
        f"{path} {reason}. Pass a file of texts with .txt, .csv, .json or .jsonl."
    )


@pytest.mark.parametrize(
    ("recipe", "name", "content"),
    [
        (IMAGES, "digit.png", b""),
        (TEXTS, "titles.csv", b"\n"),
        (TEXTS, "title.txt", b"\xef\xbb\xbf\r\n"),
    ],
)
def test_read_body_of_an_empty_file_names_the_expected_files(tmp_path, recipe, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RequestError) as caught:
        body(recipe, "--file", path)
    assert str(caught.value).startswith(
        f"{path} is empty; expected a file of {recipe.inputs} with ."
    )


def test_read_body_of_a_missing_file_lists_the_extensions(tmp_path):
    path = tmp_path / "digit.png"
    with pytest.raises(RequestError) as caught:
        body(IMAGES, "--file", path)
    assert str(caught.value) == (
        f"{path} cannot be read (No such file or directory); expected a file of images with .png, "
        ".jpg, .jpeg, .npy or .json"
    )


def test_read_body_of_a_text_for_images_is_refused():
    with pytest.raises(RequestError, match="recipe digits-cnn reads images; expected --file with"):
        body(IMAGES, "a seven")


def test_read_body_without_input_returns_none():
    assert body(TEXTS) is None
    assert body(IMAGES) is None


def with_options(recipe, body=b"a text", content_type="text/plain", target="pipeline", **counts):
    arguments = argparse.Namespace(**(dict.fromkeys(OPTION_NAMES) | {"target": target} | counts))
    return add_options(RECIPES[recipe], arguments, body, content_type)


def test_add_options_without_options_leaves_the_body_unchanged():
    assert with_options("newsgroups-naive-bayes", b"x", "text/csv") == (b"x", "text/csv")


@pytest.mark.parametrize(
    ("body", "content_type", "texts"),
    [
        (b"a text", "text/plain", ["a text"]),
        (b"one\ntwo\n", "text/csv", ["one", "two"]),
        (b'["one", "two"]', "application/json", ["one", "two"]),
        (b'"one"\n', "application/jsonlines", ["one"]),
    ],
)
def test_add_options_puts_texts_of_any_format_into_json(body, content_type, texts):
    request, request_type = with_options(
        "subreddits-neighbors", body, content_type, top=3, neighbors=5
    )
    assert json.loads(request) == {"instances": texts, "top": 3, "neighbors": 5}
    assert request_type == "application/json"


@pytest.mark.parametrize("target", ["pipeline", "single", "lambda", "api"])
def test_explanations_are_requested_of_every_target(target):
    recipe = "headlines-fast" if target == "single" else "spooky-ngrams"
    request, content_type = with_options(recipe, b"a text", "text/plain", target, explain=3)
    assert json.loads(request) == {"instances": ["a text"], "explain": 3}
    assert content_type == "application/json"


@pytest.mark.parametrize(
    ("recipe", "target", "counts", "message"),
    [
        ("headlines-fast", "pipeline", {"top": 3}, "--top: only endpoints of scikit-learn recipes"),
        ("spooky-ngrams", "lambda", {"top": 3}, "this is spooky-ngrams with --target lambda"),
        ("spooky-ngrams", "api", {"top": 1, "neighbors": 1}, "--top and --neighbors: only"),
        ("subreddits-linear", "pipeline", {"neighbors": 1}, "does not store posts, which --nei"),
        ("digits-cnn", "pipeline", {"explain": 1}, "--explain works with texts only, and recipe"),
    ],
)
def test_add_options_refuses_unsupported_options(recipe, target, counts, message):
    with pytest.raises(DeploymentError) as caught:
        with_options(recipe, target=target, **counts)
    assert message in str(caught.value)


def test_add_options_refuses_a_body_without_texts():
    with pytest.raises(RequestError, match="item 0 is a number; expected a string"):
        with_options("subreddits-linear", b"[1]", "application/json", top=1)


@pytest.mark.parametrize("script", ["deploy", "invoke"])
def test_single_of_an_unsupported_recipe_is_refused_before_any_call(empty_region, script):
    error = empty_region.run(script, "--target", "single", "--recipe", "comments-dense").error
    assert error.startswith("recipe comments-dense does not support --target single: its model")
