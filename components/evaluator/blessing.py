"""The blessing artifact, as TFX's own Evaluator leaves it: what Pusher and resolvers read."""

from tfx import types
from tfx.components.evaluator import constants

from components.evaluator.verdict import Verdict
from data.files import below, write_whole


def write_blessing(
    blessing: types.Artifact,
    verdict: Verdict,
    model: types.Artifact,
    baseline: types.Artifact | None,
    component_id: str | None,
) -> None:
    """Writes the file BLESSED or NOT_BLESSED and the artifact's properties.

    Args:
        blessing: the artifact.
        verdict: what was decided.
        model: the candidate.
        baseline: the last blessed model, if there is one.
        component_id: id of the node.
    """
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri
    )
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    if baseline is not None:
        blessing.set_string_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_URI_KEY, baseline.uri
        )
        blessing.set_int_custom_property(
            constants.ARTIFACT_PROPERTY_BASELINE_MODEL_ID_KEY, baseline.id
        )
    if component_id is not None:
        blessing.set_string_custom_property("component_id", component_id)
    blessing.set_string_custom_property(
        constants.ARTIFACT_PROPERTY_BLESSING_MESSAGE_KEY, verdict.reason
    )
    blessed = verdict.blessed
    name = constants.BLESSED_FILE_NAME if blessed else constants.NOT_BLESSED_FILE_NAME
    write_whole(below(blessing.uri, name), "")
    value = constants.BLESSED_VALUE if blessed else constants.NOT_BLESSED_VALUE
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, value)
