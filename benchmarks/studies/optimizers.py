"""Train sketches-dense under each optimizer and learning rate, and draw the comparison.

    DATASETS_DIR=<folder> python -m benchmarks.studies.optimizers

Each training is printed when it ends and saved to benchmarks/studies/optimizers.json, from which an
interrupted study resumes. The table is benchmarks/studies/optimizers.md, the plot
docs/optimizers.png. It takes five minutes.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.studies.comparison import Curves, draw_comparison
from benchmarks.studies.networks import examples, train, values_of
from newsgroup_classifier.hyperparameters import Value
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.training.examples import Examples

OPTIMIZERS = ("adadelta", "adagrad", "adam", "ftrl", "sgd")
RATES = (0.0001, 0.001, 0.01, 0.1, 1.0)
_RECIPE, _EPOCHS, _BATCH = "sketches-dense", 10, 32
_HERE = Path(__file__).parent
_RESULTS, _TABLE = _HERE / "optimizers.json", _HERE / "optimizers.md"
_PLOT = _HERE.parents[1] / "docs" / "optimizers.png"
_HEAD = f"""# Optimizers and learning rates of sketches-dense

Written by `python -m benchmarks.studies.optimizers`: {_EPOCHS} epochs in batches of {_BATCH}
sketches, with every optimizer of the recipe and {len(RATES)} learning rates; accuracy on a held-out
stratified fifth. [A plot](../../docs/optimizers.png) shows the validation accuracy per epoch.

"""


def main() -> int:
    """Run the study; return the exit code."""
    done = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    left = [pair for pair in every_pair() if _key(*pair) not in done]
    parts = examples(find_recipe(_RECIPE).dataset) if left else None
    for optimizer, rate in tqdm(left, disable=None):
        if parts is not None:
            done[_key(optimizer, rate)] = measure(optimizer, rate, parts)
        print(_key(optimizer, rate), done[_key(optimizer, rate)]["accuracy"], flush=True)
        _RESULTS.write_text(json.dumps(done, indent=1) + "\n", encoding="utf-8")
    _TABLE.write_text(table(done), encoding="utf-8")
    draw_comparison(curves(done), "validation accuracy", "learning rate", _PLOT)
    return 0


def every_pair() -> list[tuple[str, float]]:
    """Return each optimizer with each learning rate."""
    return [(optimizer, rate) for optimizer in OPTIMIZERS for rate in RATES]


def _key(optimizer: str, rate: float) -> str:
    return f"{optimizer} {rate:g}"


def measure(optimizer: str, rate: float, parts: tuple[Examples, Examples]) -> dict[str, Any]:
    """Return the test accuracy of a training and the validation accuracy of its epochs."""
    changed: dict[str, Value] = {"optimizer": optimizer, "learning_rate": rate, "epochs": _EPOCHS}
    changed |= {"patience": _EPOCHS, "batch_size": _BATCH}
    trained = train(_RECIPE, values_of(_RECIPE, changed), *parts)
    epochs = [epoch["validation:accuracy"] for epoch in trained.result.progress.history]
    return {"accuracy": trained.result.metrics["accuracy"], "epochs": epochs}


def curves(done: dict[str, Any]) -> dict[str, Curves]:
    """Return for each optimizer the validation accuracies by learning rate."""
    return {
        optimizer: {f"{rate:g}": done[_key(optimizer, rate)]["epochs"] for rate in RATES}
        for optimizer in OPTIMIZERS
    }


def table(done: dict[str, Any]) -> str:
    """Return the document: one optimizer per row, the best learning rate in bold."""
    lines = [f"| optimizer | {' | '.join(f'{rate:g}' for rate in RATES)} |\n"]
    lines.append("|---" * (len(RATES) + 1) + "|\n")
    for optimizer in OPTIMIZERS:
        row = [done[_key(optimizer, rate)]["accuracy"] for rate in RATES]
        cells = [f"**{value:.4f}**" if value == max(row) else f"{value:.4f}" for value in row]
        lines.append(f"| {optimizer} | {' | '.join(cells)} |\n")
    return _HEAD + "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
