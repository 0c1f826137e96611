"""The catalogue: what each recipe trains on, how its model is built, and how it is served.

It imports no heavy library: a builder imports what it needs when it is called.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import ProjectError
from newsgroup_classifier.hyperparameters import FloatParameter, Parameter, Value


@dataclass(frozen=True)
class Stage:
    """One container of a recipe's inference pipeline: its name, and the module that serves."""

    name: str
    program: str


@dataclass(frozen=True)
class Recipe:
    """One entry of the catalogue.

    `metrics` are the names of the test metrics that training prints, best known first. `packages`
    are those that training needs and the image lacks; the bundle's requirements pin them. A text
    of fewer than `least_lines` lines has nothing that the model looks at.
    """

    name: str
    summary: str
    dataset: str
    framework: str
    parameters: tuple[Parameter, ...]
    build: Callable[[Mapping[str, Value]], Any]
    stages: tuple[Stage, ...]
    metrics: tuple[str, ...]
    packages: tuple[str, ...] = ()
    least_lines: int = 1


def _build_naive_bayes(hyperparameters: Mapping[str, Value]) -> Any:
    from newsgroup_classifier.models.naive_bayes import build_naive_bayes

    return build_naive_bayes(alpha=float(hyperparameters["alpha"]))


_CLASSIFICATION = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")
_DRAWING = (
    "contourpy",
    "cycler",
    "fonttools",
    "kiwisolver",
    "matplotlib",
    "pyparsing",
    "wordcloud",
)
_TEXT_STAGES = (
    Stage("preprocess", "inference_pipeline.preprocess"),
    Stage("predict", "inference_pipeline.predict"),
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="newsgroups-naive-bayes",
            summary="20 Newsgroups posts: TF-IDF and multinomial naive Bayes",
            dataset="20newsgroups",
            framework="scikit-learn",
            parameters=(
                FloatParameter("alpha", 0.01, "additive smoothing of naive Bayes", above=0.0),
            ),
            build=_build_naive_bayes,
            stages=_TEXT_STAGES,
            metrics=_CLASSIFICATION,
            packages=_DRAWING,
            least_lines=6,
        ),
    )
}


def find_recipe(name: str) -> Recipe:
    """Return a recipe; raise ProjectError naming the nearest one if there is none."""
    if name in RECIPES:
        return RECIPES[name]
    near = difflib.get_close_matches(name, RECIPES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ProjectError(f"unknown recipe {name!r}{hint} (known: {', '.join(RECIPES)})")
