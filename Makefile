# The one front door; `make` prints this help. Logic lives in ops/ and src/, CI calls these same targets.
SHELL := bash
.SHELLFLAGS := -Eeuo pipefail -c
.DEFAULT_GOAL := help
# Judged by ops/require-minimums.sh.
export MAKE_VERSION
# A value never stands in a recipe's text, where it would be a program for make or for the shell: make exports what its command
# line sets, here as it was typed, and the recipes name it.
$(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(eval override $(name) := $$(value $(name)))$(eval export $(name))))
# Only what was typed behind `make` counts, never a variable that the shell has besides; an empty value counts as not given.
is_given = $(if $(filter override,$(origin $(1))),$($(1)))
given = $(foreach key,$(1),$(if $(call is_given,$(key)),"$(key)=$$$(key)"))
value_or = $(if $(call is_given,$(1)),"$$$(1)",$(2))
required = $(if $(call is_given,$(1)),"$$$(1)",$(error $(1) is missing, for instance $(1)=$(2)))
# switch KEY WORD: the word when KEY=1 was typed; KEY=0 is no way to say the opposite.
switch = $(if $(call is_given,$(1)),$(if $(filter 1,$(call is_given,$(1))),$(2),$(error expected $(1)=1)))
option = $(if $(call is_given,$(1)),--$(2)="$$$(1)")
drill_options = $(call option,RUNS,runs) $(call option,ONLY,only) $(call option,SEED,seed)
.PHONY: help setup base-images up down status logs psql roles dev migration seed check goldens test test-unit test-integration test-container test-long test-system drill storm bench ci \
	migrate-status migrate-plan backfill rehearse backup backups verify-backup backup-config fetch-config restore-config backup-key-test restore restore-point restore-undo upgrade-postgres free-ballast

help: ## Print this help
	@awk -f ops/help.awk $(MAKEFILE_LIST)

## Start
setup: ## Write .env and secrets where they are missing; never overwrite (DOMAIN=example.com TLS=you@example.com)
	@ops/setup.sh

base-images: setup ## Build the base images from Debian packages, for networks without an image registry
	@ops/base-images.sh && ops/setup.sh

up: ## Bring up the production stack and wait until it is healthy (embedded where no engine answers; V=1 shows all output)
	@ops/up.sh

down: ## Stop what `make up` started; all data stays
	@ops/down.sh

status: ## Say what runs and how it is
	@ops/status.sh

logs: ## Follow the logs of the stack (SERVICE=api for one)
	@ops/logs.sh $(call value_or,SERVICE)

psql: ## Open psql as the superuser, on the socket inside the container (DATABASE=name for another one)
	@ops/compose.sh exec --env PGDATABASE=$(call value_or,DATABASE,slipway) db psql --username=postgres

roles: ## Apply ops/postgres/roles.sql to the running database again, after an update of the kit
	@ops/compose.sh exec -T db psql --username=postgres --dbname=slipway --quiet --set=ON_ERROR_STOP=1 --file=/etc/slipway/roles.sql

## Develop
dev: node_modules ## Run the API with reload against the development database
	@ops/require-engine.sh && npm run --silent dev

migration: node_modules ## Generate a migration from the schema (NAME=add_parcel_colour)
	@npm run --silent db:generate -- --name=$(call required,NAME,add_parcel_colour)

seed: node_modules ## Fill the development database with sample data; again is harmless
	@npm run --silent db:seed

## Check
check: node_modules ## Format, lint, types, unused code, shell, Prometheus, Caddy, Compose, goldens
	@ops/check.sh

goldens: ## Render the goldens anew, after a change that was meant
	@ops/goldens.sh

rehearse: node_modules ## Run the new migrations on seeded data under traffic, and report what each statement costs
	@set -f; npm run --silent db:rehearse -- $(if $(call is_given,ARGS),$$ARGS)

test: node_modules ## Unit and integration tests, and the system tests where an engine answers
	@ops/test.sh

test-unit: node_modules ## Unit tests alone
	@npm run --silent test:unit

test-integration: node_modules ## Integration tests alone, on a real PostgreSQL 16
	@npm run --silent test:integration

