"""The candidates of the Spooky study by their titles."""

from benchmarks.studies.study import Candidate
from newsgroup_classifier.hyperparameters import Value

FOREST = "spooky-topic-forest"


def _changed(base: dict[str, Value], **changed: Value) -> Candidate:
    return Candidate(FOREST, base | changed, "tutorial")


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
_80: dict[str, Value] = _OWN | {"min_samples_leaf": 80}

CANDIDATES = {
    "preset `tutorial`": Candidate(FOREST, preset="tutorial"),
    "`tutorial`, a forest of 200 trees on all rows, leaves of 5": _changed(_FULL_FOREST),
    "that forest, with stop words": _changed(_KEPT),
    "that forest, with stop words, batch learning, 100 topics, priors 0.5 and 0.01": _changed(_ALL),
    "one topic per author, that forest, priors 0.1 and 0.3": _changed(_OWN),
    "one topic per author, leaves of 20": _changed(_OWN, min_samples_leaf=20),
    "one topic per author, leaves of 80": _changed(_80),
    "one topic per author, leaves of 80, topic_word_prior 0.1": _changed(_80, topic_word_prior=0.1),
    "one topic per author, leaves of 80, topic_word_prior 0.6": _changed(_80, topic_word_prior=0.6),
    "one topic per author, leaves of 80, doc_topic_prior 1": _changed(_80, doc_topic_prior=1.0),
    "one topic per author, leaves of 80, without English stop words": _changed(
        _80, stop_words="english"
    ),
    "one topic per author, leaves of 80, also lemmas of a single text": _changed(_80, min_df=1),
    "one topic per author, leaves of 80, doc_topic_prior 1, also lemmas of a single text": _changed(
        _80, doc_topic_prior=1.0, min_df=1
    ),
    "preset `tuned`": Candidate(FOREST, preset="tuned"),
    "five topics per author, priors 0.1 and 0.3, leaves of 80": _changed(_80, n_components=5),
}
