# Verbs. `make run` is all a new machine needs: Python 3.9 or newer with pip, git and make.
SHELL := /bin/bash
UV := .uv/bin/uv
PY := .venv/bin/python
.PHONY: run test setup system train lint lock messages coverage evaluate clean

run: setup
	@.venv/bin/wegweiser train --if-needed
	@.venv/bin/wegweiser serve

setup: .venv/.installed

$(UV):
	@python3 -m pip install --quiet --target .uv --disable-pip-version-check uv

.venv/.installed: requirements.lock pyproject.toml | $(UV)
	@test -x $(PY) || $(UV) venv --quiet --python 3.10 .venv
	@$(UV) pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

system:
	@apt-get update -qq && apt-get install -qq -y --no-install-recommends $$(grep -v '^#' deploy/debian-packages.txt)

train: setup
	@.venv/bin/wegweiser train --if-needed

test: setup
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory system; fi
	@.venv/bin/wegweiser train --if-needed
	@$(PY) -m pytest

lint: setup
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

lock: $(UV)
	@$(UV) pip compile pyproject.toml --extra dev --python-version 3.10 --generate-hashes --no-header --no-annotate -q -o requirements.lock

messages: setup
	@.venv/bin/wegweiser messages update && .venv/bin/wegweiser messages check

coverage: setup
	@.venv/bin/wegweiser directory coverage --out docs/coverage.md

evaluate: setup
	@.venv/bin/wegweiser evaluate tests/nlu --json build/evaluation.json --confusions docs/confusions.md
