# `make run` and `make test` set up what they need by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

# of each test of hostile files
EXAMPLES ?= 20000

.PHONY: run test test-api test-faults fuzz check bench clean

run: $(VENV)/installed
	@$(BIN)/priorscope serve --demo --open

test: $(VENV)/installed-dev
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory node_modules/installed; fi
	$(BIN)/pytest --numprocesses 2 --no-loadscope-reorder
	@if command -v node >/dev/null; then npm run --silent test; \
	elif [ -n "$$CI" ]; then echo "Node.js is missing: the tests of the page's modules can't run." >&2; exit 1; \
	else echo "SKIPPED: the tests of the page's modules need Node.js 20 or newer, and there is none." >&2; fi

# Schemathesis has a place of its own, for it would be a plugin of all other tests.
test-api: $(VENV)/installed-dev $(VENV)-api/installed
	SCHEMATHESIS=$(CURDIR)/$(VENV)-api/bin/schemathesis $(BIN)/pytest -s -m schema tests/schema

# Hundreds of processes are killed; FAULTS_SEED=7 repeats the moments, FAULTS_SHARE=0.3 kills fewer.
test-faults: $(VENV)/installed-dev
	$(BIN)/pytest --numprocesses 2 --no-loadscope-reorder -m 'not schema' tests/faults

fuzz: $(VENV)/installed-dev
	FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/pytest --numprocesses 2 --no-loadscope-reorder tests/fuzz

check: $(VENV)/installed-dev node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent check

# All of them, or some by name: make bench NAMES="decoding start"
bench: $(VENV)/installed-dev $(VENV)-bench/installed
	$(BIN)/python -m benchmarks $(NAMES)

clean:
	rm -rf $(VENV) $(VENV)-api $(VENV)-bench node_modules

$(VENV)/bin/pip:
	@echo "Setting up Python in $(VENV) (once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Priorscope needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Installing pinned packages (once; PyTorch is the large one)"
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Installing pinned packages and the tools for development (once)"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ $(VENV)/installed

$(VENV)-api/installed: tests/schema/requirements.txt
	@$(PYTHON) -m venv $(VENV)-api
	@$(VENV)-api/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Gradio and Dash, to compare with, have a place of their own. PyTorch, which is large, and all else
# that they have not themselves they find in the other one.
$(VENV)-bench/installed: benchmarks/requirements.txt | $(VENV)/installed-dev
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> $$($(VENV)-bench/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/other.pth
	@touch $@

node_modules/installed: package.json package-lock.json
	npm ci --silent
	@touch $@
