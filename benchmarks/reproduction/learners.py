"""Which setups can be trained here: LightGBM is optional."""

from collections.abc import Callable
from importlib import import_module

from benchmarks.reproduction.setups import Setup


def can_learn(setup: Setup, tell: Callable[[str], None]) -> bool:
    """Whether what trains a setup is there.

    Args:
        setup: the setup.
        tell: is told why it is not.

    Returns:
        Whether it is there.
    """
    if setup.learner != "trees":
        return True
    try:
        import_module("lightgbm")
    except (ImportError, OSError) as error:  # The latter where the machine has no libgomp.
        tell(f"{setup.name}: left out, since LightGBM cannot be loaded: {error}")
        return False
    return True
