"""People try a model on the page, in a real browser."""

import json
from dataclasses import replace
from threading import Event

import pytest
from selenium.webdriver.common.keys import Keys

from lambda_handler.errors import Throttled
from lambda_handler.page.assembly import assemble
from newsgroup_classifier.errors import RequestError
from tests.scripts.page.canned import (
    DIGITS,
    EXPLANATION,
    FUNCTION,
    HOSTILE,
    TEXTS,
    CannedDeployments,
    prediction,
)


def test_page_is_small_and_holds_no_event_handler_of_html():
    page = assemble("playground")
    assert len(page.body.encode()) < 60_000
    assert "innerHTML" not in page.body
    assert " onclick" not in page.body


def test_keyboard_alone_is_enough(browser, canned):
    browser.open(canned.url)
    focused = browser.driver.switch_to.active_element
    for _ in range(3):
        focused.send_keys(Keys.TAB)
        focused = browser.driver.switch_to.active_element
    assert focused.get_attribute("id") == "text"
    focused.send_keys("a text", Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.settle()
    assert browser.text("label") == "right"


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "dark"),
        (1400, "light"),
        pytest.param(360, "light", marks=pytest.mark.slow),
        pytest.param(1400, "dark", marks=pytest.mark.slow),
    ],
)
def test_page_is_accessible_and_fits_the_window(browser, canned, width, scheme):
    canned.deployments.answer = lambda _: [prediction(explanation=EXPLANATION)]
    browser.open(canned.url, width, scheme)
    browser.classify("the <b>moon end")
    assert browser.violations() == []
    assert browser.driver.execute_script("return document.documentElement.scrollWidth") <= width


def test_hostile_text_and_labels_stay_texts(browser, canned):
    canned.deployments.answer = lambda _: [prediction({HOSTILE: 0.6, "<b>x</b>": 0.4})]
    browser.open(canned.url)
    browser.classify(HOSTILE)
    assert browser.driver.execute_script("return window.hacked") is None
    assert "<script>" in browser.text("label")
    assert "<b>x</b>" in browser.text("bars")
    assert canned.deployments.requests[-1]["instances"] == [HOSTILE]


@pytest.mark.slow
def test_long_names_words_and_labels_fit_a_narrow_window(browser, canned, tmp_path):
    long = {"text": "x" * 200, "start": 0, "end": 200, "contribution": 0.5}
    answer = prediction({"y" * 200: 1.0}, explanation=EXPLANATION | {"words": [long]})
    canned.deployments = CannedDeployments(replace(TEXTS, target="t" * 60))
    canned.deployments.answer = lambda _: [answer]
    path = tmp_path / "rows.csv"
    path.write_text(f"id,{'n' * 60}\n1,a text\n", encoding="utf-8")
    browser.open(canned.url, 320)
    browser.drop(path)
    browser.wait(lambda: browser.get("table-form").is_displayed())
    browser.classify("x" * 200)
    width = "return document.body.scrollWidth"
    assert browser.driver.execute_script(width) <= 320


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ([], "The response does not have a prediction for each input."),
        ([prediction({"right": float("nan")})], "The response is not JSON."),
    ],
)
def test_response_without_predictions_is_named(browser, canned, answer, message):
    canned.deployments.answer = lambda _: answer
    browser.open(canned.url)
    browser.classify("a text")
    assert browser.text("message") == f"{message} Look at the log of the model."
    assert not browser.get("result").is_displayed()


def test_throttled_model_is_named(browser, canned):
    def throttle(_):
        raise Throttled("SageMaker throttles the endpoint texts; try again later")

    canned.deployments.answer = throttle
    browser.open(canned.url)
    browser.classify("a text")
    assert browser.text("message").startswith("SageMaker throttles the endpoint")
    assert not browser.get("result").is_displayed()


@pytest.mark.slow
def test_text_of_which_the_model_ignores_every_line_gets_a_note(browser, canned):
    canned.deployments = CannedDeployments(
        replace(TEXTS, tags={"recipe": "newsgroups-naive-bayes"})
    )
    browser.open(canned.url)
    for text, is_short in (("a\nb\nc\nd\ne", True), ("a\nb\nc\nd\ne\nf", False)):
        browser.classify(text)
        note = "nothing is left of this text without its first 5 lines"
        assert (note in browser.text("facts")) == is_short


