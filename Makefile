PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# A fleet's server lives in an environment of its own: what its engine needs does not go with the rest.
FLEET := .venv-fleet

JUDGES ?= .judges

.PHONY: help setup demo check format test arm judges

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
	$(if $(ARGS),,$(FLEET)/bin/pytest tests/fleet)

arm: $(VENV)/all  ## instructions of a sentence on emulated arm64, see docs/bench.md; as root, on Debian 12
	$(BIN)/edge-nlu bench arm --setup $(ARGS)

judges: $(VENV)/all $(JUDGES)/zigbee2mqtt/all $(JUDGES)/homeassistant/all $(JUDGES)/hermes/all  ## beside real programs, see docs/judges.md
	EDGE_NLU_JUDGES=$(abspath $(JUDGES)) $(BIN)/pytest tests/integration/judges $(ARGS)

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
	$(BIN)/pip install --quiet --editable ".[dev,export,bench,demo,sync,wyoming]"
	$(PYTHON) -m venv $(FLEET)
	$(FLEET)/bin/pip install --quiet --editable ".[fleet,mining]" "pytest>=8.3,<10"
	@touch $(VENV)/demo $@

$(JUDGES)/zigbee2mqtt/all:
	npm install --no-audit --no-fund --prefix $(@D) node@22 zigbee2mqtt@2.14.1
	@touch $@

$(JUDGES)/homeassistant/all: tests/integration/judges/needs.py
	python3.13 -m venv $(@D)
	$(@D)/bin/pip install --quiet homeassistant==2025.4.4
	$(@D)/bin/python $< > $(@D)/needs.txt
	$(@D)/bin/pip install --quiet --requirement $(@D)/needs.txt 'josepy<2' \
		--constraint $(@D)/lib/python3.13/site-packages/homeassistant/package_constraints.txt
	@touch $@

$(JUDGES)/hermes/all:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet rhasspy-dialogue-hermes==0.6.1
	@touch $@
