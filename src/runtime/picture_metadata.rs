//! What a picture that leaves the store says about itself: recipe, lineage, the hash of its pixels.
//!
//! The same for every way out: a command's `-o`, the workbench, a report. Not an encoded pixel is
//! touched, unless a name asks for another format. Reads files: call it off the loop.

use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use super::Private;
use crate::picture;
use crate::picture::metadata::{self, Label};
use crate::picture::{origin, private, rewrite};
use crate::store::Store;
use crate::tree::{Hash, Node, Picture};

/// So many steps back a label tells of.
const LINEAGE: usize = 64;

/// The picture's file with its recipe and lineage inside; as it is, where the format has no place
/// for that.
pub(crate) fn labelled(
    store: &Store,
    node: &Node,
    picture: &Picture,
    file: Vec<u8>,
    private: Private,
) -> Vec<u8> {
    if metadata::is_signed(&file) {
        return file;
    }
    if is_photo(node, &file) && private == Private::Dropped {
        // A photo's own words stay here. Without them it is another file, to which our label
        // would lead nobody back.
        let bare = private::without(&file);
        if bare != file {
            return bare;
        }
    }
    with_label(store, node, picture, file, None)
}

/// The same in the format that the file's name means, where that is one that is written here.
pub(crate) fn labelled_as(
    store: &Store,
    node: &Node,
    picture: &Picture,
    file: Vec<u8>,
    (private, name): (Private, &Path),
) -> Vec<u8> {
    match rewrite::named(&file, name) {
        // A photo without its own words is another file, to which our label would lead nobody back.
        Some(other) if is_photo(node, &file) => other,
        Some(other) => with_label(store, node, picture, other, Some(&file)),
        None => labelled(store, node, picture, file, private),
    }
}

/// The words of another tool are what a picture is kept for.
fn is_photo(node: &Node, file: &[u8]) -> bool {
    node.recipe.is_none() && origin::read(file).is_none()
}

/// `from`: the file of the store that it was written anew from.
fn with_label(
    store: &Store,
    node: &Node,
    picture: &Picture,
    file: Vec<u8>,
    from: Option<&[u8]>,
) -> Vec<u8> {
    let Some(own) = described(store, picture.hash, &node.global) else {
        return file;
    };
    let mut lineage = Vec::new();
    let mut next = own.get("parent").cloned();
    while let Some(parent) = next.take().filter(|_| lineage.len() < LINEAGE) {
        let name = |key: &str| parent.get(key)?.as_str();
        let hash = name("picture").and_then(|hash| hash.parse().ok());
        let (Some(global), Some(hash)) = (name("global"), hash) else {
            break;
        };
        let Some(step) = described(store, hash, global) else {
            break;
        };
        next = step.get("parent").cloned();
        lineage.push(step);
    }
    let mut recipe = json!({
        "editree": 1,
        "file": picture.hash.to_string(),
        "pixels": pixels(&file),
        "node": own,
        "lineage": lineage,
    });
    // It is not the very picture that was made: where it is imported it starts a tree.
    if let Some(all) = recipe.as_object_mut().filter(|_| from.is_some()) {
        all.insert("rewritten".into(), json!(true));
    }
    let parameters = match from.filter(|_| node.recipe.is_none()) {
        Some(before) => words_of_another_tool(before),
        None => parameters(node, picture),
    };
    let source = source(node);
    let label = |recipe: &Value| Label {
        parameters: parameters.clone(),
        recipe: recipe.to_string(),
        source,
    };
    if let Some(file) = metadata::attach(&file, &label(&recipe)) {
        return file;
    }
    // A long branch does not fit into a JPEG: the step itself matters most.
    if let Some(all) = recipe.as_object_mut() {
        all.insert("lineage".into(), json!([]));
    }
    metadata::attach(&file, &label(&recipe)).unwrap_or(file)
}

/// A signed file keeps its bytes: its recipe goes into a file beside the copy, which `import` finds
/// by the picture's hash. Answers that file's path, if one was written.
///
/// # Errors
///
/// The file cannot be written.
pub(crate) fn describe_beside(
    store: &Store,
    picture: &Picture,
    bytes: &[u8],
    copy: &Path,
) -> std::io::Result<Option<PathBuf>> {
    let signed = metadata::is_signed(bytes).then(|| store.description(picture.hash)).flatten();
    let Some(recipe) = signed else { return Ok(None) };
    let path = copy.with_file_name(format!("{}.json", picture.hash));
    std::fs::write(&path, recipe.to_string())?;
    Ok(Some(path))
}

/// What stands beside a picture of the store about one of the nodes that show it.
fn described(store: &Store, picture: Hash, global: &str) -> Option<Value> {
    let mut beside = store.description(picture)?;
    let nodes = beside.get_mut("nodes")?.as_array_mut()?;
    let is_it = |node: &&mut Value| node.get("global").and_then(Value::as_str) == Some(global);
    nodes.iter_mut().find(is_it).map(Value::take)
}

