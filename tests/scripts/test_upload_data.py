"""upload_data uploads the channels of a recipe; flags that the recipe does not use are refused."""

import argparse
import json

import numpy as np
import pytest

from newsgroup_classifier.channels.images import read_image_channel
from newsgroup_classifier.channels.texts import dataset_of, read_channel
from newsgroup_classifier.datasets.catalogue import DATASETS, generate_dataset
from newsgroup_classifier.errors import DataError, DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES as CATALOGUE
from scripts import upload_data
from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK as STACK
from scripts.jobs.channel_files import read_dataset, write_files
from scripts.jobs.data_versions import DataVersions
from tests.newsgroup_classifier.conftest import data_folder
from tests.own_files import ENGLISH, write_csv
from tests.scripts.processes import clean_environment, run

RECIPES = {
    "headlines-fast": ("uci-news", "csv", "text/csv", "texts"),
    "comments-dense": ("reddit-comments", "csv", "text/csv", "texts"),
    "digits-cnn": ("mnist", "npz", "application/x-npz", "images"),
    "sketches-dense": ("quickdraw", "npz", "application/x-npz", "images"),
}
PARTS = ("train", "test")


def uploaded(scripts, recipe, *arguments):
    ended = scripts.run("upload_data", "--recipe", recipe, *arguments)
    return ended.result, ended.stderr


def downloaded(scripts, uris, folder):
    """Return the uploaded files, with the responses of S3."""
    for part, uri in uris.items():
        (address,) = scripts.list_objects(uri)
        path = folder / address.rpartition("/")[2]
        response = scripts.get_object(address)
        path.write_bytes(response["Body"].read())
        yield part, path, response


@pytest.mark.parametrize("recipe", ["comments-dense", "sketches-dense"])
def test_dry_run_prints_the_two_files_and_loads_no_data(scripts, recipe, tmp_path):
    dataset, ending, _, _ = RECIPES[recipe]
    result, _ = uploaded(scripts, recipe, "--dry-run", "--data-dir", str(tmp_path))
    keys = [call["parameters"]["Key"] for call in result["calls"]]
    channels = [f"data/{dataset}/HASH/{part}/{part}.{ending}" for part in PARTS]
    assert keys == [*channels, f"data/{dataset}/current.json"]


@pytest.mark.parametrize("uploads", [1, 2])
def test_interrupted_upload_of_own_data_is_no_version_of_them(
    foundation_only, tmp_path, monkeypatch, uploads
):
    monkeypatch.setenv("AWS_ENDPOINT_URL", foundation_only.aws.url)
    path, name = tmp_path / "own.csv", f"interrupted-{uploads}"
    write_csv(path, ENGLISH.rows(40), ("body", "queue"))
    parser = argparse.ArgumentParser()
    upload_data.add_arguments(parser)
    flags = ["--recipe", "text-linear", "--name", name, "--file", str(path)]
    arguments = parser.parse_args([*flags, "--region", foundation_only.region])
    upload, left = upload_data._upload, iter(range(uploads))

    def interrupted(*file):
        if next(left, None) is None:
            raise KeyboardInterrupt
        upload(*file)

    monkeypatch.setattr(upload_data, "_upload", interrupted)
    with pytest.raises(KeyboardInterrupt):
        upload_data.run(arguments)
    data = DataVersions(Aws(foundation_only.region), CATALOGUE["text-linear"].for_data(name), STACK)
    keys = foundation_only.list_objects(data.uri)
    assert [key.rpartition("/")[2] for key in keys] == ["report.json", "test.csv"][:uploads]
    with pytest.raises(DeploymentError, match="expected one of: none yet"):
        data.find(vectors=False, version=keys[0].split("/")[-2])


