"""The work of RegionSplit."""

from typing import Any

from tfx import types
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.io import fileio
from tfx.types import artifact_utils

from components.drawing import Limits, draw_lists
from components.last_run import MADE_FROM, MADE_WITH
from components.region_split.changes import tell_changes, with_changes, with_kept_sides
from components.region_split.config import RegionSplitConfig
from components.region_split.region_lists import read_region_lists
from components.region_split.split import choose_regions, split_features
from components.split_files import split_files
from data.artifacts.region_split import FILE_NAME, FeatureSplit
from data.definition import keys
from data.definition.dataset import Dataset

Artifacts = dict[str, list[types.Artifact]]


class Executor(BaseBeamExecutor):
    """Compares the regions' training lists and puts every feature on a side."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Runs the comparison.

        Args:
            input_dict: `examples`, of which only the split `train` is read; `last_region_split`,
                the last run's, if there was one.
            output_dict: `region_split` gets region_split.json.
            exec_properties: `dataset` and `config` as JSON.

        Raises:
            InputError: there are no training lists, or a feature changed sides and that is to stop
                the run.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        dataset = Dataset.model_validate_json(exec_properties["dataset"])
        config = RegionSplitConfig.model_validate_json(exec_properties["config"])
        output = artifact_utils.get_single_uri(output_dict["region_split"])
        limits = Limits(config.fewest_lists, config.most_lists, seed=config.seed)
        folder = self._get_tmp_dir().rstrip("/")
        files = split_files(input_dict["examples"], keys.TRAIN, "training")
        lists = draw_lists(self._make_beam_pipeline, files, limits, folder)
        regions, left_out = choose_regions(lists, config)
        sample = read_region_lists(folder, dataset, regions) if len(regions) > 1 else None
        fileio.rmtree(folder)
        split = split_features(dataset, config, sample, left_out)
        last = input_dict.get("last_region_split") or []
        if last:
            before = FeatureSplit.load(f"{last[0].uri}/{FILE_NAME}")
            split = with_changes(split, before, last[0].uri)
            if config.on_change == "keep":
                names = [feature.name for feature in dataset.features]
                split = with_kept_sides(split, before, names)
            tell_changes(split, before, config)
        split.save(f"{output}/{FILE_NAME}")
        (examples,) = input_dict["examples"]
        (artifact,) = output_dict["region_split"]
        artifact.set_int_custom_property(MADE_FROM, examples.id)
        artifact.set_string_custom_property(MADE_WITH, exec_properties["config"])
