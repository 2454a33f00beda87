# Works with GNU make 3.81 (macOS) and newer. Variables of the environment reach every command.

VENV := .venv
BIN := $(VENV)/bin
# Python >= 3.11 that can make a virtual environment; the plain name first. Override: make PYTHON=...
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
# Bytecode once for all processes, also where the environment has Python write none.
COMPILE := $(BIN)/python -m compileall -q accounts config downloads
# Else each of a thousand processes of the tests compiles what changed since then for itself.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=
FAULT_ROUNDS ?= 20
# Empty: by the commit.
FAULT_SEED ?=
# Empty: every class.
FAULT_CLASS ?=
# Most tests wait for something; each file runs in one of these processes, in the order of
# tests/conftest.py.
TEST_PROCESSES ?= 3

.DEFAULT_GOAL := help
.PHONY: help run test quick field faults bench check types check-js docs fmt lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  |\2/p' $(firstword $(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

run: $(VENV)/.installed ## Start everything: http://127.0.0.1:8000/ (Ctrl-C stops it)
	@-$(COMPILE)
	@exec $(BIN)/python manage.py up

test: $(VENV)/.installed-test ## Run the test suite (ARGS="-k pause" for a part of it)
	@exec $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile \
		--no-loadscope-reorder $(ARGS)

quick: $(VENV)/.installed-test ## Run the tests that start no process, in less than a minute
	@exec $(BIN)/python -m pytest --quick -n 2 --dist loadfile $(ARGS)

field: $(VENV)/.installed-test ## Fetch every kind of input that people met (ARGS="-k hls" for some)
	@exec $(BIN)/python -m pytest tests/field -n $(TEST_PROCESSES) --dist loadfile $(ARGS)

check: $(VENV)/.installed-test ## Lint, formatting, types, import layers, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory types
	PYTHONPATH=. $(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -m config.additive_migrations
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-js; \
		else echo "npm is not here: the types of static/js are not checked"; fi

types: $(VENV)/.installed-test ## Types of the Python code
	$(BIN)/mypy

check-js: node_modules/.installed ## Types of the pages' JavaScript (needs npm)
	npm run --silent check

node_modules/.installed: package.json
	npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@

faults: $(VENV)/.installed-test ## Strike a whole Ferry with random faults (FAULT_ROUNDS=20 FAULT_SEED=1)
	@exec env DJANGO_SETTINGS_MODULE=config.settings.test \
		$(BIN)/python -m tests.faults.rounds "$(FAULT_ROUNDS)" "$(FAULT_SEED)" "$(FAULT_CLASS)"

bench: $(VENV)/.installed-test ## Measure against the installed peers, short form (needs curl and aria2c)
	@-$(COMPILE)
	@exec $(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.installed ## Write docs/configuration.md and .env.example by the table of variables
	@$(BIN)/python -m config.reference

fmt: $(VENV)/.installed-test ## Format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## Pin the requirements again (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet -o requirements.txt
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet -o requirements-test.txt

clean: ## Remove the virtual environment and caches; the data stays
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.installed: requirements.txt
	@$(call ensure_venv)
	@echo "Installing Ferry's packages into $(VENV) ..."
	@$(PIP) -r requirements.txt
	@$(COMPILE)
	@touch $@

# The test requirements hold the others too, in the same versions.
$(VENV)/.installed-test: requirements-test.txt
	@$(call ensure_venv)
	@echo "Installing Ferry's packages and test tools into $(VENV) ..."
	@$(PIP) -r requirements-test.txt
	@$(COMPILE)
	@touch $@ $(VENV)/.installed

define ensure_venv
$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
	if [ -z "$(PYTHON)" ]; then \
		echo "Ferry needs Python 3.11 or newer with its venv module; none was found. Install python3 and python3-venv, or run: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	$(PYTHON) -m venv --clear $(VENV); \
}
endef
