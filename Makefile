# Needs python3 (3.11 or newer) and make. Everything lives in .venv; `make clean` removes it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt
KILLS ?= 100
CORES ?= 2
# Tests wait for pages and servers: one worker more than cores.
WORKERS ?= 3

.PHONY: help demo setup test test-all faults check bench bench-server accuracy docs pictures lock clean

help:                ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*## /\t/' | expand -t 14

demo: $(VENV)/ready  ## the main job on real input, then the server to try by hand (ONCE=1: without the server)
	@$(BIN)/middlemost demo $(if $(ONCE),--once)

setup: $(VENV)/ready ## .venv with everything in it; the other targets call it

$(VENV)/ready: $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "middlemost needs Python 3.11 or newer: make PYTHON=python3.12"; exit 2; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: $(VENV)/ready check ## what must pass before every commit: under ten minutes on two cores
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not long"

test-all: $(VENV)/ready ## the longer ones: kills, large inputs, every page in every look
	$(BIN)/pytest -n $(CORES) --dist worksteal -m long

faults: $(VENV)/ready ## a hundred kills on each database (KILLS=100): about an hour
	MIDDLEMOST_KILLS=$(KILLS) $(BIN)/pytest -m long tests/faults

check: $(VENV)/ready ## ruff, strict types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready ## speed, beside the peers, in one run; prints ratios
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python benchmarks/methods.py
	PYTHONPATH=tools $(BIN)/python benchmarks/rater_page.py
	$(BIN)/python benchmarks/start.py

bench-server: $(VENV)/ready ## the server under load, beside the yardstick server (YARDSTICK=its folder), and what grows
	PYTHONPATH=tools $(BIN)/python benchmarks/server.py $(if $(YARDSTICK),--yardstick $(YARDSTICK))
	PYTHONPATH=tools $(BIN)/python benchmarks/sizes.py

accuracy: $(VENV)/ready ## every method on every real set, beside the peers: docs/accuracy.md (DATA=folder; about an hour)
	@test -d "$(DATA)/data" || { echo "Say where the sets are: make accuracy DATA=folder (with data/ and reference/ in it)"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python benchmarks/accuracy.py $(DATA)
	$(BIN)/python benchmarks/accuracy_thinned.py $(DATA)
	$(BIN)/python benchmarks/accuracy_page.py

docs: $(VENV)/ready  ## the documentation as a site, in site/
	$(BIN)/mkdocs build --strict

pictures: $(VENV)/ready ## the README's pictures, taken from the running demo
	$(BIN)/python tools/pictures.py

lock:                ## compile the locks anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group dev pyproject.toml -o $(LOCK)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group bench -c $(LOCK) pyproject.toml -o requirements/bench.txt

clean:               ## remove .venv and everything that can be made again
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
