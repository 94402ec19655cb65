# Shorter names for the commands of the README and of CONTRIBUTING.md. You do not need make.
SOURCES = Package.swift Sources Tests Examples/Package.swift Examples/Sources Examples/Small Examples/RelayedApp Examples/Tests \
	Fuzz/Package.swift Fuzz/Sources Benchmarks/Package.swift Benchmarks/Sources Benchmarks/wire-comparison/Sources

.PHONY: demo test lint format docs faults chaos batch bench fuzz

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

# Runs the fault table, puts it into docs/reliability.md and prints it.
faults:
	HEADSHOT_FAULT_TABLE=write swift test --package-path Examples --filter FaultTable
	@sed -n '/made by `make faults`/,/<!-- end of/p' docs/reliability.md

# make chaos SEED=7 NETWORK=http2 replays the faults and kills of a run over TLS with HTTP/2.
# make chaos CORRELATION=1 adds webhooks. make chaos ORDERS=200 delivers every order to all workers.
chaos:
	swift run --package-path Examples -c release chaos $(if $(ORDERS),--orders $(ORDERS),--jobs $(or $(JOBS),500)) \
		$(if $(CORRELATION),--correlation) $(if $(SEED),--seed $(SEED)) $(if $(NETWORK),--network $(NETWORK))

# Runs headshot batch with 200 photos, and kills it three times. make batch SEED=7 replays the faults of a run.
batch:
	swift build --package-path Examples -c release --product headshot
	swift run --package-path Examples -c release chaos batch $(if $(PHOTOS),--photos $(PHOTOS)) $(if $(SEED),--seed $(SEED))

# Ten minutes; scripts/fuzz SECONDS [TARGET] for more or less.
fuzz:
	scripts/fuzz 540
	scripts/fuzz transport

bench:
	Benchmarks/run