/// The name of the picture's pixels, which no other way to write them changes.
pub(crate) fn pixels(file: &[u8]) -> Option<String> {
    let numbers = picture::decode_numbers(file)?;
    let (width, height) = numbers.dimensions();
    let mut digest = Context::new(&SHA256);
    digest.update(&width.to_be_bytes());
    digest.update(&height.to_be_bytes());
    digest.update(numbers.as_raw());
    Some(Hash::from(digest.finish()).to_string())
}

/// IPTC's word for what a model has made; nothing is said of what was opened here, or painted by
/// the simulator.
fn source(node: &Node) -> Option<&'static str> {
    let recipe = node.recipe.as_ref().filter(|_| !node.simulated)?;
    Some(match recipe.inputs.is_empty() {
        true => "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        false => {
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
        }
    })
}

/// Prompt and settings as most tools write them.
fn words_of_another_tool(file: &[u8]) -> String {
    let is_such = |name: &str| matches!(name, "parameters" | "exif:UserComment");
    let found = picture::metadata_of(file).into_iter().find(|(name, _)| is_such(name));
    found.map(|(_, text)| text).unwrap_or_default()
}

/// The lines that other tools read, in the order in which A1111 writes them: some readers look for
/// `Steps:` at the start of the line and know no settings without it. Empty for a picture that was
/// opened: it has its own words.
fn parameters(node: &Node, picture: &Picture) -> String {
    let Some(recipe) = &node.recipe else {
        return String::new();
    };
    let value = |name: &str| recipe.values.get(name).map(ToString::to_string);
    // The service does not tell how many steps it takes where they cannot be chosen.
    let steps = value("num_inference_steps").unwrap_or_else(|| "0".into());
    let mut settings = vec![format!("Steps: {steps}"), "Sampler: FLUX".into()];
    settings.extend(value("guidance_scale").map(|scale| format!("CFG scale: {scale}")));
    settings.extend(node.seed.map(|seed| format!("Seed: {seed}")));
    settings.push(format!("Size: {}x{}", picture.width, picture.height));
    settings.push(format!("Model: {}", recipe.endpoint));
    settings.push("Version: editree".into());
    if node.simulated {
        settings.push("Simulated: true".into());
    }
    format!("{}\n{}", recipe.prompt, settings.join(", "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::runtime::open_files::described;
    use crate::store::{Options, import};
    use crate::tree::Timestamp;

    /// A picture with a chunk in which a signature would stand.
    fn signed() -> Vec<u8> {
        let picture = image::RgbaImage::from_pixel(8, 8, image::Rgba([9, 9, 9, 255]));
        let mut file = picture::encode_png(&picture, &[]).unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(b"caBX");
        file.splice(33..33, [&[0; 4], &b"caBX"[..], &sum.sum().to_be_bytes()].concat());
        file
    }

    #[tokio::test]
    async fn a_signed_file_keeps_its_bytes_with_its_recipe_beside_it_and_another_has_a_label() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp(1_000);
        let options = Options {
            project: "main".into(),
            simulated: false,
            day_start: Timestamp(0),
            now,
            take_over_orphans: true,
            with_page: true,
            log_days: 90,
        };
        let (store, _) = Store::open(&folder.path().join("store"), options).unwrap();
        let bytes = signed();
        let info = picture::inspect(&bytes).unwrap();
        let kept = store.open_picture(&bytes, described(&bytes, &info), "signed".into(), now);
        let node = kept.unwrap().await.unwrap();
        let picture = node.pictures.first().unwrap();
        assert_eq!(labelled(&store, &node, picture, bytes.clone(), Private::Dropped), bytes);
        let copy = folder.path().join("copy.png");
        let beside = describe_beside(&store, picture, &bytes, &copy).unwrap();
        assert!(beside.unwrap().is_file());
        assert_eq!(import::beside(&copy, picture.hash).unwrap().unwrap().len(), 1);
        let plain = picture::encode_png(&image::RgbaImage::new(8, 8), &[]).unwrap();
        assert_eq!(describe_beside(&store, picture, &plain, &copy).unwrap(), None);
        let info = picture::inspect(&plain).unwrap();
        let kept = store.open_picture(&plain, described(&plain, &info), "plain".into(), now);
        let node = kept.unwrap().await.unwrap();
        let file = labelled(
            &store,
            &node,
            node.pictures.first().unwrap(),
            plain.clone(),
            Private::Dropped,
        );
        let label: Value = serde_json::from_str(&metadata::recipe(&file).unwrap()).unwrap();
        assert!(label["pixels"].is_string() && label["lineage"] == json!([]), "{label}");
        assert_eq!(metadata::detach(&file), plain);
    }
}
