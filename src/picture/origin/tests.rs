//! Container × encoding × tool: each file is written here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Cursor, Write as _};

use image::{DynamicImage, ImageFormat, RgbaImage};

use super::*;

const LINES: &str = "a red barn, (snow:1.2)\nNegative prompt: blurry, text\n\
     Steps: 20, Sampler: Euler, CFG scale: 1, Seed: 1234567890, Size: 64x48, Model: flux1-dev";

fn picture(format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(9, 7).write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&body);
    [&(data.len() as u32).to_be_bytes()[..], &body, &sum.sum().to_be_bytes()].concat()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(data).unwrap();
    out.finish().unwrap()
}

/// Right behind the header, or right before the end.
fn png_with(chunk: &[u8], is_behind: bool) -> Vec<u8> {
    let mut file = picture(ImageFormat::Png);
    let at = if is_behind { file.len() - 12 } else { 33 };
    file.splice(at..at, chunk.iter().copied());
    file
}

fn png_text(name: &str, text: &str) -> Vec<u8> {
    png_with(&chunk(b"tEXt", &[name.as_bytes(), b"\0", text.as_bytes()].concat()), false)
}

fn png_texts(texts: &[(&str, &str)]) -> Vec<u8> {
    let all = texts.iter().map(|(name, text)| {
        chunk(b"iTXt", &[name.as_bytes(), b"\0\0\0\0\0", text.as_bytes()].concat())
    });
    png_with(&all.collect::<Vec<_>>().concat(), false)
}

fn jpeg_with(marker: u8, data: &[u8]) -> Vec<u8> {
    let mut file = picture(ImageFormat::Jpeg);
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    file.splice(2..2, [&[0xff, marker], &length[..], data].concat());
    file
}

fn webp_with(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = picture(ImageFormat::WebP);
    file.extend([name, &(data.len() as u32).to_le_bytes(), data, &[0][..data.len() % 2]].concat());
    let length = (file.len() as u32 - 8).to_le_bytes();
    file.splice(4..8, length);
    file
}

/// A TIFF block with one value: in the Exif directory, or at the top.
fn tiff(big: bool, tag: u16, kind: u16, in_exif: bool, data: &[u8]) -> Vec<u8> {
    let two = |n: u16| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let four = |n: u32| if big { n.to_be_bytes() } else { n.to_le_bytes() };
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&two(tag)[..], &two(kind), &four(count), &four(value)].concat()
    };
    let count = data.len() as u32;
    let head = [if big { b"MM" } else { b"II" }, &two(42)[..], &four(8)].concat();
    let body = match in_exif {
        true => [
            &two(1)[..],
            &entry(0x8769, 4, 1, 26),
            &four(0),
            &two(1),
            &entry(tag, kind, count, 44),
            &four(0),
        ]
        .concat(),
        false => [&two(1)[..], &entry(tag, kind, count, 26), &four(0)].concat(),
    };
    [head, body, data.to_vec()].concat()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let order = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(order).collect()
}

/// Every way to write a user comment that was seen.
fn comments(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let unicode = |text: Vec<u8>| [b"UNICODE\0".to_vec(), text].concat();
    vec![
        ("UTF-16BE", unicode(utf16(text, true))),
        ("UTF-16LE", unicode(utf16(text, false))),
        ("UTF-16BE with BOM", unicode([vec![0xfe, 0xff], utf16(text, true)].concat())),
        ("UTF-16LE with BOM", unicode([vec![0xff, 0xfe], utf16(text, false)].concat())),
        ("UTF-8 behind UNICODE", unicode(text.as_bytes().to_vec())),
        ("ASCII", [b"ASCII\0\0\0", text.as_bytes()].concat()),
        ("undefined", [&[0; 8], text.as_bytes()].concat()),
        ("bare", text.as_bytes().to_vec()),
    ]
}

