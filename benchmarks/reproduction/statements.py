"""Compare what documents and recipes say about measurements with the measured figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.reproduction.figures import environment, read_figures
from benchmarks.reproduction.steps import ROOT

_STATEMENTS = Path(__file__).with_name("statements.yaml")
_CONVENTIONAL = "scikit-learn, NLTK, pandas and pickles"


def rendered_statements() -> list[tuple[str, str]]:
    """Return for each statement its document and its text, with single spaces between words."""
    figures = read_figures()
    bench, significant = figures["bench"], environment().filters["significant"]
    figures |= {
        "bayes": figures["training_jobs"]["newsgroups-naive-bayes"],
        "halving": _halving(figures["comments"]),
        "times": lambda what: significant(bench(f"Lambda: {what}", _CONVENTIONAL)["median"]),
        "longer": lambda what: f"{1 / bench(what, 'a direct call')['median']:.1f}",
    }
    templates = yaml.safe_load(_STATEMENTS.read_text(encoding="utf-8"))
    return [
        (document, environment().from_string(text).render(figures))
        for document, texts in templates.items()
        for text in texts
    ]


def _halving(comments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the grid's accuracy of the candidate that halving finds, and how much less it fits."""
    grid, halving = comments["grid"], comments["halving"]
    row = next(row for row in grid["table"] if halving["best"].items() <= row.items())
    times = grid["about"]["fit_seconds"] / halving["about"]["fit_seconds"]
    return {"accuracy": row["accuracy"], "times": times}


def missing_statements() -> list[tuple[str, str]]:
    """Return the statements that their documents lack, wherever their lines end."""
    return [
        (document, text)
        for document, text in rendered_statements()
        if " ".join(text.split())
        not in " ".join((ROOT / document).read_text(encoding="utf-8").split())
    ]


def measured_accuracies() -> dict[str, float]:
    """Return the accuracy of each recipe that the catalogue states one for, as measured."""
    figures = read_figures()
    jobs, texts = figures["training_jobs"], figures["text_linear"]
    headlines, folds = figures["headlines"], figures["subreddits"]["accuracy"]
    return {
        "newsgroups-naive-bayes": jobs["newsgroups-naive-bayes"]["accuracy"],
        "newsgroups-linear": jobs["newsgroups-linear"]["accuracy"],
        "newsgroups-text": texts["20 Newsgroups, whole posts"]["accuracy"],
        "spooky-topic-forest": jobs["spooky-topic-forest preset `tuned`"]["accuracy"],
        "spooky-ngrams": texts["Spooky"]["accuracy"],
        "comments-mlp": figures["comments"]["grid"]["test"]["accuracy"],
        "headlines-lstm": headlines["`headlines-lstm`, preset `tuned`"]["natural"],
        "headlines-fast": headlines["`headlines-fast`"]["natural"],
        "subreddits-neighbors": folds["subreddits-neighbors n_components=300"]["accuracy"],
        **{
            name: figures["held_out"][name]["accuracy"]
            for name in ("comments-dense", "digits-cnn", "sketches-dense", "sketches-cnn")
        },
        **{
            name: folds[name]["accuracy"]
            for name in ("subreddits-boosting", "subreddits-xgboost", "subreddits-linear")
        },
    }
