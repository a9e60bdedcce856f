# The few commands. CI calls the same ones; `make test` includes `make check`.
# make up PORT=9000 DATA=/some/tree: other ports, a tree of one's own
# make up PROFILE=docker: a container for each account

LOCAL := python3 deploy/local
RUN := .daisy/tools/uv/bin/uv run --locked

.PHONY: up down status logs purge setup check fix test test-fast bench bench-browser bench-hub build images

up:
	@$(LOCAL) up $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) \
	  $(if $(ACCOUNTS),--accounts $(ACCOUNTS)) $(if $(WHEELS),--wheels $(WHEELS)) \
	  $(if $(PROFILE),--profile $(PROFILE))

down status logs purge:
	@$(LOCAL) $@

# what development and tests need: environment, node packages, Chromium
setup:
	@$(LOCAL) setup

check: setup
	@$(LOCAL) check

fix: setup
	$(RUN) ruff check --fix
	$(RUN) ruff format
	cargo fmt --manifest-path daisy_kernel/native/Cargo.toml
	cd extension && npm run fix

test: check
	@$(LOCAL) test

test-fast: setup
	$(RUN) pytest -m "not service and not slow and not install"

bench: setup
	$(RUN) pytest tests/bench --benchmark-enable
	PYTHONPATH=tests $(RUN) python -m bench.io
	PYTHONPATH=tests $(RUN) python -m bench.framework

# a hundred people at once, beside a plain JupyterHub
bench-hub: setup
	PYTHONPATH=tests $(RUN) python -m bench.hub

# beside jupyterlab-h5web, which gets an environment of its own
bench-browser: setup
	UV_PROJECT_ENVIRONMENT=.daisy/peers/browser .daisy/tools/uv/bin/uv sync --locked \
	  --only-group peer-browser --python .venv/bin/python
	PYTHONPATH=tests $(RUN) python -m bench.browser

build:
	@$(LOCAL) build

# make images BASE=debian:12: what the docker profile runs
images:
	@$(LOCAL) images $(if $(BASE),--base $(BASE)) $(if $(WHEELS),--wheels $(WHEELS))
