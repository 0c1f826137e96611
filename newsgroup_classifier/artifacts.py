"""The artifact: a folder with a trained model, the code that serves it, and a manifest of both.

docs/reference/artifact.md lists its files. Loading checks the manifest first: nothing is unpickled
from a folder that is incomplete, was changed, or was written by versions of libraries that may read
it differently.
"""

import ast
import hashlib
import json
import logging
import platform
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from newsgroup_classifier.errors import ArtifactError, TrainingError, one_line

FORMAT, MANIFEST = 2, "manifest.json"
PREPROCESS, MODEL = "preprocess.joblib", "model.joblib"
LAMBDA_MODEL, POSTS = "lambda/model.npz", "posts.json.gz"
SAVED_MODEL, VOCABULARY = "1", "vocabulary.json"
_FILES = (PREPROCESS, MODEL, POSTS, LAMBDA_MODEL, VOCABULARY)
SERVING, CODE = "serving", "code"
_STAGES = (
    *("inference_pipeline", "newsgroup_classifier/explanations"),
    *(f"newsgroup_classifier/{name}.py" for name in ("__init__", "errors", "artifacts")),
)
# What serving containers import: the stages, and the modules that need no more than the image has.
SERVING_SOURCES = (
    *_STAGES,
    *(f"newsgroup_classifier/{name}.py" for name in ("feature_matrix", "pickles", "recommender")),
    *(f"newsgroup_classifier/{name}" for name in ("estimators", "hashed_text", "text")),
)
# What serving containers also import if the pickles have classes or functions of a recipe's module.
_RECIPE_MODULES = (
    *("data_names", "hyperparameter_names", "hyperparameters", "own_code", "recipe"),
    *("search_space", "shared_hyperparameters"),
)
RECIPE_SOURCES = (
    "newsgroup_classifier/recipes",
    *(f"newsgroup_classifier/{name}.py" for name in _RECIPE_MODULES),
)
_RECIPE_MODULE = re.compile(rb"newsgroup_classifier\.recipes\.(\w+)")
# What the TensorFlow container's handlers import, for code/lib; its image has fewer packages.
CODE_ENTRY = "inference_pipeline/tensorflow_serving/inference.py"  # becomes code/inference.py
CODE_SOURCES = (
    *_STAGES,
    *(f"newsgroup_classifier/text/{name}.py" for name in ("__init__", "request_bodies", "visible")),
)
_SAME_MINOR = ("scikit-learn", "joblib")
_DECISIVE = (*_SAME_MINOR, "numpy")
_RECORDED = (*_DECISIVE, "scipy", "pandas")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """The origin of an artifact (recipe, hyperparameters, versions) and its files.

    `search` says how a search found the hyperparameters; `warnings`, why the model may be useless;
    `not_for_lambda`, what the Lambda function does not reproduce; `explanations`, their measure.
    """

    recipe: str
    label_names: tuple[str, ...]
    hyperparameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    versions: Mapping[str, str]
    files: Mapping[str, str]
    format: int = FORMAT
    search: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = field(default_factory=list)
    not_for_lambda: str = ""
    explanations: str = ""


@dataclass(frozen=True)
class Extras:
    """What an artifact has in addition to its objects and our own code.

    `modules` are put into the serving code, by their path there: packages that the image lacks, and
    the user's. `tensorflow` has the versions of TensorFlow and Keras if there is a SavedModel.
    """

    modules: Mapping[str, Path] = field(default_factory=dict)
    tensorflow: Mapping[str, str] | None = None


