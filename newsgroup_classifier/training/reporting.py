"""Write the report of a training job, and the predictions of its test channel."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from newsgroup_classifier.artifacts import MANIFEST, sha256_of
from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.channels import images, texts
from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line

REPORT_PAGE, REPORT_FIGURES, PREDICTIONS = "report.html", "report.json", "predictions.csv"
COLUMNS = ("row", "label", "predicted", "probability")
_FORMAT = 1


def write_report(evidence: Evidence, arguments: Arguments) -> None:
    """Write report.html, its figures, and the predictions into the output data folder.

    The artifact, whose manifest the report quotes, is complete.
    """
    # They import Matplotlib and Jinja, which a job without a report does not need.
    from newsgroup_classifier.evaluation.report.page import render_report
    from newsgroup_classifier.evaluation.report.summary import summarize

    folder = arguments.paths.output_data
    manifest = json.loads((arguments.paths.model / MANIFEST).read_text(encoding="utf-8"))
    about = _about(evidence, arguments, manifest)
    summary = summarize(evidence)
    title = f"{arguments.recipe.scope}: report of a training job"
    page = render_report(title, facts_of(about), summary, manifest["warnings"], evidence)
    _write(folder / REPORT_PAGE, page)
    figures = {"format": _FORMAT, **about, **summary}
    _write(folder / REPORT_FIGURES, json.dumps(figures, indent=1, ensure_ascii=False))
    write_predictions(evidence, folder)
    log_line(f"report {REPORT_PAGE}")


def write_predictions(evidence: Evidence, folder: Path) -> None:
    """Write predictions.csv, which has no texts: the label and the prediction of each row."""
    scores = evidence.scores
    predicted = np.asarray(scores.predicted)
    probabilities = scores.probabilities[np.arange(len(predicted)), predicted]
    with (
        atomic_write(folder / PREDICTIONS) as part,
        part.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        names = scores.label_names
        writer.writerows(
            (evidence.row(number), names[label], names[guess], f"{probability:.6g}")
            for number, (label, guess, probability) in enumerate(
                zip(scores.labels, predicted.tolist(), probabilities.tolist(), strict=True)
            )
        )


def facts_of(about: Mapping[str, Any]) -> dict[str, Sequence[tuple[str, str]]]:
    """Return what was trained on what as names and values by heading."""
    data = about["data"]
    job = {"recipe": about["recipe"], "data": about["data_name"], "training job": about["job"]}
    code = {"commit": about["commit"], **about["versions"]}
    channels = {
        f"{name} {member}": f"{value:,}" if isinstance(value, int) else value
        for name, members in data.items()
        for member, value in members.items()
    }
    groups = {
        "Model": job,
        "Data": channels,
        "Hyperparameters": about["hyperparameters"],
        "Code and versions": code,
    }
    return {
        heading: [(name, str(value)) for name, value in rows.items() if value != ""]
        for heading, rows in groups.items()
    }


def _about(evidence: Evidence, arguments: Arguments, manifest: Mapping[str, Any]) -> dict[str, Any]:
    recipe = arguments.recipe
    rows = {"train": evidence.train_labels.total(), "test": len(evidence.scores.labels)}
    return {
        "recipe": recipe.name,
        "data_name": recipe.data_name or recipe.dataset,
        "job": arguments.job,
        "commit": arguments.commit,
        "data": {name: {"rows": rows[name], "sha256": _digest(arguments, name)} for name in rows},
        "hyperparameters": dict(arguments.hyperparameters),
        "versions": manifest["versions"],
    }


def _digest(arguments: Arguments, channel: str) -> str:
    """Return the sha256 of a channel's file, or "" for a channel that comes through pipes."""
    module: Any = images if arguments.recipe.inputs == "images" else texts
    files = {"train": module.TRAIN_FILE, "test": module.TEST_FILE}
    path = getattr(arguments.paths, channel) / files[channel]
    return sha256_of(path) if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as part:
        part.write_text(text, encoding="utf-8")
