"""No message about an invalid request quotes its texts, wherever they are in the body."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inference_pipeline.test_quoted_texts import CONTENTS, SECRET
from tests.lambda_handler.calling import answer, http_event

DAMAGE = st.sampled_from(["", '"', "\\", "\ufffd", ",", "\n", "{", "\0", f'{{"{SECRET}": 1, '])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENTS, damage=DAMAGE, data=st.data())
def test_a_text_in_an_invalid_request_is_in_no_message(handler, capsys, content, damage, data):
    body = json.dumps(content)
    cut = data.draw(st.integers(0, len(body)))
    event = http_event(
        body=body[:cut] + damage + body[cut:], headers={"content-type": "application/json"}
    )
    status, response = answer(handler, event)
    assert SECRET not in json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False)
    if status != 200:
        assert SECRET not in response["error"]["message"]
