"""What a recipe of the catalogue is: data set, model, hyperparameters and containers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from newsgroup_classifier.hyperparameters import Parameter, Value
from newsgroup_classifier.search_space import SearchSpace
from newsgroup_classifier.stream_parameters import READING

# What a search compares candidates by: each training program prints it, if it holds rows back.
OBJECTIVE = "validation:accuracy"
CLASSIFICATION = ("accuracy", "macro_f1", "macro_precision", "macro_recall", "weighted_f1")


@dataclass(frozen=True)
class Stage:
    """One container of a recipe's endpoint: its name, the module that serves, and its image.

    TensorFlow Serving is told by the artifact what to serve, so it has no module.
    """

    name: str
    program: str
    image: str = "scikit-learn"


@dataclass(frozen=True)
class Sizes:
    """What a network is built for: token ids (0 for images), classes, and steps of an epoch."""

    tokens: int
    classes: int
    steps: int


@dataclass(frozen=True)
class Recipe:
    """One entry of the catalogue.

    `metrics` are the names of the test metrics that training prints, best known first, and
    `epoch_metrics` those of every epoch. `packages` are those that training needs and the image
    lacks; the bundle's requirements pin them. A text of fewer than `least_lines` lines has nothing
    that the model looks at.

    `presets` are named sets of hyperparameters, each the values that differ from the defaults.
    `space` is where a search looks unless it is told otherwise. `vendored` are the packages that
    the artifact brings along, since the serving image lacks them.

    Of scikit-learn: `build` returns the unfitted pipeline; its first `first_steps` steps are the
    first container's, the rest the second's. `lexicon` is the parameter of the pipeline that takes
    the lexicon channel's file, if it needs one, and `vectors` the one that takes the vectors
    channel's, if hyperparameter `embedding` is "vectors". What `keeps_texts` has the texts that it
    was trained on in its artifact, and answers the nearest of them. `export` returns the bytes of
    the model that the Lambda scores with.

    Of TensorFlow: `encoder` returns the unfitted text encoder (None for `inputs` "images"), and
    `network` the compiled, untrained Keras model of hyperparameters and sizes. `grouped` has
    validation rows drawn by whole groups (the channel's data_subject). A model that `takes_strings`
    has its encoder in the exported graph, too.
    """

    name: str
    summary: str
    dataset: str
    framework: str
    hyperparameters: tuple[Parameter, ...]
    stages: tuple[Stage, ...]
    metrics: tuple[str, ...]
    build: Callable[[Mapping[str, Value]], Any] | None = None
    packages: tuple[str, ...] = ()
    least_lines: int = 1
    presets: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    space: SearchSpace = ()
    vendored: tuple[str, ...] = ()
    first_steps: int = -1
    lexicon: str | None = None
    vectors: str | None = None
    keeps_texts: bool = False
    export: Callable[[Any, Mapping[str, Any]], bytes] | None = None
    inputs: str = "texts"
    grouped: bool = False
    encoder: Callable[[Mapping[str, Value]], Any] | None = None
    network: Callable[[Mapping[str, Value], Sizes], Any] | None = None
    takes_strings: bool = False
    epoch_metrics: tuple[str, ...] = ()

    def reads_vectors(self, hyperparameters: Mapping[str, Value]) -> bool:
        """Tell whether a training job reads the vectors channel."""
        return self.vectors is not None and hyperparameters.get("embedding") == "vectors"

    @property
    def streams(self) -> bool:
        """Tell whether it can train on channels that are read batch by batch."""
        return any(parameter.name == READING for parameter in self.hyperparameters)

    @property
    def served_by_lambda(self) -> bool:
        """Tell whether a training job writes a model that the Lambda scores with."""
        return self.export is not None
