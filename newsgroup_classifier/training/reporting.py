"""Show what a training job learned: its plots, its report, and its predictions.

The artifact is complete before: what fails here costs a warning, and not the model.
"""

import gc
import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from newsgroup_classifier.artifacts import MANIFEST, sha256_of
from newsgroup_classifier.atomic_files import atomic_write
from newsgroup_classifier.channels import images, texts
from newsgroup_classifier.evaluation.report import PREDICTIONS, REPORT_FIGURES, REPORT_PAGE
from newsgroup_classifier.evaluation.report.comparison import FORMAT
from newsgroup_classifier.evaluation.report.evidence import Evidence, write_predictions
from newsgroup_classifier.shared_hyperparameters import NO, NO_TEXTS
from newsgroup_classifier.text.cleaning import cloud_words
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import log_line

_WORD_CLOUD = "word_cloud.png"


def describe(
    evidence: Evidence,
    arguments: Arguments,
    tokens: Mapping[str, int],
    complete: Callable[[Evidence], Evidence] = lambda evidence: evidence,
    draw: Callable[[Path], None] = lambda folder: None,
) -> None:
    """Write the plots and the report into the output data folder.

    `tokens` are those of the word cloud. `complete` adds evidence that takes time, and `draw` draws
    more plots. A report without texts has no words either.
    """
    gc.freeze()  # the data stays to the end, and plots would make Python search it again and again
    folder, plots = arguments.paths.output_data, list[str]()
    reads = arguments.report != NO_TEXTS
    with _harmless("the plots"):
        # Importing Matplotlib takes half a second, which a job with an invalid channel can save.
        from newsgroup_classifier.evaluation.plots import save_plots

        words = cloud_words(tokens) if reads else {}
        plots += save_plots(evidence.scores, evidence.train_labels, words, folder)
        for name in plots:
            log_line(f"plot {name}")
        draw(folder)
    if arguments.report == NO:
        return
    with _harmless("the report"):
        if _WORD_CLOUD in plots:
            evidence = replace(evidence, cloud=(folder / _WORD_CLOUD).read_bytes())
        evidence = complete(evidence)
        if not reads:
            evidence = replace(evidence, texts=(), words=(), explain=None)
        _write_report(evidence, arguments)


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    """Print any error as a warning; its message is left out, because it may quote a text."""
    try:
        yield
    except Exception as error:
        *_, place = traceback.extract_tb(error.__traceback__)
        log_line(
            f"WARNING: {what} could not be completed: {type(error).__name__} at "
            f"{Path(place.filename).name}:{place.lineno}. The model is complete."
        )


def _write_report(evidence: Evidence, arguments: Arguments) -> None:
    """Write report.html, its figures, and the predictions into the output data folder."""
    # They import Matplotlib and Jinja, which a job without a report does not need.
    from newsgroup_classifier.evaluation.report.page import render_report, summarize

    folder = arguments.paths.output_data
    manifest = json.loads((arguments.paths.model / MANIFEST).read_text(encoding="utf-8"))
    about = _about(evidence, arguments, manifest)
    summary = summarize(evidence)
    on_data = f" on {about['data_name']}" if about["data_name"] else ""
    title = f"{about['recipe']}{on_data}: report of a training job"
    page = render_report(title, facts_of(about), summary, manifest["warnings"], evidence)
    _write(folder / REPORT_PAGE, page)
    figures = {"format": FORMAT, "texts": arguments.report != NO_TEXTS, **about, **summary}
    _write(folder / REPORT_FIGURES, json.dumps(figures, indent=1, ensure_ascii=False))
    write_predictions(evidence, folder / PREDICTIONS)
    log_line(f"report {REPORT_PAGE}")


def facts_of(about: Mapping[str, Any]) -> dict[str, Sequence[tuple[str, str]]]:
    """Return the training details as names and values by heading."""
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
    test_rows = int(evidence.scores.confusion().sum())
    rows = {"train": evidence.train_labels.total(), "test": test_rows}
    return {
        "recipe": recipe.name,
        "data_name": recipe.data_name or recipe.dataset,
        "generated_sample": arguments.generated,
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
