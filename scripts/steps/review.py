"""What people are shown: a new model, to decide whether it is deployed, and what to try next."""

import json
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from newsgroup_classifier.errors import DeploymentError, counted
from newsgroup_classifier.evaluation.baseline import LargestClass
from scripts.account.aws import Aws
from scripts.account.command import Result, agrees, say, table
from scripts.account.lock import ROOT
from scripts.account.naming import API, LAMBDA, PIPELINE
from scripts.functions.access import OPEN
from scripts.steps.route import Job, Route

_SENTENCE, _OWN_SENTENCE = "The raven sat on my chamber door.", "A text of your own."
_POST, _POSTS = "docs/post.txt", "docs/posts.jsonl"
_LABELS = 20  # that are shown
_QUESTION = "Approve this model for deployment?"
_USELESS = "not clearly better than always predicting the largest class"


def listed(names: Sequence[str]) -> str:
    """Return names with commas between them, the first ones of many."""
    return ", ".join([*names[:_LABELS], *(["..."] if names[_LABELS:] else [])])


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


def next_commands(routes: Iterable[Route]) -> list[str]:
    """Return commands that invoke what routes have deployed, score a file, and delete it all."""
    lines: list[str] = []
    deletions: list[str] = []
    for route in routes:
        lines += [*_exports(Aws(route.job.region)), *_uses(route)]
        own = ("--packages", "--data") if route.recipe.data_name else ()
        deletions.append(route.job.line("delete", *own))
    return list(dict.fromkeys([*lines, *deletions]))


def _exports(aws: Aws) -> list[str]:
    if not aws.is_local:
        return []
    keys = "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
    where = f"AWS_ENDPOINT_URL={aws.endpoint_url} AWS_DEFAULT_REGION={aws.region}"
    return [f"export {where}", f"export {keys}"]


def _uses(route: Route) -> list[str]:
    job, deployed = route.job, route.results["deploy"]
    target = () if route.target == PIPELINE else ("--target", API)
    lines = [job.line("invoke", *target, *_example(job))]
    if route.target != LAMBDA and job.recipe.inputs == "texts":
        lines.append(_boto3_line(job, deployed["endpoint_name"]))
        lines.append(job.line("transform", "--input", _path(_POSTS)))
    if "api_url" in deployed and deployed.get("auth", OPEN) == OPEN:
        header, body = "content-type: application/json", json.dumps({"text": _sentence(job)})
        lines.append(
            shlex.join(["curl", "-H", header, "-d", body, f"{deployed['api_url']}/predict"])
        )
    return lines


def _example(job: Job) -> tuple[str, ...]:
    """Return the arguments of `invoke` that send an example of the kind that a recipe reads."""
    if job.recipe.inputs == "images":
        return ()  # it sends one of the test data
    return (_sentence(job),) if job.recipe.least_lines == 1 else ("--file", _path(_POST))


def _sentence(job: Job) -> str:
    return _OWN_SENTENCE if job.recipe.data_name else _SENTENCE


def _boto3_line(job: Job, endpoint: str) -> str:
    *file, text = map(json.dumps, _example(job))
    body, region = f'open({text}, "rb")' if file else text, Aws(job.region).region
    call = (
        f'boto3.client("sagemaker-runtime", "{region}").invoke_endpoint(EndpointName="{endpoint}", '
        f'ContentType="text/plain", Body={body})["Body"].read().decode()'
    )
    return f"python -c {shlex.quote(f'import boto3; print({call})')}"


def _path(name: str) -> str:
    """Return the path of a file of the project that holds in the current folder, too."""
    return name if Path.cwd() == ROOT else str(ROOT / name)