@pytest.mark.slow
def test_empty_text_is_refused_without_a_request(browser, canned):
    browser.open(canned.url)
    browser.classify(" \n ")
    assert browser.text("message") == "The text is empty. Type or paste a text first."
    assert canned.deployments.requests == []


@pytest.mark.slow
def test_dropped_text_file_is_classified(browser, canned, tmp_path):
    path = tmp_path / "post.txt"
    path.write_text("a dropped text", encoding="utf-8")
    browser.open(canned.url)
    browser.drop(path)
    browser.settle()
    assert json.dumps(canned.deployments.requests[-1]["instances"]) == '["a dropped text"]'


@pytest.mark.slow
def test_file_beyond_the_limit_of_a_request_is_refused_by_the_page(browser, canned, tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("word " * 805_000, encoding="utf-8")
    browser.open(canned.url)
    browser.drop(path)
    browser.settle()
    assert browser.text("message") == (
        "The text has 4,025,000 bytes; this page sends at most 4,000,000."
    )
    assert canned.deployments.requests == []


@pytest.mark.slow
def test_text_that_the_model_refuses_is_not_sent_again(browser, canned):
    def refuse(_):
        raise RequestError("item 0 has a lone surrogate (half a character) at index 3")

    canned.deployments.answer = refuse
    browser.open(canned.url)
    browser.classify("a text")
    assert browser.text("message") == "item 0 has a lone surrogate (half a character) at index 3"
    assert len(canned.deployments.requests) == 1


def test_nothing_else_can_be_chosen_or_started_during_a_prediction(browser, canned, tmp_path):
    path, may_answer = tmp_path / "other.txt", Event()
    path.write_text("another text", encoding="utf-8")

    def answer(_):
        may_answer.wait(60)
        return [prediction()]

    canned.deployments.answer = answer
    browser.open(canned.url)
    browser.paste("a text")
    try:
        browser.press("text-form")
        browser.wait(lambda: canned.deployments.requests)
        assert not any(browser.get(name).is_enabled() for name in ("model", "reload"))
        browser.drop(path)
        browser.get("text").send_keys(Keys.CONTROL, Keys.ENTER)
    finally:
        may_answer.set()
    browser.settle()
    assert [request["instances"] for request in canned.deployments.requests] == [["a text"]]
    assert browser.get("model").is_enabled()
    assert browser.get("reload").is_enabled()


@pytest.mark.slow
def test_endpoint_and_function_of_a_recipe_can_be_told_apart(browser, canned):
    canned.deployments = CannedDeployments(TEXTS, replace(FUNCTION, status="Updating"))
    browser.open(canned.url)
    options = [each.text for each in browser.driver.find_elements("css selector", "#model option")]
    assert options == [
        "text-linear (endpoint texts)",
        "text-linear (function texts:live, Updating)",
    ]


def test_reloading_the_models_names_the_chosen_one_if_it_is_gone(browser, canned):
    def reload(*deployments):
        canned.deployments.deployments = list(deployments)
        browser.get("reload").click()
        browser.wait(lambda: browser.get("reload").is_enabled())
        return browser.text("message"), browser.get("model").get_attribute("value")

    canned.deployments.deployments = [TEXTS, DIGITS]
    browser.open(canned.url)
    browser.driver.find_elements("css selector", "#model option")[1].click()
    assert reload(DIGITS, TEXTS) == ("", "0")
    assert reload()[0].startswith("There is no model")
    message = "The model digits-cnn (digits) was deleted. "
    assert reload(TEXTS) == (f"{message}text-linear is selected instead.", "0")
    assert reload(TEXTS) == ("", "0")
    assert browser.get("text-form").is_displayed()


@pytest.mark.slow
def test_environment_without_models_says_what_to_do(browser, canned):
    canned.deployments.deployments = []
    browser.open(canned.url)
    assert browser.text("message").startswith("There is no model in this environment. Deploy one")


@pytest.mark.slow
def test_server_that_cannot_be_reached_is_named(browser, canned):
    browser.open(canned.url)
    network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network | {"offline": True})
    browser.classify("a text")
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", network | {"offline": False})
    assert browser.text("message").startswith("The playground does not answer.")
