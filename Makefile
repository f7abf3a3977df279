# Needs git, make and Python >= 3.11; everything else goes into .venv. `make` alone lists the commands.

PYTHON ?= python3
SPHINXOPTS ?= -W -n --keep-going
# With "-n 0" all tests run in one process, in order.
PYTESTOPTS ?=
CONSTRAINTS ?= constraints.txt

BIN = .venv/bin
SITE = docs/_build/html
GENERATED = docs/gallery docs/api
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet
# By the environment, so that the build of the package is held to them, too; empty means none.
HELD = PIP_CONSTRAINT="$(CONSTRAINTS)" PIP_BUILD_CONSTRAINT="$(CONSTRAINTS)"
INSTALL = $(HELD) $(PIP) install --editable

.DEFAULT_GOAL = help
.PHONY: help docs page pictures rule signatures inventories addresses serve test gates bench ledger notebooks processors reproducible mutants linkcheck lint javascript clean distclean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-12s %s\n' "$$name" "$$what"; done
	@echo "Another Python: make docs PYTHON=python3.12"

docs: .venv/docs.stamp ## execute what has changed and build the site
	@echo "Executing the gallery and building the site (minutes the first time) ..."
	@$(BIN)/python docs/build.py --quiet $(SPHINXOPTS)
	@echo "The site: $(CURDIR)/$(SITE)/index.html (make serve shows it)"

page: .venv/docs.stamp ## execute one page only: make page PAGE=plot_adam
	@test -n "$(PAGE)" || { echo "Which page? For example: make page PAGE=plot_adam"; exit 1; }
	@test -n "$(wildcard gallery/*/$(PAGE).py)" || { echo "There is no gallery/*/$(PAGE).py"; exit 1; }
	@echo "Executing $(PAGE) alone; pages that were never executed stay without pictures, and warn ..."
	@$(BIN)/python docs/build.py --page $(PAGE) --quiet -n
	@echo "The page: $(patsubst gallery/%.py,$(CURDIR)/docs/_build/page/gallery/%.html,$(wildcard gallery/*/$(PAGE).py))"
	@echo "To look at it: make serve SITE=docs/_build/page"

rule: ## write the stubs of a new optimizer: make rule NAME=Signum
	@$(PYTHON) tools/rule.py "$(NAME)"

signatures: ## write what editors and type checkers see of the optimizers
	@$(PYTHON) tools/signatures.py

inventories: .venv/docs.stamp ## ask other projects where they describe what our API leads to
	@$(BIN)/python tools/inventories.py

addresses: .venv/docs.stamp ## record the addresses of new pages, so that they last
	@$(BIN)/python tools/addresses.py

serve: ## show the built site at http://localhost:8000
	@test -f $(SITE)/index.html || { echo "There is no site yet: run make docs first."; exit 1; }
	@$(PYTHON) -m http.server --bind localhost --directory $(SITE) 8000

pictures: .venv/test.stamp ## photograph the built site for the README
	@$(BIN)/python tools/pictures.py

test: .venv/test.stamp ## run the tests (those of the site need make docs first)
	@echo "Running the tests ..."
	@$(BIN)/python -m pytest -n logical --dist worksteal $(PYTESTOPTS)

gates: .venv/gates.stamp ## validate the built site's HTML, look for barriers, weigh first views, ask Lighthouse (needs node and java)
	@$(BIN)/python checks/gates.py $(SITE)

bench: .venv/test.stamp ## measure speed and size; the site draws benchmarks/results
	@for script in $(filter-out benchmarks/record.py,$(wildcard benchmarks/*.py)); do \
		echo "$$script ..."; $(BIN)/python "$$script" || exit 1; done

ledger: .venv/ledger.stamp ## measure again how far implementations of one name are apart (ROWS="..." for some)
	@PYTHONPATH=checks $(BIN)/python -W ignore -m ledger.measure $(ROWS)
	@test -n "$(ROWS)" || PYTHONPATH=checks $(BIN)/python -W ignore -m ledger.across

notebooks: .venv/test.stamp ## run every notebook and script of the built site in a fresh environment
	@$(BIN)/python checks/notebooks.py $(SITE)

processors: .venv/docs.stamp ## run every page with the rounding of other processors (half an hour)
	@$(BIN)/python checks/processors.py $(PAGES)

reproducible: .venv/docs.stamp ## build twice from nothing and compare every byte
	@$(BIN)/python checks/reproducible.py

mutants: .venv/test.stamp .venv/docs.stamp ## plant faults everywhere and count who notices (hours; goes on where it stopped)
	@mkdir -p docs/_build
	@$(BIN)/python checks/mutants.py docs/_build/mutants.jsonl --csv checks/mutants.csv

linkcheck: docs ## ask other sites whether our links still lead somewhere
	@$(BIN)/python -m sphinx --quiet -D plot_gallery=0 -b linkcheck docs docs/_build/linkcheck

lint: .venv/dev.stamp ## check the style and the types of the code, spelling and words
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "ruff format would change files: .venv/bin/ruff format ."; exit 1; }
	@$(BIN)/basedpyright --pythonpath $(BIN)/python
	@$(BIN)/codespell *.md .github benchmarks checks docs gallery optguide tests tools
	@$(BIN)/python checks/prose.py

javascript: ## check the types of the player's modules (needs node)
	@npx --yes --package typescript@7.0.2 tsc --project jsconfig.json

clean: ## remove what was built, keep .venv
	@rm -rf docs/_build $(GENERATED) .pytest_cache .ruff_cache
	@find optguide gallery docs tests benchmarks checks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove .venv as well
	@rm -rf .venv

# A stamp per extra: nothing is installed again until the requirements change.
.venv/%.stamp: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing what is needed for $* into .venv (minutes the first time) ..."
	@$(INSTALL) ".[$*]"
	@touch $@

.venv/ledger.stamp: CONSTRAINTS += checks/ledger/constraints.txt
.venv/ledger.stamp: checks/ledger/constraints.txt .venv/test.stamp
	@echo "Installing what is needed for ledger into .venv ..."
	@$(INSTALL) ".[ledger]"
	@$(HELD) $(PIP) install --no-deps timm
	@touch $@

.venv/gates.stamp: checks/package.json .venv/test.stamp
	@for tool in npm java; do command -v $$tool >/dev/null || { echo "make gates needs node with npm, and java; there is no $$tool here."; exit 1; }; done
	@echo "Installing axe, Lighthouse and the validator into .venv/gates ..."
	@mkdir -p .venv/gates && cp checks/package.json .venv/gates/
	@npm install --prefix .venv/gates --no-package-lock --no-audit --no-fund --silent
	@touch $@

.venv/bin/python:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name one: make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "optguide needs Python 3.11 or newer; $(PYTHON) is $$("$(PYTHON)" --version 2>&1). Name another: make PYTHON=python3.12"; exit 1; }
	@echo "Making a virtual environment in .venv ..."
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; \
		echo "The environment could not be made. On Debian and Ubuntu, Python comes without it: apt install python3-venv"; exit 1; }

.SECONDARY: .venv/bin/python
