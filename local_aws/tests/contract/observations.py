"""All sections of the contract, in the order of the document."""

from local_aws.tests.contract import (
    apigateway,
    awslambda,
    batch,
    cloudformation,
    clusters,
    launchers,
    pipelines,
    serving,
    tensorflow_serving,
    tensorflow_training,
    training,
    tuning,
)
from local_aws.tests.contract.observation import Section

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
    *awslambda.SECTIONS,
    *apigateway.SECTIONS,
    *cloudformation.SECTIONS,
)
