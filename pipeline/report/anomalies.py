"""What ExampleValidator found in the data."""

from typing import Any

import tensorflow as tf
from tensorflow_metadata.proto.v0 import anomalies_pb2


def anomalies(folder: str) -> list[dict[str, Any]]:
    """Reads the anomalies of every split.

    Args:
        folder: of an ExampleAnomalies artifact.

    Returns:
        By anomaly `split`, `feature`, `severity` and `what` in words.
    """
    found = []
    for path in sorted(tf.io.gfile.glob(f"{folder}/Split-*/SchemaDiff.pb")):
        with tf.io.gfile.GFile(path, "rb") as file:
            content = anomalies_pb2.Anomalies.FromString(file.read())
        split = path.split("/")[-2].removeprefix("Split-")
        for feature, info in sorted(content.anomaly_info.items()):
            severity = anomalies_pb2.AnomalyInfo.Severity.Name(info.severity).lower()
            what = f"{info.short_description}: {info.description}"
            found.append({"split": split, "feature": feature, "severity": severity, "what": what})
    return found
