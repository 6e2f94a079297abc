"""Whether TF Serving is installed; imports nothing."""

import shutil

PROGRAM = "tensorflow_model_server"


def missing_server() -> str | None:
    """Why no server can be started here; None where one can."""
    return None if shutil.which(PROGRAM) else f"{PROGRAM} is not on the PATH"
