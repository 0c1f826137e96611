"""delete removes the archives of deleted models, and with --data those that no model loads."""

import pytest

from scripts.endpoints.removal import archive_calls
from tests.scripts.environments.small_account import Person, SmallAccount

DELETED, KEPT, GONE = (f"staging--a-recipe-20260102030405-{digits * 6}" for digits in "abc")


@pytest.mark.parametrize(("orphans", "expected"), [(False, {DELETED}), (True, {DELETED, GONE})])
def test_archive_of_a_model_that_stays_is_never_deleted(orphans, expected):
    person = Person(SmallAccount(), 0, "staging")
    for model in (DELETED, KEPT, GONE):
        key = f"models/staging--a-recipe/{model}/model.tar.gz"
        person.client("s3").copy(Bucket="b", Key=key, CopySource={})
    for model in (DELETED, KEPT):
        person.client("sagemaker").create_model(ModelName=model)
    (call,) = archive_calls(person, "b", "staging--a-recipe", {DELETED}, orphans=orphans)
    assert {item["Key"].split("/")[2] for item in call.parameters["Delete"]["Objects"]} == expected
