# Verbs. `make run` is all a new machine needs: Python 3.9 or newer with pip, git and make.
SHELL := /bin/bash
UV := .uv/bin/uv
WW := .venv/bin/wegweiser
.PHONY: run test setup system train lint lock messages coverage evaluate baseline bench bench-usefulness load

run: train                       ## train if needed, then serve the page on http://127.0.0.1:5005/
	@$(WW) serve

test: setup system               ## everything, as CI runs it, two files at a time; WORKERS=n for n
	@$(WW) train --if-needed
	@.venv/bin/python -m pytest -n $(or $(WORKERS),2) --dist loadfile

train: setup
	@$(WW) train --if-needed

setup: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@test -x $(UV) || python3 -m pip install -q --target .uv uv || /usr/bin/python3 -m pip install -q --target .uv uv
	@test -x .venv/bin/python || $(UV) venv -q --python 3.10 .venv
	@$(UV) pip install -q --no-deps --require-hashes -r requirements.lock
	@$(UV) pip install -q --no-deps --no-build-isolation -e . && touch $@

system:                          ## Debian packages for the tests, only as root and only what is missing
	@if [ "$$(id -u)" = 0 ] && ! dpkg -s $$(grep -v '^#' deploy/debian-packages.txt) >/dev/null 2>&1; then \
	apt-get update -qq && apt-get install -qq -y --no-install-recommends $$(grep -v '^#' deploy/debian-packages.txt) >/dev/null; fi

lint: setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

lock:
	@$(UV) pip compile pyproject.toml --extra dev --python-version 3.10 --generate-hashes --no-header --no-annotate -q -o requirements.lock

messages coverage evaluate: setup
	@if [ $@ = messages ]; then $(WW) messages update && $(WW) messages table --out docs/translations.md; $(WW) messages check; fi
	@if [ $@ = coverage ]; then $(WW) directory coverage --out docs/coverage.md; fi
	@if [ $@ = evaluate ]; then mkdir -p build; $(WW) evaluate tests/nlu tests/crisis --json build/evaluation.json --card docs/quality.md; fi

baseline: setup                  ## stock Rasa with TensorFlow on the same messages, in its own environment; SAMPLE=n for n of them
	@test -x build/stock/.venv/bin/python || $(UV) venv -q --python 3.10 build/stock/.venv
	@$(UV) pip install -q --no-config --python build/stock/.venv/bin/python --no-deps --require-hashes -r tools/stock/requirements.lock
	@build/stock/.venv/bin/python tools/stock/train.py --out build/stock --sample $(or $(SAMPLE),0)

bench: setup                     ## what growth costs, so far of the directory; how soon one can type into the widget on a slow line
	@$(WW) bench directory --json build/bench-directory.json
	@.venv/bin/python tools/load/widget.py --json build/bench-widget.json

bench-usefulness: train          ## the assistant beside a search over the same articles; writes its part of docs/quality.md
	@$(WW) bench usefulness --json build/usefulness.json

load: train                      ## Telegram under steady traffic, two runs of ten minutes; SECONDS_EACH=n for shorter ones
	@.venv/bin/python tools/load/telegram.py --seconds $(or $(SECONDS_EACH),600) --json build/load-telegram.json
