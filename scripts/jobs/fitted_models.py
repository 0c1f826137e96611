"""Read a model that the user trained elsewhere, and check that the containers can serve it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from newsgroup_classifier.artifacts import LAMBDA_MODEL, Extras, Manifest, save_artifact
from newsgroup_classifier.errors import DeploymentError, counted, one_line
from newsgroup_classifier.estimators.decision_probabilities import (
    DecisionProbabilities,
    NumberedLabels,
)
from newsgroup_classifier.estimators.explaining import measure_of
from newsgroup_classifier.feature_matrix import feature_matrix
from newsgroup_classifier.own_code import (
    OwnCode,
    find_code,
    has_module,
    is_installed,
    make_importable,
)
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recommender import match_classes
from newsgroup_classifier.training.scikit_learn.saving import export_model, split_pipeline
from newsgroup_classifier.training.scikit_learn.servable import (
    check_own_imports,
    mark_fitted,
    pickled_modules,
)
from scripts.account.command import say
from scripts.account.lineage import TRIAL_TEXT
from scripts.account.lock import ROOT
from scripts.account.own_pipelines import check_packages

_announce = cache(say)  # `ship` reads a model before it creates anything, and `register` again
_WRITTEN = f"a file that joblib.dump wrote with scikit-learn {sklearn.__version__}"


@dataclass(frozen=True)
class FittedModel:
    """A fitted pipeline from texts to labels, the names of the labels, and the user's modules."""

    pipeline: Pipeline
    label_names: tuple[str, ...]
    code: OwnCode
    trial_label: str = ""  # that of the trial text


def read_model(path: Path, labels: Sequence[str] | None, code: Sequence[Path]) -> FittedModel:
    """Return the model in a file of joblib's; raise DeploymentError unless it can be served.

    Reading it runs code from the file. `labels` are the names of its classes if they are numbers.
    `code` are modules of the user's that it needs, in addition to those next to it.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from error
    _announce(f"Reading {path}, which runs code from the file as your user on this machine.")
    model, own = _load(path, _code(path, code))
    while hasattr(model, "best_estimator_"):  # of a search
        model = model.best_estimator_
    needed = {name: file.name for name, file in own.imports.items()}
    needed |= dict.fromkeys(pickled_modules(model, f"the model in {path}"), f"the model in {path}")
    check_packages(needed, own.names)
    check_own_imports(own, ROOT)
    features = _trial_features(path, model)
    name, last = model.steps[-1]
    classifier, names = _labeled(path, _probable(path, last, features), labels)
    label = _trial_label(path, classifier, features, names)
    pipeline = Pipeline([*model.steps[:-1], (name, classifier)])
    return FittedModel(pipeline, names, own, label)


def _code(path: Path, code: Sequence[Path]) -> OwnCode:
    folder = (code[0] if code else path).resolve().parent
    for file in code:
        if not file.is_file():
            raise DeploymentError(f"--code {file}: file not found")
        if file.suffix != ".py" or file.resolve().parent != folder:
            raise DeploymentError(
                f"--code {file} is not a Python file, or in another folder than the first one"
            )
    return find_code(folder, [file.stem for file in code])


def _load(path: Path, own: OwnCode) -> tuple[Any, OwnCode]:
    """Unpickle the model, with modules of the user's folder as it turns out to need them."""
    make_importable(own)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            model = joblib.load(path)
    except InconsistentVersionWarning as warning:
        raise DeploymentError(
            f"{path} was written with scikit-learn {warning.original_sklearn_version}, and the "
            f"container has {sklearn.__version__}, which may read it incorrectly. Train the model "
            f"again with scikit-learn {sklearn.__version__}"
        ) from None
    except ModuleNotFoundError as error:
        top = str(error.name).partition(".")[0]
        if has_module(own.folder, top) and top not in own.names:
            return _load(path, find_code(own.folder, [*own.names, top]))
        check_packages({top: f"the model in {path}"}, own.names)
        raise _unreadable(path, error) from error
    except AttributeError as error:
        if "__main__" not in str(error):
            raise _unreadable(path, error) from error
        raise DeploymentError(
            f"{path} needs a class or function of the script or notebook that wrote it. Move these "
            "to a module, import them from there, train again, and keep the module next to the file"
        ) from error
    except Exception as error:  # a pickle can fail in any way
        raise _unreadable(path, error) from error
    # A module next to the file comes before one of the same name that Python found elsewhere.
    own_ones = _modules_next_to(path, model, own)
    return _load(path, find_code(own.folder, [*own.names, *own_ones])) if own_ones else (model, own)


def _modules_next_to(path: Path, model: Any, own: OwnCode) -> list[str]:
    """Return the modules of a model that are in the user's folder and not known as theirs."""
    tops = {name.partition(".")[0] for name in pickled_modules(model, f"the model in {path}")}
    others = (top for top in tops.difference(own.names) if not is_installed(top))
    return sorted(top for top in others if has_module(own.folder, top))


