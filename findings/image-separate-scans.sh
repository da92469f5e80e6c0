#!/usr/bin/env bash
# image 0.25.10 (its JPEG decoder is zune-jpeg 0.5.15): a valid baseline JPEG whose components stand
# in scans of their own, with chroma at half the height, is decoded to other colours, without an
# error. The same file in one scan, progressive, or with chroma at full height is right, and
# jpeg-decoder 0.3.2 reads all of them. A photo that jpegtran or a camera has written so comes out in
# garbage colours: decode JPEG with another crate, or compare with a second decoder.
#
# The file holds six flat patches: red, green, blue above grey, white, dark red.
#
# Seen: `jpeg-decoder: [254, 0, 0] [0, 255, 1] [0, 0, 254]`
#       `image: other colours`
# Fails when that changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "separate-scans"
version = "0.0.0"
edition = "2021"

[dependencies]
image = { version = "=0.25.10", default-features = false, features = ["jpeg"] }
zune-jpeg = { version = "=0.5.15", default-features = false }
jpeg-decoder = { version = "=0.3.2", default-features = false }
TOML
tr -d '\n' > "$folder/file.hex" <<'HEX'
ffd8ffdb00430001010101010101010101010101010101010101010101010101010101010101010101010101010101010101
010101010101010101010101010101010101010101ffc0001108001d002d03012200021100031100ffc4001f000001050101
0101010100000000000000000102030405060708090a0bffc40014100100000000000000000000000000000000ffda000801
0100003f00fc5f0fe9403f8370fd780fe9403f8370fec603fbf80ff2e70fd200fefe03fcb9c3ffda0008010200003f00fca7
7e5bbfda61fc0387cdefffda0008010300003f00fefe1fe15efeac1f5407f4d0ffd9
HEX
cat > "$folder/src/main.rs" <<'RUST'
fn main() {
    let hex = include_str!("../file.hex");
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let file: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    let mut decoder = jpeg_decoder::Decoder::new(&file[..]);
    let numbers = decoder.decode().unwrap();
    let width = usize::from(decoder.info().unwrap().width);
    let patches: Vec<[u8; 3]> = [8, 24, 40]
        .map(|x: usize| {
            let at = (8 * width + x) * 3;
            [numbers[at], numbers[at + 1], numbers[at + 2]]
        })
        .to_vec();
    println!("jpeg-decoder: {:?} {:?} {:?}", patches[0], patches[1], patches[2]);
    let picture = image::load_from_memory(&file).unwrap().to_rgb8();
    let is_same = patches.iter().zip([8, 24, 40]).all(|(patch, x)| {
        let seen = picture.get_pixel(x, 8).0;
        seen.iter().zip(patch).all(|(seen, wanted)| seen.abs_diff(*wanted) <= 8)
    });
    println!("image: {}", if is_same { "the same colours" } else { "other colours" });
}
RUST
seen="$(cargo run --quiet --manifest-path "$folder/Cargo.toml")"
echo "$seen"
[ "$seen" = "jpeg-decoder: [254, 0, 0] [0, 255, 1] [0, 0, 254]
image: other colours" ]
