public import Foundation
import HeadshotKit
public import HeadshotKitTesting

extension SimulatedService {
    /// Returns the outputs of a finished job from the service itself.
    public func originals(ofJob id: String) async throws -> [Data] {
        var originals: [Data] = []
        for url in try await outputURLs(ofJob: id) {
            let response = try await send(TransportRequest(url: url, maximumResponseBytes: 256 << 20))
            guard response.status == 200 else { throw URLError(.resourceUnavailable) }
            originals.append(response.body)
        }
        return originals
    }

    private func outputURLs(ofJob id: String) async throws -> [URL] {
        let isModelsLab = id.allSatisfy(\.isNumber)
        let path = isModelsLab ? "/api/v6/image_editing/fetch/\(id)" : "/v1/image-projects/\(id)"
        guard let url = URL(string: "http://127.0.0.1" + path) else { throw URLError(.badURL) }
        var request = TransportRequest(url: url)
        if isModelsLab {
            request.method = "POST"
            request.body = .data(Data(#"{"key":"\#(configuration.modelsLabKey)"}"#.utf8))
        } else {
            request.headers["Authorization"] = "Bearer \(configuration.magicHourKey)"
        }
        let response = try await send(request).body
        if isModelsLab { return try JSONDecoder().decode(Fetched.self, from: response).output }
        return try JSONDecoder().decode(Project.self, from: response).downloads.map(\.url)
    }

    private struct Fetched: Decodable { let output: [URL] }
    private struct Project: Decodable {
        struct Download: Decodable { let url: URL }
        let downloads: [Download]
    }
}
