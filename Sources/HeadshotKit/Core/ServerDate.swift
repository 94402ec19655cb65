import Foundation

// Date formatters crash on some inputs, so a server's text is never passed to one.
extension Date {
    /// Creates a date from ISO 8601 text such as `2024-10-19T05:16:19.027Z`.
    ///
    /// The seconds, the fraction, and the offset are optional. The offset defaults to UTC.
    init?(iso8601 text: String) {
        var scanner = ASCIIScanner(text)
        guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
            scanner.take("-"), let day = scanner.number(digits: 2)
        else { return nil }
        guard scanner.take("T") || scanner.take("t") || scanner.take(" "), let hour = scanner.number(digits: 2),
            scanner.take(":"), let minute = scanner.number(digits: 2)
        else { return nil }
        var second = 0
        var fraction = 0.0
        if scanner.take(":") {
            guard let whole = scanner.number(digits: 2) else { return nil }
            second = whole
            if scanner.take(".") || scanner.take(",") {
                guard let part = scanner.fraction() else { return nil }
                fraction = part
            }
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        self += fraction - Double(offset)
    }

    /// Creates a date from one of the three HTTP date formats: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, or
    /// `Sun Nov  6 08:49:37 1994`.
    init?(httpDate text: String) {
        var scanner = ASCIIScanner(text)
        guard scanner.word() != nil else { return nil }
        let date: (day: Int, month: Int, year: Int)
        let time: (hour: Int, minute: Int, second: Int)
        if scanner.take(",") {
            scanner.skipSpaces()
            guard let day = scanner.number(upToDigits: 2), scanner.take(" ") || scanner.take("-"),
                let month = scanner.month(), scanner.take(" ") || scanner.take("-"),
                let year = scanner.year(), scanner.take(" "), let clock = scanner.time(), scanner.take(" "),
                ["GMT", "UTC", "Z"].contains(scanner.word())
            else { return nil }
            (date, time) = ((day, month, year), clock)
        } else {
            scanner.skipSpaces()
            guard let month = scanner.month() else { return nil }
            scanner.skipSpaces()
            guard let day = scanner.number(upToDigits: 2), scanner.take(" "), let clock = scanner.time(),
                scanner.take(" "),
                let year = scanner.number(digits: 4)
            else { return nil }
            (date, time) = ((day, month, year), clock)
        }
        guard scanner.isAtEnd else { return nil }
        self.init(
            year: date.year,
            month: date.month,
            day: date.day,
            hour: time.hour,
            minute: time.minute,
            second: time.second
        )
    }

    /// Creates a date of the Gregorian calendar in UTC, or returns `nil` if there is no such day or time.
    private init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...12).contains(month), (0...9_999).contains(year) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard (1...days).contains(day), (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        // Years begin in March here, so that the leap day is the last day of a year.
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let era = marchYear >= 0 ? marchYear / 400 : -1
        let yearOfEra = marchYear - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let dayNumber = era * 146_097 + dayOfEra - 719_468
        self.init(timeIntervalSince1970: Double(dayNumber * 86_400 + hour * 3_600 + minute * 60 + second))
    }
}

/// The parts of a date.
extension ASCIIScanner {
    fileprivate mutating func number(digits: Int) -> Int? { self.digits(digits...digits).flatMap { Int($0) } }
    fileprivate mutating func number(upToDigits most: Int) -> Int? { digits(1...most).flatMap { Int($0) } }
    fileprivate mutating func fraction() -> Double? { digits(1...Int.max).flatMap { Double("0." + $0.prefix(9)) } }

    /// Returns the offset east of Greenwich in seconds, from `Z`, `+02:00`, `-0330`, or the end of the text.
    fileprivate mutating func offset() -> Int? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        let hours: Int?
        var minutes: Int? = 0
        if let both = number(digits: 4) {
            (hours, minutes) = (both / 100, both % 100)
        } else {
            hours = number(digits: 2)
            if take(":") { minutes = number(digits: 2) }
        }
        guard let hours, let minutes, hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3_600 + minutes * 60)
    }

    fileprivate mutating func month() -> Int? {
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        return word().flatMap { names.firstIndex(of: $0.lowercased()) }.map { $0 + 1 }
    }

    /// Returns a year. A two-digit year is the one within fifty years of 2020.
    fileprivate mutating func year() -> Int? {
        if let year = number(digits: 4) { return year }
        return number(digits: 2).map { $0 < 70 ? 2_000 + $0 : 1_900 + $0 }
    }

    fileprivate mutating func time() -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }
}
