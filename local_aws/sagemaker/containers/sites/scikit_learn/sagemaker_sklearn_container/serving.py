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
from sagemaker_containers.beta.framework.transformer import (
    Transformer,
    default_model_fn,
    default_output_fn,
)
from sagemaker_containers.beta.framework.worker import Worker

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
    return Worker(
        transformer.transform, module_name=module_name, execution_parameters_fn=parameters
    )


def _transformer(module: ModuleType) -> Transformer:
    """Return the transformer of a module; the container's own defaults are wrapped like its own."""
    model_fn = getattr(module, "model_fn", default_model_fn)
    transform_fn = getattr(module, "transform_fn", None)
    input_fn, predict_fn, output_fn = (
        getattr(module, name, None) for name in ("input_fn", "predict_fn", "output_fn")
    )
    if transform_fn is None:
        input_fn, predict_fn = input_fn or _input_fn, predict_fn or _predict_fn
        output_fn = output_fn or default_output_fn
    return Transformer(model_fn, input_fn, predict_fn, output_fn, transform_fn)


def _input_fn(body: Any, content_type: str) -> Any:
    array = encoders.decode(body, content_type)
    return array.astype(np.float32) if content_type in content_types.UTF8_TYPES else array


def _predict_fn(array: Any, model: Any) -> Any:
    return model.predict(array)
