"""Executor of ExampleValidator: lists anomalies, and stops the run on serious ones."""

from typing import Any

from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx import types
from tfx.components.statistics_gen import stats_artifact_utils
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.utils import io_utils, writer_utils

from components.example_validator import checks
from components.example_validator.config import ValidationConfig
from components.example_validator.distances import Sides, compare
from components.example_validator.item_kinds import kinds_not_found, of_kinds
from components.example_validator.statistics_by_region import by_region
from components.example_validator.validation import Distance, Finding, Validation, told
from components.last_run import MADE_FROM
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.notices import DATA_LOGGER, tell

Artifacts = dict[str, list[types.Artifact]]

# The stock component's name.
_ANOMALIES_FILE = "SchemaDiff.pb"


class Executor(BaseExecutor):
    """Validates statistics against the schema, the last run and what is served."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Writes the anomalies; raises on serious ones, so that the data is not accepted.

        Args:
            input_dict: see `ExampleValidatorSpec`.
            output_dict: `anomalies` gets validation.json, and TFDV's anomalies by split.
            exec_properties: `dataset` and `config` as JSON; `serving_logs`, empty for none.

        Raises:
            InputError: lists the anomalies that stop the run.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        config = ValidationConfig.model_validate_json(exec_properties["config"])
        output = artifact_utils.get_single_instance(output_dict["anomalies"])
        findings = _against_schema(input_dict, output)
        validation = _compared(
            dataset, config, input_dict, exec_properties["serving_logs"], findings
        )
        validation.save(output.uri)
        region_statistics = artifact_utils.get_single_instance(input_dict["region_statistics"])
        output.set_int_custom_property(MADE_FROM, region_statistics.id)
        _tell(validation, config)


def _against_schema(input_dict: Artifacts, output: types.Artifact) -> list[Finding]:
    artifact = artifact_utils.get_single_instance(input_dict["statistics"])
    splits = artifact_utils.decode_split_names(artifact.split_names)
    folder = artifact_utils.get_single_uri(input_dict["schema"])
    schema = io_utils.SchemaReader().read(io_utils.get_only_uri_in_dir(folder))
    statistics = {split: _load(artifact, split) for split in splits}
    anomalies, findings = checks.against_schema(statistics, schema)
    output.split_names = artifact_utils.encode_split_names(splits)
    for split, found in anomalies.items():
        path = f"{artifact_utils.get_split_uri([output], split)}/{_ANOMALIES_FILE}"
        writer_utils.write_anomalies(path, found)
    return findings


def _compared(
    dataset: Dataset,
    config: ValidationConfig,
    input_dict: Artifacts,
    serving_logs: str,
    findings: list[Finding],
) -> Validation:
    distances: list[Distance] = []
    (current,) = input_dict["region_statistics"]
    now = of_kinds(dataset, by_region(_load(current, keys.TRAIN)))
    notes = list(kinds_not_found(dataset, now))
    last = input_dict.get("last_statistics") or []
    if last:
        before = of_kinds(dataset, by_region(_load(last[0], keys.TRAIN)))
        sides = Sides("drift", now, before, "the last run")
        found, measured = compare(dataset, config, sides)
        findings += [
            *found,
            *checks.vocabularies(dataset, config, sides),
            *checks.regions(config, sides),
        ]
        distances += measured
    else:
        notes.append("no earlier run was accepted: there is nothing to compare the logs with yet")
    serving = input_dict.get("serving_statistics") or []
    if serving:
        served = of_kinds(dataset, by_region(_load(serving[0], keys.SERVING)))
        found, measured = compare(dataset, config, Sides("skew", now, served, "the serving logs"))
        findings += found
        distances += measured
    elif serving_logs:
        raise InputError(
            "serving logs were given, but no node ServingStatistics has read them: expected a"
            " package that was written with --serving-logs, found one without"
        )
    return Validation(
        compared_with=last[0].uri if last else "",
        serving_logs=serving_logs,
        notes=tuple(notes),
        findings=tuple(findings),
        distances=tuple(distances),
    )


def _tell(validation: Validation, config: ValidationConfig) -> None:
    stopping = validation.stopping
    others = [finding for finding in validation.findings if not finding.stops]
    if stopping and config.on_anomalies == "stop":
        raise InputError(
            f"ExampleValidator found {len(stopping)} anomalies that stop the run:\n"
            f"{told(stopping)}\n"
            "If the logs are as they should be, raise the threshold in the section `validation` of"
            " the dataset's YAML, or accept them once with `validation: {on_anomalies: warn}`."
        )
    lines = list(validation.notes)
    if stopping:
        lines.append(f"{len(stopping)} anomalies, let through by on_anomalies: warn:")
        lines += told(stopping).splitlines()
    drifted = [finding for finding in others if finding.check != "schema"]
    if drifted:
        lines.append(f"{len(drifted)} distributions have moved beyond their threshold:")
        lines += told(drifted).splitlines()
    tell(DATA_LOGGER, lines)


def _load(artifact: types.Artifact, split: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    return stats_artifact_utils.load_statistics(artifact, split).proto()
