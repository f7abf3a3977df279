# Needs git, make and Python >= 3.11; everything else goes into .venv. `make` alone lists the commands.

PYTHON ?= python3
SPHINXOPTS ?= -W -n --keep-going
PYTESTOPTS ?=

BIN = .venv/bin
SITE = docs/_build/html
GENERATED = docs/gallery docs/api docs/sg_execution_times.rst
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
INSTALL = $(PIP) install --constraint constraints.txt --editable

.DEFAULT_GOAL = help
.PHONY: help docs page serve test bench lint clean distclean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-10s %s\n' "$$name" "$$what"; done
	@echo "Another Python: make docs PYTHON=python3.12"

docs: .venv/docs.stamp docs/_build/package.stamp ## execute the gallery and build the site
	@echo "Executing the gallery and building the site (minutes the first time) ..."
	@$(BIN)/python -m sphinx --quiet $(SPHINXOPTS) -b html docs $(SITE)
	@echo "The site: $(CURDIR)/$(SITE)/index.html (make serve shows it)"

page: .venv/docs.stamp ## execute one page only: make page PAGE=plot_adam
	@test -n "$(PAGE)" || { echo "Which page? For example: make page PAGE=plot_adam"; exit 1; }
	@test -n "$(wildcard gallery/*/$(PAGE).py)" || { echo "There is no gallery/*/$(PAGE).py"; exit 1; }
	@echo "Executing $(PAGE) alone; pages that were never executed stay without pictures, and warn ..."
	@rm -f docs/gallery/*/$(PAGE).py.md5
	@$(BIN)/python -m sphinx --quiet -D sphinx_gallery_conf.filename_pattern='/$(PAGE)\.py$$' -b html docs $(SITE)
	@echo "The page: $(patsubst gallery/%.py,$(CURDIR)/$(SITE)/gallery/%.html,$(wildcard gallery/*/$(PAGE).py))"

# sphinx-gallery remembers pages by their script alone. When the package changes, every page is executed again.
docs/_build/package.stamp: $(shell find optguide docs/_ext -name '*.py') docs/conf.py constraints.txt
	@rm -rf $(GENERATED)
	@mkdir -p $(@D)
	@touch $@

serve: ## show the built site at http://localhost:8000
	@test -f $(SITE)/index.html || { echo "There is no site yet: run make docs first."; exit 1; }
	@$(PYTHON) -m http.server --bind localhost --directory $(SITE) 8000

test: .venv/test.stamp ## run the tests (those of the site need make docs first)
	@echo "Running the tests ..."
	@$(BIN)/python -m pytest $(PYTESTOPTS)

bench: .venv/test.stamp ## measure speed and size; the site shows benchmarks/results
	@mkdir -p benchmarks/results
	@for script in benchmarks/*.py; do \
		echo "$$script ..."; result=benchmarks/results/$$(basename $$script .py).txt; \
		{ date -u +%Y-%m-%d; $(BIN)/python "$$script"; } > "$$result.part" || exit 1; mv "$$result.part" "$$result"; cat "$$result"; done

lint: .venv/dev.stamp ## check the style of the code
	@$(BIN)/ruff check .

clean: ## remove what was built, keep .venv
	@rm -rf docs/_build $(GENERATED) .pytest_cache .ruff_cache
	@find optguide gallery docs tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove .venv as well
	@rm -rf .venv

# A stamp per extra: nothing is installed again until the requirements change.
.venv/%.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing what is needed for $* into .venv (minutes the first time) ..."
	@$(INSTALL) ".[$*]"
	@touch $@

.venv/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name one: make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "optguide needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Name another: make PYTHON=python3.12"; exit 1; }
	@echo "Making a virtual environment in .venv ..."
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
		echo "The environment could not be made. On Debian and Ubuntu, Python comes without it: apt install python3-venv"; exit 1; }

.SECONDARY: .venv/bin/python
