"""What invoke sends: by the kind of the recipe and the ending of the file, or an example."""

import argparse

import pytest

from newsgroup_classifier.channels.images import write_image_channel
from newsgroup_classifier.datasets.mnist import generate_digits
from newsgroup_classifier.errors import RequestError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.endpoints.bodies import add_body_arguments, given_body
from tests.scripts.processes import Scripts

TEXTS, IMAGES = RECIPES["headlines-fast"], RECIPES["digits-cnn"]


def body(recipe, *arguments):
    parser = argparse.ArgumentParser()
    add_body_arguments(parser)
    return given_body(recipe, parser.parse_args([str(each) for each in arguments]))


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("digit.png", "image/png"),
        ("digit.PNG", "image/png"),
        ("digits.npy", "application/x-npy"),
        ("digits.json", "application/json"),
    ],
)
def test_a_file_of_images_is_sent_by_its_ending(tmp_path, name, content_type):
    path = tmp_path / name
    path.write_bytes(b"\x89 content")
    assert body(IMAGES, "--file", path) == (b"\x89 content", content_type)


@pytest.mark.parametrize("name", ["digit.jpg", "digit.txt", "digit"])
def test_another_file_for_a_recipe_of_images_names_those_it_takes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"content")
    with pytest.raises(RequestError) as caught:
        body(IMAGES, "--file", path)
    assert str(caught.value) == (
        f"{path} is no file for recipe digits-cnn, which reads images; expected one with .png, "
        ".npy or .json, or say what it is with --content-type"
    )
    assert body(IMAGES, "--file", path, "--content-type", "image/png") == (b"content", "image/png")


def test_an_image_for_a_recipe_of_texts_is_refused(tmp_path):
    with pytest.raises(
        RequestError, match=r"which reads texts; expected one with \.txt, \.csv, \.json or"
    ):
        body(TEXTS, "--file", tmp_path / "digit.png")


@pytest.mark.parametrize(
    ("recipe", "name", "expected"),
    [
        (IMAGES, "digit.png", "a PNG image"),
        (IMAGES, "digits.npy", "one or several images as numpy.save writes them"),
        (IMAGES, "digits.json", "a JSON document of one or several images"),
        (TEXTS, "titles.json", "a JSON document of one or several texts"),
        (TEXTS, "titles.csv", "a row for each text"),
        (TEXTS, "title.txt", "at least one word"),
    ],
)
def test_an_empty_file_is_named_with_what_is_expected(tmp_path, recipe, name, expected):
    path = tmp_path / name
    path.write_bytes(b"\n" if recipe is TEXTS else b"")
    with pytest.raises(RequestError) as caught:
        body(recipe, "--file", path)
    assert str(caught.value) == f"{path} is empty; expected {expected}"


def test_a_missing_file_is_named_with_the_endings_that_a_recipe_takes(tmp_path):
    path = tmp_path / "digit.png"
    with pytest.raises(RequestError) as caught:
        body(IMAGES, "--file", path)
    assert str(caught.value) == (
        f"{path} cannot be read (No such file or directory); expected a file of images with .png, "
        ".npy or .json"
    )


def test_a_text_for_a_recipe_of_images_is_refused():
    with pytest.raises(RequestError, match="recipe digits-cnn reads images; expected --file with"):
        body(IMAGES, "a seven")


def test_nothing_given_is_no_body():
    assert body(TEXTS) is None
    assert body(IMAGES) is None


def test_an_example_of_each_kind_is_the_first_row_of_its_test_channel(
    foundation_only, own_region, tmp_path
):
    scripts = Scripts(foundation_only.aws, own_region)
    bucket = scripts.run("setup").result["bucket"]
    client = scripts.client("s3")
    channel = generate_digits().test
    write_image_channel(channel, tmp_path / "test.npz")
    client.upload_file(str(tmp_path / "test.npz"), bucket, "data/mnist/test/test.npz")
    row = 'data,data_subject,label_names,label\n"Shares, again",s1,business,0\n'
    client.put_object(Bucket=bucket, Key="data/uci-news/test/test.csv", Body=row.encode())
    for recipe, label in (
        ("digits-cnn", channel.label_names[channel.labels[0]]),
        ("headlines-fast", "business"),
    ):
        ended = scripts.run("invoke", "--recipe", recipe)
        assert f"an example of the test data is sent: {label}." in ended.stderr
        assert ended.error.startswith(f"there is no endpoint {recipe}-pipeline in region")
    single = scripts.run("invoke", "--recipe", "headlines-fast", "--target", "single")
    assert single.error.endswith("scripts.deploy --recipe headlines-fast --target single")


def test_no_example_without_data_says_how_to_upload_it(foundation_only):
    error = foundation_only.run("invoke", "--recipe", "sketches-cnn").error
    assert "data/quickdraw/test/test.npz is missing, so there is no example to send" in error
    assert "python -m scripts.upload_data --recipe sketches-cnn" in error


@pytest.mark.parametrize("script", ["deploy", "invoke"])
def test_single_of_a_recipe_without_it_is_refused_before_anything_is_asked(empty_region, script):
    error = empty_region.run(script, "--target", "single", "--recipe", "comments-dense").error
    assert error.startswith("recipe comments-dense has no --target single: its model takes no raw")
