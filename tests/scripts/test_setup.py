"""The request for the foundation stack."""

from scripts.setup import TEMPLATE, stack_call


def test_stack_call_creates_the_stack_or_updates_it():
    create, update = stack_call("s", None), stack_call("s", {"Tags": []})
    assert (create.operation, update.operation) == ("create_stack", "update_stack")
    assert create.parameters == update.parameters
    assert create.parameters["TemplateBody"] == TEMPLATE.read_text(encoding="utf-8")
    assert create.parameters["Capabilities"] == ["CAPABILITY_IAM"]
