# Everything a newcomer needs: make run · make test · make test-all · make lint · make containers · make bench · make clean
# Two lanes, current and legacy (docs/compatibility.md): LANE=... and PYTHON=... override the choice.
CHOICE := $(shell LANE="$(LANE)" PYTHON="$(PYTHON)" sh ./lane.sh)
override LANE := $(word 1,$(CHOICE))
override PYTHON := $(word 2,$(CHOICE))
WHY := $(wordlist 3,99,$(CHOICE))
# Such as Python 3.13.5.
VERSION := $(if $(PYTHON),$(shell $(PYTHON) --version))
LOCK := $(if $(filter current,$(LANE)),requirements-current.lock,requirements.lock)
UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALLED := .venv/.installed-$(LANE)
# Empty where .venv is of this Python, and this Python is still there.
OTHER_PYTHON := $(shell test -x $(BIN)/python$(basename $(word 2,$(VERSION))) || echo other-python)

# A file of tests stays on one process; two of them share what takes long to make. One that ends is
# replaced, and tries the test that ended it once more.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 1

.PHONY: run test test-all lint containers bench reliability install lane lock clean other-python

run: install
	$(BIN)/seqmd run

test: install
	$(PYTEST) -m "not thorough" --hypothesis-profile few

test-all: install
	$(PYTEST)

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The image and each node in containers of it, by podman, as root.
containers: install
	.ci/containers

bench: install
	$(BIN)/python -m benchmarks.throughput --rows 1000000 --json throughput.json

reliability: install
	$(BIN)/python -m benchmarks.reliability

install: lane $(INSTALLED)

lane:
	@test -n "$(LANE)"
	@echo "Lane $(LANE), $(VERSION): $(WHY)"

$(INSTALLED): $(LOCK) setup.py $(OTHER_PYTHON) | lane
	@echo "Installing the locked packages into .venv, which takes a minute or two ..."
	@rm -f .venv/.installed-*
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --no-deps --python $(BIN)/python -r $(LOCK) \
		--build-constraints $(LOCK)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

lock:
	$(BIN)/uv pip compile --quiet --no-header --upgrade --python-version 3.10 requirements.in --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --no-header --upgrade --universal --python-version 3.11 \
		--override requirements-overrides.in requirements.in --output-file requirements-current.lock

clean:
	rm -rf .venv build *.egg-info output .mypy_cache .ruff_cache .pytest_cache
