"""The stages import only packages of the image, and no training code."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from tests.inference_pipeline.tensorflow_artifact import write_artifact

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = (
    "boto3",
    "botocore",
    "moto",
    "nltk",
    "pandas",
    "sagemaker",
    "snowballstemmer",
    "tensorflow",
    "tqdm",
)


def loaded_by(code):
    """Return the names of all modules in a new process after it runs the code."""
    run = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


@pytest.mark.parametrize("stage", ["preprocess", "predict", "encode_texts", "decode_labels"])
@pytest.mark.observes("stages-image")
def test_importing_a_stage_loads_only_packages_of_the_image(stage):
    loaded = loaded_by(f"import inference_pipeline.{stage}")
    assert not {name.split(".")[0] for name in loaded} & set(FOREIGN)


@pytest.mark.parametrize("stage", ["preprocess", "predict", "encode_texts", "decode_labels"])
def test_importing_a_stage_loads_only_light_modules_of_the_library(stage):
    loaded = loaded_by(f"import inference_pipeline.{stage}")
    ours = {name for name in loaded if name.startswith("newsgroup_classifier.")}
    light = {"newsgroup_classifier.artifacts", "newsgroup_classifier.errors"}
    light |= {name for name in ours if name.startswith("newsgroup_classifier.explanations")}
    text = "newsgroup_classifier.text"
    light |= {text, f"{text}.visible", f"{text}.request_bodies"}
    if stage in ("preprocess", "predict"):
        light.add("newsgroup_classifier.feature_matrix")
    if stage == "predict":
        light.add("newsgroup_classifier.recommender")
    if stage == "encode_texts":
        light |= {name for name in ours if name.startswith(text)}
    assert ours <= light


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["preprocess", "predict", "encode_texts", "decode_labels"])
@pytest.mark.observes("stages-image")
def test_loading_the_model_of_a_stage_loads_only_packages_of_the_image(served, tmp_path, stage):
    ours = stage in ("preprocess", "predict")
    folder = served.folder if ours else write_artifact(tmp_path / "model", "ngrams")
    loaded = loaded_by(
        f"import inference_pipeline.{stage} as stage; stage.model_fn({str(folder)!r})"
    )
    assert not {name.split(".")[0] for name in loaded} & set(FOREIGN)
    assert not any(name.startswith("newsgroup_classifier.training") for name in loaded)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
@pytest.mark.observes("stages-functions", "stages-program")
def test_stages_of_every_recipe_have_the_functions_that_the_container_calls(recipe):
    for stage in recipe.stages:
        if stage.image == "tensorflow-serving":
            assert stage.program == ""  # its handlers are the artifact's code/inference.py
            continue
        assert "/" not in stage.program
        module = importlib.import_module(stage.program)
        for name in ("model_fn", "input_fn", "predict_fn", "output_fn"):
            assert callable(getattr(module, name))
