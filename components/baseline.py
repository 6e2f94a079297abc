"""Finds the model that a candidate is compared with."""

import ml_metadata as mlmd
from tfx import types
from tfx.components.evaluator import constants
from tfx.dsl.components.common import resolver

from components.last_run import in_order_of_runs

Artifacts = dict[str, list[types.Artifact]]

CANDIDATE, MODEL, BLESSING = "candidate", "model", "model_blessing"


class LatestOtherBlessedModel(resolver.ResolverStrategy):
    """Resolves the latest blessed model that is not the candidate itself.

    With the latest blessed model of all as baseline, the candidate of an unchanged second run
    would be compared with itself: new inputs, so that Evaluator and Pusher would run again.
    Leaving the candidate out gives an unchanged run the baseline that it had before.

    Used as::

        Resolver(
            strategy_class=LatestOtherBlessedModel,
            candidate=trainer.outputs["model"],
            model=Channel(type=Model),
            model_blessing=Channel(type=ModelBlessing),
        )
    """

    def resolve_artifacts(
        self, store: mlmd.MetadataStore, input_dict: Artifacts
    ) -> Artifacts | None:
        """Chooses among all models of the pipeline.

        Args:
            store: ML Metadata; it knows the order of the runs.
            input_dict: `candidate`, this run's model; `model` and `model_blessing`, all that the
                pipeline ever made.

        Returns:
            The candidate as it is; the model and its blessing, or none of the two on a first run.
        """
        candidates = {model.id for model in input_dict.get(CANDIDATE, ())}
        others = {
            model.id: model for model in input_dict.get(MODEL, ()) if model.id not in candidates
        }
        blessings = in_order_of_runs(store, input_dict.get(BLESSING, ()))
        found: Artifacts = {MODEL: [], BLESSING: []}
        for blessing in blessings:
            model_id = blessing.get_int_custom_property(
                constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY
            )
            if _is_blessed(blessing) and model_id in others:
                found = {MODEL: [others[model_id]], BLESSING: [blessing]}
        return {**input_dict, **found}


def _is_blessed(blessing: types.Artifact) -> bool:
    value = blessing.get_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY)
    return value == constants.BLESSED_VALUE
