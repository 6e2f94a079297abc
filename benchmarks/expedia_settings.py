"""Eight settings for each learner: the tuning budget of the Expedia benchmark."""

from typing import Any

# Changes of the model and the training that data/catalog/expedia.yaml describes.
SEQ_MD_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"model": {"dropout": 0.3}},
    {"model": {"token_units": [16], "recurrent_units": [16], "invariant_units": [32]}},
    {"model": {"linear_path": False}},
    {"model": {"adaptor": "shared"}},
    {"training": {"learning_rate": 0.001}},
    {"training": {"weight_decay": 0.1}},
    {"training": {"default_loss": {"losses": {"softmax": 1.0}, "graded": True}}},
)

_TREES = {"learning_rate": 0.05, "bagging_freq": 1, "bagging_fraction": 0.8}

# Parameters of LightGBM, from the most to the least regularised.
TREE_SETTINGS: tuple[dict[str, Any], ...] = (
    {**_TREES, "num_leaves": 4, "min_data_in_leaf": 100, "feature_fraction": 0.5, "lambda_l2": 10},
    {**_TREES, "num_leaves": 4, "min_data_in_leaf": 50, "feature_fraction": 0.8},
    {**_TREES, "num_leaves": 8, "min_data_in_leaf": 100, "feature_fraction": 0.3, "lambda_l2": 10},
    {**_TREES, "num_leaves": 8, "min_data_in_leaf": 50, "feature_fraction": 0.5, "lambda_l2": 1},
    {**_TREES, "num_leaves": 8, "min_data_in_leaf": 200, "feature_fraction": 0.5},
    {**_TREES, "num_leaves": 16, "min_data_in_leaf": 100, "feature_fraction": 0.5, "lambda_l2": 10},
    {**_TREES, "num_leaves": 31, "min_data_in_leaf": 50, "feature_fraction": 0.5, "lambda_l2": 10},
    {**_TREES, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.8},
)
