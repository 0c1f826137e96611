"""The candidates of the Spooky study: a recipe, and what differs from its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes import find_recipe, settings_of

FOREST, NGRAMS = "spooky-topic-forest", "spooky-ngrams"


@dataclass(frozen=True)
class Candidate:
    """What to measure; `setting` gives the values that `changed` does not."""

    recipe: str
    title: str
    changed: Mapping[str, Value] = field(default_factory=dict)
    setting: str | None = None

    def values(self) -> dict[str, Value]:
        """Return all hyperparameters."""
        recipe = find_recipe(self.recipe)
        if self.setting is not None:
            return settings_of(recipe, self.setting) | dict(self.changed)
        defaults = {parameter.name: parameter.default for parameter in recipe.parameters}
        return defaults | dict(self.changed)


_FULL_FOREST: dict[str, Value] = {"trees": 200, "leaf": 5, "split": 2, "forest_part": 1.0}
_ALONE: dict[str, Value] = {"pool": 1, "passes": 10, "doc_topic_prior": 0.5}

CANDIDATES = (
    Candidate(FOREST, "defaults (setting `tuned`)"),
    Candidate(FOREST, "setting `seed`", setting="seed"),
    Candidate(FOREST, "`seed`, a forest of 200 trees on all rows", _FULL_FOREST, "seed"),
    Candidate(
        FOREST,
        "the same, stop words kept",
        _FULL_FOREST | {"stop_words": "none"},
        "seed",
    ),
    Candidate(
        FOREST,
        "the same, 200 topics",
        _FULL_FOREST | {"stop_words": "none", "topics": 200},
        "seed",
    ),
    Candidate(
        FOREST,
        "no pools, 100 topics, priors 0.5 and 0.01",
        _ALONE | {"topics": 100, "topic_word_prior": 0.01},
    ),
    Candidate(FOREST, "no pools, 100 topics, priors 0.5 and 0.3", _ALONE | {"topics": 100}),
    Candidate(FOREST, "topic_word_prior 0.1", {"topic_word_prior": 0.1}),
    Candidate(FOREST, "topic_word_prior 1", {"topic_word_prior": 1.0}),
    Candidate(FOREST, "doc_topic_prior 0.02", {"doc_topic_prior": 0.02}),
    Candidate(FOREST, "doc_topic_prior 0.5", {"doc_topic_prior": 0.5}),
    Candidate(FOREST, "pools of 5", {"pool": 5}),
    Candidate(FOREST, "pools of 20", {"pool": 20}),
    Candidate(FOREST, "30 topics", {"topics": 30}),
    Candidate(FOREST, "80 topics", {"topics": 80}),
    Candidate(FOREST, "English stop words left out", {"stop_words": "english"}),
    Candidate(FOREST, "lemmas of a single text too", {"min_df": 1}),
    Candidate(FOREST, "50 passes", {"passes": 50}),
    Candidate(FOREST, "leaves of 20 rows", {"leaf": 20}),
    Candidate(NGRAMS, "defaults"),
    Candidate(NGRAMS, "characters up to 6", {"character_ngrams": 6, "character_min_df": 3}),
    Candidate(NGRAMS, "character n-grams of three texts", {"character_min_df": 3}),
    Candidate(NGRAMS, "single words", {"word_ngrams": 1}),
)
