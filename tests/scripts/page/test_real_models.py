"""The page with a deployed endpoint: predictions, no foreign request, a deletion meanwhile."""

from collections.abc import Iterator

import pytest

from scripts.page.server import PlaygroundServer
from tests.scripts.page.serving import served
from tests.scripts.releases import Release

POST = "Subject: shuttle\nFrom: a\n\n\n\nThe shuttle reached its orbit."


@pytest.fixture(scope="module")
def playground(release: Release) -> Iterator[PlaygroundServer]:
    """Return the playground of a release with one endpoint."""
    with served(release.scripts.aws.url, release.scripts.region) as server:
        yield server


def test_typed_text_gets_label_probabilities_and_time(browser, playground):
    browser.open(playground.url)
    browser.get("text").send_keys(POST)
    browser.submit()
    assert "newsgroups-naive-bayes" in browser.text("model")
    assert "ignores the first 5 lines" in browser.text("about")
    assert browser.text("label")
    assert " ms" in browser.text("facts")
    assert len(browser.text("bars").splitlines()) == 20
    assert browser.text("all") == "Show all 20 labels"
    browser.get("all").click()
    assert len(browser.text("bars").splitlines()) == 40
    assert browser.text("curl").startswith("curl 'http://127.0.0.1:")


def test_page_sends_no_request_but_its_own(browser, playground):
    browser.open(playground.url)
    browser.classify(POST)
    paths = [request["url"].removeprefix(playground.url) for request in browser.log()]
    assert {path.partition("?")[0] for path in paths if not path.startswith("data:")} == {
        *("", "models", "predict")
    }
