"""The served models, by name and version."""

import json
from collections.abc import Mapping
from typing import Any

from local_model_server.batching import Batcher
from local_model_server.json_requests import read_request
from local_model_server.json_responses import columns_body, rows_body
from local_model_server.settings import BatchingOptions
from local_model_server.status import Status, invalid, not_found

_DEFAULT = "serving_default"
_METHODS = {"classify": "classification", "regress": "regression"}


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
        request = read_request(body, self._inputs)
        outputs = self._runs[request.signature or _DEFAULT](request.arrays)
        return rows_body(outputs) if request.in_rows else columns_body(outputs)

    def _inputs(self, signature: str) -> Mapping[str, str]:
        name = signature or _DEFAULT
        if name not in self._model.signatures:
            raise invalid(f'Serving signature name: "{name}" not found in signature def')
        return dict(self._model.signatures[name].inputs)

    def unsupported(self, method: str) -> Status:
        """Return the error for a classify or regress request."""
        signature = self._model.signatures.get(_DEFAULT)
        if signature is None:
            return invalid(f"No signature was found with the name: {_DEFAULT}")
        expected = f"tensorflow/serving/{method}"
        if signature.method != expected:
            return invalid(
                f"Expected {_METHODS[method]} signature method_name to be {expected}. "
                f"Was: {signature.method}"
            )
        return Status("UNIMPLEMENTED", f"The local AWS does not reproduce {method}; use predict.")

    def metadata(self) -> bytes:
        """Return the description of the signatures, formatted like the real server's."""
        spec = {"name": self.name, "signature_name": "", "version": str(self.version)}
        definitions = {"signature_def": self._model.definitions}
        return (
            f'{{\n"model_spec":{json.dumps(spec, indent=1)}\n,\n"metadata": {{"signature_def": '
            f"{json.dumps(definitions, indent=1)}\n}}\n}}\n"
        ).encode()


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
        return (json.dumps({"model_version_status": states}, indent=1) + "\n").encode()
