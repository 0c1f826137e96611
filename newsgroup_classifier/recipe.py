"""Recipes: a data set, a model with its hyperparameters, and the containers that serve it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from newsgroup_classifier.data_names import check_data_name, own_scope
from newsgroup_classifier.errors import DataError, HyperparameterError
from newsgroup_classifier.hyperparameters import (
    Hyperparameters,
    Parameter,
    Value,
    default_values,
    find_parameter,
)
from newsgroup_classifier.own_code import OwnCode
from newsgroup_classifier.search_space import SearchSpace, check_space
from newsgroup_classifier.shared_hyperparameters import READING, REPORT

# The metric that a search compares candidates by; training programs print it if they hold out rows.
OBJECTIVE = "validation:accuracy"
# Jobs, models and endpoints have at most 63 characters, of which 22 follow the recipe's name.
_NAME = re.compile(r"(?!.{41})[a-z][a-z0-9]*(-[a-z0-9]+)*")
CLASSIFICATION = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")
WEIGHTED = (*CLASSIFICATION, "weighted_precision", "weighted_recall")
_PLOTTING = (
    *("contourpy", "cycler", "fonttools", "kiwisolver"),
    *("matplotlib", "pyparsing", "wordcloud"),
)


@dataclass(frozen=True)
class Stage:
    """One container of a recipe's endpoint: its name, the module that serves, and its image.

    TensorFlow Serving serves what is in the artifact, so it has no module.
    """

    name: str
    program: str
    image: str = "scikit-learn"


_PREPROCESS_AND_PREDICT = (
    Stage("preprocess", "inference_pipeline.preprocess"),
    Stage("predict", "inference_pipeline.predict"),
)
_MODEL = Stage("model", "", "tensorflow-serving")
_ENCODE_MODEL_DECODE = (
    Stage("encode", "inference_pipeline.encode_texts"),
    _MODEL,
    Stage("decode", "inference_pipeline.decode_labels"),
)


@dataclass(frozen=True)
class Sizes:
    """The sizes of a network: token ids (0 for images), classes, and steps per epoch."""

    tokens: int
    classes: int
    steps: int


@dataclass(frozen=True)
class Measured:
    """An accuracy, and the data that it was measured on."""

    accuracy: float
    data: str


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A recipe: what scikit-learn's and TensorFlow's have in common.

    Attributes:
        name: the name on the command line; also part of the names of jobs, models and endpoints.
        summary: one line about data and model.
        dataset: the name of a data set of newsgroup_classifier/datasets; "" if it has none, and
            trains on own data only.
        hyperparameters: the parameters with their defaults, in the order of --help.
        presets: named sets of hyperparameters, as the values that differ from the defaults.
        space: where a search looks by default.
        accuracy: the accuracy with the default hyperparameters, if it was measured.
        metrics: the test metrics that training reports, best known first.
        packages: packages that training needs and the training image lacks.
        vendored: packages that serving needs, too; the artifact brings them along.
        least_lines: the minimum number of lines; the model ignores shorter texts.
        lexicon: the pipeline's parameter for the file of the lexicon channel, if it needs one.
        vectors: the pipeline's parameter for the file of the vectors channel, which a job reads if
            the hyperparameter `embedding` is "vectors".
        keeps_texts: whether the artifact has the texts of the train channel, for neighbors.
        takes_strings: whether the exported graph has the text encoder in it.
        most_scores: the train rows times classes that fit into the memory of an instance; 0: any.
        own_data_refusal: why the recipe does not accept users' own data; "" if it does.
        data_name: the name of the own data that it is used with, as `for_data` sets it.
        file: the user's file that the recipe was read from; "" if it is one of the project.
        own: the user's modules, if the recipe is in a file of the user's.

    """

    framework: ClassVar[str]
    program: ClassVar[str]  # what a training job starts
    epoch_metrics: ClassVar[tuple[str, ...]] = ()

    name: str
    summary: str
    dataset: str
    hyperparameters: tuple[Parameter, ...]
    presets: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    space: SearchSpace = ()
    accuracy: Measured | None = None
    metrics: tuple[str, ...] = CLASSIFICATION
    packages: tuple[str, ...] = ()
    vendored: tuple[str, ...] = ()
    least_lines: int = 1
    lexicon: str | None = None
    vectors: str | None = None
    keeps_texts: bool = False
    takes_strings: bool = False
    most_scores: int = 0
    own_data_refusal: str = ""
    data_name: str = ""
    file: str = ""
    own: OwnCode | None = None

    def __post_init__(self) -> None:
        """Raise HyperparameterError unless the names and values are valid."""
        try:
            self._check()
        except HyperparameterError as error:
            raise HyperparameterError(f"recipe {self.name!r} is not valid: {error}") from None

    def _check(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise HyperparameterError(
                "expected a name of at most 40 lower-case letters, digits and single hyphens, such "
                "as spooky-ngrams"
            )
        names = [name for each in self.hyperparameters for name in (each.name, each.was) if name]
        for name in names:
            if names.count(name) > 1:
                raise HyperparameterError(f"hyperparameter {name} is declared twice; rename one")
            if name == REPORT.name:
                raise HyperparameterError(f"every training job has {name} already; rename yours")
        present = [replace(each, was="") for each in self.hyperparameters]
        for values in (self.defaults, *self.presets.values()):
            for name, value in values.items():
                find_parameter(name, present).check(value)
        if self.space:
            check_space(self.space, present)

    def for_data(self, name: str) -> Self:
        """Return the recipe for own data of a name; raise DataError if the two do not fit."""
        check_data_name(name)
        if self.own_data_refusal:
            raise DataError(
                f"recipe {self.name} does not accept your own data: {self.own_data_refusal}. "
                "Choose another recipe, such as text-linear"
            )
        return replace(self, data_name=name)

    @property
    def scope(self) -> str:
        """The name that its resources have: its own, or that of its combination with own data."""
        return own_scope(self.name, self.data_name) if self.data_name else self.name

    @property
    def data_scope(self) -> str:
        """The name that its channels have, which all recipes for the same data share."""
        return own_scope("own", self.data_name) if self.data_name else self.dataset

    @property
    def defaults(self) -> dict[str, Value]:
        """The defaults of the hyperparameters."""
        return default_values(self.hyperparameters)

    @property
    def inputs(self) -> str:
        """What the model classifies: "texts" or "images"."""
        return "texts"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The containers of the recipe's endpoint, in the order of a request."""
        raise NotImplementedError

    @property
    def requirements(self) -> tuple[str, ...]:
        """The packages that a training job installs."""
        return (*self.packages, *self.vendored)

    @property
    def served_by_lambda(self) -> bool:
        """Whether a training job also writes a model for the Lambda function."""
        return False

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets of `deploy` that the recipe has."""
        single = ("single",) if self.takes_strings else ()
        return ("pipeline", *single, *(("lambda",) if self.served_by_lambda else ()))

    @property
    def streams(self) -> bool:
        """Whether the recipe can train on channels that are read batch by batch."""
        return any(parameter.name == READING for parameter in self.hyperparameters)

    def reads_vectors(self, hyperparameters: Hyperparameters) -> bool:
        """Return whether a training job reads the vectors channel."""
        return self.vectors is not None and hyperparameters.get("embedding") == "vectors"

    @classmethod
    def of(cls, recipe: "Recipe") -> Self:
        """Return a recipe of this kind; raise HyperparameterError if it is of another kind."""
        if isinstance(recipe, cls):
            return recipe
        raise HyperparameterError(
            f"recipe {recipe.name} trains with {recipe.framework}, and this program with "
            f"{cls.framework}; start {recipe.program}"
        )


@dataclass(frozen=True, kw_only=True)
class ScikitLearnRecipe(Recipe):
    """A recipe that trains in the scikit-learn container.

    Attributes:
        build: returns the unfitted pipeline from raw texts to labels.
        first_steps: the number of the pipeline's steps in the first container.
        export: returns the bytes of the Lambda's model for a fitted pipeline and a mapping with
            recipe, label_names, explanations (their measure) and versions; raises NotExportable if
            the function cannot serve it.

    """

    framework: ClassVar[str] = "scikit-learn"
    program: ClassVar[str] = "newsgroup_classifier/training/train_sklearn.py"

    build: Callable[[Hyperparameters], Any]
    first_steps: int = -1
    export: Callable[[Any, Mapping[str, Any]], bytes] | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Features in one container, labels in the next."""
        return _PREPROCESS_AND_PREDICT

    @property
    def requirements(self) -> tuple[str, ...]:
        """The recipe's packages and the plotting packages, which the scikit-learn image lacks."""
        return (*_PLOTTING, *super().requirements)

    @property
    def served_by_lambda(self) -> bool:
        """Whether there is an export."""
        return self.export is not None


@dataclass(frozen=True, kw_only=True)
class TensorFlowRecipe(Recipe):
    """A recipe that trains in the TensorFlow container.

    Attributes:
        network: returns the compiled, untrained Keras model of hyperparameters and sizes.
        search_network: returns the same network over dense rows; search=grid needs it.
        encoder: returns the unfitted text encoder; None for images.

    """

    framework: ClassVar[str] = "tensorflow"
    program: ClassVar[str] = "newsgroup_classifier/training/train_tensorflow.py"
    epoch_metrics: ClassVar[tuple[str, ...]] = (
        "train:loss",
        "train:accuracy",
        "validation:loss",
        OBJECTIVE,
    )

    metrics: tuple[str, ...] = WEIGHTED
    network: Callable[[Hyperparameters, Sizes], Any]
    search_network: Callable[[Hyperparameters, Sizes], Any] | None = None
    encoder: Callable[[Hyperparameters], Any] | None = None

    @property
    def inputs(self) -> str:
        """Texts if there is an encoder."""
        return "texts" if self.encoder else "images"

    @property
    def stages(self) -> tuple[Stage, ...]:
        """TensorFlow Serving alone, or, for texts, between an encoding and a decoding container."""
        return _ENCODE_MODEL_DECODE if self.encoder else (_MODEL,)
