import TLSProxy
import XCTest

// XCTest on Linux runs inherited tests only if the subclass has a test of its own.

final class WorkflowOverTLSTests: WorkflowTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class WorkflowOverHTTP2Tests: WorkflowTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class CreateFaultOverTLSTests: CreateFaultTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class CreateFaultOverHTTP2Tests: CreateFaultTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class TransferFaultOverTLSTests: TransferFaultTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class TransferFaultOverHTTP2Tests: TransferFaultTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}
