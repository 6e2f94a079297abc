from models.losses.task_loss import Labels, Logits, WeightedLosses, build_loss

__all__ = ["Labels", "Logits", "WeightedLosses", "build_loss"]
