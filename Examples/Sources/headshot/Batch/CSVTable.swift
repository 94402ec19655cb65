/// A table of comma-separated values (RFC 4180), with the names of its columns in the first row.
struct CSVTable {
    /// A row below the first.
    struct Row {
        /// The number of the line on which the row begins, from 1.
        let line: Int
        /// The values by column name in lower case. Missing values at the end of a row are absent.
        let values: [String: String]
    }

    let columns: [String]
    let rows: [Row]

    /// Creates a table from text. Rows end with any kind of line break, and empty rows are ignored.
    ///
    /// - Throws: ``ToolError`` with the number of the line if the text is not a table.
    init(_ text: String, name: String) throws {
        var records = try Self.records(text, name: name)[...]
        let columns = records.popFirst()?.fields.map { Self.key($0) } ?? []
        if let column = columns.first(where: { name in columns.filter { $0 == name }.count > 1 }) {
            throw ToolError.usage("\(name) has several columns “\(column)”. Give each column a name of its own.")
        }
        self.columns = columns
        rows = try records.map { record in
            guard record.fields.count <= columns.count else {
                throw ToolError.usage(
                    "\(name), line \(record.line): \(record.fields.count) values, but the number of columns is "
                        + "\(columns.count). Put a value that contains a comma between double quotes."
                )
            }
            return Row(
                line: record.line,
                values: Dictionary(uniqueKeysWithValues: zip(columns, record.fields))
            )
        }
    }

    private static func key(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()).lowercased()
    }

    private typealias Record = (line: Int, fields: [String])

    private static func records(_ text: String, name: String) throws -> [Record] {
        var records: [Record] = []
        var record: Record = (1, [])
        var field = String.UnicodeScalarView()
        // The line of the quote that is open.
        var quoteLine: Int?
        var isQuoted = false
        var line = 1

        func endField() {
            record.fields.append(String(field))
            field = .init()
            isQuoted = false
        }
        func endRecord() {
            let isEmpty = record.fields.isEmpty && field.isEmpty && !isQuoted
            endField()
            if !isEmpty { records.append(record) }
            record = (line, [])
        }

        // Scalars, because CR LF is one character. Excel begins a file with a byte order mark.
        var rest = text.unicodeScalars.drop { $0 == "\u{FEFF}" }
        while let scalar = rest.popFirst() {
            let isBreak = scalar == "\n" || scalar == "\r"
            if scalar == "\n" || scalar == "\r" && rest.first != "\n" { line += 1 }
            if quoteLine != nil {
                if scalar != "\"" {
                    field.append(scalar)
                } else if rest.first == "\"" {
                    field.append(rest.removeFirst())
                } else {
                    quoteLine = nil
                }
            } else if scalar == "," {
                endField()
            } else if isBreak {
                if scalar == "\r", rest.first == "\n" {
                    rest.removeFirst()
                    line += 1
                }
                endRecord()
            } else if scalar == "\"", field.isEmpty, !isQuoted {
                (quoteLine, isQuoted) = (line, true)
            } else if isQuoted {
                throw ToolError.usage(
                    "\(name), line \(line): text follows a closing quote. Double each quote inside a quoted value."
                )
            } else {
                field.append(scalar)
            }
        }
        if let quoteLine { throw ToolError.usage("\(name), line \(quoteLine): a quoted value has no closing quote.") }
        endRecord()
        return records
    }
}
