"""The artifact: a folder with a trained model, the code that serves it, and a manifest of both.

    manifest.json            what this folder is and the sha256 of everything else in it
    preprocess.joblib        the fitted transformers, from raw text to features
    model.joblib             the fitted estimator, from features to labels
    posts.json.gz            the posts that it was trained on, if the recipe answers the nearest
    lambda/model.npz         the same model for the Lambda, if the recipe is served there
    serving/                 the modules that serving containers import

One of TensorFlow has no .joblib file; it has instead:

    1/                       the SavedModel
    vocabulary.json          the fitted text encoder, if it takes texts
    code/                    what the TensorFlow container runs around its model

Loading checks the manifest first: nothing is unpickled from a folder that is incomplete, changed,
or made by versions that may read it differently.
"""

import hashlib
import json
import logging
import platform
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import ArtifactError

FORMAT = 1
MANIFEST = "manifest.json"
PREPROCESS, MODEL = "preprocess.joblib", "model.joblib"
LAMBDA_MODEL = "lambda/model.npz"
POSTS = "posts.json.gz"
SAVED_MODEL, VOCABULARY = "1", "vocabulary.json"
_FILES = (PREPROCESS, MODEL, POSTS, LAMBDA_MODEL, VOCABULARY)
SERVING, CODE = "serving", "code"
# What serving containers import: the stages, and the library's modules that need only the image.
SERVING_SOURCES = (
    "inference_pipeline",
    "newsgroup_classifier/__init__.py",
    "newsgroup_classifier/errors.py",
    "newsgroup_classifier/artifacts.py",
    "newsgroup_classifier/recommender.py",
    "newsgroup_classifier/estimators",
    "newsgroup_classifier/text",
)
# What the TensorFlow container's handlers import, for code/lib; its image has less than the other.
CODE_ENTRY = "inference_pipeline/tensorflow_serving/inference.py"  # becomes code/inference.py
CODE_SOURCES = (
    "inference_pipeline",
    "newsgroup_classifier/__init__.py",
    "newsgroup_classifier/errors.py",
    "newsgroup_classifier/artifacts.py",
)
_SAME_MINOR = ("scikit-learn", "joblib")
_DECISIVE = (*_SAME_MINOR, "numpy")
_RECORDED = (*_DECISIVE, "scipy", "pandas")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """What an artifact is: made by which recipe, settings and versions, and of which files.

    `search` says how the hyperparameters were found; it is empty if nobody searched.
    """

    recipe: str
    label_names: tuple[str, ...]
    hyperparameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    versions: Mapping[str, str]
    files: Mapping[str, str]
    format: int = FORMAT
    search: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Served:
    """What an artifact has beside its objects and our own code.

    `vendored` are folders of packages that go into the serving code, since the image lacks them.
    `tensorflow` are the versions of TensorFlow and Keras, of an artifact that has a SavedModel.
    """

    vendored: tuple[Path, ...] = ()
    tensorflow: Mapping[str, str] | None = None


