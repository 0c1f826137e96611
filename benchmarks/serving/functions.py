"""Three Lambda functions under one Runtime API server: ours, an empty one, and the baseline.

Ours and the baseline download the same fitted model from the same local S3; the empty one imports
numpy and returns nothing.
"""

import compileall
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import joblib
import nltk
from sklearn.pipeline import Pipeline

from benchmarks.account import Trained, trained
from benchmarks.baseline import author_function
from benchmarks.baseline.author_pickles import write_pickles
from local_aws.awslambda.execution.environment import ExecutionEnvironment, Program, Result
from local_aws.awslambda.execution.runtime_site import make_runtime_site
from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.datasets.spooky import load_spooky
from scripts.account.lock import ROOT
from scripts.functions.package import build_package, this_machine

RECIPE, POSTS_RECIPE = "spooky-topic-forest", "newsgroups-text"
# Threads in which the baseline's forest scores; the tutorial uses 200.
JOBS = {"tuned": None, "tutorial": 200}
_EMPTY = "import numpy\n\n\ndef handler(event, context):\n    return {}\n"
_MEMORY_MB, _SECONDS = 3008, 60.0
# Packages in the baseline's zip; boto3 is in Lambda's runtime.
_BASELINE_PACKAGES = (
    "scikit-learn", "scipy", "numpy", "joblib", "threadpoolctl", "narwhals", "nltk", "regex",
    "click", "tqdm", "pandas", "python-dateutil", "pytz", "tzdata", "six",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Our function and the empty one, and the texts that they get."""

    ours: Program
    empty: Program
    texts: list[str]
    folder: Path

    def start(self, program: Program, name: str) -> ExecutionEnvironment:
        """Return an execution environment whose init has not started."""
        return ExecutionEnvironment(program, self.folder / "environments" / name)


@dataclass(frozen=True)
class Functions(Pair):
    """All three functions."""

    preset: str
    baseline: Program

    @property
    def bytes_unpacked(self) -> tuple[int, int]:
        """The bytes of the baseline's package and of ours."""
        ours = sum(path.stat().st_size for path in self.ours.code.rglob("*") if path.is_file())
        return sum(_installed_bytes(name) for name in _BASELINE_PACKAGES), ours


def event(texts: list[str]) -> bytes:
    """Return the event of a call to the HTTP API."""
    http = {"method": "POST", "path": "/predict"}
    content = {
        "version": "2.0",
        "routeKey": "POST /predict",
        "rawPath": "/predict",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": http, "requestId": "benchmark", "stage": "$default"},
        "body": json.dumps({"instances": texts}),
        "isBase64Encoded": False,
    }
    return json.dumps(content).encode()


def labels(result: Result) -> list[str]:
    """Return the labels in a result; raise if it is an error."""
    response = json.loads(result.payload)
    if result.is_error or response.get("statusCode") != 200:
        raise AssertionError(f"the function failed: {response}")
    return [prediction["label"] for prediction in json.loads(response["body"])["predictions"]]


@contextmanager
def functions(preset: str) -> Iterator[Functions]:
    """Train the model of a preset in a local AWS of its own, which stops when the block ends."""
    texts = load_spooky().test["data"].tolist()
    with trained(RECIPE, "--preset", preset) as made:
        pair, model = _pair(made, texts)
        manifest = artifacts.load_manifest(model)
        parts = [joblib.load(model / part) for part in (artifacts.PREPROCESS, artifacts.MODEL)]
        joined = Pipeline([step for part in parts for step in part.steps])
        pickles = pair.folder / "pickles"
        write_pickles(joined, list(manifest.label_names), JOBS[preset], pickles)
        baseline = _baseline(made, pair.ours.runtime, pickles)
        yield Functions(pair.ours, pair.empty, texts, pair.folder, preset, baseline)


@contextmanager
def functions_for_posts() -> Iterator[Pair]:
    """Train the model of newsgroup posts, and yield our function with it and the empty one."""
    posts = load_newsgroups().test["data"].tolist()
    with trained(POSTS_RECIPE) as made:
        yield _pair(made, posts)[0]


def _pair(made: Trained, texts: list[str]) -> tuple[Pair, Path]:
    """Return our function and the empty one, and the model's folder."""
    model, runtime = made.unpack_model(), make_runtime_site(made.folder / "runtime")
    ours = _ours(made, runtime, model)
    empty = _program(_empty(ours.code), "empty_handler.handler", runtime)
    return Pair(ours, empty, texts, made.folder), model


def _program(
    code: Path,
    handler: str,
    runtime: Path,
    variables: Mapping[str, str] | None = None,
    packages: tuple[Path, ...] = (),
) -> Program:
    return Program(
        code=code,
        handler=handler,
        runtime=runtime,
        variables={
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            **(variables or {}),
        },
        memory_mb=_MEMORY_MB,
        timeout=_SECONDS,
        extra_paths=packages,
        init_seconds=_SECONDS,
    )


def _ours(made: Trained, runtime: Path, model: Path) -> Program:
    """Unpack the package that `deploy` uploads, and upload the model."""
    code = made.folder / "package"
    package = build_package(this_machine(), made.folder / "cache")
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        archive.extractall(code)
    sha256 = artifacts.load_manifest(model).files[artifacts.LAMBDA_MODEL]
    uri = made.upload(model / artifacts.LAMBDA_MODEL, f"lambda/models/{sha256}.npz")
    variables = {"MODEL_URI": uri, "MODEL_SHA256": sha256}
    return _program(code, "lambda_handler.handler.handler", runtime, variables)


def _baseline(made: Trained, runtime: Path, pickles: Path) -> Program:
    """Upload the pickles; the packages are this environment's own, compiled as installed."""
    for path in pickles.iterdir():
        made.upload(path, f"baseline/{path.name}")
    program, code = Path(author_function.__file__), made.folder / "baseline"
    for part in (program, program.with_name("__init__.py"), program.parents[1] / "__init__.py"):
        copy = code / part.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part, copy)
    variables = {
        "PICKLES_URI": f"s3://{made.bucket}/baseline",
        "NLTK_DATA": f"{os.environ['DATASETS_DIR']}/nltk_data",
    }
    packages = (Path(nltk.__file__).parents[1],)
    return _program(code, f"{author_function.__name__}.handler", runtime, variables, packages)


def _empty(package: Path) -> Path:
    """Write the empty handler next to our package's numpy, which it imports unchanged."""
    folder = package.with_name("empty")
    folder.mkdir()
    (folder / "numpy").symlink_to(package / "numpy")
    (folder / "numpy.libs").symlink_to(package / "numpy.libs")
    (folder / "empty_handler.py").write_text(_EMPTY, encoding="utf-8")
    compileall.compile_file(str(folder / "empty_handler.py"), quiet=2)
    return folder


def _installed_bytes(name: str) -> int:
    """Return the size in bytes of a distribution's installed files."""
    distribution = metadata.distribution(name)
    paths = (Path(str(file.locate())) for file in distribution.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())
