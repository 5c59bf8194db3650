# Verbs. `make run` is all a new machine needs: Python 3.9 or newer with pip, git and make.
SHELL := /bin/bash
UV := .uv/bin/uv
WW := .venv/bin/wegweiser
.PHONY: run test setup system train lint lock messages coverage evaluate baseline bench bench-widget bench-usefulness bench-growth load soak audit sbom cluster chaos fuzz

run: train                       ## train if needed, then serve the page on http://127.0.0.1:5005/
	@$(WW) serve

test: setup system               ## everything, as CI runs it, three files at a time; WORKERS=n for n
	@$(WW) train --if-needed
	@.venv/bin/python -m pytest -n $(or $(WORKERS),3) --dist loadfile

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
	apt-get update -qq && RUNLEVEL=1 apt-get install -qq -y --no-install-recommends $$(grep -v '^#' deploy/debian-packages.txt) >/dev/null; fi

lint: setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

lock:
	@$(UV) pip compile pyproject.toml --extra dev --python-version 3.10 --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@$(UV) pip compile pyproject.toml --constraint requirements.lock --python-version 3.10 --generate-hashes --no-header --no-annotate -q -o deploy/container/requirements.lock

messages coverage evaluate: setup
	@if [ $@ = messages ]; then $(WW) messages update && $(WW) messages table --out docs/translations.md; $(WW) messages check; fi
	@if [ $@ = coverage ]; then $(WW) directory coverage --out docs/coverage.md; fi
	@if [ $@ = evaluate ]; then mkdir -p build; $(WW) evaluate tests/nlu tests/crisis --json build/evaluation.json --card docs/quality.md; fi

build/stock/.venv/.installed: tools/stock/requirements.lock | setup
	@test -x build/stock/.venv/bin/python || $(UV) venv -q --python 3.10 build/stock/.venv
	@$(UV) pip install -q --no-config --python build/stock/.venv/bin/python --no-deps --require-hashes -r $< && touch $@

build/audit/.venv/.installed: tools/audit/requirements.lock | setup
	@test -x build/audit/.venv/bin/python || $(UV) venv -q --python 3.10 build/audit/.venv
	@$(UV) pip install -q --python build/audit/.venv/bin/python --no-deps --require-hashes -r $< && touch $@

audit: setup                     ## locks against advisories; ADVISORIES=folder of a copy, PYPI=address, OFFLINE=1, STRICT=1; docs/supply-chain.md
	@.venv/bin/python tools/audit/run.py --json build/audit.json $(if $(ADVISORIES),--advisories "$(ADVISORIES)") $(if $(PYPI),--pypi "$(PYPI)") $(if $(OFFLINE),--offline) $(if $(STRICT),--require-database)

sbom: build/audit/.venv/.installed ## the parts of the image as CycloneDX in build/sbom.cdx.json, checked against its schema
	@build/audit/.venv/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible -o build/sbom.cdx.json deploy/container/requirements.lock
	@build/audit/.venv/bin/python tools/audit/sbom.py build/sbom.cdx.json

baseline: build/stock/.venv/.installed ## stock Rasa with TensorFlow on the same messages, in its own environment; SAMPLE=n for n of them
	@build/stock/.venv/bin/python tools/stock/train.py --out build/stock --sample $(or $(SAMPLE),0)

bench: train build/stock/.venv/.installed ## the whole beside stock Rasa, up to 45 minutes; SAMPLE=n, ONLY=load,stages, REUSE=1
	@.venv/bin/python -W ignore tools/bench/run.py --sample $(or $(SAMPLE),3000) --only "$(ONLY)" $(if $(REUSE),--reuse) --card docs/performance.md

bench-widget: setup              ## how soon one can type into the widget on a slow line
	@.venv/bin/python tools/load/widget.py --json build/bench-widget.json

bench-growth: train              ## growth over intents, languages, services, events, conversations; ONLY=events,store for some
	@.venv/bin/python tools/growth/run.py $(if $(ONLY),--only $(ONLY)) --card docs/growth.md

bench-usefulness: train          ## the assistant beside a search over the same articles; writes its part of docs/quality.md
	@$(WW) bench usefulness --json build/usefulness.json

load: train                      ## Telegram under steady traffic, two runs of ten minutes; SECONDS_EACH=n for shorter ones
	@.venv/bin/python tools/load/telegram.py --seconds $(or $(SECONDS_EACH),600) --json build/load-telegram.json

soak: train                      ## two hours at half of what it can; MINUTES=n, RATE=n messages a second
	@.venv/bin/python tools/load/soak.py --minutes $(or $(MINUTES),120) --rate $(or $(RATE),half) --json build/soak.json --card docs/performance.md

cluster: train system            ## several processes behind nginx on Redis and PostgreSQL, on this machine; SERVE=n ACTIONS=n PORT=n
	@.venv/bin/python tools/cluster/run.py --serve $(or $(SERVE),2) --actions $(or $(ACTIONS),1) --port $(or $(PORT),5005)

chaos: train system              ## random faults for 30 minutes while people talk; MINUTES=n SEED=n LAYOUT=single, cluster or both
	@.venv/bin/python tools/chaos/run.py --minutes $(or $(MINUTES),30) --seed $(or $(SEED),0) --layout $(or $(LAYOUT),both) --json build/chaos.json --card docs/chaos.md

fuzz: setup                      ## hostile inputs for every gate (docs/input.md); RUNS=n for a target of share 1, TARGET=name,name, CARD=docs/input.md
	@.venv/bin/python tools/fuzz/run.py --runs $(or $(RUNS),1000) $(if $(TARGET),--target $(TARGET)) $(if $(CARD),--card $(CARD))
