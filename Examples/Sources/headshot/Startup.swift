import Foundation

/// What a process inherits and is better without, put right before anything else runs.
enum Startup {
    static func prepare() {
        // A reader that went away is an error of a write, as any other, and not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        openStandardDescriptors()
        exemptLoopbackFromProxies()
    }

    /// Refuses an argument that is not UTF-8: in a text it would be another name, and another file or none would be opened.
    static func checkArguments() throws {
        for case let argument? in UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        where String(validatingCString: argument) == nil {
            throw ToolError.usage(
                "“\(String(cString: argument))” is not UTF-8, so this name cannot be read. Rename the file, or pipe the photo: "
                    + "headshot create - < FILE"
            )
        }
    }

    /// Where standard output was closed, the next file or socket would take its number, and our results.
    private static func openStandardDescriptors() {
        var descriptor = open("/dev/null", O_RDWR)
        while (0...STDERR_FILENO).contains(descriptor) { descriptor = open("/dev/null", O_RDWR) }
        if descriptor > STDERR_FILENO { close(descriptor) }
    }

    /// The simulator is on this machine, where no proxy leads, and not everybody who sets `http_proxy` thinks of that.
    private static func exemptLoopbackFromProxies() {
        let environment = ProcessInfo.processInfo.environment
        let exempt = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        // A lone star exempts everything, and is no star any more with something beside it.
        guard exempt != "*" else { return }
        let hosts = [exempt, "127.0.0.1", "localhost"].filter { !$0.isEmpty }
        setenv("no_proxy", hosts.joined(separator: ","), 1)
    }
}
