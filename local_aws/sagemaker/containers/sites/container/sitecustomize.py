"""Python runs this first in every process of a local container: lifeline, then the image's list.

It must not import the project: a container does not have it.
"""

import os
import sys

import image_imports
import lifeline

if lifeline.VARIABLE in os.environ:
    lifeline.start()
if "LOCAL_AWS_IMAGE_FILE" in os.environ:
    sys.path[:] = image_imports.without_editable_installs(sys.path)
    image_imports.install()
