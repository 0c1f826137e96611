"""The page with a deployed endpoint: predictions, no foreign request, a deletion meanwhile."""

import json
from collections.abc import Iterator

import pytest

from newsgroup_classifier.datasets.newsgroups import generate_newsgroups
from scripts.account.naming import DEFAULT_STACK, stack_tags
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


_MARKS = """
    const box = document.getElementById("marked");
    return [...box.querySelectorAll("mark")].map((mark) => {
      const range = document.createRange();
      range.setStart(box, 0);
      range.setEndBefore(mark);
      return [range.toString(), mark.textContent, mark.className === "against"];
    });
"""


def test_words_of_a_real_model_are_marked_at_their_places(browser, playground):
    lines = generate_newsgroups().test["data"].iloc[0].split("\n")
    text = "\n".join([*lines[:5], "\U0001f680 Spaß", *lines[5:]])  # the emoji has two UTF-16 units
    (model,) = playground.models()["models"]
    body = json.dumps({"instances": [text], "explain": 8}).encode()
    (answer,) = json.loads(playground.deployments.predict(model["id"], body))["predictions"]
    words = [word for word in answer["explanation"]["words"] if word["contribution"]]
    words.sort(key=lambda word: word["start"])
    assert len(words) == 8
    browser.open(playground.url)
    browser.classify(text)
    assert browser.driver.execute_script(_MARKS) == [
        [text[: word["start"]], word["text"], word["contribution"] < 0] for word in words
    ]


@pytest.mark.slow
def test_first_answer_of_a_warm_endpoint_takes_less_than_a_second(browser, playground):
    browser.open(playground.url)
    browser.classify(POST)  # the containers are warm from here on
    times = []
    for _ in range(3):  # on a busy machine, any one of them may wait
        browser.open(playground.url)
        browser.classify(POST)
        times.append(int(browser.text("facts").rpartition("·")[2].split()[0]))
    assert min(times) < 1000


@pytest.mark.slow
def test_text_of_a_megabyte_is_classified_by_an_endpoint(browser, playground):
    browser.open(playground.url)
    browser.classify(POST + " orbit" * 170_000)
    assert browser.get("message").text == ""
    assert browser.text("label")


@pytest.mark.slow
def test_endpoint_that_was_deleted_meanwhile_is_named(browser, playground, release):
    client, name = release.scripts.client("sagemaker"), "deleted-meanwhile"
    client.create_endpoint(
        EndpointName=name,
        EndpointConfigName=release.deploy["endpoint_config_name"],
        Tags=stack_tags(DEFAULT_STACK),
    )
    client.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    browser.open(playground.url)
    options = browser.driver.find_elements("css selector", "#model option")
    assert len(options) == 2
    options[[name in one["id"] for one in playground.models()["models"]].index(True)].click()
    assert name in browser.text("about")
    client.delete_endpoint(EndpointName=name)
    client.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    browser.classify(POST)
    message = f"the endpoint {name} was deleted. Reload the list of models."
    assert browser.text("message") == message
    browser.get("reload").click()
    browser.wait(lambda: len(browser.driver.find_elements("css selector", "#model option")) == 1)
    assert f"({name}) was deleted. " in browser.text("message")
    browser.classify(POST)
    assert browser.text("label")
