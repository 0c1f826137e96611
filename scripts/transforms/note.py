"""What is said of records of which the model looks at nothing."""

import io
from typing import Any

from inference_pipeline.content_types import CSV, JSON_LINES, TEXT
from scripts.account.aws import Aws
from scripts.transforms.files import open_lines
from scripts.transforms.plans import TransformPlan


def short_note(aws: Aws, plan: TransformPlan, records: int) -> str:
    """Return what to say of records with fewer lines than the recipe needs; "" if there are none.

    A record of CSV or text/plain is one line. Of JSON lines the files are read once more. What a
    filter sends of a record is not judged.
    """
    least, form = plan.recipe.least_lines, plan.files.form
    if least <= 1 or not form.lines or plan.kept.input_filter:
        return ""
    short = records if form.content_type in (CSV, TEXT) else 0
    if form.content_type == JSON_LINES:
        short = sum(_count_short(aws, plan, key) for key in plan.files.keys)
    if not short:
        return ""
    return (
        f"Note: {plan.recipe.name} drops the header of a post, its first {least - 1} lines. "
        f"Nothing is left of {short:,} of {records:,} records, so their answer is the "
        "model's prior."
    )


def _count_short(aws: Aws, plan: TransformPlan, key: str) -> int:
    body = aws.client("s3").get_object(Bucket=plan.files.bucket, Key=key)["Body"]
    opened: Any = open_lines(body, plan.files.form)
    with io.BufferedReader(opened) as file:
        return count_short(file, plan.recipe.least_lines)


def count_short(lines: Any, least: int) -> int:
    """Return how many texts of JSON lines have fewer lines than `least`."""
    from inference_pipeline.texts import read_texts

    texts = (text for line in lines if line.strip() for text in read_texts(line, JSON_LINES))
    return sum(text.count("\n") + 1 < least for text in texts)