#[test]
fn the_same_lines_are_read_from_every_container_in_every_encoding() {
    let mut tried = 0;
    let mut check = |what: String, file: &[u8], prompt: &str| {
        tried += 1;
        let origin = read(file).unwrap_or_else(|| panic!("{what}: nothing"));
        assert_eq!((origin.prompt.as_str(), origin.seed), (prompt, Some(1_234_567_890)), "{what}");
        assert_eq!(origin.negative_prompt, "blurry, text", "{what}");
    };
    for prompt in ["a red barn, (snow:1.2)", "une grange à café – «neige»", "雪の中の納屋"]
    {
        let lines = LINES.replace("a red barn, (snow:1.2)", prompt);
        let text = lines.as_bytes();
        for is_behind in [false, true] {
            let itxt = [b"parameters\0\0\0\0\0", text].concat();
            let packed = [b"parameters\0\x01\0\0\0".as_slice(), &zlib(text)].concat();
            let ztxt = [b"parameters\0\0".as_slice(), &zlib(text)].concat();
            let plain = [b"parameters\0", text].concat();
            for (kind, data) in
                [(b"iTXt", itxt), (b"iTXt", packed), (b"zTXt", ztxt), (b"tEXt", plain)]
            {
                let what = format!("{} behind {is_behind}", String::from_utf8_lossy(kind));
                check(what, &png_with(&chunk(kind, &data), is_behind), prompt);
            }
        }
        check("comment".into(), &jpeg_with(0xfe, text), prompt);
        for (encoding, comment) in comments(&lines) {
            for (big, in_exif) in [(true, true), (false, true), (true, false), (false, false)] {
                for kind in [7, 2] {
                    let block = tiff(big, 0x9286, kind, in_exif, &comment);
                    let prefixed = [b"Exif\0\0".as_slice(), &block].concat();
                    // A text of that kind ends at its first zero.
                    if kind == 2 && comment.contains(&0) {
                        continue;
                    }
                    let what = format!("{encoding}, big {big}, Exif {in_exif}, kind {kind}");
                    check(format!("JPEG {what}"), &jpeg_with(0xe1, &prefixed), prompt);
                    check(format!("PNG {what}"), &png_with(&chunk(b"eXIf", &block), false), prompt);
                    check(format!("WebP {what}"), &webp_with(b"EXIF", &block), prompt);
                    check(format!("WebP+ {what}"), &webp_with(b"EXIF", &prefixed), prompt);
                }
            }
        }
    }
    assert!(tried > 250, "{tried}");
}

fn packet(property: &str, text: &str, is_attribute: bool) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let (attribute, element) = match is_attribute {
        true => (format!("{property}=\"{}\"", text.replace('\n', "&#10;")), String::new()),
        false => (
            String::new(),
            format!(
                "<{property}><rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt></{property}>"
            ),
        ),
    };
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"x\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
         xmlns:exif=\"http://ns.adobe.com/exif/1.0/\" {attribute}>{element}</rdf:Description>\
         </rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )
}

