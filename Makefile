# Everything a person or a CI machine does with the project. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
DEMO_DIR ?= .demo
DEMO_TODAY ?=
PYTEST_ARGS ?= -n auto

bin := $(VENV)/bin
stamp := $(VENV)/.portalkit-setup
projects := pyproject.toml $(wildcard plugins/*/pyproject.toml) $(wildcard tests/plugins/*/pyproject.toml) requirements/constraints.txt tools/setup
catalogues := $(wildcard src/portalkit/locale/*/LC_MESSAGES/*.po) $(wildcard plugins/*/src/*/locale/*/LC_MESSAGES/*.po)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak translations constraints sbom clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(stamp)  ## Install system packages (as root) and the virtual environment

$(stamp): $(projects)
	@PYTHON=$(PYTHON) VENV=$(VENV) bash tools/setup
	@touch $@

demo: setup  ## Serve the example at http://127.0.0.1:8000 (PORT=, DEMO_DIR=, DEMO_TODAY=)
	@PORT=$(PORT) DEMO_DIR=$(DEMO_DIR) DEMO_TODAY=$(DEMO_TODAY) $(bin)/python -m example_app

test: setup  ## Run the whole suite on both databases and in the browser (PYTEST_ARGS=)
	@$(bin)/python -m pytest $(PYTEST_ARGS)

check: setup  ## Format, lint, types, layers, dependencies, templates
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	$(bin)/mypy
	$(bin)/lint-imports
	$(bin)/python tools/check_dependencies.py
	$(bin)/python tools/hooks_reference.py --check
	$(bin)/djlint --lint --quiet src plugins example_app
	$(bin)/python -m pytest -q tests/meta

bench: setup  ## Measure against the floor; writes benchmarks/results.json
	$(bin)/python -m benchmarks.run

soak: setup  ## The large numbers: a million documents and more (hours)
	$(bin)/python -m benchmarks.run --soak

translations: setup  ## Extract the texts of kernel and plugins and update the catalogues
	$(bin)/python tools/translations.py

constraints:  ## Pin everything anew (needs uv on the path)
	bash tools/constraints

sbom: setup  ## Write dist/sbom.cdx.json: what is installed, as CycloneDX
	$(bin)/python tools/sbom.py

clean:  ## Remove the environment, the demo and all caches
	rm -rf $(VENV) $(DEMO_DIR) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
