"""Models of a release with a fault: they are healthy, but answer badly."""

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from local_aws.testing import ROOT
from local_aws.tests.account import archive
from newsgroup_classifier.artifacts import LAMBDA_MODEL
from scripts.account.lineage import LINEAGE, lineage_location
from tests.scripts.processes import RECIPE, command
from tests.scripts.releases import Release, register_archive

_CLASSIFY = "        probabilities = model.predict_proba(request.texts)\n"
_PREDICT = "serving/inference_pipeline/predict.py"
_FAULT = (
    "\n\n@carries_rejections\ndef predict_fn(features: object, model: object) -> object:\n    {}\n"
)
FAULTS = {
    "answers 500": "raise RuntimeError('a fault')",
    "answers slowly": "import time; time.sleep(30)",
    "has swapped labels": "",
}


def register_faulty(release: Release, fault: str) -> str:
    """Register and approve the release's model with a fault; return the package.

    Its lineage is that of the release's model, and so is the example.
    """
    files = _read(release.scripts.read_object(release.train["model_artifacts"]))
    manifest = json.loads(files["manifest.json"])
    if FAULTS[fault]:
        files[_PREDICT] += _FAULT.format(FAULTS[fault]).encode()
        manifest["files"][_PREDICT] = hashlib.sha256(files[_PREDICT]).hexdigest()
    else:
        manifest["label_names"].reverse()
    return _register(release, RECIPE, fault, files, manifest)


def register_function_model(release: Release, recipe: str, name: str, model: bytes | None) -> str:
    """Register and approve the release's model with another one for Lambda; return the package.

    Without one, it is the release's with its labels in the opposite order.
    """
    files = _read(release.scripts.read_object(release.train["model_artifacts"]))
    files[LAMBDA_MODEL] = _with_swapped_labels(files[LAMBDA_MODEL]) if model is None else model
    manifest = json.loads(files["manifest.json"])
    manifest["files"][LAMBDA_MODEL] = hashlib.sha256(files[LAMBDA_MODEL]).hexdigest()
    return _register(release, recipe, name, files, manifest)


def _with_swapped_labels(model: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            member = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(member)
                manifest["label_names"].reverse()
                member = json.dumps(manifest).encode()
            new.writestr(name, member)
    return content.getvalue()


def _register(
    release: Release, recipe: str, name: str, files: dict[str, bytes], manifest: Any
) -> str:
    scripts, uri = release.scripts, release.train["model_artifacts"]
    files["manifest.json"] = json.dumps(manifest).encode()
    bucket = release.setup["bucket"]
    faulty = f"s3://{bucket}/faulty/{name.replace(' ', '-')}/model.tar.gz"
    scripts.put_object(faulty, archive(files))
    lineage = scripts.read_object("s3://{Bucket}/{Key}".format(**lineage_location(uri)))
    scripts.put_object("s3://{Bucket}/{Key}".format(**lineage_location(faulty)), lineage)
    properties = {LINEAGE: hashlib.sha256(lineage).hexdigest()}
    return register_archive(scripts, recipe, faulty, approved=True, properties=properties)


def _read(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name.removeprefix("./"): file.read() for name, file in files.items() if file}


def deploy_slow_function(
    release: Release, folder: Path, *flags: str
) -> subprocess.CompletedProcess[str]:
    """Deploy from a copy of the project, whose function takes three seconds for a prediction."""
    copy, skipped = folder / "project", (".*", "__pycache__", "benchmarks", "docs", "tests")
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*skipped))
    handler = copy / "lambda_handler" / "handler.py"
    fast = handler.read_text("utf-8")
    slow = fast.replace(_CLASSIFY, f"        __import__('time').sleep(3)\n{_CLASSIFY}")
    assert slow != fast
    handler.write_text(slow, "utf-8")
    return subprocess.run(
        command("deploy", *flags),
        cwd=copy,
        env=release.scripts.environment | {"XDG_CACHE_HOME": str(folder)},
        capture_output=True,
        text=True,
    )
