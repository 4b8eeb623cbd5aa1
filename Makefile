# Everything is done by name from here; `make` alone lists it. Needs Python 3.11 or newer and make.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
OURS = $(wildcard app connectors tests bench migrations wsgi.py)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test check format format-check lint types contracts drift bench lock clean \
	environment runtime tools

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: runtime ## set everything up, tell one order's story, serve until Ctrl-C (PORT=8080)
	@exec $(RUN) app.infra.stack

test: tools ## run the whole suite on embedded servers (ARGS=... for pytest)
	@$(RUN) pytest $(ARGS)

check: format-check lint types contracts test drift ## format, lint, types, contracts, tests, drift

format-check: tools
	@$(RUN) ruff format --check $(OURS)

format: tools ## format the code
	@$(RUN) ruff check --fix-only $(OURS)
	@$(RUN) ruff format $(OURS)

lint: tools ## find mistakes
	@$(RUN) ruff check $(OURS)

types: tools ## check the types
	@$(RUN) mypy

contracts: tools ## check who may import whom
	@$(VENV)/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

drift: tools ## check that models and migrations agree
	@DISTRIBUTARY_VAR="$$(mktemp -d)" && export DISTRIBUTARY_VAR && \
	trap 'rm -rf "$$DISTRIBUTARY_VAR"' EXIT && \
	$(RUN) flask --app wsgi:app db upgrade && $(RUN) flask --app wsgi:app db check

bench: tools ## run the benchmarks
	@$(RUN) bench $(ARGS)

lock: ## resolve the requirements again (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv." >&2; exit 1; }
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--group dev -c requirements.txt pyproject.toml -o tests/requirements.txt

clean: ## remove what was made; the data in var/ stays
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov
	@rm -f .coverage .coverage.*
	@rm -rf app/routing/optimizer/__pycache__

# An environment that was moved, copied or interrupted has no working pip: it is made again, and
# what was installed is forgotten with it.
environment:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and '$(PYTHON)'" \
		"was not found. Install it, or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." \
		"Name another one: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(VENV)/bin/python -c 'import pip' 2>/dev/null || { \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "'$(PYTHON)' cannot make environments: its venv or ensurepip is missing." \
			"On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }; \
		echo "Making the environment in $(VENV) ..."; \
		$(PYTHON) -m venv --clear $(VENV); }

# The tools' list contains the runtime's, so either of the two copies says that it is installed.
runtime: environment
	@cmp -s requirements.txt $(VENV)/installed-runtime.txt || { \
		echo "Installing the requirements (a minute or two the first time) ..." && \
		$(RUN) pip install -qq --require-hashes -r requirements.txt && \
		cp requirements.txt $(VENV)/installed-runtime.txt; }

tools: environment
	@cmp -s tests/requirements.txt $(VENV)/installed-tools.txt || { \
		echo "Installing the requirements and the tools (some minutes the first time) ..." && \
		$(RUN) pip install -qq --require-hashes -r tests/requirements.txt && \
		cp tests/requirements.txt $(VENV)/installed-tools.txt && \
		cp requirements.txt $(VENV)/installed-runtime.txt; }
