from models.rankers.registry import RANKERS, build_ranker

__all__ = ["RANKERS", "build_ranker"]
