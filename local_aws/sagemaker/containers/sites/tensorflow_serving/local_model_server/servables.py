"""The models that are served, by name and version."""

import json
from collections.abc import Mapping
from typing import Any

from local_model_server.answers_json import columns_body, rows_body
from local_model_server.batching import Batcher
from local_model_server.requests_json import read_request
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

    def refuse(self, method: str) -> Status:
        """Return why classify or regress cannot be answered."""
        found = self._model.signatures.get(_DEFAULT)
        if found is None:
            return invalid(f"No signature was found with the name: {_DEFAULT}")
        wanted = f"tensorflow/serving/{method}"
        if found.method != wanted:
            return invalid(
                f"Expected {_METHODS[method]} signature method_name to be {wanted}. "
                f"Was: {found.method}"
            )
        return Status("UNIMPLEMENTED", f"The local AWS does not reproduce {method}; use predict.")

    def metadata(self) -> bytes:
        """Return the signatures as the server describes them."""
        spec = {"name": self.name, "signature_name": "", "version": str(self.version)}
        definitions = {"signature_def": self._model.definitions}
        return (
            f'{{\n"model_spec":{json.dumps(spec, indent=1)}\n,\n"metadata": {{"signature_def": '
            f"{json.dumps(definitions, indent=1)}\n}}\n}}\n"
        ).encode()


class Servables:
    """All that is served."""

    def __init__(self, servables: list[Servable]) -> None:
        self._versions: dict[str, dict[int, Servable]] = {}
        for servable in servables:
            self._versions.setdefault(servable.name, {})[servable.version] = servable

    def find(self, name: str, version: int | None) -> Servable:
        """Return a version of a model, the newest if none is named; raise Status (404)."""
        versions = self._versions.get(name, {})
        wanted = max(versions, default=None) if version is None else version
        if wanted is None or wanted not in versions:
            which = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise not_found(f"Servable not found for request: {which}")
        return versions[wanted]

    def status(self, name: str, version: int | None) -> bytes:
        """Return the state of a model's versions; all that is served is available."""
        versions = self._versions.get(name, {})
        if version is not None and version not in versions:
            raise not_found(f"Could not find version {version} of model {name}")
        if not versions:
            raise not_found(f"Could not find any versions of model {name}")
        shown = sorted(versions, reverse=True) if version is None else [version]
        states = [
            {
                "version": str(number),
                "state": "AVAILABLE",
                "status": {"error_code": "OK", "error_message": ""},
            }
            for number in shown
        ]
        return (json.dumps({"model_version_status": states}, indent=1) + "\n").encode()
