# Everything this checkout is for. `make` alone lists it.

PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
export PREFIX DESTDIR LIBDIR INCLUDEDIR

.DEFAULT_GOAL := help
# The order of what follows a colon counts, also with -j.
.NOTPARALLEL:
.PHONY: help build header readme demo test test-rust test-c test-leaks test-install build-install install uninstall fmt clean

help: ## lists these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

build: ## builds the libraries and the sandbox, into target/release
	cargo build --release

header: ## renews include/upscope.h from the sources
	UPSCOPE_WRITE_HEADER=1 cargo build -p libupscope

readme: ## renews what README.md has from the sources
	UPSCOPE_WRITE_README=1 cargo test -p libupscope --test readme

demo: build ## runs the story of a helpdesk in C; beside a sandbox, or with the service of UPSCOPE_API_KEY
	@scripts/demo.sh $(ARGS)

test: test-rust build test-c test-leaks ## runs everything that is tested
	@UPSCOPE_API_KEY= UPSCOPE_BASE_URL= scripts/demo.sh
	@$(MAKE) --no-print-directory test-install

test-rust: ## format, lints and the tests in Rust
	scripts/test-rust.sh

test-c: build ## header, exports, tests in C, examples
	scripts/test-c.sh

test-leaks: build ## the demo and tests in C under valgrind
	scripts/test-leaks.sh

test-install: build ## installs, and builds programs against that with pkg-config and CMake
	scripts/test-install.sh

build-install: ## builds what `make install` installs, for those who then need sudo
	scripts/install.sh build

install: ## installs to PREFIX (/usr/local), below DESTDIR
	scripts/install.sh

uninstall: ## removes what `make install` with the same PREFIX and DESTDIR has installed
	scripts/install.sh uninstall

fmt: ## formats the sources in Rust
	cargo fmt --all

clean: ## removes all that was built
	cargo clean
