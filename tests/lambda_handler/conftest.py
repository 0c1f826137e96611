"""Fixtures of the handler's tests: a tiny model, and a handler with it."""

import pytest

from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from tests.lambda_handler.tiny_model import ModelFile, tiny_model


@pytest.fixture(scope="session")
def model_file(tmp_path_factory) -> ModelFile:
    path = tmp_path_factory.mktemp("model") / "model.npz"
    content = tiny_model()
    path.write_bytes(content)
    return ModelFile(path, content)


@pytest.fixture
def handler(model_file) -> Handler:
    environ = {"MODEL_URI": str(model_file.path), "MODEL_SHA256": model_file.sha256}
    return Handler(ModelStore(environ), "tiny-function")
