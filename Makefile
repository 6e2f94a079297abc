# Everything a newcomer needs: make run · make test · make lint · make bench · make clean
PYTHON ?= $(shell command -v python3.10 >/dev/null 2>&1 && python3.10 -c 'print("python3.10")' 2>/dev/null || ls -d $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.10.*/bin/python 2>/dev/null | tail -n 1)
UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: run test lint bench reliability install lock clean

run: install
	$(BIN)/seqmd run

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	$(BIN)/python -m benchmarks.throughput --rows 1000000 --json throughput.json

reliability: install
	$(BIN)/python -m benchmarks.reliability

install: $(INSTALLED)

$(INSTALLED): requirements.lock setup.py
	@test -n "$(PYTHON)" || { echo "seqmd needs Python 3.10: install it (apt install python3.10, or pyenv install 3.10) so that python3.10 is found." >&2; exit 1; }
	@echo "Installing the locked packages into .venv ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

lock:
	$(BIN)/uv pip compile --quiet --no-header --upgrade --python $(BIN)/python requirements.in --output-file requirements.lock

clean:
	rm -rf .venv build *.egg-info output .mypy_cache .ruff_cache .pytest_cache
