"""Check before fitting that a recipe's pipeline can be saved and served."""

import io
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from newsgroup_classifier.artifacts import RECIPE_SOURCES, SERVING_SOURCES, check_imports
from newsgroup_classifier.errors import TrainingError, one_line
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.own_code import OwnCode, projects_by_module
from newsgroup_classifier.recipe import Recipe

_IMAGE = frozenset(("joblib", "numpy", "pandas", "scipy", "sklearn"))
_NEEDED = ("predict", "predict_proba")
_MOVE = "Move the classes and functions of the model to newsgroup_classifier/estimators."


def check_pipeline(recipe: Recipe, pipeline: Pipeline, sources: Path) -> None:
    """Raise TrainingError unless an unfitted pipeline has probabilities and can be unpickled.

    `sources` is the folder of the project's packages, of which serving containers have a part.
    """
    estimator = pipeline[-1]
    for name in _NEEDED:
        if not hasattr(estimator, name) and not _has_once_fitted(estimator, name):
            advice = "Wrap it in CalibratedClassifierCV"
            if not hasattr(estimator, "decision_function"):  # which that needs
                advice = (
                    "Use a classifier that has predict_proba or decision_function, or other "
                    "parameters, such as voting='soft'"
                )
            raise TrainingError(
                f"{type(estimator).__name__}, the last step of recipe {recipe.name}, has no "
                f"{name}, which serving needs. {advice}."
            )
    modules = pickled_modules(pipeline, f"the pipeline of recipe {recipe.name}")
    named = any(module.startswith("newsgroup_classifier.recipes.") for module in modules)
    carried = SERVING_SOURCES + (RECIPE_SOURCES if named or recipe.own else ())
    own = recipe.own.names if recipe.own else ()
    if recipe.own:
        check_own_imports(recipe.own, sources)
    for module in modules:
        if module.partition(".")[0] in own:
            continue
        if (sources / module.partition(".")[0]).is_dir():
            _check_own(recipe, module, sources, carried)
        else:
            _check_installed(recipe, module)


def check_own_imports(own: OwnCode, sources: Path) -> None:
    """Raise TrainingError if a module of the user's imports one of ours that serving lacks."""
    for path in own.files.values():
        if path.suffix == ".py":
            check_imports(sources, str(path), (*SERVING_SOURCES, *RECIPE_SOURCES, *own.names))


def _has_once_fitted(estimator: Any, name: str) -> bool:
    """Return whether an estimator may have a method after fitting: it is fitted on a few counts."""
    if not hasattr(type(estimator), name):
        return False
    rows = np.random.default_rng(0).integers(0, 3, (40, 8)).astype(float)
    try:
        return hasattr(clone(estimator).fit(rows, np.arange(40) % 2), name)
    except Exception:  # not on these rows; the fitted estimator is checked again
        return True


def servable_features(recipe: Recipe, features: Any) -> Any:
    """Return features as containers pass them on; raise TrainingError if they cannot."""
    try:
        return feature_matrix(features)
    except ValueError as error:
        raise TrainingError(
            f"the steps of recipe {recipe.name} before the last one return a {error}."
        ) from error


def check_fitted(estimator: Any) -> None:
    """Raise TrainingError if a fitted estimator lacks an attribute that serving containers use."""
    for name in ("predict", "predict_proba", "n_features_in_"):
        if not hasattr(estimator, name):
            raise TrainingError(
                f"the fitted {type(estimator).__name__} has no {name}, which serving needs; add it "
                "to the last step of the recipe's pipeline"
            )


def mark_fitted(step: Any) -> None:
    """Mark the transformers of a fitted step that learn nothing as fitted.

    A pipeline asks its last step whether it is fitted. In one container, that is a transformer.
    """
    parts = getattr(step, "transformer_list", None) or getattr(step, "steps", [])
    for _, part in parts:
        mark_fitted(part)
    if not parts and hasattr(step, "fit"):
        try:
            check_is_fitted(step)
        except NotFittedError:
            step.fitted_ = True


class _Modules(pickle.Pickler):
    """Pickle into nothing, and collect the modules of all functions, classes, and objects."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), protocol=pickle.HIGHEST_PROTOCOL)
        self.modules: set[str] = set()

    def reducer_override(self, value: Any) -> Any:
        """Collect the module, and leave the rest to pickle."""
        # Classes and functions have a qualified name, also those of Cython.
        owner = value if hasattr(value, "__qualname__") else type(value)
        self.modules.add(getattr(owner, "__module__", None) or "builtins")
        return NotImplemented


def pickled_modules(pipeline: Any, subject: str) -> list[str]:
    """Return the modules that a pickle names; raise TrainingError if there can be no pickle."""
    pickler = _Modules()
    try:
        pickler.dump(pipeline)
    except Exception as error:  # any __reduce__ or __getstate__ may fail in its own way
        raise TrainingError(
            f"{subject} cannot be pickled ({one_line(error)}). Use "
            "functions and classes at the top level of a module instead of lambdas and local ones."
        ) from error
    return sorted(pickler.modules)


def _check_own(recipe: Recipe, module: str, sources: Path, carried: tuple[str, ...]) -> None:
    """Raise TrainingError unless serving has one of our modules, and those that it imports."""
    path = module.replace(".", "/")
    if not any(f"{path}/".startswith(f"{each.removesuffix('.py')}/") for each in carried):
        raise _missing(recipe, module, _MOVE)
    if (sources / f"{path}.py").is_file():
        check_imports(sources, f"{path}.py", carried)


def _check_installed(recipe: Recipe, module: str) -> None:
    """Raise TrainingError unless a module is Python's, of the image, or in the artifact."""
    top = module.partition(".")[0]
    if top in _IMAGE or top in recipe.vendored or top in sys.stdlib_module_names:
        return
    projects = projects_by_module().get(top, [])
    if not projects:  # __main__, or a file that happens to be on the path
        raise _missing(recipe, module, _MOVE)
    if any(name.lower() in recipe.requirements for name in projects):  # the image lacks them
        raise _missing(recipe, module, f"Add {top} to the recipe's vendored packages.")


def _missing(recipe: Recipe, module: str, advice: str) -> TrainingError:
    return TrainingError(
        f"the model of recipe {recipe.name} needs the module {module}, which serving containers do "
        f"not have. {advice}"
    )
