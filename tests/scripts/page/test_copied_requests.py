"""People copy a request from the page as a curl command or a Python program."""

import ast
import json
import subprocess
from dataclasses import replace

import pytest

from tests.scripts.page.canned import EXPLANATION, FUNCTION, HOSTILE, CannedDeployments, prediction


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        pytest.param('it\'s "quoted" \\n $HOME !! `x` %s\n\ttwo lines', marks=pytest.mark.slow),
    ],
)
def test_request_can_be_copied_as_programs_for_any_text(browser, canned, text):
    browser.open(canned.url)
    browser.classify(text)
    curl, program = browser.text("curl"), browser.text("python")
    assert all(character.isprintable() or character == "\n" for character in curl + program)
    shown = 'curl() { printf "%s\\n" "${@: -1}"; }\n' + curl
    ended = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["instances"] == [text]
    body = program.partition("body = ")[2].partition("\nclient = ")[0]
    assert ast.literal_eval(body)["instances"] == [text]
    compile(program, "program", "exec")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("auth", "part"),
    [
        ("none", ""),
        ("iam", "--aws-sigv4 aws:amz:us-east-1:execute-api \\\n  --user local:local \\\n  "),
        ("jwt", '--header "Authorization: Bearer $NEWSGROUP_CLASSIFIER_TOKEN" \\\n  '),
    ],
)
def test_curl_command_of_a_protected_api_has_what_the_api_accepts(browser, canned, auth, part):
    canned.deployments = CannedDeployments(replace(FUNCTION, auth=auth))
    browser.open(canned.url)
    browser.classify("a text")
    start = f"curl '{FUNCTION.url}' \\\n  {part}--header 'Content-Type: application/json' \\\n"
    assert browser.text("curl").startswith(start)


@pytest.mark.slow
def test_text_of_a_megabyte_is_classified_and_its_request_saved_as_a_file(browser, canned):
    text = "word " * 200_000
    canned.deployments.answer = lambda _: [prediction(explanation=EXPLANATION)]
    browser.open(canned.url)
    browser.classify(text)
    assert canned.deployments.requests[-1]["instances"] == [text]
    assert "@request.json" in browser.text("curl")
    assert browser.get("body").is_displayed()
    assert len(browser.text("marked")) < 2_000
