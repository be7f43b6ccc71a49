# make cancel INPUT=orders.xlsx   is the whole of it. Each target sets up what it needs on first use.
# PYTHON=/path/to/python3.11 chooses another Python.

VENV := .venv
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
BULK_CANCEL := $(BIN)/python -m pipeline

# A name with blanks, quotes or $ in it reaches the program as it was typed.
export BULK_CANCEL_INPUT := $(value INPUT)
export BULK_CANCEL_OUTPUT := $(value OUTPUT)
export BULK_CANCEL_RUN := $(value RUN)
# Messages name commands as make takes them.
cancel plan inspect verify history: export BULK_CANCEL_STARTED_BY := make
YES_FLAG := $(if $(filter-out 0 no,$(YES)),--yes)
OUTPUT_FLAG := $(if $(value OUTPUT),--output "$$BULK_CANCEL_OUTPUT")

.DEFAULT_GOAL := help
.PHONY: help cancel plan inspect verify history page sandbox install dev test check lint types docs bench soak fuzz as-shown corpus samples screenshots findings audit sbom package release lock clean

help:  ## what can be typed here
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

define need_input
	@if [ -z "$$BULK_CANCEL_INPUT" ]; then echo 'Say which file: make $(1) INPUT=orders.xlsx' >&2; exit 2; fi
endef

# 0 and 1 both mean that the job was done; the last line says what needs a person. Scripts call bulk-cancel itself.
define done_is_fine
|| { code=$$?; [ $$code -eq 1 ] || exit $$code; }
endef

cancel: $(VENV)/installed  ## cancel what INPUT says must not go out
	$(call need_input,cancel)
	@$(BULK_CANCEL) cancel $(OUTPUT_FLAG) $(YES_FLAG) $(ARGS) -- "$$BULK_CANCEL_INPUT" $(done_is_fine)

plan: $(VENV)/installed  ## show what would be cancelled; nothing is sent
	$(call need_input,plan)
	@$(BULK_CANCEL) plan $(OUTPUT_FLAG) $(ARGS) -- "$$BULK_CANCEL_INPUT" $(done_is_fine)

inspect: $(VENV)/installed  ## show what was understood of INPUT
	$(call need_input,inspect)
	@$(BULK_CANCEL) inspect $(ARGS) -- "$$BULK_CANCEL_INPUT"

verify: $(VENV)/installed  ## look up the rows in doubt
	$(call need_input,verify)
	@$(BULK_CANCEL) verify $(OUTPUT_FLAG) $(ARGS) -- "$$BULK_CANCEL_INPUT" $(done_is_fine)

history: $(VENV)/installed  ## the runs so far; RUN=… for one of them
	@$(BULK_CANCEL) history $(if $(value RUN),"$$BULK_CANCEL_RUN") $(ARGS)

page: $(VENV)/page  ## do the whole job in a browser
	@$(BULK_CANCEL) page $(ARGS)

sandbox: $(VENV)/installed  ## serve the built-in service until Ctrl-C
	@$(BULK_CANCEL) sandbox $(ARGS)

install: $(VENV)/installed  ## set up .venv to run
dev: $(VENV)/developer  ## set up .venv to develop

# The environment is made again when a lock changes; a half-made one never counts as made.
$(VENV)/installed: requirements.lock pyproject.toml
	@sh .ci/venv "$(VENV)" requirements.lock
	@touch $@

$(VENV)/page: requirements-page.lock pyproject.toml
	@sh .ci/venv "$(VENV)" requirements-page.lock
	@touch $@ $(VENV)/installed

$(VENV)/developer: requirements-dev.lock pyproject.toml
	@sh .ci/venv "$(VENV)" requirements-dev.lock
	@touch $@ $(VENV)/page $(VENV)/installed

test: $(VENV)/developer  ## every test
	@$(BIN)/python -m pytest $(ARGS)

check: lint types audit  ## everything CI checks: style, types, tests with coverage, documents, known holes
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m pytest --cov --cov-report=term:skip-covered $(ARGS)

lint: $(VENV)/developer
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

types: $(VENV)/developer
	@$(BIN)/python -m mypy

samples: $(VENV)/developer  ## make sample_data again (it says so if a file would change)
	@$(BIN)/python sample_data/make_samples.py $(ARGS)

bench: $(VENV)/developer  ## measure; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks $(ARGS)

soak: $(VENV)/developer  ## the long soak test against a service that misbehaves
	@$(BIN)/python -m tests.soak $(ARGS)

fuzz: $(VENV)/developer  ## mutate valid files; read, plan, cancel and annotate each
	@$(BIN)/python -m tests.fuzz $(ARGS)

as-shown: $(VENV)/developer  ## compare what cells show with LibreOffice and npm ssf
	@$(BIN)/python -m tests.as_shown $(ARGS)

corpus: $(VENV)/developer  ## read the files of other writers (needs npm and the package registries)
	@$(BIN)/python -m tests.corpus $(ARGS)

screenshots: $(VENV)/developer  ## make the pictures of docs/img again
	@$(BIN)/python docs/screenshots.py $(ARGS)

docs: $(VENV)/developer  ## the documentation as a site, in build/docs; a broken link is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict $(ARGS)

findings:  ## run the scripts of findings/ (needs node, npm and the package registries)
	@for script in findings/*.sh; do echo "$$script"; sh "$$script" || exit 1; done

audit: $(VENV)/developer  ## known holes in the locked libraries (skipped with a word when offline)
	@sh .ci/audit "$(BIN)"

sbom: $(VENV)/developer  ## a software bill of materials: sbom.json
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-format JSON --output-file sbom.json
	@echo "sbom.json written"

package:  ## build wheel and sdist, and try each in an empty folder
	@sh .ci/package_check dist

release:  ## make the tag of VERSION, if everything holds
	@sh .ci/release "$(VERSION)"

lock:  ## renew the locks (needs uv)
	@sh .ci/lock

clean:  ## remove .venv and caches; the ledger and your files stay
	@rm -rf $(VENV) .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache
