"""Each upload of data adds a version under its hash, and one version of a data set is current."""

import argparse
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws, Call
from scripts.jobs.data_versions import (
    DataVersions,
    add_overrides,
    channel_keys,
    channel_uris,
    hashes_of,
    mark_of,
    report_key,
    version_of,
)
from scripts.jobs.training_flags import read_hyperparameters

STACK = "newsgroup-classifier"
FILES = ("train", "test")
TITLED = replace(RECIPES["text-linear"], presets={"untitled": {"title": "none"}})


@pytest.fixture
def aws(scripts, monkeypatch) -> Aws:
    monkeypatch.setenv("AWS_ENDPOINT_URL", scripts.aws.url)
    return Aws(scripts.region)


def put(data: DataVersions, scripts, keys: dict[str, str], report: dict | None = None) -> None:
    """Upload an object for each key, and make it current."""
    for key in keys.values():
        scripts.put_object(f"s3://{data.bucket}/{key}", b"x")
    if report is not None:
        scripts.put_object(f"s3://{data.bucket}/{report_key(keys)}", json.dumps(report).encode())
    data.make_current(keys, replace=True)


def keys_of(recipe, version: str, vectors: bool = False, **extra: str) -> dict[str, str]:
    return channel_keys(recipe, vectors, STACK, dict.fromkeys(FILES, version) | extra)


