"""Reports look right in a browser: on a phone, on a large screen, and on paper."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from newsgroup_classifier.evaluation.quality import Suspect
from newsgroup_classifier.evaluation.report import page
from newsgroup_classifier.evaluation.report.comparison import compare
from newsgroup_classifier.evaluation.report.page import render_comparison
from tests.newsgroup_classifier.evaluation.report.reports import made_evidence, made_run, rendered

_MEDIA = "Emulation.setEmulatedMedia"


def of_many_classes():
    names = tuple(
        f"class.{number:03}" + " with a long name" * (number % 2) for number in range(200)
    )
    suspects = [Suspect(3, names[0], names[1], 0.01)]
    evidence = made_evidence(
        200, 1000, lengths={"train": [9, 900], "test": [90]}, suspects=suspects
    )
    return replace(evidence, scores=replace(evidence.scores, label_names=names))


def of_images():
    images = np.random.default_rng(0).integers(0, 256, (200, 28, 28)).astype("uint8")
    evidence = made_evidence(10, 200, texts=(), images=images)
    return replace(evidence, scores=replace(evidence.scores, inputs="images"))


def comparison():
    names = ("own-model-for-tickets-1", "own-model-for-tickets-2")
    first, second = (made_run(name, "ab" * 30 + name[-1] * 2) for name in names)
    second = replace(second, predictions=second.predictions | {1: ("a", "b"), 2: ("a", "a")})
    texts = {row: f"The text of row {row} is long. " * 10 for row in (1, 2)}
    return render_comparison([first, second], [compare(first, second)], texts, 50)


REPORTS = {"two": lambda: made_evidence(2, 60), "many": of_many_classes, "images": of_images}


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """Write a report of each kind; return their addresses."""
    folder = tmp_path_factory.mktemp("reports")
    for name, evidence in REPORTS.items():
        html = rendered(evidence(), ["The model is no better."])
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    (folder / "comparison.html").write_text(comparison(), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in (*REPORTS, "comparison")}


def widths(browser):
    return browser.driver.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*REPORTS, "comparison"])
def test_report_is_accessible_and_fits_the_window(browser, addresses, name, width, scheme):
    browser.look(width, scheme)
    browser.driver.get(addresses[name])
    assert browser.violations() == []
    assert widths(browser)[0] <= width


@pytest.mark.slow
@pytest.mark.parametrize("name", REPORTS)
def test_report_on_paper_is_dark_on_white_and_not_cut_off(browser, addresses, name):
    browser.look(720, "dark")
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.driver.execute_cdp_cmd(_MEDIA, {"media": "print", "features": dark})
    try:
        browser.driver.get(addresses[name])
        content, page = widths(browser)
        style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        colors = [
            browser.driver.execute_script(style, *each)
            for each in (("body", "backgroundColor"), ("h1", "color"), (".warning", "color"))
        ]
        shares = browser.driver.find_element("css selector", "details table")
        shown = browser.driver.execute_script("return arguments[0].checkVisibility()", shares)
    finally:
        browser.driver.execute_cdp_cmd(_MEDIA, {"media": ""})
    assert content <= page
    assert shown
    assert colors == ["rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgb(0, 0, 0)"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "ordered",
    [["-1", "0.25", "0.5", "3", "10"], ["", "1a", "2", "10", "10a", "class.2", "class.10"]],
)
def test_heading_sorts_numbers_by_value_and_names_by_the_numbers_in_them(
    browser, tmp_path, ordered
):
    script = Path(page.__file__).with_name("sorting.js").read_text("utf-8")
    rows = "".join(f"<tr><td>{cell}</td></tr>" for cell in sorted(ordered, key=len))
    path = tmp_path / "table.html"
    path.write_text(
        f"<table class=sortable><thead><tr><th>a</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<script>{script}</script>"
    )
    browser.driver.get(path.as_uri())
    for expected in (ordered[::-1], ordered):
        browser.driver.find_element("css selector", "th button").click()
        cells = browser.driver.find_elements("css selector", "td")
        assert [cell.text for cell in cells] == expected


@pytest.mark.slow
def test_images_of_mistakes_are_square(browser, addresses):
    browser.look(1400, "light")
    browser.driver.get(addresses["images"])
    shapes = browser.driver.execute_script(
        "return [...document.querySelectorAll('.sheet img')].map((one) => one.width - one.height)"
    )
    assert len(shapes) > 10
    assert set(shapes) == {0}
