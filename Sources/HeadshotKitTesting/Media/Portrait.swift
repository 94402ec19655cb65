import Foundation

/// Original drawings of a person's head and shoulders in front of a gradient, and of a landscape with hills and no people.
enum Portrait {
    /// The look of a person, which the color of the background determines.
    struct Look {
        let skin: PNG.Color
        let hair: PNG.Color

        fileprivate init(of background: [UInt8]) {
            var random = SeededGenerator(seed: background.prefix(3).reduce(0) { $0 << 8 | UInt64($1) })
            let lightSkin = PNG.Color(red: 0.97, green: 0.84, blue: 0.74)
            let darkSkin = PNG.Color(red: 0.45, green: 0.29, blue: 0.2)
            skin = lightSkin.covered(by: darkSkin, random.number(0...1))
            hair = random.color(0.1...0.4)
        }

        /// Creates the look of the person in a drawing of this type, from the beginning of its file. `nil` for another file.
        init?(inPhoto head: Data) {
            guard let name = head.range(of: Data("IDAT".utf8)) else { return nil }
            // The headers of the stream, of its first block, and of the first row take 8 bytes.
            let pixel = head[name.upperBound...].dropFirst(8).prefix(3)
            guard pixel.count == 3 else { return nil }
            self.init(of: Array(pixel))
        }
    }

    /// Returns a drawing of a person. The same seed produces the same person.
    ///
    /// - Parameter isCutout: Whether the background is transparent.
    static func person(width: Int, height: Int, seed: UInt64, isCutout: Bool = false) -> PNG {
        var random = SeededGenerator(seed: seed)
        let background = random.color(0.35...0.75)
        let suit = random.color(0.1...0.35)
        let look = Look(of: background.bytes)
        return PNG(width: width, height: height, hasAlpha: isCutout) { x, y in
            person(x, y, look, suit, before: gradient(background, y, isCutout))
        }
    }

    /// Returns a drawing of a person in a dark suit in a studio. The seed determines the light.
    ///
    /// - Parameter look: The look of the person, from a photo.
    static func headshot(width: Int, height: Int, look: Look, seed: UInt64, isCutout: Bool = false) -> PNG {
        var random = SeededGenerator(seed: seed)
        let background = PNG.Color(red: 0.5, green: 0.54, blue: 0.6).covered(by: random.color(0.3...0.8), 0.35)
        let suit = PNG.Color(red: 0.1, green: 0.13, blue: 0.24)
        let shirt = PNG.Color(red: 0.95, green: 0.96, blue: 0.98)
        let tie = random.color(0.15...0.5)
        return PNG(width: width, height: height, hasAlpha: isCutout) { x, y in
            let clothes = suit.covered(by: shirt, (0.2 - abs(x) - (y - 0.62) * 0.4) * 40)
                .covered(by: tie, (0.045 - abs(x)) * (y > 0.72 ? 60 : 0))
            return person(x, y, look, clothes, before: gradient(background, y, isCutout))
        }
    }

    private static func gradient(_ top: PNG.Color, _ y: Double, _ isCutout: Bool) -> PNG.Color {
        var color = top.covered(by: PNG.Color(red: 0.95, green: 0.95, blue: 0.97).covered(by: top, 0.3), (y + 1) / 2)
        if isCutout { color.alpha = 0 }
        return color
    }

    /// Returns the color of a pixel of a person before a background.
    private static func person(
        _ x: Double,
        _ y: Double,
        _ look: Look,
        _ clothes: PNG.Color,
        before background: PNG.Color
    ) -> PNG.Color {
        let dark = PNG.Color(red: 0.13, green: 0.1, blue: 0.1)
        return background.covered(by: clothes, ellipse(x, y, at: (0, 1.15), radii: (0.78, 0.62)))
            .covered(by: look.skin, ellipse(x, y, at: (0, 0.48), radii: (0.17, 0.3)))
            .covered(by: look.hair, ellipse(x, y, at: (0, -0.2), radii: (0.42, 0.52)))
            .covered(by: look.skin, ellipse(x, y, at: (0, -0.07), radii: (0.34, 0.44)))
            .covered(by: dark, ellipse(x, y, at: (-0.13, -0.12), radii: (0.04, 0.03)))
            .covered(by: dark, ellipse(x, y, at: (0.13, -0.12), radii: (0.04, 0.03)))
            .covered(by: dark, ellipse(x, y, at: (0, 0.16), radii: (0.11, 0.02)))
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
