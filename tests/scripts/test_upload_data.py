"""upload_data puts a recipe's channels into the bucket, as texts or as images."""

import json

import numpy as np
import pytest

from newsgroup_classifier.channels.images import read_image_channel
from newsgroup_classifier.channels.texts import read_channel
from newsgroup_classifier.datasets.catalogue import generate_dataset
from tests.newsgroup_classifier.conftest import data_folder
from tests.scripts.processes import Scripts

RECIPES = {
    "headlines-fast": ("uci-news", "csv", "text/csv", "texts"),
    "comments-dense": ("reddit-comments", "csv", "text/csv", "texts"),
    "digits-cnn": ("mnist", "npz", "application/x-npz", "images"),
    "sketches-dense": ("quickdraw", "npz", "application/x-npz", "images"),
}
PARTS = ("train", "test")


@pytest.fixture(scope="module")
def scripts(local_aws, own_region) -> Scripts:
    """Point the scripts at a region with a foundation, for these tests alone."""
    found = Scripts(local_aws, own_region)
    assert found.run("setup").code == 0
    return found


def uploaded(scripts, recipe, *arguments):
    ended = scripts.run("upload_data", "--recipe", recipe, *arguments)
    return ended.result, ended.stderr


def fetched(scripts, uris, folder):
    """Return the files that were uploaded, and the answers of S3."""
    for part, uri in uris.items():
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        client = scripts.client("s3")
        (item,) = client.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
        path = folder / item["Key"].rpartition("/")[2]
        answer = client.get_object(Bucket=bucket, Key=item["Key"])
        path.write_bytes(answer["Body"].read())
        yield part, path, answer


@pytest.mark.parametrize("recipe", ["comments-dense", "sketches-dense"])
def test_a_dry_run_prints_the_two_files_and_loads_nothing(scripts, recipe, tmp_path):
    dataset, ending, _, _ = RECIPES[recipe]
    result, _ = uploaded(scripts, recipe, "--dry-run", "--data-dir", str(tmp_path))
    keys = [call["parameters"]["Key"] for call in result["calls"]]
    assert keys == [f"data/{dataset}/{part}/{part}.{ending}" for part in PARTS]


@pytest.mark.parametrize("recipe", ["headlines-fast", "digits-cnn"])
def test_a_generated_sample_is_uploaded_as_its_channels(scripts, recipe, tmp_path):
    name, ending, content_type, inputs = RECIPES[recipe]
    result, said = uploaded(scripts, recipe, "--generated-sample")
    dataset = generate_dataset(name)
    count = len(dataset.train.images if inputs == "images" else dataset.train)
    assert f"Data: generated sample, {count} train and " in said
    assert f" test {inputs}." in said
    for part, path, answer in fetched(scripts, result["channels"], tmp_path):
        expected = getattr(dataset, part)
        assert path.name == f"{part}.{ending}"
        assert answer["ContentType"] == content_type
        assert answer["Metadata"] == {"source": "generated sample"}
        if inputs == "images":
            assert np.array_equal(read_image_channel(path).images, expected.images)
        else:
            channel = read_channel(path)
            assert channel.texts == list(expected["data"])
            assert channel.subjects == list(expected["data_subject"])


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_real_data_is_uploaded_as_its_channels(scripts, recipe, tmp_path):
    result, said = uploaded(scripts, recipe, "--data-dir", str(data_folder()))
    assert "generated" not in said + json.dumps(result)
    for _, path, answer in fetched(scripts, result["channels"], tmp_path):
        channel = read_image_channel(path) if path.suffix == ".npz" else read_channel(path)
        assert len(channel.labels) > 1000
        assert answer["Metadata"] == {"source": result["data"]}


def test_pictures_that_cannot_be_written_are_refused_before_anything_is_uploaded(scripts, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    ended = scripts.run(
        "upload_data", "--recipe", "subreddits-linear", "--generated-sample",
        "--pictures", str(tmp_path / "file"),
    )  # fmt: skip
    assert ended.code == 1
    assert "expected a folder to write to" in ended.error
    assert "Uploaded" not in ended.stderr


def test_a_broken_data_file_is_named_in_one_line(scripts, tmp_path):
    path = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    path.parent.mkdir()
    path.write_bytes(b"\x1f\x8b no archive")
    ended = scripts.run("upload_data", "--recipe", "digits-cnn", "--data-dir", str(tmp_path))
    assert ended.error.startswith(f"{path} is not the MNIST file: it is not a complete gzip file")
