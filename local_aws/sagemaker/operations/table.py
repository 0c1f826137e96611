"""All operations of SageMaker's control plane by name."""

from collections.abc import Callable
from typing import Any

from local_aws.sagemaker.operations import (
    capacities,
    endpoints,
    models,
    processing_jobs,
    registry,
    search,
    tags,
    training_jobs,
    transform_jobs,
    tuning_jobs,
)

OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    **training_jobs.OPERATIONS,
    **processing_jobs.OPERATIONS,
    **tuning_jobs.OPERATIONS,
    **transform_jobs.OPERATIONS,
    **registry.OPERATIONS,
    **models.OPERATIONS,
    **endpoints.OPERATIONS,
    **capacities.OPERATIONS,
    **tags.OPERATIONS,
    **search.OPERATIONS,
}
