"""Eight settings for each learner: the tuning budget of the Expedia benchmark."""

from typing import Any

# Changes of the model and the training that data/catalog/expedia.yaml describes.
SEQ_MD_SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"training": {"weight_decay": 10.0}},
    {"training": {"keep": "best", "patience": 10}},
    {"training": {"learning_rate": 0.002, "epochs": 35}},
    {"model": {"adaptor": "shared"}},
    {"model": {"linear_path": False}},
    {"model": {"dropout": 0.3}, "training": {"epochs": 15}},
    {
        "model": {"token_units": [16], "recurrent_units": [16], "invariant_units": [32]},
        "training": {"epochs": 30},
    },
)

_TREES = {"learning_rate": 0.05, "bagging_freq": 1, "bagging_fraction": 0.8}
_STUMPY = {**_TREES, "num_leaves": 4, "min_data_in_leaf": 100, "feature_fraction": 0.5}
_SMALL = {**_TREES, "num_leaves": 8, "min_data_in_leaf": 100, "feature_fraction": 0.3}
_LARGER = {**_TREES, "num_leaves": 16, "min_data_in_leaf": 100, "feature_fraction": 0.5}

# Parameters of LightGBM; `rounds` trains as many trees, without it validation lists say when to
# stop. Both kinds, since stopping by 100 lists costs trees as much as it costs a network.
TREE_SETTINGS: tuple[dict[str, Any], ...] = (
    {**_STUMPY, "lambda_l2": 10},
    {**_STUMPY, "lambda_l2": 10, "rounds": 150},
    {**_STUMPY, "lambda_l2": 10, "rounds": 250},
    {**_TREES, "num_leaves": 4, "min_data_in_leaf": 50, "feature_fraction": 0.8},
    {**_SMALL, "lambda_l2": 10},
    {**_SMALL, "lambda_l2": 10, "rounds": 100},
    {**_LARGER, "lambda_l2": 10},
    {**_LARGER, "lambda_l2": 10, "rounds": 60},
)
