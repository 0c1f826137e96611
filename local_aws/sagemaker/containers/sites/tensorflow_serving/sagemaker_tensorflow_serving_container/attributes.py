"""Custom attributes that choose the model, version, and method of a request."""

import re
from dataclasses import dataclass

HEADER = "X-Amzn-SageMaker-Custom-Attributes"
_PAIR = re.compile(r"tfs-[a-z\-]+=[^,]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_METHODS = ("predict", "classify", "regress")


@dataclass(frozen=True)
class Target:
    """The choices in the attributes; None for a missing one."""

    model: str | None = None
    version: str | None = None
    method: str | None = None

    def path(self, default_model: str, with_method: bool = True) -> str:
        """Return the path of the request in the model server's REST API."""
        path = f"/v1/models/{self.model or default_model}"
        if self.version:
            path += f"/versions/{self.version}"
        return f"{path}:{self.method or 'predict'}" if with_method else path

    def check(self) -> None:
        """Raise ValueError for attributes that the newer container rejects."""
        if self.model is not None and not _NAME.fullmatch(self.model):
            raise ValueError("invalid tfs-model-name")
        if self.version is not None and not re.fullmatch("[0-9]+", self.version):
            raise ValueError("invalid tfs-model-version: must be a positive integer")
        if self.method is not None and self.method not in _METHODS:
            raise ValueError(f"invalid tfs-method: must be one of {'|'.join(_METHODS)}")


def read_target(header: str | None, with_signs: bool = False) -> Target:
    """Read the model server's attributes; the others are for the user's handlers.

    Attributes whose values contain an equals sign are skipped unless `with_signs` is set.
    """
    pairs = [item.split("=", 1 if with_signs else -1) for item in _PAIR.findall(header or "")]
    values = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    return Target(*map(values.get, ("tfs-model-name", "tfs-model-version", "tfs-method")))
