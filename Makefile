# Kizuna: everything a developer does, with nothing but Python 3 and make to begin with.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready
PYTEST_ARGS ?=
JOBS ?= auto
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= passive

.PHONY: help setup spark demo test check format lint fix types imports docs bench bench-quick soak system-parts clean

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(READY) ## Make .venv from uv.lock, bringing uv along if it is missing

$(READY): uv.lock pyproject.toml scripts/bootstrap
	@scripts/bootstrap
	@touch $@

spark: $(READY) ## Install PySpark too, so that the pipeline is tested on Spark (needs Java 17)
	@scripts/bootstrap --inexact --extra spark

demo: $(READY) ## Simulate a shop, import it, and open the application on it
	@$(BIN)/kizuna demo

system-parts: ## Install Chromium and Japanese fonts, where this user may; say so where not
	@scripts/system_parts

test: $(READY) system-parts ## Run the tests
	$(BIN)/pytest -n $(JOBS) $(PYTEST_ARGS)

check: format lint types imports test ## Run everything that must hold before a change goes in

format: $(READY) ## Check the format (make fix mends it)
	$(BIN)/ruff format --check

lint: $(READY) ## Check the style
	$(BIN)/ruff check

fix: $(READY) ## Mend format and style, as far as a machine can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

types: $(READY) ## Check the types, strictly
	KIZUNA_HOME=.mypy_cache/home $(BIN)/mypy

imports: $(READY) ## Check which part imports which
	$(BIN)/lint-imports

docs: $(READY) ## Write the pages that are made from the code
	$(BIN)/python scripts/docs.py

bench: .venv-bench/.ready $(READY) ## Measure against the peers, and the pages; write docs/benchmarks.md (some 45 minutes)
	.venv-bench/bin/python -m benchmarks
	$(BIN)/python -m benchmarks.web --write

bench-quick: .venv-bench/.ready $(READY) ## The same at small sizes, written nowhere
	.venv-bench/bin/python -m benchmarks --quick
	$(BIN)/python -m benchmarks.web --customers 10000 --database sqlite

.venv-bench/.ready: uv.lock pyproject.toml scripts/bootstrap
	@KIZUNA_ENV=.venv-bench scripts/bootstrap --no-default-groups --group bench
	@touch $@

soak: $(READY) ## Look for rare faults: many more random examples, in random order of seeds
	KIZUNA_HYPOTHESIS=soak $(BIN)/pytest -n $(JOBS) -m "not browser" $(PYTEST_ARGS)

clean: ## Remove what was made, environments included
	rm -rf .venv .venv-bench .tools dist build demo-output value-output .*_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