def save_artifact(
    folder: Path,
    objects: Mapping[str, Any],
    about: Mapping[str, Any],
    sources: Path,
    extras: Extras = Extras(),
) -> Manifest:
    """Write the objects (file name: object), the serving code and, last, the manifest.

    Bytes are written as they are, any other object by joblib. `about` has the manifest's recipe,
    label_names, hyperparameters, metrics and, optionally, its other members. `sources` is the
    folder that holds the project's packages. A SavedModel is in the folder already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _remove_earlier(folder, keep_network=extras.tensorflow is not None)
    import joblib

    for name, value in objects.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if isinstance(value, bytes):
            (folder / name).write_bytes(value)
        else:
            joblib.dump(value, folder / name)
    pickles = folder.glob("*.joblib")
    recipes = {name for path in pickles for name in _RECIPE_MODULE.findall(path.read_bytes())}
    needed = SERVING_SOURCES + (RECIPE_SOURCES if recipes or extras.modules else ())
    for name in recipes:
        check_imports(sources, f"newsgroup_classifier/recipes/{name.decode()}.py", needed)
    _copy_sources(folder / SERVING, {**{name: sources / name for name in needed}, **extras.modules})
    versions = running_versions() | dict(extras.tensorflow or {})
    if extras.tensorflow is not None:
        _copy_sources(folder / CODE / "lib", {name: sources / name for name in CODE_SOURCES})
        shutil.copyfile(sources / CODE_ENTRY, folder / CODE / Path(CODE_ENTRY).name)
    manifest = Manifest(**about, versions=versions, files=_digests(folder))
    part = folder / f"{MANIFEST}.part"
    part.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    part.replace(folder / MANIFEST)
    return manifest


def check_imports(sources: Path, recipe: str, needed: Iterable[str]) -> None:
    """Raise TrainingError if a recipe module imports one of ours that serving does not have."""
    for node in ast.parse((sources / recipe).read_bytes()).body:
        parent = getattr(node, "module", "") or ""
        parts = getattr(node, "names", [])  # of an import
        names = [parent] if "." in parent else [f"{parent}.{each.name}" for each in parts]
        for path in (name.strip(".").replace(".", "/") for name in names):
            ours = (sources / path.split("/")[0]).is_dir()
            if ours and not any(f"{path}/".startswith(f"{n.removesuffix('.py')}/") for n in needed):
                raise TrainingError(
                    f"{recipe} imports {path}, which serving containers do not have; import it in "
                    "a function, or move the model's classes to newsgroup_classifier/estimators"
                )


def _remove_earlier(folder: Path, keep_network: bool) -> None:
    """Remove the files of an earlier artifact, which would be mistaken for part of this one.

    On a laptop, all recipes write to the same folder. `keep_network` leaves the SavedModel, which
    TensorFlow has already written.
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
                f"{path} has the artifact format {content['format']!r}; expected {FORMAT}. Train "
                "the model again with this version of the project."
            )
        manifest = _manifest_of(content)
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactError(
            f"{path} is missing, so {folder} is not an artifact of this project; expected the "
            "content of a training job's model.tar.gz."
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(
            f"{path} is not a manifest: {one_line(error)}. Train the model again."
        ) from error
    _check_files(folder, manifest)
    if any(name.endswith(".joblib") for name in manifest.files):
        check_versions(manifest.versions, running_versions())
    return manifest


def _manifest_of(content: dict[str, Any]) -> Manifest:
    """Return the manifest in parsed JSON; raise KeyError or TypeError if it has another form."""
    names, warnings = content["label_names"], content.get("warnings", [])
    objects = [content[name] for name in ("versions", "files", "hyperparameters", "metrics")]
    if [type(value) for value in (names, warnings, *objects)] != [list, list, *[dict] * 4]:
        raise TypeError("label_names and warnings must be lists; versions, files, etc., objects")
    versions, files, *_ = objects
    texts = [content["recipe"], content.get("not_for_lambda", ""), content.get("explanations", "")]
    texts += [*versions.values(), *files.values()]
    if {type(value) for value in (*names, *warnings, *texts)} - {str}:
        raise TypeError("lists and objects of the manifest must hold strings")
    return Manifest(**content | {"label_names": tuple(names)})


def load_object(folder: Path, manifest: Manifest, name: str) -> Any:
    """Unpickle one object of a folder whose manifest was checked."""
    if name not in manifest.files:
        raise ArtifactError(
            f"{folder} has no {name}; its manifest lists {', '.join(manifest.files)}."
        )
    # The TensorFlow container, which unpickles nothing, does not have the module.
    from newsgroup_classifier.pickles import load_pickle

    return load_pickle(folder / name)


def running_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that an artifact depends on."""
    python = {"python": platform.python_version()}
    return python | {name: metadata.version(name) for name in _RECORDED}


def check_versions(written: Mapping[str, str], running: Mapping[str, str]) -> None:
    """Raise ArtifactError for versions that may read pickles differently; log other differences.

    Refused are another scikit-learn or joblib (major.minor), and a numpy older than the one that
    wrote the artifact, since it lacks names that newer pickles refer to.
    """
    for name in _DECISIVE:
        if name not in written:
            raise ArtifactError(
                f"the manifest does not have the version of {name}. Train the model again."
            )
    for name, version in written.items():
        here = running.get(name, "none")
        if here == version:
            continue
        differs = name in _SAME_MINOR and _minor(here) != _minor(version)
        older = name == "numpy" and _minor(here) < _minor(version)
        if differs or older:
            raise ArtifactError(
                f"the artifact was written with {name} {version}, and {name} {here} may read it "
                f"incorrectly. Serve it with {name} {'.'.join(version.split('.')[:2])}, or train "
                "the model again."
            )
        log.warning("the artifact was written with %s %s; %s runs here", name, version, here)


def _minor(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(map(str.isdecimal, parts)) else ()


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise ArtifactError(
                f"{path} is missing, although the manifest lists it. Fetch the model again."
            )
        if (actual := sha256_of(path)) != expected:
            raise ArtifactError(
                f"{path} was changed: its sha256 is {actual}; expected {expected}. Fetch the model "
                "again."
            )


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}


def sha256_of(path: Path) -> str:
    """Return the sha256 of the content of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy_sources(target: Path, sources: Mapping[str, Path]) -> None:
    # The serving code of an earlier artifact may have compiled files, which change when imported.
    shutil.rmtree(target, ignore_errors=True)
    for name, source in sources.items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        (_copy_tree if source.is_dir() else shutil.copyfile)(source, copy)


def _copy_tree(source: Path, copy: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(source, copy, ignore=ignored, dirs_exist_ok=True)
