"""The commands to try after the steps, ready to paste into a terminal."""

import json
import shlex
from collections.abc import Iterable
from pathlib import Path

from scripts.account.aws import Aws
from scripts.account.lock import ROOT
from scripts.account.naming import API, LAMBDA, PIPELINE
from scripts.functions.access import OPEN
from scripts.steps.route import Job, Route

_SENTENCE, _OWN_SENTENCE = "The raven sat on my chamber door.", "A text of your own."
_POST, _POSTS = "docs/post.txt", "docs/posts.jsonl"


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