@pytest.mark.parametrize("recipe", ["headlines-fast", "digits-cnn"])
def test_generated_sample_is_uploaded_as_channels(scripts, recipe, tmp_path):
    name, ending, content_type, inputs = RECIPES[recipe]
    result, output = uploaded(scripts, recipe, "--generated-sample")
    dataset = generate_dataset(name)
    count = len(dataset.train.images if inputs == "images" else dataset.train)
    assert f"Data: generated sample, {count} train and " in output
    assert f" test {inputs}." in output
    for part, path, response in downloaded(scripts, result["channels"], tmp_path):
        expected = getattr(dataset, part)
        assert path.name == f"{part}.{ending}"
        assert response["ContentType"] == content_type
        assert response["Metadata"] == {"source": "generated sample"}
        if inputs == "images":
            assert np.array_equal(read_image_channel(path).images, expected.images)
        else:
            channel = read_channel(path)
            assert channel.texts == list(expected["data"])
            assert channel.subjects == list(expected["data_subject"])


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_real_data_is_uploaded_as_channels(scripts, recipe, tmp_path):
    result, output = uploaded(scripts, recipe, "--data-dir", str(data_folder()))
    assert "generated" not in output + json.dumps(result)
    for _, path, response in downloaded(scripts, result["channels"], tmp_path):
        channel = read_image_channel(path) if path.suffix == ".npz" else read_channel(path)
        assert len(channel.labels) > 1000
        assert response["Metadata"] == {"source": result["data"]}


def test_plots_that_cannot_be_written_are_refused_before_the_upload(scripts, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    ended = scripts.run(
        "upload_data", "--recipe", "subreddits-linear", "--generated-sample",
        "--plots", str(tmp_path / "file"),
    )  # fmt: skip
    assert ended.code == 1
    assert "expected a writable folder" in ended.error
    assert "Uploaded" not in ended.stderr


def test_broken_data_file_is_named_in_one_line(scripts, tmp_path):
    path = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    path.parent.mkdir()
    path.write_bytes(b"\x1f\x8b no archive")
    ended = scripts.run("upload_data", "--recipe", "digits-cnn", "--data-dir", str(tmp_path))
    assert ended.error.startswith(f"{path} is not the MNIST file: it is not a complete gzip file")


@pytest.mark.parametrize(
    ("train", "test", "found"),
    [
        ([("a", 0), ("b", 0)], [("c", 0)], "2 train and 1 test text in 1 class"),
        ([("a", 0)], [], "1 train and 0 test texts in 1 class"),
        ([("a", 0), ("b", 1)], [], "2 train and 0 test texts in 2 classes"),
    ],
)
def test_data_set_of_one_class_or_without_test_rows_is_refused(tmp_path, train, test, found):
    rows = ([(text, "", f"label {label}", label) for text, label in part] for part in (train, test))
    dataset = dataset_of(*rows, "reviews.csv")
    with pytest.raises(DataError) as caught:
        write_files(CATALOGUE["spooky-ngrams"], dataset, parse(), tmp_path)
    assert str(caught.value) == (
        f"the data set spooky (reviews.csv) has {found}; expected 2 or more classes, and texts to "
        "train and to test with"
    )
    assert list(tmp_path.iterdir()) == []


def parse(*flags):
    parser = argparse.ArgumentParser()
    upload_data.add_arguments(parser)
    return parser.parse_args(["--recipe", "subreddits-linear", "--generated-sample", *flags])


@pytest.mark.parametrize(
    ("recipe", "flags", "message"),
    [
        ("newsgroups-naive-bayes", "--vectors x", "does not read word vectors; --vectors is for"),
        ("subreddits-linear", "--vectors x", "does not read word vectors; --vectors is for"),
        ("comments-dense", "--plots x", "--plots is for recipes of the data set subreddits"),
        ("digits-cnn", "--min-characters 0", "--min-characters is for recipes of the data"),
        ("digits-cnn", "--posts-per-class 9", "; digits-cnn uses mnist"),
    ],
)
def test_flag_that_the_recipe_does_not_use_is_refused(recipe, flags, message):
    ended = run("upload_data", "--recipe", recipe, *flags.split(), environment=clean_environment())
    assert ended.returncode == 1
    assert message in ended.stderr


def test_thresholds_select_the_posts_and_a_table_counts_them(capsys):
    few = read_dataset(DATASETS["subreddits"], parse("--posts-per-class", "5"))
    assert few.wrangling.rare_classes == {}
    assert few.wrangling.kept == 8 * 5
    table = capsys.readouterr().err
    assert "too short" in table
    assert "40 in 8 classes" in table
    short = read_dataset(DATASETS["subreddits"], parse("--min-characters", "0"))
    assert short.wrangling.too_short == 0


def test_thresholds_that_leave_no_test_posts_are_refused():
    with pytest.raises(DataError, match="2 posts per class; expected 0 characters or more and 3"):
        read_dataset(DATASETS["subreddits"], parse("--posts-per-class", "2"))
