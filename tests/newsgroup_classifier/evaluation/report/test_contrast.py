"""The colors of the report have the contrast that WCAG 2.2 AA requires, in both color schemes."""

import re
from pathlib import Path

import pytest

from newsgroup_classifier.evaluation.report import page

CSS = (Path(page.__file__).parent / "base.html.j2").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"(--[a-z0-9]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
)
TEXT, SHAPE = 4.5, 3.0  # contrast ratios of success criteria 1.4.3 and 1.4.11
ON_PAGE = ["--ink", "--soft", "--link", "--bad"]
LINES = [f"--c{number}" for number in range(8)]


def luminance(color):
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_shapes_stand_out(colors):
    pairs = [(name, "--page", TEXT) for name in ON_PAGE]
    pairs += [(name, "--panel", TEXT) for name in ("--ink", "--soft")]
    pairs += [("--ink", name, TEXT) for name in ("--heat", "--mark", "--warn")]
    pairs += [(name, "--page", SHAPE) for name in (*LINES, "--faint")]
    found = {(one, other): contrast(colors[one], colors[other]) for one, other, _ in pairs}
    assert [
        pair for pair, (*_, least) in zip(found, pairs, strict=True) if found[pair] < least
    ] == []
