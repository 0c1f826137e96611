"""Train sketches-dense under each optimizer and learning rate, and draw the comparison.

    DATASETS_DIR=<folder> python -m benchmarks.studies.optimizers

The rows are stored in optimizers.json; the table is optimizers.md. The plot is docs/optimizers.png.
It takes five minutes.
"""

from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.studies.networks import examples, train
from benchmarks.studies.study import Candidate, run_study
from newsgroup_classifier.recipes.catalogue import find_recipe

OPTIMIZERS = ("adadelta", "adagrad", "adam", "ftrl", "sgd")
RATES = (0.0001, 0.001, 0.01, 0.1, 1.0)
_RECIPE, _EPOCHS, _BATCH = "sketches-dense", 10, 32
_PLOT = Path(__file__).parents[2] / "docs" / "optimizers.png"
_HEAD = f"""# Optimizers and learning rates of sketches-dense

Written by `python -m benchmarks.studies.optimizers`: {_EPOCHS} epochs in batches of {_BATCH}
sketches, with every optimizer of the recipe and {len(RATES)} learning rates; accuracy on a held-out
stratified fifth. [A plot](../../docs/optimizers.png) shows the validation accuracy per epoch.

"""


def _key(optimizer: str, rate: float) -> str:
    return f"{optimizer} {rate:g}"


PAIRS = {_key(optimizer, rate): (optimizer, rate) for optimizer in OPTIMIZERS for rate in RATES}


def measure(optimizer: str, rate: float) -> dict[str, Any]:
    """Return the test accuracy of a training and the validation accuracy of its epochs."""
    about = {"epochs": _EPOCHS, "patience": _EPOCHS, "batch_size": _BATCH}
    candidate = Candidate(_RECIPE, {"optimizer": optimizer, "learning_rate": rate, **about})
    trained = train(candidate, *examples(find_recipe(_RECIPE).dataset))
    epochs = [epoch["validation:accuracy"] for epoch in trained.result.progress.history]
    return {"accuracy": trained.result.metrics["accuracy"], "epochs": epochs}


def table(done: dict[str, Any]) -> str:
    """Return the document: one optimizer per row, the best learning rate in bold."""
    lines = [f"| optimizer | {' | '.join(f'{rate:g}' for rate in RATES)} |\n"]
    lines.append("|---" * (len(RATES) + 1) + "|\n")
    for optimizer in OPTIMIZERS:
        row = [done[_key(optimizer, rate)]["accuracy"] for rate in RATES]
        cells = [f"**{value:.4f}**" if value == max(row) else f"{value:.4f}" for value in row]
        lines.append(f"| {optimizer} | {' | '.join(cells)} |\n")
    return _HEAD + "".join(lines)


def draw(done: dict[str, Any], path: Path) -> None:
    """Draw the validation accuracies over the epochs: a panel per optimizer, a curve per rate."""
    figure = Figure(figsize=(3 * len(OPTIMIZERS) + 1.5, 3.6), layout="constrained")
    panels = figure.subplots(1, len(OPTIMIZERS), sharex=True, sharey=True)
    for axes, optimizer in zip(panels, OPTIMIZERS, strict=True):
        for rate in RATES:
            values = done[_key(optimizer, rate)]["epochs"]
            epochs = range(1, len(values) + 1)
            axes.plot(epochs, values, marker="o", markersize=3, label=f"{rate:g}")
        axes.set(title=optimizer, xlabel="epoch", ylim=(0, 1))
        axes.xaxis.get_major_locator().set_params(integer=True)
    panels[0].set_ylabel("validation accuracy")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, title="learning rate", loc="outside right center")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    measurements = {key: partial(measure, *pair) for key, pair in PAIRS.items()}
    draw(run_study(__file__, measurements, table), _PLOT)