#[test]
fn properties_of_xmp_are_read_as_attributes_and_as_elements() {
    let draw = r#"{"c":"a red barn","uc":"blurry","seed":7,"steps":4,"scale":2.5,"sampler":"Euler","model":"flux"}"#;
    for is_attribute in [true, false] {
        for text in [LINES, draw] {
            let packet = packet("exif:UserComment", text, is_attribute);
            let jpeg = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
            let png = [b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat();
            let files = [
                jpeg_with(0xe1, &jpeg),
                png_with(&chunk(b"iTXt", &png), false),
                webp_with(b"XMP ", packet.as_bytes()),
            ];
            for file in files {
                let origin = read(&file).unwrap();
                let is_draw = text == draw;
                assert_eq!(origin.tool, if is_draw { "Draw Things" } else { "A1111" });
                assert!(origin.prompt.starts_with("a red barn"), "{origin:?}");
            }
        }
    }
}

/// A graph as ComfyUI writes it: id, class, inputs.
fn graph(nodes: &[(&str, &str, &str)]) -> String {
    let nodes: Vec<String> = nodes
        .iter()
        .map(|(id, class, inputs)| {
            format!(r#""{id}":{{"class_type":"{class}","inputs":{inputs}}}"#)
        })
        .collect();
    format!("{{{}}}", nodes.join(","))
}

const SAVE: (&str, &str, &str) = ("9", "SaveImage", r#"{"images":["8",0]}"#);
const DECODE: (&str, &str, &str) = ("8", "VAEDecode", r#"{"samples":["3",0]}"#);
const SAMPLER: (&str, &str, &str) =
    ("3", "KSampler", r#"{"seed":9,"steps":20,"cfg":1.0,"positive":["35",0],"negative":["7",0]}"#);
const GUIDANCE: (&str, &str, &str) =
    ("35", "FluxGuidance", r#"{"guidance":2.5,"conditioning":["6",0]}"#);
const LONG_NEGATIVE: (&str, &str, &str) =
    ("7", "CLIPTextEncode", r#"{"text":"blurry, ugly, watermark, text, and much more of it"}"#);

#[test]
fn a_graph_is_followed_from_what_was_saved_to_the_words() {
    let words = ("6", "CLIPTextEncode", r#"{"text":"make the barn blue"}"#);
    let flux = ("6", "CLIPTextEncodeFlux", r#"{"clip_l":"x","t5xxl":"make the barn blue"}"#);
    let qwen =
        ("6", "TextEncodeQwenImageEdit", r#"{"prompt":"make the barn blue","image":["1",0]}"#);
    let linked = ("6", "CLIPTextEncode", r#"{"text":["50",0]}"#);
    let held = ("50", "PrimitiveString", r#"{"value":"make the barn blue"}"#);
    let load = ("1", "LoadImage", r#"{"image":"barn.png"}"#);
    for encoder in [vec![words], vec![flux], vec![qwen, load], vec![linked, held]] {
        let nodes = [vec![SAVE, DECODE, SAMPLER, GUIDANCE, LONG_NEGATIVE], encoder].concat();
        let origin = read(&png_text("prompt", &graph(&nodes))).unwrap();
        assert_eq!((origin.tool, origin.seed), ("ComfyUI", Some(9)));
        assert_eq!(origin.prompt, "make the barn blue", "{nodes:?}");
        assert_eq!((origin.steps, origin.guidance), (Some(20), Some(2.5)));
        assert!(origin.negative_prompt.starts_with("blurry"));
    }
}

#[test]
fn graphs_of_other_shapes_are_followed_too() {
    let custom = graph(&[
        SAVE,
        DECODE,
        ("3", "SamplerCustomAdvanced", r#"{"noise":["25",0],"guider":["22",0],"sigmas":["17",0]}"#),
        ("25", "RandomNoise", r#"{"noise_seed":["60",0]}"#),
        ("60", "PrimitiveInt", r#"{"value":77}"#),
        ("22", "BasicGuider", r#"{"conditioning":["35",0],"model":["12",0]}"#),
        ("12", "UNETLoader", r#"{"unet_name":"flux1-dev-kontext.safetensors"}"#),
        ("17", "BasicScheduler", r#"{"steps":28}"#),
        GUIDANCE,
        ("6", "CLIPTextEncode", r#"{"text":"make the barn blue"}"#),
    ]);
    let origin = read(&png_text("prompt", &custom)).unwrap();
    assert_eq!(
        (origin.prompt.as_str(), origin.seed, origin.steps),
        ("make the barn blue", Some(77), Some(28))
    );
    assert_eq!(origin.model.as_deref(), Some("flux1-dev-kontext.safetensors"));

    let controlled = graph(&[
        SAVE,
        DECODE,
        ("3", "KSampler", r#"{"seed":9,"positive":["40",0],"negative":["40",1]}"#),
        ("40", "ControlNetApplyAdvanced", r#"{"positive":["6",0],"negative":["7",0]}"#),
        LONG_NEGATIVE,
        ("6", "CLIPTextEncode", r#"{"text":"a red barn"}"#),
    ]);
    let origin = read(&png_text("prompt", &controlled)).unwrap();
    assert_eq!(origin.prompt, "a red barn");
    assert!(origin.negative_prompt.starts_with("blurry"));

    let service = graph(&[
        ("5", "SaveImage", r#"{"images":["11",0]}"#),
        (
            "11",
            "FluxKontextMaxImageNode",
            r#"{"prompt":"make the barn blue","seed":1234,"steps":50,"is_changed":NaN}"#,
        ),
    ]);
    let origin = read(&png_text("prompt", &service)).unwrap();
    assert_eq!((origin.prompt.as_str(), origin.seed), ("make the barn blue", Some(1234)));

    let circle = graph(&[("1", "A", r#"{"a":["2",0]}"#), ("2", "B", r#"{"text":["1",0]}"#)]);
    assert_eq!(read(&png_text("prompt", &circle)).unwrap().prompt, "");
}

#[test]
fn a_graph_stands_in_exif_behind_its_name() {
    let text = graph(&[
        SAVE,
        DECODE,
        SAMPLER,
        GUIDANCE,
        LONG_NEGATIVE,
        ("6", "CLIPTextEncode", r#"{"text":"make the barn blue"}"#),
    ]);
    for (tag, name) in [(0x0110, "prompt:"), (0x010f, "Prompt:"), (0x010e, "prompt:")] {
        let block = tiff(true, tag, 2, false, format!("{name}{text}\0").as_bytes());
        assert_eq!(read(&webp_with(b"EXIF", &block)).unwrap().prompt, "make the barn blue");
    }
}

#[test]
fn each_tool_is_known_by_what_it_writes() {
    let comment = |json: &str| {
        let comment = [b"ASCII\0\0\0", json.as_bytes()].concat();
        jpeg_with(0xe1, &[b"Exif\0\0".as_slice(), &tiff(true, 0x9286, 7, true, &comment)].concat())
    };
    let bfl = {
        let software = tiff(true, 0x0131, 2, false, b"AI generated;img2img;flux\0");
        jpeg_with(0xe1, &[b"Exif\0\0".as_slice(), &software].concat())
    };
    let swarm = r#"{"sui_image_params":{"prompt":"a red barn","negativeprompt":"blurry","seed":7,"steps":20}}"#;
    let novel = r#"{"prompt":"a red barn","steps":28,"scale":5,"seed":7,"uc":"lowres"}"#;
    let fooocus = r#"{"prompt":"a red barn","full_prompt":["x"],"base_model":"m","seed":"7"}"#;
    let mflux =
        r#"{"mflux_version":"0.24","prompt":"a red barn","seed":7,"image_paths":["barn.png"]}"#;
    let invoke = r#"{"positive_prompt":"a red barn","seed":7,"model":{"name":"flux"}}"#;
    let fields = [("prompt", "a red barn"), ("seed", "7"), ("num_inference_steps", "25")];
    let journey = "a red barn --ar 3:2 --seed 7 --v 6.1 Job ID: 01234567-89ab";
    let table = [
        ("SwarmUI", png_text("parameters", swarm)),
        ("SwarmUI", comment(swarm)),
        ("NovelAI", png_texts(&[("Software", "NovelAI"), ("Comment", novel)])),
        ("Fooocus", png_texts(&[("parameters", fooocus), ("fooocus_scheme", "fooocus")])),
        ("Fooocus", comment(fooocus)),
        ("mflux", comment(mflux)),
        ("InvokeAI", png_text("invokeai_metadata", invoke)),
        ("Easy Diffusion", png_texts(&fields)),
        ("Midjourney", png_text("Description", journey)),
        ("Forge", png_text("parameters", "a red barn\nSteps: 4, Seed: 7, Version: f2.0.1")),
        (
            "Civitai",
            comment("a red barn\nSteps: 4, Seed: 7, Civitai resources: [{\"a\":1,\"b\":2}]"),
        ),
    ];
    for (tool, file) in table {
        let origin = read(&file).unwrap_or_else(|| panic!("{tool}: nothing"));
        assert_eq!(
            (origin.tool, origin.prompt.as_str(), origin.seed),
            (tool, "a red barn", Some(7))
        );
    }
    assert_eq!(read(&bfl).unwrap().tool, "Black Forest Labs");
}

#[test]
fn lines_of_every_shape_are_understood() {
    let of = |text: &str| read(&png_text("parameters", text)).unwrap();
    let empty = of("Negative prompt: blurry\nSteps: 20, Seed: 55, Size: 96x64");
    assert_eq!((empty.prompt.as_str(), empty.seed, empty.size), ("", Some(55), Some((96, 64))));
    let tail = of(
        "a barn\nSteps: 20, Seed: 5, Version: f2\nTemplate: a {barn|house}\nNegative Template: x",
    );
    assert_eq!((tail.prompt.as_str(), tail.seed), ("a barn", Some(5)));
    let quoted = of("a barn\nSteps: 20, Lora hashes: \"a: 1, Seed: 3\", Seed: 5");
    assert_eq!(quoted.seed, Some(5));
    let long = of("a cat,\nin rain\nNegative prompt: dog,\nmoss\nSteps: 20, Seed: 7");
    assert_eq!(
        (long.prompt.as_str(), long.negative_prompt.as_str()),
        ("a cat,\nin rain", "dog,\nmoss")
    );
}

#[test]
fn words_that_hide_in_transparency_are_found() {
    for (mark, text) in [
        ("stealth_pnginfo", LINES.as_bytes().to_vec()),
        ("stealth_pngcomp", {
            let json = r#"{"Software":"NovelAI","Comment":"{\"prompt\":\"a red barn\",\"uc\":\"\",\"seed\":1234567890}"}"#;
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(json.as_bytes()).unwrap();
            out.finish().unwrap()
        }),
    ] {
        let length = (text.len() as u32 * 8).to_be_bytes();
        let bits = [mark.as_bytes(), &length, &text].concat();
        let mut picture = RgbaImage::from_pixel(64, 64, image::Rgba([9, 9, 9, 254]));
        for (at, byte) in bits.iter().enumerate() {
            for bit in 0..8 {
                let place = (at * 8 + bit) as u32;
                picture.get_pixel_mut(place / 64, place % 64).0[3] = 254 | (byte >> (7 - bit)) & 1;
            }
        }
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        let origin = read(&file.into_inner()).unwrap();
        assert!(origin.prompt.starts_with("a red barn"), "{mark}: {origin:?}");
        assert_eq!(origin.seed, Some(1_234_567_890));
    }
}

#[test]
fn what_tells_nothing_is_no_origin() {
    assert_eq!(read(&picture(ImageFormat::Png)), None);
    assert_eq!(read(b""), None);
    assert_eq!(read(&jpeg_with(0xfe, b"made with love")), None);
    assert_eq!(read(&png_text("prompt", "{\"no\":\"graph\"}")), None);
    // Each file cut off anywhere: nothing fails.
    let file = png_text("parameters", LINES);
    for end in 0..file.len() {
        let _ = read(&file[..end]);
    }
    let comment = [b"UNICODE\0".to_vec(), utf16(LINES, true)].concat();
    let block = tiff(true, 0x9286, 7, true, &comment);
    let file = webp_with(b"EXIF", &block);
    for end in 0..file.len() {
        let _ = read(&file[..end]);
    }
}

#[test]
fn however_much_is_packed_into_a_file_only_so_much_is_read() {
    let bomb = chunk(b"zTXt", &[b"x\0\0".as_slice(), &zlib(&vec![b'a'; 4 << 20])].concat());
    let file = png_with(&bomb.repeat(500), false);
    let total: usize = texts::of(&file).iter().map(|(_, text)| text.len()).sum();
    assert!(total <= 8 << 20, "{total}");
    let attributes: String = (0..20_000).map(|number| format!(" a{number}=\"\"")).collect();
    let packet = format!("<Description{attributes}/>");
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat();
    assert_eq!(read(&png_with(&chunk(b"iTXt", &text), false)), None);
}
