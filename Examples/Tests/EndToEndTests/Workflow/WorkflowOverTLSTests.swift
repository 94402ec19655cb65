import TLSProxy
import XCTest

// XCTest on Linux runs inherited tests only of classes that have one of their own.

final class WorkflowOverTLSTests: WorkflowTests {
    override var network: Network { .tls }
    func testNetworkIsTLS() { XCTAssertEqual(network, .tls) }
}

final class WorkflowOverHTTP2Tests: WorkflowTests {
    override var network: Network { .http2 }
    func testNetworkIsHTTP2() async throws { try await assertNetworkIsHTTP2() }
}

final class CreateFaultOverTLSTests: CreateFaultTests {
    override var network: Network { .tls }
    func testNetworkIsTLS() { XCTAssertEqual(network, .tls) }
}

final class CreateFaultOverHTTP2Tests: CreateFaultTests {
    override var network: Network { .http2 }
    func testNetworkIsHTTP2() async throws { try await assertNetworkIsHTTP2() }
}

final class TransferFaultOverTLSTests: TransferFaultTests {
    override var network: Network { .tls }
    func testNetworkIsTLS() { XCTAssertEqual(network, .tls) }
}

final class TransferFaultOverHTTP2Tests: TransferFaultTests {
    override var network: Network { .http2 }
    func testNetworkIsHTTP2() async throws { try await assertNetworkIsHTTP2() }
}
