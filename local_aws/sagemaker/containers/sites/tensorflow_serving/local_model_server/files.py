"""The folders of a model's versions, and what can be told of them before TensorFlow is imported.

TensorFlow takes seconds to import; a file that was cut short can be refused at once.
"""

from pathlib import Path

from local_model_server.settings import ModelConfig, ModelServerError

GRAPH = "saved_model.pb"
_SIZES = {1: 8, 5: 4}  # bytes of a field's value, by its wire type


def version_folders(model: ModelConfig) -> dict[int, Path]:
    """Return the folders of the versions asked for, or of the newest; raise ModelServerError."""
    if not model.base_path.is_dir():
        raise ModelServerError(
            f"Could not find base path {model.base_path} for servable {model.name}"
        )
    there = {int(item.name): item for item in model.base_path.iterdir() if item.name.isdecimal()}
    wanted = model.versions or tuple(sorted(there)[-1:])
    folders = {version: there[version] for version in wanted if version in there}
    if not folders:
        raise ModelServerError(
            f"No versions of servable {model.name} found under base path {model.base_path}"
        )
    return folders


def fault(folder: Path) -> str | None:
    """Return why a folder holds no SavedModel that could be loaded, or None."""
    graph = folder / GRAPH
    if not graph.is_file():
        return f"Could not find SavedModel .pb at supplied export directory path: {folder.name}"
    if not _is_whole_message(graph.read_bytes()):
        return f"Can't parse {folder.name}/{GRAPH} as binary proto: it is broken or was cut short"
    return None


def _is_whole_message(content: bytes) -> bool:
    """Tell whether the fields of a protocol buffer end where the file ends."""
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
    """Read a varint; one that is cut short ends behind the file."""
    value = shift = 0
    while position < len(content) and shift < 70:
        byte = content[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
    return value, len(content) + 1
