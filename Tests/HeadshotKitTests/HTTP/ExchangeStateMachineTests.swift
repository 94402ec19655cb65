import Foundation
import XCTest

@testable import HeadshotKit

final class ExchangeStateMachineTests: XCTestCase {
    private typealias Machine = ExchangeStateMachine<Lease, String, String>

    private final class Lease {}
    private struct UnexpectedAction: Error {}

    private let head = TransportResponse(status: 200, headers: ["Content-Length": "4"])
    private let lost = TransportError(.connectionLost, "The connection was lost (-1005).", mayHaveBeenReceived: true)

    // MARK: Responses

    func testBodyIsCollectedInOrder() throws {
        var machine = try startedMachine()
        XCTAssertNil(machine.receiveHead(head, sink: nil, at: .seconds(1)).callerToResume)
        XCTAssertNil(try actions(of: machine.receive(Data("ab".utf8), at: .seconds(2))).callerToResume)
        XCTAssertNil(try actions(of: machine.receive(Data("cd".utf8), at: .seconds(3))).callerToResume)
        XCTAssertEqual(machine.lastActivity, .seconds(3))
        let actions = machine.complete(.success(nil))
        XCTAssertEqual(try body(actions), "abcd")
        XCTAssertNotNil(actions.leaseToEnd)
        XCTAssertFalse(actions.shouldCancelTask)
        XCTAssertFalse(machine.isOpen)
    }

    func testBodyOfDownloadIsWrittenToSinkWithProgress() throws {
        var machine = try startedMachine()
        _ = machine.receiveHead(head, sink: "file", at: .zero)
        guard case .write("file", let first) = machine.receive(Data("abc".utf8), at: .zero) else {
            throw UnexpectedAction()
        }
        XCTAssertEqual(first.progressToReport, TransferProgress(completed: 3, total: 4))
        guard case .write("file", _) = machine.receive(Data("d".utf8), at: .zero) else { throw UnexpectedAction() }
        let actions = machine.complete(.success(nil))
        XCTAssertEqual(try body(actions), "")
        XCTAssertEqual(actions.sinkToClose, "file")
    }

    func testDownloadMayBeLargerThanTheMemoryLimit() throws {
        var machine = try startedMachine(maximumResponseBytes: 2)
        _ = machine.receiveHead(head, sink: "file", at: .zero)
        guard case .write = machine.receive(Data("abcd".utf8), at: .zero) else { throw UnexpectedAction() }
        XCTAssertNoThrow(try body(machine.complete(.success(nil))))
    }

    func testResponseThatAnnouncesTooLargeBodyFailsImmediately() throws {
        var machine = try startedMachine(maximumResponseBytes: 3)
        let actions = machine.receiveHead(head, sink: nil, at: .zero)
        XCTAssertEqual(try error(actions).kind, .responseTooLarge)
        XCTAssertTrue(actions.shouldCancelTask)
        XCTAssertNil(actions.leaseToEnd, "The task is still running.")
    }

    func testResponseThatGrowsTooLargeFails() throws {
        var machine = try startedMachine(maximumResponseBytes: 3)
        _ = machine.receiveHead(TransportResponse(status: 200), sink: nil, at: .zero)
        XCTAssertNil(try actions(of: machine.receive(Data("abc".utf8), at: .zero)).callerToResume)
        let actions = try actions(of: machine.receive(Data("d".utf8), at: .zero))
        XCTAssertEqual(try error(actions).kind, .responseTooLarge)
        XCTAssertTrue(try error(actions).mayHaveBeenReceived)
        XCTAssertTrue(actions.shouldCancelTask)
    }

    func testTruncatedResponseIsAnErrorWithItsHead() throws {
        var machine = try startedMachine()
        _ = machine.receiveHead(head, sink: nil, at: .zero)
        _ = machine.receive(Data("ab".utf8), at: .zero)
        let error = try error(machine.complete(.success(nil)))
        XCTAssertEqual(error.kind, .connectionLost)
        XCTAssertEqual(error.message, "The response ended after 2 of 4 bytes.")
        XCTAssertEqual(error.responseHead?.status, 200)
        XCTAssertEqual(error.responseHead?.body, Data())
    }

    func testResponseToHEADHasNoBody() throws {
        var machine = try startedMachine(method: "HEAD")
        _ = machine.receiveHead(head, sink: nil, at: .zero)
        XCTAssertEqual(try body(machine.complete(.success(nil))), "")
    }

    func testTaskWithoutHTTPResponseIsAnError() throws {
        var machine = try startedMachine()
        XCTAssertEqual(try error(machine.complete(.success(nil))).kind, .invalidResponse)
    }