def save_artifact(
    folder: Path,
    objects: Mapping[str, Any],
    about: Mapping[str, Any],
    sources: Path,
    served: Served = Served(),
) -> Manifest:
    """Write the objects (file name: object), the serving code and, last, the manifest.

    An object that is bytes is written as they are, any other by joblib.

    `about` has the manifest's recipe, label_names, hyperparameters, metrics and, if there was one,
    search; `sources` is the folder that holds the project's packages. A SavedModel of `served` is
    in the folder already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove_earlier(folder, keep_network=served.tensorflow is not None)
    import joblib

    for name, value in objects.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if isinstance(value, bytes):
            (folder / name).write_bytes(value)
        else:
            joblib.dump(value, folder / name)
    _copy_sources(sources, folder / SERVING, SERVING_SOURCES)
    for package in served.vendored:
        _copy_tree(package, folder / SERVING / package.name)
    versions = running_versions() | dict(served.tensorflow or {})
    if served.tensorflow is not None:
        _copy_sources(sources, folder / CODE / "lib", CODE_SOURCES)
        shutil.copyfile(sources / CODE_ENTRY, folder / CODE / Path(CODE_ENTRY).name)
    manifest = Manifest(**about, versions=versions, files=_digests(folder))
    part = folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    part.replace(folder / MANIFEST)
    return manifest


def _remove_earlier(folder: Path, keep_network: bool) -> None:
    """Remove what an earlier artifact left, whole or not: it would be taken for part of this one.

    On a laptop all recipes write to the same folder. `keep_network` leaves the SavedModel, which
    TensorFlow has written by now.
    """
    for name in (MANIFEST, f"{MANIFEST}.part", *_FILES):
        (folder / name).unlink(missing_ok=True)
    networks = () if keep_network else (SAVED_MODEL,)
    for name in (*networks, f"{SAVED_MODEL}.part", CODE):
        shutil.rmtree(folder / name, ignore_errors=True)


def load_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a folder; raise ArtifactError unless it can be served."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ArtifactError(
                f"{path} has the artifact format {content['format']!r}; this code reads format "
                f"{FORMAT}. Train the model again with this version."
            )
        manifest = _manifest_of(content)
    except FileNotFoundError:
        raise ArtifactError(
            f"{path} is missing, so {folder} is no artifact of this project; expected what a "
            "training job wrote into its model.tar.gz."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path} is no manifest: {error!r}. Train the model again.") from error
    _check_files(folder, manifest)
    if any(name.endswith(".joblib") for name in manifest.files):
        check_versions(manifest.versions, running_versions())
    return manifest


def _manifest_of(content: dict[str, Any]) -> Manifest:
    """Return the manifest in parsed JSON; raise KeyError or TypeError if it has another form."""
    names, versions, files = (content[name] for name in ("label_names", "versions", "files"))
    if [type(names), type(versions), type(files)] != [list, dict, dict]:
        raise TypeError("label_names must be a list; versions and files must be objects")
    if not all(isinstance(value, str) for value in (*names, *versions.values(), *files.values())):
        raise TypeError("label_names, versions and files must hold texts")
    return Manifest(**content | {"label_names": tuple(names)})


def load_object(folder: Path, manifest: Manifest, name: str) -> Any:
    """Unpickle one object of a folder whose manifest was checked."""
    if name not in manifest.files:
        raise ArtifactError(
            f"{folder} has no {name}; its manifest lists {', '.join(manifest.files)}."
        )
    # The images of TensorFlow Serving up to 2.19 have none; they unpickle nothing.
    import joblib

    return joblib.load(folder / name)


def running_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries an artifact depends on."""
    found = {"python": platform.python_version()}
    return found | {name: metadata.version(name) for name in _RECORDED}


def check_versions(written: Mapping[str, str], running: Mapping[str, str]) -> None:
    """Raise ArtifactError for versions that may read pickles differently; log other differences.

    Refused: another scikit-learn or joblib (major.minor), and a numpy older than the one that
    wrote the artifact, which lacks names that newer pickles refer to.
    """
    for name in _DECISIVE:
        if name not in written:
            raise ArtifactError(f"the manifest does not say which {name} wrote it. Train it again.")
    for name, version in written.items():
        here = running.get(name, "none")
        if here == version:
            continue
        differs = name in _SAME_MINOR and _minor(here) != _minor(version)
        older = name == "numpy" and _minor(here) < _minor(version)
        if differs or older:
            raise ArtifactError(
                f"the artifact was written with {name} {version}; {name} {here} runs here and may "
                f"read it wrongly. Serve it with {name} {'.'.join(version.split('.')[:2])}, or "
                "train it again."
            )
        log.warning("the artifact was written with %s %s; %s runs here", name, version, here)


def _minor(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(map(str.isdecimal, parts)) else ()


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(f"{path} is missing; the manifest lists it. Fetch the model again.")
        found = _sha256(path)
        if found != expected:
            raise ArtifactError(
                f"{path} was changed: its sha256 is {found}, the manifest expects {expected}. "
                "Fetch the model again."
            )


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_sources(sources: Path, target: Path, names: Iterable[str]) -> None:
    # What an earlier artifact was served from holds compiled files, which change when imported.
    shutil.rmtree(target, ignore_errors=True)
    for name in names:
        source, copy = sources / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            _copy_tree(source, copy)
        else:
            shutil.copyfile(source, copy)


def _copy_tree(source: Path, copy: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(source, copy, ignore=ignored, dirs_exist_ok=True)
