"""The folders of the inputs and outputs of a processing job, and its command."""

import os
from pathlib import Path

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record

ROOT = "/opt/ml/processing"


def check_paths(request: Record) -> None:
    """Raise ValidationError unless each input and output has its own name and a valid folder."""
    inputs = request.get("ProcessingInputs", [])
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    for items, kind in ((inputs, "Input"), (outputs, "Output")):
        names = [item[f"{kind}Name"] for item in items]
        if len(set(names)) != len(names):
            raise ValidationError(f"The names of the processing {kind.lower()}s are not unique.")
        for item in items:
            source = item.get(f"S3{kind}")
            if source is None:
                raise ValidationError(f"The {kind.lower()} {item[f'{kind}Name']} has no S3{kind}.")
            _check_path(item[f"{kind}Name"], source.get("LocalPath", ""))


def _check_path(name: str, path: str) -> None:
    normal = Path(os.path.normpath(path))
    if not path or not normal.is_relative_to(ROOT) or normal == Path(ROOT):
        raise ValidationError(
            f"The LocalPath of {name} must be a folder below {ROOT}/, got {path!r}."
        )


def check_command(specification: Record) -> None:
    """Raise ValidationError for a job that would run the default program of its image."""
    if not specification.get("ContainerEntrypoint"):
        raise not_reproduced(
            "AppSpecification of CreateProcessingJob without a ContainerEntrypoint, since the "
            "images have no program for processing"
        )


def local_folder(path: str, ml: Path) -> Path:
    """Return the folder of a LocalPath on a machine whose /opt/ml is the folder `ml`."""
    return ml / Path(os.path.normpath(path)).relative_to("/opt/ml")
