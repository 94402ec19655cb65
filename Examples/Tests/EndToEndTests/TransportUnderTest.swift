import HeadshotKit

/// The transport of the tests. `Examples/Studio` runs the tests with another one.
let transportUnderTest: any Transport = URLSessionTransport.shared
