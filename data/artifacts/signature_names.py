"""Names of the functions with which an exported model answers; read without TensorFlow."""

from typing import Literal, get_args

SignatureName = Literal["serving_default", "serve_examples"]
SIGNATURES: tuple[SignatureName, ...] = get_args(SignatureName)
SERVING_DEFAULT, SERVE_EXAMPLES = SIGNATURES
