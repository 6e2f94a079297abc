# The image of every node, on the lane `current`: docker build --tag REGISTRY/seqmd:VERSION .
FROM python:3.13-slim-trixie AS build

RUN pip install --no-cache-dir uv==0.13.9
# The final user cannot write compiled modules, and every node starts anew.
ENV UV_COMPILE_BYTECODE="1"
WORKDIR /build
COPY setup.py pyproject.toml requirements-current.lock requirements-overrides.in ./

# What setup.py needs and TF-Ranking, in the versions of the lock, which also has what tests and lint
# need. A change of the code alone does not install them again. Headers are for compiling kernels.
RUN uv venv --python "$(command -v python)" /opt/seqmd \
    && uv pip install --python /opt/seqmd/bin/python --overrides requirements-overrides.in \
        --constraints requirements-current.lock --build-constraints requirements-current.lock \
        --requirements setup.py tensorflow-ranking \
    && rm -r /opt/seqmd/lib/python3.*/site-packages/tensorflow/include

# Packages that the lock lacks, a GPU's libraries say:
# --build-arg MORE_PACKAGES="tensorflow[and-cuda]==2.21.0"
ARG MORE_PACKAGES=""
RUN if [ -n "${MORE_PACKAGES}" ]; then \
        uv pip install --python /opt/seqmd/bin/python ${MORE_PACKAGES}; \
    fi

COPY data data
COPY models models
COPY components components
COPY pipeline pipeline
COPY seqmd seqmd
RUN uv pip install --python /opt/seqmd/bin/python --no-deps \
        --build-constraints requirements-current.lock .

FROM python:3.13-slim-trixie

RUN pip uninstall --yes pip \
    && useradd --create-home --uid 1000 seqmd
COPY --from=build /opt/seqmd /opt/seqmd
ENV PATH="/opt/seqmd/bin:${PATH}" \
    TF_USE_LEGACY_KERAS="1" \
    TF_CPP_MIN_LOG_LEVEL="2" \
    PYTHONUNBUFFERED="1" \
    PYTHONDONTWRITEBYTECODE="1"
USER 1000
WORKDIR /home/seqmd
CMD ["seqmd", "--help"]
