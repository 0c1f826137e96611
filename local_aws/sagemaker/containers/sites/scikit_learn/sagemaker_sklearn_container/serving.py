"""The WSGI application of the scikit-learn container; gunicorn runs `main`.

A worker imports the user's module and loads its model on its first request, which may be /ping.
"""

import importlib
import os
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np
from sagemaker_containers.beta.framework import content_types, encoders
from sagemaker_containers.beta.framework.transformer import Transformer, wrap_errors
from sagemaker_containers.beta.framework.worker import Response, Worker

_application: Worker | None = None


def main(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one WSGI request; the first one also loads the user's module and model."""
    global _application
    if _application is None:
        _application = _load(os.environ.get("SAGEMAKER_PROGRAM", "").removesuffix(".py"))
    return _application(environ, start_response)


def base_dir() -> str:
    """Return the folder that stands for /opt/ml in a real container."""
    return os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")


def _load(module_name: str) -> Worker:
    module = importlib.import_module(module_name)
    transformer = _transformer(module)
    transformer.initialize(f"{base_dir()}/model")
    parameters = getattr(module, "execution_parameters_fn", None)
    return Worker(transformer.transform, module_name, parameters)


def _transformer(module: ModuleType) -> Transformer:
    model_fn = getattr(module, "model_fn", _no_model_fn)
    transform_fn = getattr(module, "transform_fn", None)
    functions = [getattr(module, name, None) for name in ("input_fn", "predict_fn", "output_fn")]
    if transform_fn is not None:
        if any(functions):
            raise ValueError("Cannot use transform_fn with input_fn, predict_fn or output_fn")
        return Transformer(model_fn, wrap_errors(transform_fn))
    input_fn, predict_fn, output_fn = functions
    read = wrap_errors(input_fn or _input_fn)
    predict = wrap_errors(predict_fn or _predict_fn)
    write = wrap_errors(output_fn or _output_fn)

    def transform(model: Any, content: Any, content_type: str, accept: str) -> Any:
        return write(predict(read(content, content_type), model), accept)

    return Transformer(model_fn, transform)


def _no_model_fn(model_dir: str) -> Any:
    raise NotImplementedError("Please provide a model_fn implementation.")


def _input_fn(body: Any, content_type: str) -> Any:
    array = encoders.decode(body, content_type)
    return array.astype(np.float32) if content_type in content_types.UTF8_TYPES else array


def _predict_fn(array: Any, model: Any) -> Any:
    return model.predict(array)


def _output_fn(prediction: Any, accept: str) -> Response:
    return Response(encoders.encode(prediction, accept), mimetype=accept)