def _unreadable(path: Path, error: Exception) -> DeploymentError:
    return DeploymentError(f"{path} cannot be read ({one_line(error)}); expected {_WRITTEN}")


def _trial_features(path: Path, model: Any) -> Any:
    """Return the features of a text; raise DeploymentError unless a model is a fitted pipeline."""
    if not isinstance(model, Pipeline) or len(model) < 2:
        raise DeploymentError(
            f"{path} has a {type(model).__name__}; expected a fitted scikit-learn Pipeline of two "
            "steps or more, from raw texts to labels, such as make_pipeline(vectorizer, classifier)"
        )
    try:
        check_is_fitted(model)
        mark_fitted(model[:-1])
        features = feature_matrix(model[:-1].transform([TRIAL_TEXT]))
    except NotFittedError:
        raise DeploymentError(
            f"the pipeline in {path} is not fitted; call fit, and save it again"
        ) from None
    except Exception as error:
        raise DeploymentError(
            f"the pipeline in {path} does not accept texts ({one_line(error)}); expected one from "
            "raw texts to labels. Save it together with its vectorizer"
        ) from error
    return features


def _probable(path: Path, classifier: Any, features: Any) -> Any:
    """Return a classifier with probabilities; raise DeploymentError if it cannot have any."""
    kind = type(classifier).__name__
    classes = getattr(classifier, "classes_", 0)
    # Several outputs have a list of arrays, of different lengths.
    several = isinstance(classes, list) and any(map(np.ndim, classes))
    if not hasattr(classifier, "predict") or several or np.ndim(classes) != 1:
        raise DeploymentError(
            f"{kind}, the last step of the pipeline in {path}, is not a classifier of one label "
            "per text; expected predict and classes_"
        )
    if not hasattr(classifier, "n_features_in_"):
        classifier.n_features_in_ = features.shape[1]
    if hasattr(classifier, "predict_proba"):
        return classifier
    if hasattr(classifier, "decision_function"):
        return DecisionProbabilities.of_fitted(classifier)
    raise DeploymentError(
        f"{kind}, the last step of the pipeline in {path}, has no predict_proba and no "
        "decision_function; wrap it in CalibratedClassifierCV"
    )


def _labeled(
    path: Path, classifier: Any, labels: Sequence[str] | None
) -> tuple[Any, tuple[str, ...]]:
    """Return a classifier with the names of its labels, whose numbers are those of its classes."""
    classes = np.asarray(classifier.classes_).tolist()
    named = all(isinstance(each, str) for each in classes)
    names = tuple(labels or map(str, classes))
    if len(set(names)) != len(names) or "" in names:
        raise DeploymentError("the labels are not distinct names; expected one name per class")
    if len(names) != len(classes) or (named and set(names) != set(classes)):
        raise DeploymentError(
            f"--labels has {counted(len(names), 'name')}, and the model in {path} has "
            f"{counted(len(classes), 'class', 'classes')}: {', '.join(map(str, classes[:10]))}. "
            f"Expected {'the same names' if named else 'one name per class, in this order'}"
        )
    if not named and classes != list(range(len(classes))):
        classifier = NumberedLabels(classifier)
    return classifier, names


def _trial_label(path: Path, classifier: Any, features: Any, names: tuple[str, ...]) -> str:
    """Return the label of the trial text; raise DeploymentError unless the prediction is valid."""
    try:
        classes = match_classes(classifier, names)
        (number,) = classes.labels(classifier.predict(features))
        (row,) = classes.in_label_order(classifier.predict_proba(features))
    except Exception as error:
        raise DeploymentError(
            f"the trial prediction of the model in {path} failed: {one_line(error)}"
        ) from error
    if row.shape != (len(names),) or not (row >= 0).all() or not np.isclose(row.sum(), 1):
        raise DeploymentError(
            f"the trial prediction of the model in {path} has no probabilities: expected "
            f"{len(names)} numbers from 0 that add up to 1"
        )
    return names[number]


def write_artifact(
    model: FittedModel, recipe: ScikitLearnRecipe, folder: Path, sources: Path
) -> Manifest:
    """Write the artifact of a model, which containers load like one of a training job."""
    about: dict[str, Any] = {
        "recipe": recipe.name,
        "label_names": model.label_names,
        "hyperparameters": {},
        "metrics": {},
    }
    objects = split_pipeline(model.pipeline, recipe.first_steps)
    about["explanations"] = measure_of(model.pipeline, recipe.first_steps)
    lambda_model, about["not_for_lambda"] = export_model(recipe, model.pipeline, about)
    if lambda_model is not None:
        objects[LAMBDA_MODEL] = lambda_model
    return save_artifact(folder, objects, about, sources, Extras(model.code.files))
