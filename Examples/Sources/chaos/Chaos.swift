import ArgumentParser

@main
struct Chaos: AsyncParsableCommand {
    func run() async throws {}
}
