"""Render the report of a training job as one HTML file without outside links, and its figures."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsgroup_classifier.evaluation.calibration import TARGET, answerable, calibration_error
from newsgroup_classifier.evaluation.metrics import (
    LEVEL,
    RESAMPLES,
    bootstrap_intervals,
    metrics_of_pairs,
)
from newsgroup_classifier.evaluation.report.comparison import METRICS, Comparison, Run, evenly
from newsgroup_classifier.evaluation.report.curves import HEIGHT, WIDTH, curve_plots
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.evaluation.report.tables import (
    MOST_CLASSES,
    MOST_MISTAKES,
    MOST_SUSPECTS,
    class_rows,
    data_address,
    matrix_of,
    mistakes_of,
    printable,
    wrong_examples,
)
from newsgroup_classifier.evaluation.report.words import top_words
from newsgroup_classifier.explanations.explanation import Word

_FOLDER = Path(__file__).parent
_TOP_WORDS = 8
_EXPLAINED = 8  # mistakes at most
# Characters of a text at most if the model reads it once for each word that is left out.
_REMOVAL_CHARACTERS = 2000

Facts = Mapping[str, Sequence[tuple[str, str]]]  # by heading


def render_report(
    title: str,
    facts: Facts,
    summary: Mapping[str, Any],
    warnings: Sequence[str],
    evidence: Evidence,
) -> str:
    """Return the page.

    `facts` name the data, the hyperparameters, and the versions of the training, `summary` has the
    figures that `summarize` returned, and `warnings` say why the model may be useless.
    """
    rows = class_rows(evidence)
    shown = rows[:MOST_CLASSES]
    return render(
        "report.html.j2",
        title=title,
        facts=facts,
        summary=summary,
        warnings=warnings,
        inputs=evidence.scores.inputs,
        sample=len(evidence.scores.labels),
        invalid=int((~evidence.scores.valid).sum()),
        classes=shown,
        all_classes=len(rows),
        rankings=evidence.scores.rankings,
        matrix=matrix_of(evidence, rows),
        plots=curve_plots(evidence),
        has_learning_curve=bool(evidence.sizes or evidence.history),
        no_sizes=evidence.no_sizes,
        width=WIDTH,
        height=HEIGHT,
        largest=max((max(row.train, row.support) for row in rows), default=1),
        words=top_words(evidence.words, [row.number for row in shown], _TOP_WORDS)
        if evidence.words
        else {},
        cloud=data_address(evidence.cloud),
        mistakes=mistakes_of(evidence, _explanations(evidence)),
        wrong=len(wrong_examples(evidence)),
        has_texts=bool(evidence.texts),
        has_images=evidence.images is not None,
        suspects=evidence.suspects[:MOST_SUSPECTS],
        all_suspects=len(evidence.suspects),
    )


def render_comparison(
    runs: Sequence[Run], comparisons: Sequence[Comparison], texts: Mapping[int, str], most: int
) -> str:
    """Return a page that compares runs with the first of them.

    `texts` are those of rows that changed sides, of which `most` are shown on each side (those of
    `evenly`).
    """
    members = [_flat(run.figures) for run in runs]
    names = dict.fromkeys(name for each in members for name in each)
    rows = [(name, [each.get(name, "") for each in members]) for name in names]
    return render(
        "compare.html.j2",
        title=f"Comparison of {len(runs)} runs",
        runs=runs,
        metrics=METRICS,
        differing=[(name, values) for name, values in rows if len(set(values)) > 1],
        comparisons=comparisons,
        generated=any(run.figures.get("generated_sample") for run in runs),
        evenly=evenly,
        texts=texts,
        most=most,
    )


def _flat(figures: Mapping[str, Any]) -> dict[str, str]:
    """Return what a model was trained on and with as text by name."""
    train = {f"train {name}": value for name, value in figures["data"]["train"].items()}
    origin = {name: figures[name] for name in ("recipe", "commit")}
    parts = (origin, train, figures["hyperparameters"], figures["versions"])
    return {name: str(value) for part in parts for name, value in part.items()}


def render(template: str, **values: Any) -> str:
    """Return a page of this folder; all values are escaped, and the script is allowed by hash."""
    script = (_FOLDER / "sorting.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = _environment().get_template(template)
    return page.render(**values, script=script, script_hash=digest)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.finalize = lambda value: printable(value) if type(value) is str else value
    return environment


def _explanations(evidence: Evidence) -> dict[int, Sequence[Word]]:
    """Return the words that matter most for the first mistakes, by the number of the example."""
    if evidence.explain is None or not evidence.texts:
        return {}
    shown = wrong_examples(evidence)[:MOST_MISTAKES].tolist()
    if not evidence.is_exact:
        shown = [one for one in shown if len(evidence.texts[one]) <= _REMOVAL_CHARACTERS]
    numbers = shown[:_EXPLAINED]
    texts, predicted = (
        [values[number] for number in numbers]
        for values in (evidence.texts, evidence.scores.predicted)
    )
    explanations = evidence.explain(texts, predicted)
    return {one: explanation.words for one, explanation in zip(numbers, explanations, strict=True)}


def summarize(evidence: Evidence) -> dict[str, Any]:
    """Return headline metrics with their 95% intervals and baselines, and the calibration.

    The baseline always predicts the largest class of the test examples. Calibration is None if no
    example has valid probabilities.
    """
    confusion = evidence.scores.confusion()
    support = confusion.sum(axis=1)
    largest = int(support.argmax())
    always = np.zeros_like(confusion)
    always[:, largest] = support
    values, baseline = metrics_of_pairs(confusion), metrics_of_pairs(always)
    metrics = {
        name: {"value": values[name], "interval": list(interval), "baseline": baseline[name]}
        for name, interval in bootstrap_intervals(confusion).items()
    }
    calibration = None
    confidence, right = evidence.answers()
    if len(right):
        share, threshold = answerable(confidence, right, TARGET)
        calibration = {
            "error": calibration_error(confidence, right),
            "accuracy": TARGET,
            "answerable_share": share,
            "threshold": threshold,
        }
    return {
        "examples": int(support.sum()),
        "metrics": metrics,
        "largest_class": evidence.scores.label_names[largest],
        "interval": {"level": LEVEL, "resamples": RESAMPLES, "method": "percentile bootstrap"},
        "calibration": calibration,
    }
