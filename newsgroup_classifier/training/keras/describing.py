"""Finish a TensorFlow training job: evaluate and save the network, and describe it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.evaluation.report.evidence import WORDS, Evidence
from newsgroup_classifier.evaluation.report.words import count_sampled_words
from newsgroup_classifier.explanations.explanation import Explanation, explain_by_removal
from newsgroup_classifier.recipe import OBJECTIVE
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.checkpoints import FitPlan, Progress
from newsgroup_classifier.training.examples import Examples, encoded_rows
from newsgroup_classifier.training.keras.preparation import Prepared
from newsgroup_classifier.training.keras.result import TrainingResult, measure, save
from newsgroup_classifier.training.output import log_line, log_metrics
from newsgroup_classifier.training.reporting import describe


def finish(
    fitted: tuple[Any, Progress],
    prepared: Prepared,
    sets: tuple[Examples, Examples],
    arguments: Arguments,
    sources: Path,
) -> None:
    """Evaluate a fitted network, save its artifact, and describe it; `sets` are both channels."""
    train_set, test_set = sets
    result = measure(fitted, prepared, test_set)
    saved = result.progress.saved_epoch(FitPlan.from_hyperparameters(arguments.hyperparameters))
    # The last value that is printed is the job's: a tuning job compares networks as they are saved.
    result.metrics["validation_accuracy"] = result.progress.history[saved - 1][OBJECTIVE]
    log_metrics(result.metrics)
    save(result, arguments, test_set, sources)
    describe_network(result, train_set, test_set, arguments)


def describe_network(
    result: TrainingResult, train_set: Examples, test_set: Examples, arguments: Arguments
) -> None:
    """Write the plots, the summary of the network, and the report to the output data folder."""
    progress = result.progress
    saved = progress.saved_epoch(FitPlan.from_hyperparameters(arguments.hyperparameters))
    is_ink = not arguments.recipe.data_name  # a user's own images are not inverted

    def draw(folder: Path) -> None:
        # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
        from newsgroup_classifier.evaluation import plots

        plots.plot_learning_curves(progress.history, saved, folder / "learning_curves.png")
        log_line("plot learning_curves.png")
        if test_set.images is not None:
            path = folder / "examples.png"
            plots.plot_examples(test_set.images, result.scores, path, is_ink)
            log_line("plot examples.png")
        lines: list[str] = []
        result.model.summary(print_fn=lambda line, **_: lines.append(line))
        (folder / "model_summary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def explain(texts: Sequence[str], labels: Sequence[int]) -> list[Explanation]:
        def probabilities(variants: list[str]) -> np.ndarray:
            rows = encoded_rows(result.encoder, variants)
            return np.asarray(result.model(rows.take(np.arange(len(rows))), training=False))

        return explain_by_removal(probabilities, texts, labels, WORDS)

    def select(numbers: np.ndarray) -> tuple[Sequence[str], Sequence[int]]:
        some = train_set.select(numbers)
        return some.texts, some.labels.tolist()

    def complete(evidence: Evidence) -> Evidence:
        words = count_sampled_words(select, len(train_set), len(train_set.label_names))
        return replace(evidence, words=words)

    evidence = Evidence(
        scores=result.scores,
        train_labels=Counter(train_set.labels.tolist()),
        texts=test_set.texts,
        images=test_set.images,
        is_ink=is_ink,
        lengths={
            name: list(map(len, part.texts))
            for name, part in {"train": train_set, "test": test_set}.items()
        },
        history=progress.history,
        saved=saved,
        explain=explain,
    )
    describe(evidence, arguments, {}, complete if train_set.texts else lambda same: same, draw)