    func testRedirectEndsTheExchangeWithItsHead() throws {
        var machine = try startedMachine()
        let actions = machine.receiveFinal(TransportResponse(status: 302, headers: ["Location": "/x"]))
        XCTAssertEqual(try XCTUnwrap(actions.callerToResume).outcome.get().status, 302)
        XCTAssertTrue(actions.shouldCallHandler)
        XCTAssertNil(actions.leaseToEnd, "The session still completes the task.")
        XCTAssertFalse(machine.beginCancellation(), "The session discards the task.")
        XCTAssertNotNil(machine.complete(.success(nil)).leaseToEnd)
    }

    // MARK: Failures

    func testFailureBeforeAnyByteOfTheBodyWasSentIsNotReceived() throws {
        for (isBodyUnsent, mayHaveBeenReceived) in [(true, false), (false, true)] {
            var machine = try startedMachine()
            let error = try error(machine.complete(.failure(lost, isBodyUnsent: isBodyUnsent)))
            XCTAssertEqual(error.mayHaveBeenReceived, mayHaveBeenReceived)
            XCTAssertNil(error.responseHead)
        }
    }

    func testFailureAfterTheHeadMayHaveBeenReceivedEvenIfNoByteWasCounted() throws {
        var machine = try startedMachine()
        _ = machine.receiveHead(head, sink: nil, at: .zero)
        _ = machine.receive(Data("ab".utf8), at: .zero)
        let error = try error(machine.complete(.failure(lost, isBodyUnsent: true)))
        XCTAssertTrue(error.mayHaveBeenReceived)
        XCTAssertEqual(error.responseHead?.headers["Content-Length"], "4")
        XCTAssertEqual(error.responseHead?.body, Data())
    }

    func testRequestForNewBodyIsRejected() throws {
        var machine = try startedMachine()
        let actions = machine.rejectResend()
        XCTAssertEqual(try error(actions).kind, .connectionLost)
        XCTAssertTrue(try error(actions).mayHaveBeenReceived)
        XCTAssertTrue(actions.shouldCancelTask)
    }

    func testOnlyTheFirstOutcomeCounts() throws {
        var machine = try startedMachine()
        XCTAssertNotNil(machine.cancel().callerToResume)
        XCTAssertNil(machine.receiveHead(head, sink: nil, at: .zero).callerToResume)
        XCTAssertNil(machine.fail(lost).callerToResume)
        XCTAssertNil(machine.complete(.success(head)).callerToResume)
    }

    func testSinkOfEndedExchangeIsClosedAndNotWritten() throws {
        var machine = try startedMachine()
        _ = machine.receiveHead(head, sink: "file", at: .zero)
        XCTAssertEqual(machine.cancel().sinkToClose, "file")
        XCTAssertNil(machine.reportSent(TransferProgress(completed: 1, total: 2), at: .zero).progressToReport)
        XCTAssertNil(try actions(of: machine.receive(Data("ab".utf8), at: .zero)).progressToReport)
        XCTAssertEqual(machine.receiveHead(head, sink: "late", at: .zero).sinkToClose, "late")
    }

    // MARK: Cancellation

    func testCanceledTaskKeepsItsLeaseUntilItIsComplete() throws {
        var machine = try startedMachine()
        let canceled = machine.cancel()
        guard case .failure(let error) = try XCTUnwrap(canceled.callerToResume).outcome else {
            throw UnexpectedAction()
        }
        XCTAssertTrue(error is CancellationError)
        XCTAssertTrue(canceled.shouldCancelTask)
        XCTAssertNil(canceled.leaseToEnd)
        XCTAssertTrue(machine.beginCancellation())
        let completed = machine.complete(.failure(lost, isBodyUnsent: false))
        XCTAssertNotNil(completed.leaseToEnd)
        XCTAssertTrue(completed.shouldWaitForCancellation)
    }

    func testTaskIsNotCanceledAfterItIsComplete() throws {
        var machine = try startedMachine()
        _ = machine.cancel()
        let completed = machine.complete(.success(head))
        XCTAssertFalse(completed.shouldWaitForCancellation)
        XCTAssertFalse(machine.beginCancellation())
    }

    func testHandlerOfCanceledTaskIsNotCalled() throws {
        var machine = try startedMachine()
        _ = machine.cancel()
        XCTAssertTrue(machine.beginCancellation())
        XCTAssertFalse(machine.receiveFinal(TransportResponse(status: 302)).shouldCallHandler)
    }

