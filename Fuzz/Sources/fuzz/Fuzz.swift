import Dispatch
import Foundation

/// Runs the target that `FUZZ_TARGET` names on one input. This function is libFuzzer's entry point.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let input = bytes.map { Data(bytes: $0, count: count) } ?? Data()
    let duration = run(input)
    // The duration may grow slightly more than linearly with the input, but not quadratically.
    if duration > .milliseconds(30) {
        // The minimum of several runs excludes delays on a busy machine.
        let double = (0..<3).map { _ in run(input + input) }.min() ?? .zero
        guard double < duration * 5 + .milliseconds(100) else {
            fatalError("superlinear: \(count) bytes take \(duration), twice as many \(double)")
        }
    }
    return 0
}

private let target: Target = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = Target.all[name] else {
        fatalError("FUZZ_TARGET must be one of \(Target.all.keys.sorted().joined(separator: ", "))")
    }
    return target
}()

private func run(_ input: Data) -> Duration {
    ContinuousClock().measure {
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await target.run(input)
            done.signal()
        }
        done.wait()
    }
}
