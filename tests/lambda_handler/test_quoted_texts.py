"""No message about an invalid request quotes its texts, wherever they are in the body."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambda_handler.calling import answer, http_event

SECRET = "Dallow\u00e4y"  # not an identifier, which a message may show
TEXT = f"Mrs. {SECRET} said she would buy the flowers herself"
VALUES = st.sampled_from([None, 5, True, "", " ", [], {}, TEXT, [TEXT], {TEXT: TEXT}, "\ud800"])
KEYS = st.sampled_from(["instances", "text", TEXT, SECRET])
CONTENTS = st.one_of(
    VALUES,
    st.lists(VALUES, max_size=3),
    st.dictionaries(KEYS, st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=3),
)
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
