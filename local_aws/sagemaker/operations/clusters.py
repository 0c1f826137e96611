"""What operations on training and processing jobs check alike."""

from local_aws.errors import ValidationError, not_reproduced
from local_aws.processes import isolation_is_possible
from local_aws.records import Record
from local_aws.sagemaker.hosting.specs import check_processor
from local_aws.settings import Settings

MOST_INSTANCES = 10


def check_cluster(resources: Record, noun: str) -> None:
    """Raise ValidationError unless this computer can stand in for the instances of a job."""
    count = resources.get("InstanceCount", 0)
    if count < 1:
        raise ValidationError("InstanceCount is missing or 0. It must be at least 1.")
    check_processor(resources.get("InstanceType", ""), noun)
    if count > MOST_INSTANCES:
        raise not_reproduced(
            f"{noun} on {count} instances (all run on this computer; the maximum is "
            f"{MOST_INSTANCES})"
        )


def check_network(settings: Settings, request: Record, count: int, operation: str) -> None:
    """Raise ValidationError unless the network of a job on some instances is as requested.

    The instances of a cluster are on the one loopback interface of the computer. There, they cannot
    be kept from all networks but reach each other, as on AWS, and nothing encrypts what they send.
    """
    if request.get("EnableInterContainerTrafficEncryption") and count > 1:
        raise not_reproduced(
            f"EnableInterContainerTrafficEncryption of {operation} on several instances"
        )
    if not request.get("EnableNetworkIsolation"):
        return
    feature = f"EnableNetworkIsolation of {operation}"
    if count > 1:
        raise not_reproduced(f"{feature} on several instances")
    if not isolation_is_possible(settings):
        raise not_reproduced(
            f"{feature} on this computer, which has no network namespaces for it, or with "
            "--no-namespaces"
        )
