"""The served models, by name and version."""

import json
from typing import Any

import numpy as np

from local_model_server.batching import Batcher
from local_model_server.json_requests import read_examples, read_request
from local_model_server.json_responses import (
    INPUT,
    columns_body,
    inference_results,
    outputs_for,
    result_body,
    rows_body,
)
from local_model_server.settings import BatchingOptions
from local_model_server.status import invalid, not_found

_DEFAULT = "serving_default"


class Servable:
    """One version of a model."""

    def __init__(
        self, name: str, version: int, model: Any, batching: BatchingOptions | None
    ) -> None:
        self.name, self.version, self._model = name, version, model
        self._runs = {
            signature: function.run if batching is None else Batcher(function.run, batching).run
            for signature, function in model.signatures.items()
        }

    def predict(self, body: bytes) -> bytes:
        """Answer the body of a predict request."""
        request = read_request(body, lambda name: self._signature(name).inputs)
        outputs = self._runs[request.signature or _DEFAULT](request.arrays)
        return rows_body(outputs) if request.in_rows else columns_body(outputs)

    def infer(self, method: str, body: bytes) -> bytes:
        """Answer the body of a classify or regress request."""
        name, examples = read_examples(body)
        names = outputs_for(method, self._signature(name))
        rows = np.array([self._model.serialized(example) for example in examples], np.object_)
        outputs = self._runs[name or _DEFAULT]({INPUT: rows})
        chosen = {output: outputs[output] for output in names}
        return result_body("results", inference_results(method, chosen, len(examples)))

    def _signature(self, name: str) -> Any:
        signature = self._model.signatures.get(name or _DEFAULT)
        if signature is None:
            raise invalid(
                f'Serving signature name: "{name or _DEFAULT}" not found in signature def'
            )
        return signature

    def metadata(self) -> bytes:
        """Return the description of the signatures."""
        spec = {"name": self.name, "signature_name": "", "version": str(self.version)}
        definitions = {"signature_def": {"signature_def": self._model.definitions}}
        return json.dumps({"model_spec": spec, "metadata": definitions}, indent=1).encode()


class Servables:
    """All versions of all served models."""

    def __init__(self, servables: list[Servable]) -> None:
        self._versions: dict[str, dict[int, Servable]] = {}
        for servable in servables:
            self._versions.setdefault(servable.name, {})[servable.version] = servable

    def find(self, name: str, version: int | None) -> Servable:
        """Return the given or the newest version of a model; raise Status (404)."""
        versions = self._versions.get(name, {})
        number = max(versions, default=None) if version is None else version
        if number is None or number not in versions:
            target = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise not_found(f"Servable not found for request: {target}")
        return versions[number]

    def status(self, name: str, version: int | None) -> bytes:
        """Return the state of a model's versions; every served version is available."""
        versions = self._versions.get(name, {})
        if version is not None and version not in versions:
            raise not_found(f"Could not find version {version} of model {name}")
        if not versions:
            raise not_found(f"Could not find any versions of model {name}")
        numbers = sorted(versions, reverse=True) if version is None else [version]
        states = [
            {
                "version": str(number),
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
            for number in numbers
        ]
        return json.dumps({"model_version_status": states}, indent=1).encode()
