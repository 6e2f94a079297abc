from models.rankers.budget import within_budget
from models.rankers.registry import RANKERS, build_ranker

__all__ = ["RANKERS", "build_ranker", "within_budget"]
