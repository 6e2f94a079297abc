"""Distribution of seqmd; Beam workers install it through --setup_file."""

from setuptools import find_packages, setup

# The two lanes, see docs/compatibility.md.
LEGACY = [
    "tfx==1.15.1",
    "tensorflow==2.15.1",
    "tf-keras==2.15.1",
    "tensorflow-ranking==0.5.5",
    "apache-beam==2.60.0",
    "tensorflow-serving-api==2.15.1",
]
# Without TF-Ranking, whose metadata ask for TensorFlow below 2.16 (models/losses/tf_ranking.py):
# the lock has it, and a Beam worker, which only handles data, does without.
CURRENT = [
    "tfx==1.21.0",
    "tensorflow==2.21.0",
    "tf-keras==2.21.0",
    "apache-beam==2.77.0",
    "tensorflow-serving-api==2.19.1",
]

setup(
    name="seqmd",
    version="0.1.0",
    license="Apache-2.0",
    description="Multi-region, multi-task ranking of search results: SEQ+MD on TFX.",
    python_requires=">=3.10,<3.14",
    packages=find_packages(
        include=[
            f"{name}{suffix}"
            for name in ("data", "models", "components", "pipeline", "benchmarks", "seqmd")
            for suffix in ("", ".*")
        ]
    ),
    package_data={
        "data": ["catalog/*.yaml"],
        "seqmd": ["py.typed"],
        "pipeline": ["report/templates/*", "report/templates/sections/*"],
    },
    install_requires=[
        *(f"{requirement}; python_version < '3.11'" for requirement in LEGACY),
        *(f"{requirement}; python_version >= '3.11'" for requirement in CURRENT),
        "tensorflow-recommenders==0.7.7",
        "tensorboard",
        "setuptools<81",
        "numpy",
        "pandas",
        "pyarrow",
        "pyarrow-hotfix",
        "scipy",
        "pydantic>=2",
        "pyyaml",
        "rich",
        "jinja2",
        "keras-tuner",
        "matplotlib",
        "tzdata",
    ],
    extras_require={
        "benchmarks": ["lightgbm", "polars"],
        "onnx": ["onnx", "onnxruntime", "tf2onnx"],
    },
    entry_points={"console_scripts": ["seqmd = pipeline.cli:main"]},
)
