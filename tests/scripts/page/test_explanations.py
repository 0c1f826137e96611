"""The page shows the words that mattered, or why it has none."""

import pytest

from lambda_handler.errors import EndpointTimeout
from newsgroup_classifier.errors import PayloadTooLarge, RequestError, ServingError
from newsgroup_classifier.explanations.words import refusal
from tests.scripts.page.canned import EXPLANATION, prediction


def test_words_that_mattered_are_marked_in_the_text(browser, canned):
    canned.deployments.answer = lambda _: [prediction(explanation=EXPLANATION)]
    browser.open(canned.url)
    browser.classify("\U0001f600 a <b>moon end")  # places count code points
    assert canned.deployments.requests[-1]["explain"] == 8
    marks = browser.driver.execute_script(
        "return [...document.querySelectorAll('#marked mark')].map((one) => one.textContent)"
    )
    assert marks == ["<b>moon", "end"]
    assert browser.text("contributions").split() == ["<b>moon+1.3", "end\N{MINUS SIGN}0.50"]


@pytest.mark.slow
def test_long_text_between_words_is_cut_between_characters(browser, canned):
    canned.deployments.answer = lambda _: [prediction(explanation=EXPLANATION | {"words": []})]
    browser.open(canned.url)
    browser.classify("a" + "\U0001f600" * 1500)
    smileys = 499 * "\U0001f600"
    assert browser.text("marked") == f"a{smileys} […] \U0001f600{smileys}"


def test_model_that_refuses_explanations_answers_without_them(browser, canned):
    canned.deployments.answer = refusing_explanations(
        "the JSON object has the keys 'instances' and 'explain'; expected \"instances\" alone"
    )
    browser.open(canned.url)
    browser.classify("a text")
    browser.classify("a text")
    assert browser.text("label") == "right"
    assert not browser.get("unexplained").is_displayed()
    asked = ["explain" in request for request in canned.deployments.requests]
    assert asked == [True, False, False]


def refusing_explanations(message: str, kind: type[ServingError] = RequestError):
    """Return the answers of a model that refuses to explain some texts or all of them."""

    def answer(request):
        if "explain" not in request:
            return [prediction()]
        if request["instances"] == ["short"]:
            return [prediction(explanation=EXPLANATION)]
        raise kind(message)

    return answer


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (RequestError, refusal(["a " * 20_000])),
        pytest.param(
            PayloadTooLarge,
            'the features are too large. With "explain", each word takes a row',
            marks=pytest.mark.slow,
        ),
        pytest.param(EndpointTimeout, "the endpoint texts did not respond", marks=pytest.mark.slow),
    ],
)
def test_text_that_is_too_long_to_explain_gets_its_label_and_the_next_one_words(
    browser, canned, kind, message
):
    canned.deployments.answer = refusing_explanations(message, kind)
    browser.open(canned.url)
    browser.classify("a long text")
    assert browser.text("label") == "right"
    assert browser.text("unexplained") == "The text is too long to show the words that mattered."
    assert not browser.get("words").is_displayed()
    assert "explain" not in browser.text("curl")
    browser.classify("short")
    assert not browser.get("unexplained").is_displayed()
    assert browser.get("words").is_displayed()
