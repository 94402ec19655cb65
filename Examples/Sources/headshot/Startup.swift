import Foundation

/// Corrections to the state that the process inherits, made before anything else runs.
enum Startup {
    static func prepare() {
        // Writing to a closed pipe must be an ordinary error and not end the process.
        signal(SIGPIPE, SIG_IGN)
        openStandardDescriptors()
        exemptLoopbackFromProxies()
    }

    /// Rejects an argument that is not UTF-8. Decoding it would change the name, so the tool would open another file or
    /// none.
    static func checkArguments() throws {
        for case let argument? in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        where String(validatingCString: argument) == nil {
            throw ToolError.usage(
                "“\(String(cString: argument))” is not UTF-8, so this name cannot be read. Rename the file, or pipe the photo: "
                    + "\(Program.name) create - < FILE"
            )
        }
    }

    /// Opens closed standard descriptors. Otherwise, the next file or socket would take standard output's number and
    /// receive the results.
    private static func openStandardDescriptors() {
        var descriptor = open("/dev/null", O_RDWR)
        while (0...STDERR_FILENO).contains(descriptor) { descriptor = open("/dev/null", O_RDWR) }
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// Exempts loopback from proxies. The simulator runs on this machine, and `http_proxy` is often set without an
    /// exemption.
    private static func exemptLoopbackFromProxies() {
        let environment = ProcessInfo.processInfo.environment
        let exempt = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        // A lone `*` exempts every host, but loses that meaning in a list.
        guard exempt != "*" else { return }
        let hosts = [exempt, "127.0.0.1", "localhost"].filter { !$0.isEmpty }
        setenv("no_proxy", hosts.joined(separator: ","), 1)
    }
}
