# Shorter names for the commands of the README and of CONTRIBUTING.md; nothing needs make.
SOURCES = Package.swift Sources Tests Examples/Package.swift Examples/Sources Examples/Tests \
	Benchmarks/Package.swift Benchmarks/Sources

.PHONY: demo test lint format docs bench

demo:
	swift run --package-path Examples headshot demo

test:
	swift test && swift test --package-path Examples

lint:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format format --in-place --recursive $(SOURCES)

docs:
	scripts/build-docs

bench:
	Benchmarks/run
