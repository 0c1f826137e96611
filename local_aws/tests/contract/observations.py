"""The whole table: every section of the contract in the order of the document."""

from local_aws.tests.contract import (
    batch,
    clusters,
    launchers,
    our_stages,
    pipelines,
    serving,
    tensorflow_serving,
    tensorflow_training,
    training,
    tuning,
)
from local_aws.tests.contract.observation import Observation, Section

SECTIONS: tuple[Section, ...] = (
    *serving.SECTIONS,
    *tensorflow_serving.SECTIONS,
    *training.SECTIONS,
    *tensorflow_training.SECTIONS,
    *clusters.SECTIONS,
    *tuning.SECTIONS,
    *launchers.SECTIONS,
    *pipelines.SECTIONS,
    *batch.SECTIONS,
    *our_stages.SECTIONS,
)
OBSERVATIONS: tuple[Observation, ...] = tuple(
    observation for section in SECTIONS for observation in section.observations
)