@given(st.lists(st.binary(max_size=3), min_size=4, max_size=4))
def test_version_is_the_hash_of_both_files_and_of_nothing_else(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("channels")
    versions = []
    for place in (0, 2):
        for name, content in zip(FILES, contents[place : place + 2], strict=True):
            (folder / name).write_bytes(content)
        files = {name: folder / name for name in FILES}
        hashes = hashes_of(files)
        assert hashes["train"] == hashes["test"]
        assert hashes_of(files | {"lexicon": folder / "test"}).items() >= hashes.items()
        versions.append(hashes["train"])
    assert (versions[0] == versions[1]) is (contents[:2] == contents[2:])


def test_newest_upload_is_current_and_earlier_ones_can_be_chosen(aws, scripts):
    recipe = RECIPES["spooky-ngrams"].for_data("versions")
    data = DataVersions(aws, recipe, STACK)
    assert version_of(data.find(vectors=False)) == "HASH"
    for version in ("1" * 32, "2" * 32):
        put(data, scripts, keys_of(recipe, version))
    assert version_of(data.find(vectors=False)) == "2" * 32
    assert data.find(vectors=False, version="1" * 32) == keys_of(recipe, "1" * 32)
    with pytest.raises(DeploymentError) as caught:
        data.find(vectors=False, version="3")
    message, _, versions = str(caught.value).partition("; expected one of: ")
    assert message == f"--data '3' is not a version of the data under {data.uri}"
    assert set(versions.split(", ")) == {"1" * 32, "2" * 32}


def test_lexicon_stays_current_after_an_upload_for_a_recipe_without_one(aws, scripts):
    forest, ngrams = RECIPES["spooky-topic-forest"], RECIPES["spooky-ngrams"]
    put(DataVersions(aws, forest, STACK), scripts, keys_of(forest, "1" * 32, lexicon="5" * 32))
    put(DataVersions(aws, ngrams, STACK), scripts, keys_of(ngrams, "2" * 32))
    keys = DataVersions(aws, forest, STACK).find(vectors=False)
    assert keys == keys_of(forest, "2" * 32, lexicon="5" * 32)


def test_other_data_under_a_used_name_are_refused_and_the_same_data_are_not(aws, scripts):
    recipe = RECIPES["spooky-ngrams"].for_data("used")
    data = DataVersions(aws, recipe, STACK)
    first, second = keys_of(recipe, "1" * 32), keys_of(recipe, "2" * 32)
    data.check_replacement(first)
    put(data, scripts, first)
    data.check_replacement(first)
    with pytest.raises(DeploymentError) as caught:
        DataVersions(aws, RECIPES["subreddits-linear"].for_data("used"), STACK).check_replacement(
            second
        )
    assert str(caught.value) == (
        f"the name used is in use for other data, version {'1' * 32} under {data.uri}. Choose "
        "another --name, or pass --replace, which makes the new data current and keeps the earlier "
        "version"
    )


@pytest.fixture
def overtake(aws, monkeypatch):
    """Return a function that lets another upload become current just before the next one."""

    def overtake(recipe, keys: dict[str, str]) -> None:
        others, make = [keys], aws.make

        def late(call: Call, *ignored: str):
            if call.operation == "put_object" and others:
                DataVersions(aws, recipe, STACK).make_current(others.pop(), replace=False)
            return make(call, *ignored)

        monkeypatch.setattr(aws, "make", late)

    return overtake


def test_upload_under_a_name_does_not_undo_one_at_the_same_time_unasked(aws, overtake):
    recipe = RECIPES["spooky-ngrams"].for_data("twice")
    first = keys_of(recipe, "1" * 32)
    overtake(recipe, first)
    data = DataVersions(aws, recipe, STACK)
    with pytest.raises(DeploymentError, match=f"in use for other data, version {'1' * 32} under"):
        data.make_current(keys_of(recipe, "2" * 32), replace=False)
    assert data.current() == first


def test_upload_that_replaces_one_at_the_same_time_says_so(aws, overtake, capsys):
    recipe = RECIPES["spooky-ngrams"].for_data("replaced")
    overtake(recipe, keys_of(recipe, "1" * 32))
    data = DataVersions(aws, recipe, STACK)
    data.make_current(keys_of(recipe, "2" * 32), replace=True)
    assert version_of(data.current()) == "2" * 32
    assert (
        f"Version {'1' * 32} is no longer the current one. To train on it, pass --data 1"
        in capsys.readouterr().err
    )


def test_channels_of_two_uploads_at_the_same_time_are_both_kept(aws, overtake):
    forest, ngrams = RECIPES["spooky-topic-forest"], RECIPES["spooky-ngrams"]
    keys = keys_of(forest, "3" * 32, lexicon="6" * 32)
    overtake(forest, keys)
    DataVersions(aws, ngrams, STACK).make_current(keys_of(ngrams, "3" * 32), replace=False)
    assert DataVersions(aws, forest, STACK).find(vectors=False) == keys


def test_images_under_a_name_are_refused_by_a_recipe_for_texts(aws, scripts):
    images, texts = RECIPES["digits-cnn"], RECIPES["spooky-ngrams"]
    put(
        DataVersions(aws, images.for_data("pixels"), STACK),
        scripts,
        keys_of(images.for_data("pixels"), "1" * 32),
    )
    with pytest.raises(DeploymentError, match=r"spooky-ngrams reads texts, expected in files \*.c"):
        DataVersions(aws, texts.for_data("pixels"), STACK).find(vectors=False)


def test_missing_own_data_name_the_upload_with_a_file(aws):
    data = DataVersions(aws, RECIPES["spooky-ngrams"].for_data("missing"), "newsgroup-classifier")
    with pytest.raises(DeploymentError) as caught:
        data.source(data.find(vectors=False))
    assert str(caught.value) == (
        f"the train channel is missing under {data.uri}. Upload the data with: python -m "
        "scripts.upload_data --recipe spooky-ngrams --name missing "
        f"--region {aws.region} --file PATH"
    )


@pytest.mark.parametrize(
    ("report", "flags", "expected"),
    [
        ({"title": True, "grouped": True}, {}, ["title=first-line", "grouped=yes"]),
        ({"title": True, "grouped": False}, {}, ["title=first-line"]),
        ({"title": False, "grouped": False}, {}, []),
        (None, {}, []),
        ({"title": True, "grouped": True}, {"overrides": ["title=none"]}, ["grouped=yes"]),
        ({"title": True}, {"preset": "untitled"}, []),
        ({"title": True}, {"ranges": ["title=none,first-line"]}, []),
    ],
)
def test_report_sets_what_the_command_line_does_not(aws, scripts, capsys, report, flags, expected):
    name = f"report-{len(str(report))}-{'-'.join(flags) or 'none'}"
    recipe = TITLED.for_data(name)
    put(DataVersions(aws, recipe, STACK), scripts, keys_of(recipe, "1" * 32), report)
    arguments = argparse.Namespace(**({"stack": STACK, "data": None, "overrides": []} | flags))
    given = list(arguments.overrides)
    assert add_overrides(aws, recipe, arguments) is bool(expected)
    assert arguments.overrides == [*given, *expected]
    assert all(text in capsys.readouterr().err for text in expected[:1])


def test_report_sets_hyperparameters_of_the_general_recipe(aws, scripts):
    recipe = RECIPES["text-linear"].for_data("general")
    report = {"title": True, "grouped": True}
    put(DataVersions(aws, recipe, STACK), scripts, keys_of(recipe, "1" * 32), report)
    arguments = argparse.Namespace(
        **{"stack": STACK, "data": None, "overrides": [], "folds": None, "preset": None},
        input_mode="File",
    )
    assert add_overrides(aws, recipe, arguments)
    hyperparameters = read_hyperparameters(recipe, arguments)
    assert hyperparameters == recipe.defaults | {"title": "first-line", "grouped": "yes"}


def test_recipe_that_expects_groups_does_without_them_if_the_data_have_none(aws, scripts, capsys):
    recipe = RECIPES["headlines-fast"].for_data("no-groups")
    put(DataVersions(aws, recipe, STACK), scripts, keys_of(recipe, "1" * 32), {"grouped": False})
    arguments = argparse.Namespace(stack=STACK, data=None, overrides=[])
    assert add_overrides(aws, recipe, arguments)
    assert arguments.overrides == ["grouped=no"]
    assert "The data has no groups, so this sets grouped=no." in capsys.readouterr().err


def test_built_in_data_and_recipes_without_the_hyperparameters_set_nothing(aws, scripts):
    recipe = RECIPES["comments-dense"].for_data("plain")
    report = {"title": True, "grouped": True}
    put(DataVersions(aws, recipe, STACK), scripts, keys_of(recipe, "1" * 32), report)
    arguments = argparse.Namespace(stack=STACK, data=None, overrides=[])
    assert not add_overrides(aws, recipe, arguments)
    assert not add_overrides(aws, TITLED, arguments)
    assert arguments.overrides == []


def test_vectors_are_a_channel_only_if_they_are_read():
    recipe = RECIPES["subreddits-neighbors"]
    assert not recipe.reads_vectors({"embedding": "learned"})
    assert set(channel_keys(recipe, recipe.reads_vectors({}))) == {"train", "test"}
    keys = channel_keys(recipe, recipe.reads_vectors({"embedding": "vectors"}))
    assert channel_uris("b", keys)["vectors"] == "s3://b/data/subreddits/HASH/vectors/"


def test_only_the_generated_sample_is_marked():
    assert mark_of("generated sample") == " (generated sample)"
    assert mark_of("20news-bydate.tar.gz") == ""
