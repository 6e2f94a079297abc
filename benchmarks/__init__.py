"""The paper's tables and figures, throughput, latency: what can be measured and told."""

import warnings

from pipeline.output_capture import prepare_tensorflow

# Google's packages warn, at each import, of the Python and the gRPC that they run on.
warnings.filterwarnings("ignore", category=FutureWarning, module=r"google\.")
# Before any benchmark imports TensorFlow.
prepare_tensorflow(told=3)
