"""UpdateEndpointWeightsAndCapacities: change the weights and counts of live variants."""

from botocore.model import OperationModel

from local_aws.errors import ValidationError, not_reproduced
from local_aws.records import Record
from local_aws.sagemaker.hosting import deployment
from local_aws.sagemaker.hosting.rollout import Rollout
from local_aws.sagemaker.operations.endpoints import check_quota, start
from local_aws.sagemaker.region import Region


def update_weights_and_capacities(region: Region, request: Record, model: OperationModel) -> Record:
    """Put the wanted weights and counts into service.

    New weights take effect in the live fleet. New counts need other instances, so a new fleet
    replaces the live one once it is healthy.
    """
    name, wanted = request["EndpointName"], _wanted(request)
    arn = region.arn("endpoint", name)
    with region.lock:
        endpoint = region.endpoints.get(name)
        if endpoint["EndpointStatus"] != "InService":
            raise ValidationError(f'Cannot update in-progress endpoint "{arn}".')
        live = endpoint["ProductionVariants"]
        unknown = wanted.keys() - {variant["VariantName"] for variant in live}
        if unknown:
            raise ValidationError(
                f"The variant name(s) {', '.join(sorted(unknown))} do not exist in the endpoint "
                f'"{arn}".'
            )
        variants = [variant | wanted.get(variant["VariantName"], {}) for variant in live]
        resized = any(
            new["DesiredInstanceCount"] != old["DesiredInstanceCount"]
            for old, new in zip(live, variants, strict=True)
        )
        if not resized:
            _set_weights(region, name, variants)
            return {"EndpointArn": arn}
        config = region.endpoint_configs.get(endpoint["EndpointConfigName"])
        config = deployment.retain_variants(config, {"ProductionVariants": variants})
        check_quota(config)
        region.endpoints.update(name, EndpointStatus="Updating", **{deployment.UPDATED: True})
    rollout = Rollout(config=endpoint.get("LastDeploymentConfig"))
    start(deployment.deploy, region, name, config, "InService", rollout)
    return {"EndpointArn": arn}


def _wanted(request: Record) -> dict[str, Record]:
    """Return the members to change by the name of their variant."""
    wanted: dict[str, Record] = {}
    for item in request["DesiredWeightsAndCapacities"]:
        name = item["VariantName"]
        if name in wanted:
            raise ValidationError(f"The variant {name} is named more than once.")
        if item.get("DesiredInstanceCount") == 0:
            raise not_reproduced("a DesiredInstanceCount of 0")
        wanted[name] = {key: value for key, value in item.items() if key != "VariantName"}
    return wanted


def _set_weights(region: Region, name: str, variants: list[Record]) -> None:
    weights = {variant["VariantName"]: variant["DesiredWeight"] for variant in variants}
    for variant in region.traffic[name].fleet.variants:
        variant["InitialVariantWeight"] = weights[variant["VariantName"]]
    described = [variant | {"CurrentWeight": variant["DesiredWeight"]} for variant in variants]
    region.endpoints.update(name, ProductionVariants=described)


OPERATIONS = {"UpdateEndpointWeightsAndCapacities": update_weights_and_capacities}
