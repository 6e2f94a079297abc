"""Reads the YAML file that defines a dataset."""

import math
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from data.artifacts.model_folder import ExtraFiles
from data.definition.dataset import Dataset
from data.errors import InputError, describe
from data.similar_names import did_you_mean

CATALOG = Path(__file__).parent / "catalog"

# Sections of a definition file that say how to learn from the data; `pipeline` validates them.
LEARNING_SECTIONS = ("model", "training", "evaluation", "region_split", "validation")

# Values of a definition, those of an alias counted each time that it stands for them: a file of
# ten lines can mean billions.
MOST_NODES = 100_000

_MERGE = "tag:yaml.org,2002:merge"


def catalog_names() -> list[str]:
    """Names of the datasets that come with seqmd."""
    return sorted(path.stem for path in CATALOG.glob("*.yaml"))


def definition_path(name_or_path: str) -> Path:
    """The file that defines a dataset.

    Args:
        name_or_path: a name in the catalog, or the path of a YAML file.

    Returns:
        Path of the YAML file.

    Raises:
        InputError: there is neither.
    """
    if name_or_path in catalog_names():
        return CATALOG / f"{name_or_path}.yaml"
    try:
        path = Path(name_or_path).expanduser()
        if path.is_file():
            return path
    except (OSError, RuntimeError):
        pass  # A name too long for a file, or the home of nobody.
    names = ", ".join(catalog_names())
    raise InputError(
        f"dataset {name_or_path!r:.200}: expected a YAML file or one of {names}; found neither"
        f"{did_you_mean(name_or_path, catalog_names())}"
    )


def definition_of(model: Path) -> Dataset:
    """The definition that travels with a pushed model.

    Args:
        model: folder of a SavedModel.

    Returns:
        The dataset that it was trained on.

    Raises:
        InputError: there is none.
    """
    file = ExtraFiles(str(model)).dataset
    if not Path(file).exists():
        raise InputError(f"--model: expected a model that seqmd pushed, with {file}; found none")
    return load_dataset(file)


def load_definition(name_or_path: str) -> dict[str, Any]:
    """Everything a definition file says: the dataset and the sections of `LEARNING_SECTIONS`.

    Args:
        name_or_path: a name in the catalog, or the path of a YAML file.

    Returns:
        The file's mapping, not validated yet.

    Raises:
        InputError: no such file, no valid YAML, a key given twice, or no mapping.
    """
    path = definition_path(name_or_path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return parse_definition(content, str(path))


def parse_definition(content: str | bytes, place: str) -> dict[str, Any]:
    """What a definition says, from its text.

    Args:
        content: the YAML, UTF-8 where it is bytes.
        place: where it comes from, for messages.

    Returns:
        The mapping, not validated yet.

    Raises:
        InputError: no valid YAML, a key given twice, no mapping, or more than `MOST_NODES`.
    """
    try:
        text = content.decode() if isinstance(content, bytes) else content
        definition = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f" line {mark.line + 1}:" if mark else ""
        raise InputError(f"{place}:{line} not valid YAML: {error.problem}") from error
    except RecursionError as error:
        raise InputError(f"{place}: expected fields, found brackets nested too deep") from error
    # A ValueError is a date that is none, a number too long or text in another encoding.
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{place}: not valid YAML: {error}") from error
    if definition is None:
        raise InputError(
            f"{place}: expected fields such as `list_id:`, found a file that is empty or has"
            " comments alone"
        )
    if not isinstance(definition, dict):
        raise InputError(f"{place}: expected fields such as `list_id:`, found {definition!r:.80}")
    return definition


def load_dataset(name_or_path: str) -> Dataset:
    """The dataset that a definition file defines.

    Args:
        name_or_path: a name in the catalog, or the path of a YAML file.

    Returns:
        The validated dataset; the sections of `LEARNING_SECTIONS` are left aside.

    Raises:
        InputError: the file cannot be read, or does not define a dataset.
    """
    definition = load_definition(name_or_path)
    fields = {key: value for key, value in definition.items() if key not in LEARNING_SECTIONS}
    try:
        return Dataset.model_validate(fields)
    except ValidationError as error:
        raise InputError(describe(error, str(definition_path(name_or_path)), Dataset)) from error


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, which refuses a key that is given twice, and more than `MOST_NODES`."""

    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None and _size(node, {}) > MOST_NODES:
            raise yaml.YAMLError(f"expected at most {MOST_NODES:,} values, found more")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key if isinstance(key, str) else id(key_node))
        return super().construct_mapping(node, deep)


def _size(node: yaml.Node, known: dict[yaml.Node, float]) -> float:
    """Values below a node; infinitely many where it stands in itself."""
    if node not in known:
        known[node] = math.inf
        children = [node.value] if isinstance(node, yaml.MappingNode) else []
        inner = [child for pairs in children for pair in pairs for child in pair]
        inner += node.value if isinstance(node, yaml.SequenceNode) else []
        known[node] = 1 + sum(_size(child, known) for child in inner)
    return known[node]
