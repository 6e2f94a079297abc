# The image of every node: docker build --tag REGISTRY/seqmd:VERSION .
FROM python:3.10-slim-bookworm AS build

RUN pip install --no-cache-dir uv==0.13.9
# The final user cannot write compiled modules, and every node starts anew.
ENV UV_COMPILE_BYTECODE="1"
WORKDIR /build
COPY setup.py pyproject.toml requirements.lock ./
COPY data data
COPY models models
COPY components components
COPY pipeline pipeline

# What setup.py needs, in the versions of the lock, which also has what tests and lint need.
RUN uv venv --python "$(command -v python)" /opt/seqmd \
    && uv pip install --python /opt/seqmd/bin/python \
        --constraints requirements.lock --build-constraints requirements.lock .

# Packages that the lock lacks, for S3 say: --build-arg MORE_PACKAGES="tensorflow-io==0.36.0 boto3<1.35"
ARG MORE_PACKAGES=""
RUN if [ -n "${MORE_PACKAGES}" ]; then \
        uv pip install --python /opt/seqmd/bin/python ${MORE_PACKAGES}; \
    fi

FROM python:3.10-slim-bookworm

RUN pip uninstall --yes pip setuptools wheel \
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
