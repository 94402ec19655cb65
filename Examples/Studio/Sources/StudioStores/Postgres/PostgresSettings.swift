#if Postgres
import CPostgres
import Foundation

/// The settings of connections to a PostgreSQL server, from a URL.
struct PostgresSettings: Sendable {
    /// The name of the database for errors. It contains no password.
    let name: String
    /// The parameters of libpq, by their keywords.
    let parameters: [String: String]

    /// Reads a URL such as `postgresql://user:password@host:5432/database?sslmode=require`.
    ///
    /// - Throws: ``SQLError``. Its message does not contain the URL, which may contain a password.
    init(_ url: String) throws {
        guard ["postgresql://", "postgres://"].contains(where: url.hasPrefix), !url.contains("\0") else {
            throw SQLError("The URL does not begin with postgresql://. \(Self.advice)")
        }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            let reason = message.map { PostgresConnection.text($0) } ?? "there is no memory"
            PQfreemem(message)
            throw SQLError("The URL is not valid: \(PostgresConnection.withoutValue(reason)). \(Self.advice)")
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        let database = parameters["dbname"] ?? parameters["user"] ?? "of the default user"
        name = "\(database) on \(parameters["host"] ?? "the default host")"
        let defaults = ["application_name": "studio", "connect_timeout": "5", "client_encoding": "UTF8"]
        self.parameters = parameters.merging(defaults) { given, _ in given }
    }

    private static let advice = """
        Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with characters such as @, /, and % in the password as %40, %2F, \
        and %25
        """
}
#endif
