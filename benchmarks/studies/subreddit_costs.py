"""Measure a search that embeds posts once, and one that embeds them inside each fit.

The latter is the tutorial's: scikit-learn's RandomizedSearchCV over a pipeline whose first step
asks spaCy for the vector of each text, with 4 candidates in 2 folds. spaCy's pipeline is a blank
English one with a generated table of 300 dimensions; en_core_web_md would also tag and parse each
text.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from newsgroup_classifier.datasets.sources.spacy_vectors import load_vectors
from newsgroup_classifier.hyperparameters import Value, parse_hyperparameters
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.text.posts import clean_posts
from newsgroup_classifier.text.word_vectors import VECTORS_FILE, write_vectors
from newsgroup_classifier.training.scikit_learn.fitting import Files, builder_of
from newsgroup_classifier.training.search.searching import Task, candidates_of, search

_CANDIDATES, _FOLDS, _REPEATS = 4, 2, 3
_WORDS, _DIMENSIONS = 20_000, 300
COSTS = {
    "subreddits-neighbors, pre-trained": ("subreddits-neighbors", "vectors"),
    "subreddits-neighbors, learned": ("subreddits-neighbors", "learned"),
    "subreddits-boosting of 20 rounds, pre-trained": ("subreddits-boosting", "vectors"),
}
_SHORTER = {
    "subreddits-boosting": {"max_iter": "20"}
}  # instead of 100: more would hide the embedding


def measure_cost(title: str, texts: list[str], labels: list[int], folder: Path) -> dict[str, float]:
    """Return the seconds of both searches and their ratio, for neighbors the best of three."""
    recipe, embedding = COSTS[title]
    nlp = make_pipeline(texts, folder / "spacy")
    path = folder / VECTORS_FILE
    path.write_bytes(write_vectors(load_vectors(str(folder / "spacy"))))
    values = search_values(recipe, embedding)
    build = builder_of(find_recipe(recipe), Files(vectors=path))
    task = Task(find_recipe(recipe), values, build, texts, labels, sorted(map(str, set(labels))))
    other = tutorials_search(build, values, recipe, nlp)
    repeats = _REPEATS if recipe == "subreddits-neighbors" else 1
    ours, theirs = [], []
    for _ in range(repeats):
        theirs.append(_seconds(lambda: other.fit(texts, labels)))
        ours.append(_seconds(lambda: search_and_refit(task)))
    best = min(ours), min(theirs)
    return {"ours": best[0], "theirs": best[1], "ratio": best[1] / best[0]}


def search_values(recipe: str, embedding: str) -> dict[str, Value]:
    """Return the hyperparameters of a search as large as the tutorial's."""
    parameters = {
        "embedding": embedding,
        "search": "random",
        "candidates": str(_CANDIDATES),
        "folds": str(_FOLDS),
    } | _SHORTER.get(recipe, {})
    return parse_hyperparameters(parameters, find_recipe(recipe).hyperparameters)


def search_and_refit(task: Task) -> Pipeline:
    """Search on one core, and fit the best candidate on all rows, as a training job does."""
    result = search(task, workers=1)
    return task.build({**task.hyperparameters, **result.best}).fit(task.texts, task.labels)


def tutorials_search(
    build: Callable[[Mapping[str, Value]], Pipeline],
    values: Mapping[str, Value],
    recipe: str,
    nlp: Any,
) -> RandomizedSearchCV:
    """Return scikit-learn's search over the same candidates and folds, on one core."""
    candidates = candidates_of(find_recipe(recipe), values)
    pipelines = [build({**values, **each}) for each in candidates]
    if values["embedding"] == "vectors":
        pipelines = [Pipeline([spacy_step(nlp), *pipeline.steps[2:]]) for pipeline in pipelines]
    changed = [{"classify": [pipeline[-1]]} for pipeline in pipelines]
    return RandomizedSearchCV(
        clone(pipelines[0]),
        changed,
        n_iter=len(changed),
        cv=StratifiedKFold(_FOLDS, shuffle=True, random_state=0),
        random_state=0,
    )


def spacy_step(nlp: Any) -> tuple[str, FunctionTransformer]:
    """Return the tutorial's step from texts to spaCy's vectors."""

    def get_word_vectors(docs: list[str]) -> Any:
        return np.array([nlp(text).vector for text in clean_posts(docs)])

    return "emb", FunctionTransformer(get_word_vectors)


def make_pipeline(texts: list[str], folder: Path) -> Any:
    """Save a blank English pipeline with a random vector for each of the most common words."""
    import spacy
    from spacy.vectors import Vectors

    nlp = spacy.blank("en")
    counts = Counter(word for text in clean_posts(texts) for word in text.split())
    words = [word for word, _ in counts.most_common(_WORDS)]
    rows = np.random.default_rng(0).normal(size=(len(words), _DIMENSIONS)).astype(np.float32)
    vectors = Vectors(strings=nlp.vocab.strings, shape=rows.shape, name="made")
    for word, row in zip(words, rows, strict=True):
        vectors.add(nlp.vocab.strings.add(word), vector=row)
    nlp.vocab.vectors = vectors
    nlp.to_disk(folder)
    return nlp


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
