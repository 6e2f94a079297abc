from models.losses.task_loss import Labels, WeightedLosses, build_loss

__all__ = ["Labels", "WeightedLosses", "build_loss"]
