"""Decide whether a new model is deployed: show what is known about it, and ask."""

import sys

from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.evaluation.baseline import LargestClass
from scripts.account.command import Result, agrees, say, table
from scripts.steps.earlier_models import listed

_QUESTION = "Approve this model for deployment?"
_USELESS = "not clearly better than always predicting the largest class"


def check_terminal(yes: bool) -> None:
    """Raise DeploymentError if nobody can be asked for approval."""
    if not yes and not (sys.stdin is not None and sys.stdin.isatty()):
        raise DeploymentError(
            "the model needs your approval, and standard input is not a terminal; pass --yes. It "
            "approves a model that you trained yourself, and a new model only if it is better than "
            "always predicting the largest class"
        )


def compare(uploaded: Result, trained: Result) -> bool:
    """Show the metrics of a model and of the largest class; return whether the model is better."""
    rows = (each["test"] for each in uploaded["report"]["classes"].values())
    largest = LargestClass.of([*filter(None, rows)])
    metrics = trained["metrics"]
    lines = [
        ("", "accuracy", "macro F1"),
        ("this model", f"{metrics['accuracy']:.4f}", f"{metrics['macro_f1']:.4f}"),
        ("always the largest class", f"{largest.accuracy:.4f}", f"{largest.macro_f1:.4f}"),
    ]
    say(f"On {largest.examples:,} test rows of {largest.classes:,} classes:\n{table(lines)}")
    better = largest.is_beaten_by(metrics["accuracy"])
    if not better:
        say(f"WARNING: the model is {_USELESS}.")
    return better


def review(uploaded: Result, trained: Result, yes: bool) -> None:
    """Compare a model with the largest class, and ask for approval unless `yes` is given.

    `yes` does not approve a model that is not better. Raise an error if the model is not approved.
    """
    better = compare(uploaded, trained)
    if yes and not better:
        raise DeploymentError(
            f"--yes does not approve a model that is {_USELESS}. Check the labels or add data, or "
            "approve this model with the first command above"
        )
    if not yes:
        _ask(_QUESTION if better else "Approve it anyway?", trained)


def review_model(registered: Result, yes: bool) -> None:
    """Show the labels of a model that was trained elsewhere, and ask for approval unless `yes`.

    Raise DeploymentError if the model is not approved.
    """
    names = registered["label_names"]
    say(f"The model has {counted(len(names), 'label')}, and no metrics: {listed(names)}")
    if not yes:
        _ask(_QUESTION, registered)


def _ask(question: str, model: Result) -> None:
    if not agrees(question):
        raise DeploymentError(
            f"the model was not approved, so nothing was deployed; {model['model_package_arn']} "
            "stays registered and can be approved later"
        )
