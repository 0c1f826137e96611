"""An artifact holds all that serving needs, and reads the same in a process that has only it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import joblib
import pytest

from newsgroup_classifier import artifacts
from newsgroup_classifier.datasets.newsgroups import GROUPS
from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.recipes.newsgroups import NAIVE_BAYES
from tests.newsgroup_classifier.conftest import ABOUT, ROOT

SERVE = """
import json, sys
import inference_pipeline.predict as predict, inference_pipeline.preprocess as preprocess
import newsgroup_classifier.artifacts as artifacts
folder, texts = sys.argv[1], json.load(sys.stdin)
texts = preprocess.input_fn(json.dumps(texts), "application/json")
rows = preprocess.predict_fn(texts, preprocess.model_fn(folder))
features = predict.input_fn(rows, "application/x-sparse-rows")
predictions = predict.predict_fn(features, predict.model_fn(folder))
files = [module.__file__ for module in (predict, preprocess, artifacts)]
print(json.dumps([files, [prediction.as_dict() for prediction in predictions]]))
"""


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def served_alone(folder, texts, cwd):
    """Score texts in a fresh process that finds our code in the artifact's serving folder only."""
    environ = {**os.environ, "PYTHONPATH": str(folder / artifacts.SERVING)}
    run = subprocess.run(
        [sys.executable, "-P", "-B", "-c", SERVE, str(folder)],
        input=json.dumps(texts),
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def test_artifact_served_by_its_own_code_predicts_the_same(artifact, sample, tmp_path):
    texts = list(sample.test["data"][:30])
    files, predictions = served_alone(artifact, texts, tmp_path)
    assert all(file.startswith(str(artifact / artifacts.SERVING)) for file in files)
    features = joblib.load(artifact / artifacts.PREPROCESS).transform(texts)
    expected = joblib.load(artifact / artifacts.MODEL).predict_proba(features)
    for prediction, row in zip(predictions, expected, strict=True):
        assert list(prediction["probabilities"].values()) == pytest.approx(row, abs=1e-12)
        assert prediction["label"] == GROUPS[row.argmax()]


def test_artifact_with_a_function_of_a_recipe_module_includes_the_module(tmp_path):
    artifacts.save_artifact(tmp_path, {artifacts.MODEL: NAIVE_BAYES.build}, ABOUT, ROOT)
    program = f"import joblib; print(joblib.load({str(tmp_path / artifacts.MODEL)!r}).__module__)"
    run = subprocess.run(
        [sys.executable, "-P", "-B", "-c", program],
        cwd=tmp_path / artifacts.SERVING,
        env={**os.environ, "PYTHONPATH": str(tmp_path / artifacts.SERVING)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "newsgroup_classifier.recipes.newsgroups"


@pytest.mark.parametrize(
    "line",
    [
        "from newsgroup_classifier.channels.texts import Dataset",
        "from newsgroup_classifier import discovery",
        "import scripts.train",
    ],
)
def test_recipe_module_that_imports_what_serving_lacks_is_refused(tmp_path, line):
    for name in ("newsgroup_classifier", "inference_pipeline"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "scripts").mkdir()
    module = tmp_path / "newsgroup_classifier" / "recipes" / "newsgroups.py"
    module.write_text(f"{line}\n{module.read_text()}")
    with pytest.raises(TrainingError, match=r"newsgroups\.py imports .*; import it in a function"):
        artifacts.save_artifact(
            tmp_path / "model", {artifacts.MODEL: NAIVE_BAYES.build}, ABOUT, tmp_path
        )


def test_save_artifact_returns_the_manifest_that_load_manifest_reads(tmp_path):
    about = ABOUT | {"label_names": ("zebra", "ant", "müller", "a,b")}
    saved = artifacts.save_artifact(tmp_path, {artifacts.MODEL: [1]}, about, ROOT)
    assert artifacts.load_manifest(tmp_path) == saved
    assert saved.label_names == about["label_names"]


def test_manifest_has_format_versions_and_description(artifact):
    manifest = artifacts.load_manifest(artifact)
    assert manifest.format == artifacts.FORMAT
    assert manifest.versions == artifacts.running_versions()
    assert {name: getattr(manifest, name) for name in ABOUT} == ABOUT


def test_manifest_lists_the_sha256_of_every_other_file(artifact):
    listed = json.loads((artifact / artifacts.MANIFEST).read_text())["files"]
    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in contents(artifact).items()
        if name != artifacts.MANIFEST
    }


def test_artifact_has_the_objects_and_the_serving_code_and_nothing_else(artifact):
    names = {
        name.removeprefix("serving/").split("/")[0]
        for name in contents(artifact)
        if not name.endswith((".joblib", ".json"))
    }
    assert names == {"inference_pipeline", "newsgroup_classifier"}
    assert {path.name for path in artifact.iterdir()} == {
        "manifest.json",
        "preprocess.joblib",
        "model.joblib",
        "serving",
    }


def test_artifact_has_an_exact_copy_of_the_serving_code(artifact):
    for name, content in contents(artifact / artifacts.SERVING).items():
        assert content == (ROOT / name).read_bytes()
        assert "__pycache__" not in name


def test_save_artifact_over_one_of_another_recipe_removes_its_files(tmp_path):
    """What is left of texts, or of a save that was killed, would be served with the rest."""
    for name in ("vocabulary.json", "manifest.json.part", "1/saved_model.pb", "code/inference.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / "1.part").mkdir()
    objects = {artifacts.MODEL: [1], artifacts.LAMBDA_MODEL: b"1"}
    artifacts.save_artifact(tmp_path, objects, ABOUT, ROOT)
    manifest = artifacts.load_manifest(tmp_path)
    tops = {name.split("/")[0] for name in manifest.files}
    assert tops == {"model.joblib", "lambda", "serving"}
    # TensorFlow writes its network before the rest.
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "saved_model.pb").write_text("{}")
    artifacts.save_artifact(tmp_path, {}, ABOUT, ROOT, artifacts.Extras(tensorflow={}))
    tops = {name.split("/")[0] for name in artifacts.load_manifest(tmp_path).files}
    assert tops == {"1", "serving", "code"}


def test_save_artifact_over_an_earlier_one_can_be_loaded(tmp_path):
    for value in ([1], [2]):
        artifacts.save_artifact(tmp_path, {artifacts.MODEL: value}, ABOUT, ROOT)
    manifest = artifacts.load_manifest(tmp_path)
    assert artifacts.MANIFEST not in manifest.files
    assert artifacts.load_object(tmp_path, manifest, artifacts.MODEL) == [2]


def test_save_artifact_over_one_that_was_served_removes_compiled_files(tmp_path):
    artifacts.save_artifact(tmp_path, {artifacts.MODEL: [1]}, ABOUT, ROOT)
    compiled = tmp_path / artifacts.SERVING / "inference_pipeline" / "__pycache__"
    compiled.mkdir()
    (compiled / "predict.cpython-311.pyc").touch()
    artifacts.save_artifact(tmp_path, {artifacts.MODEL: [1]}, ABOUT, ROOT)
    assert not [name for name in contents(tmp_path) if "__pycache__" in name]


def test_load_manifest_accepts_files_that_serving_added(tmp_path):
    saved = artifacts.save_artifact(tmp_path, {artifacts.MODEL: [1]}, ABOUT, ROOT)
    (tmp_path / artifacts.SERVING / "compiled.pyc").touch()
    assert artifacts.load_manifest(tmp_path) == saved
