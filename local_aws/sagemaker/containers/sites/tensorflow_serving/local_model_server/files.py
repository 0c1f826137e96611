"""The folders of a model's versions, checked as far as possible without importing TensorFlow.

TensorFlow takes seconds to import, but a truncated file can be rejected immediately.
"""

from pathlib import Path

from local_model_server.settings import ModelConfig

GRAPH = "saved_model.pb"


def version_folders(model: ModelConfig) -> dict[int, Path]:
    """Return the folders of the configured versions of a model."""
    folders = {int(item.name): item for item in model.base_path.iterdir() if item.name.isdecimal()}
    return {version: folders[version] for version in model.versions}


def find_fault(folder: Path) -> str | None:
    """Return why the SavedModel in a folder cannot be loaded, or None if no reason is found."""
    graph = folder / GRAPH
    if not graph.is_file():
        return f"Could not find SavedModel .pb at supplied export directory path: {folder.name}"
    if not _is_message(graph.read_bytes()):
        return f"Can't parse {folder.name}/{GRAPH} as binary proto: it is corrupt or truncated"
    return None


def _is_message(content: bytes) -> bool:
    from google.protobuf.empty_pb2 import Empty  # installed with TensorFlow
    from google.protobuf.message import DecodeError

    try:
        Empty.FromString(content)
    except DecodeError:
        return False
    return bool(content)
