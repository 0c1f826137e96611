"""The folders of a model's versions, checked as far as possible without importing TensorFlow.

TensorFlow takes seconds to import, but a truncated file can be rejected immediately.
"""

from pathlib import Path

from local_model_server.settings import ModelConfig, ModelServerError

GRAPH = "saved_model.pb"
_SIZES = {1: 8, 5: 4}  # bytes of a field's value by wire type


def version_folders(model: ModelConfig) -> dict[int, Path]:
    """Return the folders of the configured versions, or the newest; raise ModelServerError."""
    if not model.base_path.is_dir():
        raise ModelServerError(
            f"Could not find base path {model.base_path} for servable {model.name}"
        )
    folders = {int(item.name): item for item in model.base_path.iterdir() if item.name.isdecimal()}
    versions = model.versions or tuple(sorted(folders)[-1:])
    selected = {version: folders[version] for version in versions if version in folders}
    if not selected:
        raise ModelServerError(
            f"No versions of servable {model.name} found under base path {model.base_path}"
        )
    return selected


def find_fault(folder: Path) -> str | None:
    """Return why the SavedModel in a folder cannot be loaded, or None if no reason is found."""
    graph = folder / GRAPH
    if not graph.is_file():
        return f"Could not find SavedModel .pb at supplied export directory path: {folder.name}"
    if not _is_complete_message(graph.read_bytes()):
        return f"Can't parse {folder.name}/{GRAPH} as binary proto: it is corrupt or truncated"
    return None


def _is_complete_message(content: bytes) -> bool:
    """Return whether the last field of a protocol buffer ends where the file ends."""
    position = 0
    while position < len(content):
        tag, position = _number(content, position)
        kind = tag & 7
        if tag >> 3 == 0 or kind not in (0, 1, 2, 5):
            return False
        if kind == 0:
            _, position = _number(content, position)
        elif kind == 2:
            length, position = _number(content, position)
            position += length
        else:
            position += _SIZES[kind]
    return position == len(content) > 0


def _number(content: bytes, position: int) -> tuple[int, int]:
    """Return a varint and the position after it, which is past the end if it is truncated."""
    value = shift = 0
    while position < len(content) and shift < 70:
        byte = content[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
    return value, len(content) + 1
