from models.losses.labels import Labels
from models.losses.task_loss import WeightedLosses, build_loss

__all__ = ["Labels", "WeightedLosses", "build_loss"]
