# Lostpost. `make run` to try it, `make test` to prove it; Python 3.11 or newer and make are all that must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PO := $(wildcard lostpost/locale/*/LC_MESSAGES/django.po)

# A process of the tests more than processors, as some wait; the slowest ten tests are named. One that dies ends the run, and is said.
TESTS := $(BIN)/python -m pytest --numprocesses $(shell expr $$(nproc) + 1) --maxprocesses 8 --max-worker-restart 0 --durations 10

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
unexport PYTHONDONTWRITEBYTECODE  # Modules are compiled once, and not by each of the programs that tests start.

.PHONY: help setup run test test-fast coverage lint bench messages openapi data-model chromium clean

help:  ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: $(VENV)/.ready $(PO:.po=.mo)  ## Make the environment from the locked, hashed list of packages

# The stamp comes last, so that what was broken off is done again, and a second run has nothing to do.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Lostpost needs Python 3.11 or newer. Give it with: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --only-binary=:all: --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

%.mo: %.po | $(VENV)/.ready
	@$(BIN)/python scripts/messages.py compile

run: setup  ## Set up, fill in the demo marketplace if there is no data, and serve http://localhost:8000
	@$(BIN)/lostpost serve --demo

test: setup chromium  ## Run every test, the browser's journeys included
	@$(TESTS)

test-fast: setup  ## Run the tests that start no programs, no browser and no long searches
	@$(TESTS) -m "not process and not browser and not fuzz"

coverage: setup chromium  ## Run every test and say which lines and branches of lostpost/ none has run
	@$(TESTS) --cov --cov-report=term:skip-covered

lint: setup  ## Look for mistakes without running anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	LOSTPOST_SECRET_KEY=not-needed-to-read-types $(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## Measure the hot paths against their raw limits
	@$(BIN)/python -m bench

messages: setup  ## Gather the sentences of the program for its translators
	@$(BIN)/python scripts/messages.py update
	@$(BIN)/python scripts/messages.py compile

openapi: setup  ## Write the API's document down again after it changed on purpose
	@$(BIN)/python scripts/openapi.py

data-model: setup  ## Write docs/data-model.md down again after models changed
	@$(BIN)/python scripts/data_model.py

chromium:
	@scripts/chromium

clean:  ## Remove what the other targets made, but not the data in var/
	rm -rf $(VENV) *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache $(PO:.po=.mo)
