"""The model is fetched once per process, and used only if its sha256 is the right one."""

import pytest

from lambda_handler.errors import ModelError
from lambda_handler.model_store import ModelStore
from tests.lambda_handler import s3_server


@pytest.fixture
def server(model_file):
    with s3_server.s3_server() as running:
        running.reply = s3_server.complete(model_file.content)
        yield running


def test_model_in_s3_is_fetched_once(server, model_file):
    store = ModelStore(s3_server.environment(server, model_file))
    assert store.model() is store.model()
    assert (store.model().recipe, store.source) == ("spooky-ngrams", "s3")
    assert len(server.requests) == 1


def test_another_model_in_s3_is_refused(server, model_file):
    server.reply = s3_server.complete(b"another model")
    store = ModelStore(s3_server.environment(server, model_file))
    with pytest.raises(ModelError, match=f"its sha256 is .*, expected {model_file.sha256}"):
        store.model()


def test_model_in_the_package_is_verified(model_file):
    store = ModelStore({"MODEL_URI": str(model_file.path), "MODEL_SHA256": "0" * 64})
    with pytest.raises(ModelError, match=f"its sha256 is {model_file.sha256}, expected 0000"):
        store.model()
