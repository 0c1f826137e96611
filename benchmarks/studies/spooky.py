"""Cross-validate hyperparameters of the Spooky recipes; everything is fitted in each fold.

    DATASETS_DIR=<folder> python -m benchmarks.studies.spooky

Each row is printed when it is ready and saved to benchmarks/studies/spooky.json, from which an
interrupted study resumes. The table is benchmarks/studies/spooky.md.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.studies.candidates import CANDIDATES, Candidate
from newsgroup_classifier.datasets.sources.wordnet import load_lexicon
from newsgroup_classifier.datasets.spooky import AUTHORS, load_spooky
from newsgroup_classifier.recipe import ScikitLearnRecipe
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.text.lexicon import write_lexicon
from newsgroup_classifier.training.scikit_learn.fitting import Files, builder_of

_FOLDS = 5
_HERE = Path(__file__).parent
_RESULTS, _TABLE = _HERE / "spooky.json", _HERE / "spooky.md"
_HEAD = f"""# What was tried for the Spooky recipes

Written by `python -m benchmarks.studies.spooky`: accuracy on 17,567 sentences by {_FOLDS}-fold
cross-validation (stratified, shuffled with seed 0). Vectorizer, topics and forest are fitted again
on the training rows of each fold. "Spread" is the standard deviation over the folds, "own rows" the
accuracy on the rows trained on, "model" the size of model.npz. Unless the row says otherwise,
candidates with one topic per author have 200 trees, keep stop words and lemmas of two or more
texts, and have the priors 0.1 (topics in a text) and 0.3 (words in a topic).
`benchmarks/studies/candidates.py` has all of them.

| recipe | candidate | accuracy | spread | own rows | model, MB |
|---|---|---|---|---|---|
"""
_SEEN = """
The tutorial fits its topics on all rows, including those that it tests with. Measured that way,
the preset `tutorial` has an accuracy of {accuracy:.4f} (forest on a quarter of all rows, tested on
the others).
"""


def main() -> int:
    """Run the study; return the exit code."""
    done = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    dataset = load_spooky()
    texts = [*dataset.train["data"], *dataset.test["data"]]
    labels = np.array([*dataset.train["label"], *dataset.test["label"]])
    with tempfile.TemporaryDirectory() as folder:
        lexicon = Path(folder) / "lexicon.json.gz"
        lexicon.write_bytes(write_lexicon(load_lexicon()))
        for candidate in CANDIDATES:
            if candidate.title not in done:
                row = measure(candidate, texts, labels, lexicon)
                print(candidate.title, row, flush=True)
                done[candidate.title] = row
                _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
        if "seen" not in done:
            done["seen"] = seen_by_the_topics(texts, labels, lexicon)
    _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    _TABLE.write_text(table(done), encoding="utf-8")
    return 0


def build(candidate: Candidate, lexicon: Path) -> Any:
    """Return the unfitted pipeline of a candidate."""
    return builder_of(find_recipe(candidate.recipe), Files(lexicon=lexicon))(candidate.values())


def measure(
    candidate: Candidate, texts: list[str], labels: np.ndarray, lexicon: Path
) -> dict[str, float]:
    """Return mean and spread of the folds' accuracies, and the size of the last fold's model."""
    accuracies, own = [], []
    for train, test in folds(labels):
        pipeline = build(candidate, lexicon).fit([texts[i] for i in train], labels[train])
        accuracies.append(accuracy(pipeline, [texts[i] for i in test], labels[test]))
        own.append(accuracy(pipeline, [texts[i] for i in train], labels[train]))
    export = ScikitLearnRecipe.of(find_recipe(candidate.recipe)).export
    if export is None:
        raise ValueError(f"{candidate.recipe} is not served by the Lambda")
    about = {"recipe": candidate.recipe, "label_names": AUTHORS, "versions": {}}
    return {
        "accuracy": statistics.mean(accuracies),
        "spread": statistics.pstdev(accuracies),
        "own": statistics.mean(own),
        "megabytes": len(export(pipeline, about)) / 1e6,
    }


def folds(labels: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows to train and to test with, fold by fold."""
    splitter = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    yield from splitter.split(np.zeros(len(labels)), labels)


def accuracy(pipeline: Any, texts: list[str], labels: np.ndarray) -> float:
    """Return the share of texts whose most probable label is correct."""
    return float((pipeline.predict(texts) == labels).mean())


def seen_by_the_topics(texts: list[str], labels: np.ndarray, lexicon: Path) -> dict[str, float]:
    """Return the accuracy of the preset `tutorial` on rows that only its topics have seen."""
    seed = next(candidate for candidate in CANDIDATES if candidate.preset == "tutorial")
    pipeline = build(seed, lexicon).fit(texts, labels)
    forest = pipeline.named_steps["forest"]
    rest = np.setdiff1d(np.arange(len(labels)), forest.draw_rows(len(labels)))
    return {"accuracy": accuracy(pipeline, [texts[i] for i in rest], labels[rest])}


def table(done: dict[str, dict[str, float]]) -> str:
    """Return the document: the candidates, and the tutorial's own measurement."""
    rows = [
        f"| `{candidate.recipe}` | {candidate.title} | {row['accuracy']:.4f} | "
        f"{row['spread']:.4f} | {row['own']:.4f} | {row['megabytes']:.1f} |\n"
        for candidate in CANDIDATES
        if (row := done.get(candidate.title))
    ]
    return _HEAD + "".join(rows) + _SEEN.format(**done["seen"])


if __name__ == "__main__":
    sys.exit(main())
