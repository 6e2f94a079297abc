"""What this run's data is compared with: that of the last run whose data was accepted."""

from typing import Any

import ml_metadata as mlmd
from tfx import types
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.dsl.input_resolution import resolver_op
from tfx.types.channel import BaseChannel
from tfx.types.resolved_channel import ResolvedChannel

Artifacts = dict[str, list[types.Artifact]]

CANDIDATE, FOUND, ACCEPTED = "candidate", "found", "accepted"

# Of an artifact: the id of the artifact that it was made from.
MADE_FROM = "made_from"


class LastAccepted(ResolverStrategy):
    """Resolves the latest artifact that a check has accepted and that is not the candidate itself.

    A check that stops a run writes no artifact, so that data which was refused is never what later
    data is compared with. Leaving the candidate out gives an unchanged run the same input as
    before: it is answered from the cache.
    """

    def resolve_artifacts(self, store: mlmd.MetadataStore, input_dict: Artifacts) -> Artifacts:
        """Chooses among all artifacts of the pipeline.

        Args:
            store: ML Metadata; not read.
            input_dict: `candidate`, this run's artifact; `found`, all of its kind; `accepted`, what
                the check wrote, each `MADE_FROM` one of them.

        Returns:
            Under `found` the latest one that was accepted, or none on a first run.
        """
        own = {artifact.id for artifact in input_dict.get(CANDIDATE, ())}
        known = {artifact.id: artifact for artifact in input_dict.get(FOUND, ())}
        accepted = sorted(input_dict.get(ACCEPTED, ()), key=lambda artifact: artifact.id)
        others = [made_from(artifact) for artifact in accepted]
        latest = [known[number] for number in others if number in known and number not in own][-1:]
        return {**input_dict, FOUND: latest}


class LastOfOtherData(ResolverStrategy):
    """Resolves the latest artifact that was made from another one than the candidate."""

    def resolve_artifacts(self, store: mlmd.MetadataStore, input_dict: Artifacts) -> Artifacts:
        """Chooses among all artifacts of the pipeline.

        Args:
            store: ML Metadata; not read.
            input_dict: `candidate`, what this run's artifact will be made from; `found`, all
                artifacts of its kind.

        Returns:
            Under `found` the latest one that is `MADE_FROM` something else, or none.
        """
        own = {artifact.id for artifact in input_dict.get(CANDIDATE, ())}
        found = sorted(input_dict.get(FOUND, ()), key=lambda artifact: artifact.id)
        others = [artifact for artifact in found if made_from(artifact) not in {0, *own}]
        return {**input_dict, FOUND: others[-1:]}


def made_from(artifact: types.Artifact) -> int:
    """Id of the artifact that one was made from; 0 where it does not say."""
    return artifact.get_int_custom_property(MADE_FROM) or 0


def resolved(strategy: type[ResolverStrategy], **channels: BaseChannel) -> BaseChannel:
    """A node's input that a strategy finds when the node runs, without a node of its own.

    Args:
        strategy: `LastAccepted` or `LastOfOtherData`.
        **channels: what it chooses from.

    Returns:
        The channel of what it finds; empty where it finds nothing.
    """
    inputs: Any = {key: resolver_op.InputNode(channel) for key, channel in channels.items()}
    node = resolver_op.OpNode(
        op_type=strategy,
        output_data_type=resolver_op.DataType.ARTIFACT_MULTIMAP,
        args=[resolver_op.DictNode(inputs)],
        kwargs={},
    )
    return ResolvedChannel(channels[FOUND].type, node, FOUND)
