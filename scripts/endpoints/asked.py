"""--top and --neighbors of invoke: what is asked for beside predictions, and how it is shown."""

import argparse
import json
from typing import Any

from inference_pipeline.content_types import JSON
from inference_pipeline.texts import read_request
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import Recipe
from scripts.account import command
from scripts.account.naming import PIPELINE

_SHOWN = 70  # characters of a neighbor's text in the table


def add_asked_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that ask for more than predictions."""
    parser.add_argument("--top", type=int, metavar="N", help="the N likeliest labels of each text")
    parser.add_argument(
        "--neighbors", type=int, metavar="N", help="the N nearest posts that it was trained on"
    )


def asked_body(
    recipe: Recipe, arguments: argparse.Namespace, body: bytes, content_type: str
) -> tuple[bytes, str]:
    """Return body and content type, with what is asked for; raise DeploymentError if none can."""
    given = {"top": arguments.top, "neighbors": arguments.neighbors}
    asked = {name: count for name, count in given.items() if count is not None}
    if not asked:
        return body, content_type
    flags = " and ".join(f"--{name}" for name in asked)
    if recipe.framework != "scikit-learn" or arguments.target != PIPELINE:
        raise DeploymentError(
            f"{flags} is for endpoints of scikit-learn recipes (--target {PIPELINE}); this is "
            f"{recipe.name} with --target {arguments.target}"
        )
    if arguments.neighbors is not None and not recipe.keeps_texts:
        raise DeploymentError(
            f"recipe {recipe.name} keeps no posts, so --neighbors has none to give; "
            "subreddits-neighbors does"
        )
    request = {"instances": read_request(body, content_type).texts} | asked
    return json.dumps(request).encode(), JSON


def shown(prediction: dict[str, Any]) -> str:
    """Return the lines of a table with the labels and posts that were asked for; "" for none."""
    rows = [
        (f"  {item['label']}", f"{item['probability']:.4f}") for item in prediction.get("top", ())
    ]
    for item in prediction.get("neighbors", ()):
        text = " ".join(item["text"].split())
        cut = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
        rows.append((f"  {item['label']}", f"{item['distance']:.4f}  {cut}"))
    return "\n" + command.table(rows) if rows else ""
