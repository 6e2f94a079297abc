"""Resolvers of what a run is compared with: last accepted data, region split, blessed model."""

from collections.abc import Iterable, Mapping
from typing import Any

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.components.evaluator import constants
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.dsl.input_resolution import resolver_op
from tfx.types.channel import BaseChannel
from tfx.types.resolved_channel import ResolvedChannel

Artifacts = dict[str, list[types.Artifact]]

CANDIDATE, FOUND, ACCEPTED = "candidate", "found", "accepted"
MODEL, BLESSING = "model", "model_blessing"

# Of an artifact: the id of the artifact that it was made from, and the settings of that run.
MADE_FROM, MADE_WITH = "made_from", "made_with"


class LastAccepted(ResolverStrategy):
    """Resolves the latest artifact that a check accepted, other than the candidate.

    A check that stops a run writes no artifact, so that data which was refused is never what later
    data is compared with. Leaving the candidate out gives an unchanged run the same input as
    before: it is answered from the cache.
    """

    def resolve_artifacts(self, store: mlmd.MetadataStore, input_dict: Artifacts) -> Artifacts:
        """Chooses among all artifacts of the pipeline.

        Args:
            store: ML Metadata; it knows the order of the runs.
            input_dict: `candidate`, this run's artifact; `found`, all of its kind; `accepted`, what
                the check wrote, each `MADE_FROM` one of them.

        Returns:
            Under `found` the latest one that was accepted, or none on a first run.
        """
        own = {artifact.id for artifact in input_dict.get(CANDIDATE, ())}
        known = {artifact.id: artifact for artifact in input_dict.get(FOUND, ())}
        accepted = in_order_of_runs(store, input_dict.get(ACCEPTED, ()))
        others = [made_from(artifact) for artifact in accepted]
        latest = [known[number] for number in others if number in known and number not in own][-1:]
        return {**input_dict, FOUND: latest}


class LastOfOtherRun(ResolverStrategy):
    """Resolves the artifact of the last run that read other data or had other settings.

    Runs that read the same data with the same settings are passed over, so that a repeated run gets
    the same input as before and is answered from the cache.

    Args:
        settings: this run's, as its artifact will say in `MADE_WITH`.
    """

    def __init__(self, settings: str) -> None:
        self._settings = settings

    def resolve_artifacts(self, store: mlmd.MetadataStore, input_dict: Artifacts) -> Artifacts:
        """Chooses among all artifacts of the pipeline.

        Args:
            store: ML Metadata; it knows the order of the runs.
            input_dict: `candidate`, what this run's artifact will be made from; `found`, all
                artifacts of its kind.

        Returns:
            Under `found` the last run's, or none on a first run.
        """
        own = {artifact.id for artifact in input_dict.get(CANDIDATE, ())}
        found = in_order_of_runs(store, input_dict.get(FOUND, ()))
        others = [artifact for artifact in found if self._is_of_another_run(artifact, own)]
        return {**input_dict, FOUND: others[-1:]}

    def _is_of_another_run(self, artifact: types.Artifact, own: set[int]) -> bool:
        source = made_from(artifact)
        if not source:
            return False
        return source not in own or (
            artifact.get_string_custom_property(MADE_WITH) != self._settings
        )


def in_order_of_runs(
    store: mlmd.MetadataStore, artifacts: Iterable[types.Artifact]
) -> list[types.Artifact]:
    """Sorts artifacts by the last run that had each as its output, new or from the cache.

    The order in which they were made would not do: a run that was answered from the cache has an
    older artifact than the run before it.
    """
    known = {artifact.id: artifact for artifact in artifacts}
    if not known:
        return []
    last = dict.fromkeys(known, 0)
    for event in store.get_events_by_artifact_ids(list(known)):
        if event.type == metadata_store_pb2.Event.OUTPUT:
            last[event.artifact_id] = max(last[event.artifact_id], event.execution_id)
    return [known[number] for number in sorted(known, key=lambda number: (last[number], number))]


def made_from(artifact: types.Artifact) -> int:
    """Id of the artifact that one was made from; 0 where it does not say."""
    return artifact.get_int_custom_property(MADE_FROM) or 0


def resolved(
    strategy: type[ResolverStrategy], channels: Mapping[str, BaseChannel], **arguments: str
) -> BaseChannel:
    """An input of a node that a strategy resolves when the node runs; needs no Resolver node.

    Args:
        strategy: `LastAccepted` or `LastOfOtherRun`.
        channels: what it chooses from.
        **arguments: of the strategy.

    Returns:
        The channel of what it finds; empty where it finds nothing.
    """
    inputs: Any = {key: resolver_op.InputNode(channel) for key, channel in channels.items()}
    node = resolver_op.OpNode(
        op_type=strategy,
        output_data_type=resolver_op.DataType.ARTIFACT_MULTIMAP,
        args=[resolver_op.DictNode(inputs)],
        kwargs=arguments,
    )
    return ResolvedChannel(channels[FOUND].type, node, FOUND)


class LatestOtherBlessedModel(ResolverStrategy):
    """Resolves the latest blessed model other than the candidate.

    A second, unchanged run has the same candidate, which is blessed by then. Were it compared with
    itself, Evaluator and Pusher would have new inputs and run again; so it is left out, and the run
    has the baseline that it had before.

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
