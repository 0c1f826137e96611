"""SageMaker: the control plane and the runtime that invokes endpoints."""

from typing import Any

from werkzeug.wrappers import Request, Response

from local_aws.sagemaker import control, runtime
from local_aws.sagemaker.region import Region
from local_aws.sagemaker.saving import restore as restore
from local_aws.sagemaker.saving import saved as saved

new_region = Region
JOB_LOGS = tuple(f"/aws/sagemaker/{kind}Jobs" for kind in ("Training", "Processing", "Transform"))


def claims(environ: dict[str, Any], signed_for: str) -> bool:
    """Return whether a request is for SageMaker or for one of its endpoints."""
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith(control.TARGET):
        return True
    # A bucket may have the name "endpoints".
    return signed_for != "s3" and runtime.PATH.fullmatch(environ.get("PATH_INFO", "")) is not None


def stop(region: Region) -> None:
    """End the endpoints and transform jobs of a region, whose processes have ended."""
    for traffic in list(region.traffic.values()):
        for fleet in (traffic.fleet, traffic.incoming):
            if fleet is not None:
                fleet.stop_now()
    for transform in list(region.transforms.values()):
        transform.stop()


def answer(request: Request, region: Region) -> Response:
    """Run an operation of the control plane, or invoke an endpoint."""
    if request.headers.get("X-Amz-Target", "").startswith(control.TARGET):
        return control.answer(request, region)
    return runtime.answer(request, region)
