"""Finish a TensorFlow training job: evaluate and save the network, and describe it."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.evaluation.report.evidence import WORDS, Evidence
from newsgroup_classifier.evaluation.report.words import count_words
from newsgroup_classifier.explanations.explanation import Explanation
from newsgroup_classifier.explanations.removal import explain_by_removal
from newsgroup_classifier.shared_hyperparameters import NO, NO_TEXTS
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.examples import Examples
from newsgroup_classifier.training.keras.preparation import Prepared
from newsgroup_classifier.training.keras.result import TrainingResult, measure, save
from newsgroup_classifier.training.output import log_line, log_metrics, write_plots
from newsgroup_classifier.training.progress import FitPlan, Progress
from newsgroup_classifier.training.reporting import write_report
from newsgroup_classifier.training.rows import encoded_rows

_SAMPLED = 5000  # train texts whose words are counted


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
    log_metrics(result.metrics)
    save(result, arguments, test_set, sources)
    describe(result, train_set, test_set, arguments)


def describe(
    result: TrainingResult, train_set: Examples, test_set: Examples, arguments: Arguments
) -> None:
    """Write the plots, the summary of the network, and the report to the output data folder."""
    # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
    from newsgroup_classifier.evaluation.learning_curves import plot_examples, plot_learning_curves

    folder, progress = arguments.paths.output_data, result.progress
    labels = Counter(train_set.labels.tolist())
    write_plots(result.scores, labels, {}, folder)
    saved = progress.saved_epoch(FitPlan.from_hyperparameters(arguments.hyperparameters))
    plot_learning_curves(progress.history, saved, folder / "learning_curves.png")
    log_line("plot learning_curves.png")
    if test_set.images is not None:
        plot_examples(test_set.images, result.scores, folder / "examples.png")
        log_line("plot examples.png")
    lines: list[str] = []
    result.model.summary(print_fn=lambda line, **_: lines.append(line))
    (folder / "model_summary.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if arguments.report == NO:
        return
    reads = arguments.report != NO_TEXTS
    evidence = Evidence(
        scores=result.scores,
        train_labels=labels,
        texts=test_set.texts if reads else (),
        images=test_set.images,
        lengths={
            name: list(map(len, part.texts))
            for name, part in {"train": train_set, "test": test_set}.items()
        },
        words=_words(train_set) if reads and train_set.texts else (),
        history=progress.history,
        saved=saved,
        explain=partial(_explain, result) if result.encoder else None,
    )
    write_report(evidence, arguments)


def _explain(
    result: TrainingResult, texts: Sequence[str], labels: Sequence[int]
) -> list[Explanation]:
    """Return the words that led to labels of texts."""

    def probabilities(variants: list[str]) -> np.ndarray:
        rows = encoded_rows(result.encoder, variants)
        return np.asarray(result.model(rows.take(np.arange(len(rows))), training=False))

    return explain_by_removal(probabilities, texts, labels, WORDS)


def _words(train_set: Examples) -> list[Counter[str]]:
    """Return how many of a sample of the train texts have a word, by label."""
    some = train_set.select(np.random.default_rng(0).permutation(len(train_set))[:_SAMPLED])
    return count_words(some.texts, some.labels.tolist(), len(some.label_names))
