"""The candidates of the Spooky study: a recipe, and the values that are not its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import find_recipe, preset_values

FOREST = "spooky-topic-forest"


@dataclass(frozen=True)
class Candidate:
    """What to measure: a preset or the defaults, with changes."""

    recipe: str
    title: str
    changed: Mapping[str, Value] = field(default_factory=dict)
    preset: str | None = None

    def values(self) -> dict[str, Value]:
        """Return all hyperparameters."""
        recipe = find_recipe(self.recipe)
        if self.preset is not None:
            return preset_values(recipe, self.preset) | dict(self.changed)
        return recipe.defaults | dict(self.changed)


_FULL_FOREST: dict[str, Value] = {
    "n_estimators": 200,
    "min_samples_leaf": 5,
    "min_samples_split": 2,
    "max_samples": 1.0,
}
_KEPT: dict[str, Value] = _FULL_FOREST | {"stop_words": "none"}
_ALL: dict[str, Value] = _KEPT | {
    "learning_method": "batch",
    "max_iter": 10,
    "n_components": 100,
    "doc_topic_prior": 0.5,
    "topic_word_prior": 0.01,
}
_OWN: dict[str, Value] = _ALL | {
    "topics_of": "label",
    "n_components": 1,
    "doc_topic_prior": 0.1,
    "topic_word_prior": 0.3,
}

CANDIDATES = (
    Candidate(FOREST, "preset `tutorial`", preset="tutorial"),
    Candidate(
        FOREST,
        "`tutorial`, a forest of 200 trees on all rows, leaves of 5",
        _FULL_FOREST,
        "tutorial",
    ),
    Candidate(FOREST, "that forest, with stop words", _KEPT, "tutorial"),
    Candidate(
        FOREST,
        "that forest, with stop words, batch learning, 100 topics, priors 0.5 and 0.01",
        _ALL,
        "tutorial",
    ),
    Candidate(FOREST, "one topic per author, that forest, priors 0.1 and 0.3", _OWN, "tutorial"),
    Candidate(
        FOREST, "one topic per author, leaves of 20", _OWN | {"min_samples_leaf": 20}, "tutorial"
    ),
    Candidate(
        FOREST, "one topic per author, leaves of 80", _OWN | {"min_samples_leaf": 80}, "tutorial"
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, topic_word_prior 0.1",
        _OWN | {"min_samples_leaf": 80, "topic_word_prior": 0.1},
        "tutorial",
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, topic_word_prior 0.6",
        _OWN | {"min_samples_leaf": 80, "topic_word_prior": 0.6},
        "tutorial",
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, doc_topic_prior 1",
        _OWN | {"min_samples_leaf": 80, "doc_topic_prior": 1.0},
        "tutorial",
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, without English stop words",
        _OWN | {"min_samples_leaf": 80, "stop_words": "english"},
        "tutorial",
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, also lemmas of a single text",
        _OWN | {"min_samples_leaf": 80, "min_df": 1},
        "tutorial",
    ),
    Candidate(
        FOREST,
        "one topic per author, leaves of 80, doc_topic_prior 1, also lemmas of a single text",
        _OWN | {"min_samples_leaf": 80, "doc_topic_prior": 1.0, "min_df": 1},
        "tutorial",
    ),
    Candidate(FOREST, "preset `tuned`", preset="tuned"),
    Candidate(
        FOREST,
        "five topics per author, priors 0.1 and 0.3, leaves of 80",
        _OWN | {"min_samples_leaf": 80, "n_components": 5},
        "tutorial",
    ),
)