    func testHandlerIsCalledIfTheCancellationHasNotBegun() throws {
        var machine = try startedMachine()
        _ = machine.cancel()
        let actions = machine.receiveFinal(TransportResponse(status: 302))
        XCTAssertTrue(actions.shouldCallHandler)
        XCTAssertNil(actions.callerToResume)
        XCTAssertFalse(machine.beginCancellation())
    }

    func testExchangeCanceledBeforeItsStartIsNeverStarted() throws {
        var machine = try machine()
        let canceled = machine.cancel()
        XCTAssertNil(canceled.callerToResume)
        XCTAssertTrue(canceled.shouldCancelTask)
        guard case .perform(let actions) = machine.start("caller") else { return XCTFail("The task was started.") }
        XCTAssertNotNil(actions.leaseToEnd, "No completion follows.")
        XCTAssertThrowsError(try XCTUnwrap(actions.callerToResume).outcome.get()) {
            XCTAssertTrue($0 is CancellationError)
        }
    }

    // MARK: Any order

    func testAnyOrderOfEventsResumesTheCallerOnceAndEndsTheLeaseOnce() throws {
        var random = SplitMix64(state: 7)
        for run in 0..<5_000 {
            var machine = try machine()
            var resumed = 0
            var leases = 0
            var openSinks: Set<String> = []
            var isStarted = false
            var isComplete = false
            func note(_ actions: Machine.Actions) {
                if actions.callerToResume != nil { resumed += 1 }
                if actions.leaseToEnd != nil { leases += 1 }
                if let sink = actions.sinkToClose { openSinks.remove(sink) }
                XCTAssertFalse(isComplete && actions.shouldCallHandler, "run \(run)")
            }
            for step in 0..<12 {
                switch Int.random(in: 0..<8, using: &random) {
                case 0 where !isStarted:
                    isStarted = true
                    if case .perform(let actions) = machine.start("caller") { note(actions) }
                case 1: note(machine.cancel())
                case 2: XCTAssertFalse(machine.beginCancellation() && isComplete, "run \(run)")
                case 3 where isStarted && !isComplete && machine.isOpen:
                    let sink = Bool.random(using: &random) ? "sink \(step)" : nil
                    if let sink { openSinks.insert(sink) }
                    note(machine.receiveHead(head, sink: sink, at: .zero))
                case 4 where isStarted && !isComplete:
                    switch machine.receive(Data("ab".utf8), at: .zero) {
                    case .write(let sink, let actions):
                        XCTAssertTrue(openSinks.contains(sink), "run \(run)")
                        note(actions)
                    case .perform(let actions): note(actions)
                    }
                case 5 where isStarted && !isComplete:
                    note(machine.receiveFinal(TransportResponse(status: 302)))
                case 6 where !isComplete: note(machine.rejectResend())
                case 7 where !isComplete && isStarted:
                    isComplete = true
                    let hasFailed = Bool.random(using: &random)
                    note(machine.complete(hasFailed ? .failure(lost, isBodyUnsent: true) : .success(nil)))
                default: continue
                }
            }
            if !isStarted, case .perform(let actions) = machine.start("caller") {
                note(actions)
            } else if !isComplete {
                note(machine.complete(.failure(lost, isBodyUnsent: false)))
            }
            XCTAssertEqual(resumed, 1, "run \(run)")
            XCTAssertEqual(leases, 1, "run \(run)")
            XCTAssertEqual(openSinks, [], "run \(run)")
            XCTAssertFalse(machine.isOpen, "run \(run)")
        }
    }

    // MARK: Support

    private func machine(method: String = "POST", maximumResponseBytes: Int = 8) throws -> Machine {
        let url = try XCTUnwrap(URL(string: "https://api.example/v1/jobs"))
        let request = TransportRequest(method: method, url: url, maximumResponseBytes: maximumResponseBytes)
        return Machine(request, lease: Lease())
    }

    private func startedMachine(method: String = "POST", maximumResponseBytes: Int = 8) throws -> Machine {
        var machine = try machine(method: method, maximumResponseBytes: maximumResponseBytes)
        guard case .startTask = machine.start("caller") else { throw UnexpectedAction() }
        return machine
    }

    private func actions(of action: Machine.DataAction) throws -> Machine.Actions {
        guard case .perform(let actions) = action else { throw UnexpectedAction() }
        return actions
    }

    private func body(_ actions: Machine.Actions) throws -> String {
        String(decoding: try XCTUnwrap(actions.callerToResume).outcome.get().body, as: UTF8.self)
    }

    private func error(_ actions: Machine.Actions) throws -> TransportError {
        guard case .failure(let error) = try XCTUnwrap(actions.callerToResume).outcome else {
            throw UnexpectedAction()
        }
        return try XCTUnwrap(error as? TransportError)
    }
}
