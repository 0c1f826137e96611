"""Cross-validate hyperparameters of the Spooky recipes; everything is fitted in each fold.

    DATASETS_DIR=<folder> python -m benchmarks.studies.spooky

The rows are stored in spooky.json; the table is spooky.md.
"""

import statistics
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.studies.candidates import CANDIDATES, FOREST
from benchmarks.studies.study import Candidate, run_study
from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
from newsgroup_classifier.datasets.spooky import AUTHORS, load_spooky
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.text.lexicon import write_lexicon
from newsgroup_classifier.training.scikit_learn.fitting import Files, builder_of

_FOLDS = 5
_HEAD = f"""# What was tried for the Spooky recipes

Written by `python -m benchmarks.studies.spooky`: accuracy on 17,567 sentences by {_FOLDS}-fold
cross-validation (stratified, shuffled with seed 0). Vectorizer, topics and forest are fitted again
on the training rows of each fold. "Spread" is the standard deviation over the folds, "own rows" the
accuracy on the rows trained on, "model" the size of model.npz. Unless the row says otherwise,
candidates with one topic per author have 200 trees, keep stop words and lemmas of two or more
texts, and have the priors 0.1 (topics in a text) and 0.3 (words in a topic).
`benchmarks/studies/candidates.py` has all of them. They are compared on these folds, which contain
the test channel, so the figures of the best ones may be slightly too high.

| recipe | candidate | accuracy | spread | own rows | model, MB |
|---|---|---|---|---|---|
"""
_SEEN = """
The tutorial fits its topics on all rows, including those that it tests with. Measured that way,
the preset `tutorial` has an accuracy of {accuracy:.4f} (forest on a quarter of all rows, tested on
the others).
"""


@cache
def rows() -> tuple[list[str], np.ndarray]:
    """Return the texts and labels of both channels."""
    dataset = load_spooky()
    texts = [*dataset.train["data"], *dataset.test["data"]]
    return texts, np.array([*dataset.train["label"], *dataset.test["label"]])


def fit(candidate: Candidate, texts: list[str], labels: np.ndarray) -> Any:
    """Return the fitted pipeline of a candidate; only fitting reads the lexicon."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lexicon.json.gz"
        path.write_bytes(_lexicon())
        pipeline = builder_of(find_recipe(FOREST), Files(lexicon=path))(candidate.values())
        return pipeline.fit(texts, labels)


@cache
def _lexicon() -> bytes:
    return write_lexicon(load_lexicon())


def measure(candidate: Candidate) -> dict[str, float]:
    """Return mean and spread of the folds' accuracies, and the size of the last fold's model."""
    (texts, labels), accuracies, own = rows(), [], []
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(texts, labels):
        pipeline = fit(candidate, [texts[i] for i in train], labels[train])
        accuracies.append(pipeline.score([texts[i] for i in test], labels[test]))
        own.append(pipeline.score([texts[i] for i in train], labels[train]))
    export = ScikitLearnRecipe.of(find_recipe(FOREST)).export
    if export is None:
        raise ValueError(f"{FOREST} is not served by the Lambda")
    about = {"recipe": FOREST, "label_names": AUTHORS, "versions": {}}
    return {
        "accuracy": statistics.mean(accuracies),
        "spread": statistics.pstdev(accuracies),
        "own": statistics.mean(own),
        "megabytes": len(export(pipeline, about)) / 1e6,
    }


def seen_by_the_topics() -> dict[str, float]:
    """Return the accuracy of the preset `tutorial` on rows that only its topics have seen."""
    texts, labels = rows()
    pipeline = fit(CANDIDATES["preset `tutorial`"], texts, labels)
    drawn = pipeline.named_steps["forest"].draw_rows(len(labels))
    rest = np.setdiff1d(np.arange(len(labels)), drawn)
    return {"accuracy": pipeline.score([texts[i] for i in rest], labels[rest])}


def table(done: dict[str, dict[str, float]]) -> str:
    """Return the document: the candidates, and the tutorial's own measurement."""
    lines = [
        f"| `{FOREST}` | {title} | {row['accuracy']:.4f} | {row['spread']:.4f} | "
        f"{row['own']:.4f} | {row['megabytes']:.1f} |\n"
        for title in CANDIDATES
        if (row := done.get(title))
    ]
    return _HEAD + "".join(lines) + _SEEN.format(**done["seen"])


if __name__ == "__main__":
    run_study(
        __file__,
        {title: partial(measure, candidate) for title, candidate in CANDIDATES.items()}
        | {"seen": seen_by_the_topics},
        table,
    )
