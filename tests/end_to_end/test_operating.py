"""The commands of the guide to operating releases, in their order."""

import pytest

from tests.data_source import SAMPLE
from tests.documents import marked_commands, run_commands
from tests.scripts.compatibility import KEYS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def guide():
    """Run the commands of the guide."""
    lines = marked_commands("docs/how-to/operate.md", "tests/end_to_end/test_operating.py")
    return run_commands(lines, SAMPLE)


def results_of(guide, command):
    return [result for line, result in guide.items() if line.split()[0] == command]


def test_rollback_of_the_guide_returns_to_its_first_deployment(guide):
    first, second, *_ = results_of(guide, "deploy")
    (back,) = results_of(guide, "rollback")
    assert back["endpoint_config_name"] == first["endpoint_config_name"]
    assert back["replaced"] == second["endpoint_config_name"]


def test_guarded_release_of_the_guide_is_watched_by_the_alarms_of_the_guide(guide):
    (watched,) = results_of(guide, "watch")
    assert set(watched) == KEYS["watch"]
    assert len(watched["alarms"]) == 4
    (planned,) = (result for line, result in guide.items() if "--bake" in line)
    (update,) = [each for each in planned["calls"] if each["operation"] == "update_endpoint"]
    config = update["parameters"]["DeploymentConfig"]
    names = [alarm["AlarmName"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]]
    assert names == watched["alarms"]
    assert config["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == 600


def test_status_of_the_guide_shows_the_alarms_and_the_second_deployment(guide):
    (shown,) = results_of(guide, "status")[0]["deployments"]
    assert len(shown["alarms"]) == 4
    second = results_of(guide, "deploy")[1]
    assert shown["release"] == second["endpoint_config_name"]
    assert shown["previous"] == results_of(guide, "deploy")[0]["endpoint_config_name"]


def test_promotion_of_the_guide_gives_the_other_environment_the_same_model(guide):
    (promoted,) = results_of(guide, "promote")
    assert set(promoted) == KEYS["promote"]
    (trained,) = results_of(guide, "train")
    assert promoted["promoted_from"] == trained["model_package_arn"]
    *_, planned = results_of(guide, "deploy")
    models = [call for call in planned["calls"] if call["operation"] == "create_model"]
    assert models[0]["parameters"]["ModelName"].startswith("prod--")


def test_removal_of_the_guide_deletes_both_releases(guide):
    (deleted,) = (result["deleted"] for result in results_of(guide, "delete"))
    assert (deleted["endpoint"], deleted["endpoint_config"], deleted["model"]) == (1, 2, 2)
    assert deleted["stack"] == 2  # the alarms and the foundation
