"""Start the lifeline and the checks; Python runs this in every process of a container.

It must not import the local AWS, which is not installed in a container.
"""

import os
import sys

import image_imports
import lifeline
import opt_ml_check

if lifeline.VARIABLE in os.environ:
    lifeline.start()
if "LOCAL_AWS_IMAGE_FILE" in os.environ:
    sys.path[:] = image_imports.without_editable_installs(sys.path)
    image_imports.install()
if opt_ml_check.VARIABLE in os.environ:
    opt_ml_check.install()
