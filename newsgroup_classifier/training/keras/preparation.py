"""Split the train channel of a TensorFlow job, and encode its texts."""

from dataclasses import dataclass

from newsgroup_classifier.evaluation.quality import blank_texts
from newsgroup_classifier.hyperparameters import Hyperparameters
from newsgroup_classifier.recipe import TensorFlowRecipe
from newsgroup_classifier.text.encoders import Encoder
from newsgroup_classifier.training.examples import Examples
from newsgroup_classifier.training.keras.fitting import Labeled, Split
from newsgroup_classifier.training.validation_split import balanced, split_by_class, split_by_group


@dataclass(frozen=True)
class Prepared:
    """The encoded and split train channel, its encoder, and the names of all labels.

    `blank` is the number of texts without a visible character.
    """

    split: Split
    encoder: Encoder | None
    label_names: tuple[str, ...]
    blank: int


def prepare(
    recipe: TensorFlowRecipe, hyperparameters: Hyperparameters, train_set: Examples
) -> Prepared:
    """Split the train channel, and fit the encoder on the rows to train on."""
    seed = int(hyperparameters["seed"])
    if hyperparameters.get("balance") == "smallest":
        train_set = train_set.select(balanced(train_set.labels.tolist(), seed))
    labels, share = train_set.labels.tolist(), float(hyperparameters["validation_split"])
    if hyperparameters.get("grouped") == "yes":
        parts = split_by_group(labels, train_set.groups, share, seed)
    else:
        parts = split_by_class(labels, share, seed)
    train, validation = (train_set.select(part) for part in parts)
    encoder = recipe.encoder(hyperparameters).fit(train.texts) if recipe.encoder else None
    split = Split(*(Labeled(each.rows(encoder), each.labels) for each in (train, validation)))
    return Prepared(split, encoder, train_set.label_names, blank_texts(train_set.texts))
