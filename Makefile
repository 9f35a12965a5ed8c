PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup demo check format test

help:  ## what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/all  ## install everything for working on edge-nlu; check and test then need no network

demo: $(VENV)/demo  ## a pretend home: type sentences, see it obey
	@$(BIN)/edge-nlu demo

check: $(VENV)/all  ## format, lint, types, imports
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/all  ## all tests; some of them: make test ARGS="tests/unit -x"
	$(BIN)/pytest $(ARGS)

format: $(VENV)/all  ## bring the code into shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamps are older than pyproject.toml when there is something to install.
# Without its broker the demo keeps all in one process.
$(VENV)/demo: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable ".[demo]" || $(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/all: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable ".[dev,export,bench,demo,wyoming]"
	@touch $(VENV)/demo $@
