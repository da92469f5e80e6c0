#!/usr/bin/env bash
# moxcms 0.8.1: `ColorProfile::update_rgb_colorimetry_from_cicp` answers `false` also when it has
# changed the profile. Its answer cannot tell code points that it knows from those that it does not:
# look at the curves of a profile made by `new_from_cicp` instead, which has none for the latter.
#
# Seen: `known: answer false, gamut changed true, curves true`
#       `unknown: answer false, gamut changed false, curves false`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "cicp-answer"
version = "0.0.0"
edition = "2021"

[dependencies]
moxcms = { version = "=0.8.1", default-features = false }
TOML
cat > "$folder/src/main.rs" <<'RUST'
use moxcms::{CicpProfile, ColorProfile, MatrixCoefficients};

fn main() {
    // H.273: 12 is Display P3 with 13, the curve of sRGB; 2 and 2 mean "unspecified".
    for (name, primaries, transfer) in [("known", 12u8, 13u8), ("unknown", 2, 2)] {
        let cicp = || CicpProfile {
            color_primaries: primaries.try_into().unwrap(),
            transfer_characteristics: transfer.try_into().unwrap(),
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        };
        let mut profile = ColorProfile::new_srgb();
        let before = profile.red_colorant;
        let answer = profile.update_rgb_colorimetry_from_cicp(cicp());
        let is_changed = profile.red_colorant != before;
        let has_curves = ColorProfile::new_from_cicp(cicp()).red_trc.is_some();
        println!("{name}: answer {answer}, gamut changed {is_changed}, curves {has_curves}");
    }
}
RUST
seen="$(cargo run --quiet --manifest-path "$folder/Cargo.toml")"
echo "$seen"
[ "$seen" = "known: answer false, gamut changed true, curves true
unknown: answer false, gamut changed false, curves false" ]
