"""The copy on disk is private to this user, and verified before it is used."""

import os

import pytest

from lambda_handler.errors import ModelError
from lambda_handler.model_store import ModelStore
from tests.lambda_handler import s3_server

URI = "s3://bucket/model.npz"


@pytest.fixture
def server(model_file):
    with s3_server.s3_server() as running:
        running.reply = s3_server.complete(model_file.content)
        yield running


@pytest.fixture
def environ(server, tmp_path, model_file):
    return s3_server.environment(server, model_file, tmp_path, URI)


@pytest.fixture
def copy(environ, tmp_path, model_file):
    """Create the copy of a first process; return its path."""
    ModelStore(environ).model()
    return tmp_path / f"lambda-model-{os.getuid()}" / f"{model_file.sha256}.npz"


def test_second_process_of_an_environment_uses_the_copy(environ, server, copy):
    store = ModelStore(environ)
    assert store.model().recipe == "spooky-ngrams"
    assert store.source == "copy"
    assert len(server.requests) == 1


@pytest.mark.parametrize("content", [b"", b"something else"])
def test_modified_copy_is_fetched_again(environ, server, copy, content, model_file):
    copy.write_bytes(content)
    store = ModelStore(environ)
    assert store.model().recipe == "spooky-ngrams"
    assert store.source == "s3"
    assert copy.read_bytes() == model_file.content


def test_link_in_place_of_the_copy_is_replaced_and_not_followed(
    environ, server, copy, tmp_path, model_file
):
    target = tmp_path / "precious"
    target.write_bytes(model_file.content)
    copy.unlink()
    copy.symlink_to(target)
    assert ModelStore(environ).model().recipe == "spooky-ngrams"
    assert not copy.is_symlink()
    assert len(server.requests) == 2


def test_link_in_place_of_the_folder_is_refused(environ, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"lambda-model-{os.getuid()}").symlink_to(elsewhere)
    with pytest.raises(ModelError, match="not a private folder of this user"):
        ModelStore(environ).model()
    assert list(elsewhere.iterdir()) == []


def test_folder_that_others_can_write_to_is_refused(environ, copy):
    copy.parent.chmod(0o777)
    with pytest.raises(ModelError, match="not a private folder of this user"):
        ModelStore(environ).model()


def test_failed_fetch_leaves_no_file(environ, server, tmp_path):
    server.reply = s3_server.complete(b"another model")
    with pytest.raises(ModelError, match="its sha256 is"):
        ModelStore(environ).model()
    assert list((tmp_path / f"lambda-model-{os.getuid()}").iterdir()) == []


def test_model_in_the_package_is_verified(model_file):
    store = ModelStore({"MODEL_URI": str(model_file.path), "MODEL_SHA256": "0" * 64})
    with pytest.raises(ModelError, match=f"its sha256 is {model_file.sha256}, expected 0000"):
        store.model()
