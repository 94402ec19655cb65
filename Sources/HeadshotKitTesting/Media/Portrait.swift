import Foundation

/// Original drawings of a person's head and shoulders in front of a gradient, and of a landscape with hills and no people.
enum Portrait {
    /// Returns a drawing of a person. The same seed produces the same person.
    ///
    /// - Parameter isCutout: Whether the background is transparent.
    static func person(width: Int, height: Int, seed: UInt64, isCutout: Bool = false) -> PNG {
        var random = SeededGenerator(seed: seed)
        var top = random.color(0.35...0.75)
        var bottom = top.covered(by: PNG.Color(red: 0.95, green: 0.95, blue: 0.97), 0.7)
        let lightSkin = PNG.Color(red: 0.97, green: 0.84, blue: 0.74)
        let darkSkin = PNG.Color(red: 0.45, green: 0.29, blue: 0.2)
        let skin = lightSkin.covered(by: darkSkin, random.number(0...1))
        let hair = random.color(0.1...0.4)
        let suit = random.color(0.1...0.35)
        let dark = PNG.Color(red: 0.13, green: 0.1, blue: 0.1)
        if isCutout { (top.alpha, bottom.alpha) = (0, 0) }
        return PNG(width: width, height: height, hasAlpha: isCutout) { [top, bottom] x, y in
            top.covered(by: bottom, (y + 1) / 2)
                .covered(by: suit, ellipse(x, y, at: (0, 1.15), radii: (0.78, 0.62)))
                .covered(by: skin, ellipse(x, y, at: (0, 0.48), radii: (0.17, 0.3)))
                .covered(by: hair, ellipse(x, y, at: (0, -0.2), radii: (0.42, 0.52)))
                .covered(by: skin, ellipse(x, y, at: (0, -0.07), radii: (0.34, 0.44)))
                .covered(by: dark, ellipse(x, y, at: (-0.13, -0.12), radii: (0.04, 0.03)))
                .covered(by: dark, ellipse(x, y, at: (0.13, -0.12), radii: (0.04, 0.03)))
                .covered(by: dark, ellipse(x, y, at: (0, 0.16), radii: (0.11, 0.02)))
        }
    }

    /// Returns a drawing of a landscape. Its file contains `comment`, the marker for a photo without a face.
    static func hills(width: Int, height: Int, comment: String) -> PNG {
        let sky = PNG.Color(red: 0.55, green: 0.75, blue: 0.95)
        let grass = PNG.Color(red: 0.3, green: 0.55, blue: 0.3)
        let sun = PNG.Color(red: 1, green: 0.9, blue: 0.5)
        return PNG(width: width, height: height, comment: comment) { x, y in
            sky.covered(by: sun, ellipse(x, y, at: (0.5, -0.5), radii: (0.2, 0.2)))
                .covered(by: grass, ellipse(x, y, at: (-0.4, 1.2), radii: (1.2, 0.9)))
        }
    }

    // Returns the coverage of the pixel by the ellipse, at least 1 inside and at most 0 outside, with a soft edge between.
    private static func ellipse(
        _ x: Double,
        _ y: Double,
        at center: (x: Double, y: Double),
        radii: (x: Double, y: Double)
    ) -> Double {
        let (dx, dy) = ((x - center.x) / radii.x, (y - center.y) / radii.y)
        return (1 - (dx * dx + dy * dy)) * 20
    }
}

/// A generator of pseudorandom numbers that are reproducible from a seed.
private struct SeededGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        state = (state ^ 0x9E37_79B9_7F4A_7C15) &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let part = Double(state >> 40) / Double(1 << 24)
        return range.lowerBound + (range.upperBound - range.lowerBound) * part
    }

    mutating func color(_ range: ClosedRange<Double>) -> PNG.Color {
        PNG.Color(red: number(range), green: number(range), blue: number(range))
    }
}
