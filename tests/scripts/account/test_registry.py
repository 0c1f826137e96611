"""The request that registers a model has every container of its endpoint."""

import pytest

from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Call
from scripts.account.registry import package_call
from tests.scripts.endpoints.plans import CONTAINERS, MODEL
from tests.scripts.processes import IMAGE, IMAGES, RECIPE, SERVING_IMAGE


@pytest.mark.parametrize(
    ("approved", "status"), [(True, "Approved"), (False, "PendingManualApproval")]
)
def test_package_call_registers_both_containers_in_order(approved, status):
    assert package_call(RECIPES[RECIPE], IMAGES, MODEL, approved) == Call(
        "sagemaker",
        "create_model_package",
        {
            "ModelPackageGroupName": RECIPE,
            "ModelPackageDescription": RECIPES[RECIPE].summary,
            "InferenceSpecification": {
                "Containers": CONTAINERS,
                "SupportedContentTypes": [
                    "text/plain",
                    "text/csv",
                    "application/json",
                    "application/jsonlines",
                ],
                "SupportedResponseMIMETypes": [
                    "application/json",
                    "application/jsonlines",
                    "text/csv",
                ],
            },
            "ModelApprovalStatus": status,
        },
    )


def test_package_call_of_a_tensorflow_recipe_has_one_image_per_stage():
    call = package_call(RECIPES["headlines-fast"], IMAGES, MODEL, approved=False)
    first, model, last = call.parameters["InferenceSpecification"]["Containers"]
    assert model == {"ContainerHostname": "model", "Image": SERVING_IMAGE, "ModelDataUrl": MODEL}
    for container, program in ((first, "encode_texts"), (last, "decode_labels")):
        assert container["Image"] == IMAGE
        assert container["Environment"] == {
            "SAGEMAKER_PROGRAM": f"inference_pipeline.{program}",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/serving",
        }


def test_package_call_of_images_names_their_content_types():
    call = package_call(RECIPES["digits-cnn"], IMAGES, MODEL, approved=False)
    specification = call.parameters["InferenceSpecification"]
    assert len(specification["Containers"]) == 1
    expected = ["application/json", "application/x-npy", "image/png"]
    assert specification["SupportedContentTypes"] == expected
