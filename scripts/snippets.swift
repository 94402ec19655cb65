// The names that the snippets of the documentation leave to the reader. scripts/check-snippets compiles the snippets with this file.
import Foundation
import HeadshotKit
import HeadshotKitTesting

let magicHour: MagicHour = placeholder()
let modelsLab: ModelsLab = placeholder()
let request = MagicHour.HeadshotRequest(photo: .file("me.jpg"))

// docs/webhooks.md
let secret = ""
let (oldSecret, newSecret, pathSecret) = ("", "", "")
let event: MagicHour.WebhookEvent = placeholder()
let (body, headers): (Data, [String: String]) = placeholder()
let service = SimulatedService()
let queue = Queue()
func log(_ message: String) {}
func handle(body: Data, headers: [String: String]) -> Int { 200 }

struct Queue {
    func add(_ event: MagicHour.WebhookEvent) {}
    func add(_ event: ModelsLab.WebhookEvent) {}
    func addLater(_ event: MagicHour.WebhookEvent) {}
}

// docs/server.md
let transport: any Transport = placeholder()
let store: any JobStore = placeholder()
let options = GenerationOptions()
let order = (id: "", 0)
let (upload, photo): (URL, URL) = placeholder()
let verifier: MagicHour.WebhookVerifier = placeholder()

// docs/app.md, and InAnApp.md
#if os(Linux)
extension URL { static let applicationSupportDirectory = URL(fileURLWithPath: "") }
#endif
@Sendable func logIn() async throws -> String { "" }

// InAnApp.md: what it uses of SwiftUI and Combine, which exist only on Apple platforms.
protocol ObservableObject: AnyObject {}
protocol View {
    associatedtype Body
    @ViewBuilder @MainActor var body: Body { get }
}
extension View {
    func task<ID: Equatable>(id: ID, _ action: @escaping @MainActor () async -> Void) -> some View { self }
}
extension Never: View { var body: Never { fatalError() } }
@resultBuilder enum ViewBuilder {
    static func buildBlock<each Part>(_ parts: repeat each Part) -> Text { Text("") }
    static func buildOptional<Part>(_ part: Part?) -> Part? { part }
    static func buildBlock<Part>(_ part: Part) -> Part { part }
}
@propertyWrapper struct Published<Value> { var wrappedValue: Value }
@propertyWrapper struct StateObject<Value> {
    var wrappedValue: Value
    init(wrappedValue: @autoclosure @MainActor () -> Value) { self.wrappedValue = placeholder() }
}
@propertyWrapper struct State<Value> {
    var wrappedValue: Value
    var projectedValue: Binding<Value> { Binding() }
}
struct Binding<Value> {}
struct Text: View {
    init(_ text: String) {}
    var body: Never { fatalError() }
}
struct VStack: View {
    init<Content>(@ViewBuilder _ content: () -> Content) {}
    var body: Never { fatalError() }
}
struct ProgressView: View {
    init(value: Double) {}
    var body: Never { fatalError() }
}
struct PhotosPicker: View {
    enum Filter { case images }
    init(_ title: String, selection: Binding<PhotosPickerItem?>, matching filter: Filter) {}
    var body: Never { fatalError() }
}
struct PhotosPickerItem: Equatable { func loadTransferable(type: Data.Type) async throws -> Data? { nil } }

// docs/money.md
func show(_ id: String, _ outputs: [URL], _ request: JSONValue) {}

// The tests in documentation comments
let clock = ManualClock()
let database = Database()
struct Database {}

struct PostgresJobStore: JobStore {
    init(_ database: Database) throws {}
    func save(_ record: JobRecord) async throws {}
    func remove(_ id: UUID) async throws {}
    func record(_ id: UUID) async throws -> JobRecord? { nil }
    func record(for job: JobHandle) async throws -> JobRecord? { nil }
    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] { [] }
    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] { [] }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { nil }
}

// XCTest is not needed to check the types.
func XCTAssertEqual<Value: Equatable>(_ first: Value, _ second: Value) {}

private func placeholder<Value>() -> Value { fatalError("The snippets are compiled and not run.") }
