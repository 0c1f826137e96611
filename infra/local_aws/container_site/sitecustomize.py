"""Python runs this first in every process of a local container: lifeline, then the image's list.

It must not import the project: a container does not have it.
"""

import os

import image_imports
import lifeline

if "LOCAL_AWS_LIFELINE_FD" in os.environ:
    lifeline.start(int(os.environ.pop("LOCAL_AWS_LIFELINE_FD")))
if "LOCAL_AWS_IMAGE_FILE" in os.environ:
    image_imports.install()