test-container: node_modules ## The integration tests that a PostgreSQL in a container could answer otherwise
	@ops/require-engine.sh && ops/test.sh container

test-long: node_modules ## The tests whose repetitions `make test` shortens, in full: some 20 minutes
	@npm run --silent test:long

test-system: node_modules ## System tests alone, on a production stack of their own
	@ops/require-engine.sh && npm run --silent test:system

drill: node_modules ## Break the database, then the backups, fault by fault, and print what was lost (RUNS=5; BACKUPS=1 alone; KILLS=100 WRITES=1000000; ONLY='frozen' SEED=7)
	@$(if $(call switch,BACKUPS,yes),,npm run --silent drill -- $(drill_options) $(if $(call is_given,KILLS),--kills="$$KILLS" --writes=$(call value_or,WRITES,0)))
	@$(if $(or $(call switch,BACKUPS,yes),$(if $(call is_given,KILLS)$(call is_given,ONLY),,both)),npm run --silent drill:backups -- $(drill_options))

storm: node_modules ## Ask the API for two and ten times more than it can do, slowly and with 1 GB bodies, and print what it did (ARGS=--short)
	@set -f; npm run --silent storm -- $(if $(call is_given,ARGS),$$ARGS)

bench: node_modules ## Compare the API with bare node:http and postgres.js in one run
	@npm run --silent bench

ci: ## What CI runs
	@.ci/run

## Ship
migrate-status: ## Show applied and pending migrations of the stack
	@ops/compose.sh run --rm --no-deps migrate status

migrate-plan: ## Show what `migrate` would do, without doing it
	@ops/compose.sh run --rm --no-deps migrate plan

backfill: ## Run the large data changes of backfills/ on the stack; resumes where it stopped
	@ops/compose.sh run --rm --no-deps backfill

maintenance: ## Answer every request with 503 and a page (ON=1), or no longer (OFF=1); without either, print the state
	@ops/maintenance.sh $(or $(call switch,ON,on),$(call switch,OFF,off))

## Recover
backup: ## Take a backup now, check it, and put it into backups/
	@ops/backup.sh

backups: ## List the backups
	@ops/compose.sh exec backup node backup.js list

verify-backup: ## Prove the newest backups: restore into a disposable server, compare, try the API (NAME=... KIND=portable)
	@ops/verify-backup.sh $(call value_or,NAME,'') $(call value_or,KIND,'')

backup-config: ## Archive .env, secrets and the data of Caddy, encrypted, into backups/config/
	@ops/backup-config.sh

fetch-config: ## Bring the archive of the configuration from off-site storage to an empty machine (S3=file; else it asks)
	@ops/fetch-config.sh $(call given,FROM S3)

restore-config: ## Put .env, secrets and the data of Caddy back (FROM=latest KEY=file of the recovery key)
	@ops/restore-config.sh $(call given,FROM KEY YES)

backup-key-test: ## Open the newest backup with the recovery key, which is asked for, and note the day
	@ops/backup-key-test.sh

restore: ## Restore a backup (FROM=name, FROM=offsite:latest), a moment (AT="2026-11-22 09:00:00+00", NAME=point), beside (INTO=db), a table (TABLE=t)
	@ops/restore.sh $(call given,FROM AT NAME INTO TABLE SEARCH_PATH DROP_OLDER YES)

restore-point: ## Name this moment, for `make restore NAME=...` later (NAME=before-deploy-42)
	@ops/compose.sh exec backup node backup.js restore-point -- $(call required,NAME,before-deploy-42)

restore-undo: ## Go back to what the last restore has set aside; once more is a redo
	@ops/restore-undo.sh

upgrade-postgres: ## Copy the database into a later major of PostgreSQL, compare, and switch (TO=17); BACK=1 returns
	@ops/upgrade-postgres.sh $(call given,TO IMAGE BACK YES)

free-ballast: ## Give a database on a full disk the room to start again, and wait until it accepts
	@ops/free-ballast.sh

# npm's own lock decides whether anything is to do.
node_modules: package-lock.json $(wildcard patches/*.patch)
	@ops/install-packages.sh
