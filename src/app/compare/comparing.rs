//! Comparing and healing: asked for here, done off the loop, shown when it is there.

use crate::app::DEGRADED_BELOW_DB;
use crate::app::compare::{
    ALL, Comparison, ComparisonView, HealPreview, HealRefusal, NotHealed, Pair, Step, not_healed,
};
use crate::app::effect::{Effect, HealSpec, PictureEffect, StoreEffect};
use crate::app::failure::Failure;
use crate::app::follow_up::Effects;
use crate::app::hint::{CommandId, Hint};
use crate::app::log::Level;
use crate::app::model::Model;
use crate::app::notice::{Notice, Tone, failure_notice};
use crate::app::tree::walk;
use crate::schema::regions::RegionPart;
use crate::tree::{Hash, Node, NodeId, Picture, PictureRef, Recipe};

pub(in crate::app) fn compare(model: &mut Model, out: &mut Effects, pair: Pair) {
    if model.comparisons.begin(pair) {
        let regions = regions_of(model, pair);
        out.push(Effect::Picture(PictureEffect::Compare { a: pair.0, b: pair.1, regions }));
    }
}

pub(in crate::app) fn compared(
    model: &mut Model,
    pair: Pair,
    found: Result<Box<ComparisonView>, Failure>,
) {
    match found {
        Ok(found) => {
            if let Some(beside) = found.beside_regions.filter(|beside| *beside >= BESIDE) {
                let text = format!("{:.1} % outside your boxes changed", beside * 100.0);
                let hint = Hint::to(CommandId::Heal, "take only the boxes");
                model.say(Notice::new(Tone::Warning, text).hint(hint));
            } else if found.changed_fraction < 0.6
                && found.unchanged_psnr_db.is_some_and(|outside| outside < DEGRADED_BELOW_DB)
            {
                let text = "areas outside the edit have degraded";
                let hint = Hint::to(CommandId::Heal, "restore them from the parent");
                model.say(Notice::new(Tone::Info, text).hint(hint));
            }
            learn_fit(model, pair, &found);
            model.comparisons.end(pair, Comparison::Done(found));
        }
        Err(failure) => {
            model.comparisons.end(pair, Comparison::Failed);
            model.note(Level::Warning, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
    }
}

/// Less of what lies beside the boxes is the seam of a change inside of them; 0 to 1.
const BESIDE: f64 = 0.005;

/// What an endpoint did with a picture of another shape, it will do again.
fn learn_fit(model: &mut Model, pair: (Hash, Hash), found: &ComparisonView) {
    let endpoint = recipe_between(model, pair).map(|recipe| recipe.endpoint.clone());
    if let Some((endpoint, fit)) = endpoint.zip(found.fit) {
        model.comparisons.fits.insert(endpoint, fit);
    }
}

/// How the second was made from the first.
fn recipe_between(model: &Model, pair: Pair) -> Option<&Recipe> {
    let made = model.nodes.values().find(|node| {
        let is_child = node.parent.is_some_and(|parent| parent.picture == pair.0);
        is_child && node.pictures.iter().any(|picture| picture.hash == pair.1)
    });
    made.and_then(|node| node.recipe.as_ref())
}

fn regions_of(model: &Model, pair: Pair) -> Vec<RegionPart> {
    let regions = recipe_between(model, pair).map(Recipe::regions).unwrap_or_default();
    regions.iter().map(|region| region.part).collect()
}

/// Steps of a branch that are measured at once.
const MEASURED: usize = 24;

/// The pictures of the branch that have not been measured yet, each against the one before and
/// against the first.
pub(in crate::app) fn measure(model: &mut Model, out: &mut Effects) {
    let Some(current) = model.current else { return };
    let missing: Vec<NodeId> = model.tree.path(current.node);
    let missing: Vec<NodeId> =
        missing.into_iter().filter(|node| !model.nodes.contains_key(node)).collect();
    if !missing.is_empty() {
        out.push(Effect::Store(StoreEffect::LoadNodes(missing)));
    }
    let pictures = model.branch();
    let root = pictures.first().copied();
    let mut pairs: Vec<(Hash, Hash)> = Vec::new();
    for (before, after) in pictures.iter().zip(pictures.iter().skip(1)) {
        pairs.push((before.picture, after.picture));
        pairs.extend(root.map(|root| (root.picture, after.picture)));
    }
    pairs.retain(|pair| !model.comparisons.similarity.contains_key(pair));
    pairs.sort_unstable();
    pairs.dedup();
    if !pairs.is_empty() {
        out.push(Effect::Picture(PictureEffect::Measure(pairs)));
    }
}

impl Model {
    /// The very pictures from the first of the branch to the current one, as far as they are known.
    pub(in crate::app) fn branch(&self) -> Vec<PictureRef> {
        let parent = |picture: &PictureRef| self.nodes.get(&picture.node)?.parent;
        let mut branch: Vec<_> =
            std::iter::successors(self.current, parent).take(MEASURED).collect();
        branch.reverse();
        branch
    }

    /// Why nothing of the current picture could be restored, where that is known before it is tried:
    /// how much changed depends on the strength. In few words, and in a sentence.
    pub fn nothing_to_heal(&self) -> Option<(&'static str, String)> {
        let Some(child) = self.current else {
            return Some(("no picture to heal", "there is no picture to heal".into()));
        };
        let Some(node) = self.current_node() else {
            let why = format!("{} is still being read: press it again", child.node);
            return Some(("still being read", why));
        };
        let Some(parent) = node.parent else {
            return Some(("has no parent", "an opened file has no parent to heal from".into()));
        };
        // What was healed, drawn on or cropped here holds nothing that an edit did not mean to change.
        if node.recipe.is_none() {
            let why = format!("{} was made here, not by an edit: nothing to heal", child.node);
            return Some(("made by no edit", why));
        }
        // Of one with boxes only those are taken.
        let is_all =
            |it: &ComparisonView| it.changed_fraction >= ALL && it.beside_regions.is_none();
        let found = self.comparisons.found((parent.picture, child.picture));
        found.filter(|it| is_all(it)).map(|it| {
            let why = format!("{:.0} % changed, too much to heal", it.changed_fraction * 100.0);
            ("all of it changed", not_healed(child.node, &why))
        })
    }

    /// How much the branch has worn down, step by step.
    pub fn drift(&self) -> Vec<Step> {
        let branch = self.branch();
        let steps = branch.iter().zip(branch.iter().skip(1));
        let of = |a: &PictureRef, b: &PictureRef| {
            self.comparisons.similarity.get(&(a.picture, b.picture))
        };
        steps
            .map(|(before, after)| Step {
                node: after.node,
                parent: of(before, after).copied(),
                root: branch.first().and_then(|root| of(root, after)).copied(),
            })
            .collect()
    }
}

/// The newest trial takes the place of one that is not over.
pub(in crate::app) fn try_heal(model: &Model, out: &mut Effects, child: PictureRef, strength: u8) {
    let is_known = |heal_preview: &HealPreview| {
        heal_preview.child == child && heal_preview.strength == strength
    };
    let parent = model.nodes.get(&child.node).and_then(|node| node.parent);
    if let (Some(parent), false) =
        (parent, model.comparisons.heal_preview.as_ref().is_some_and(is_known))
    {
        let healing = healing(model, child, parent, strength);
        out.push(Effect::Picture(PictureEffect::PreviewHeal(healing)));
    }
}

/// A refusal stands where the words of the result would: the strength may be changed.
pub(in crate::app) fn tried(
    model: &mut Model,
    child: PictureRef,
    strength: u8,
    preview: Result<Box<HealPreview>, NotHealed>,
) {
    model.comparisons.heal_refusal = None;
    match preview {
        Ok(preview) => model.comparisons.heal_preview = Some(*preview),
        Err(NotHealed { failure: Failure { message: why, .. }, enough }) => {
            model.note(Level::Warning, None, not_healed(child.node, &why));
            model.comparisons.heal_refusal = Some(HealRefusal { child, strength, why, enough });
        }
    }
}

/// The current picture, from the very picture that it was made from.
pub(in crate::app) fn heal(model: &mut Model, out: &mut Effects, strength: u8) {
    if let Some((_, why)) = model.nothing_to_heal() {
        return model.say(Notice::new(Tone::Info, why));
    }
    let parent = model.current_node().and_then(|node| node.parent);
    let Some((child, parent)) = model.current.zip(parent) else {
        return;
    };
    model.say(Notice::new(
        Tone::Info,
        format!("healing {} from {}", model.name(child), model.name(parent)),
    ));
    let healing = healing(model, child, parent, strength);
    out.push(Effect::Picture(PictureEffect::Heal(healing)));
}

fn healing(model: &Model, child: PictureRef, parent: PictureRef, strength: u8) -> HealSpec {
    let regions = regions_of(model, (parent.picture, child.picture));
    HealSpec { child, parent: parent.picture, strength, regions }
}

/// A local node like any result: followed, unless a draft with letters is being composed.
pub(in crate::app) fn healed(model: &mut Model, healed: Result<Box<(Node, String)>, Failure>) {
    match healed {
        Ok(healed) => {
            let (node, kept) = *healed;
            let id = node.id;
            let size = |picture: Option<&Picture>| picture.map(|it| (it.width, it.height));
            let (made, edit) = (
                size(node.pictures.first()),
                size(node.parent.and_then(|parent| model.picture(parent))),
            );
            // The picture before is what it is healed from, pixel by pixel.
            let at = made
                .filter(|_| made != edit)
                .map_or(String::new(), |(width, height)| format!(", {width}×{height} as before"));
            model.insert_node(node);
            let text = format!("healed as {id}, free{at}; kept from the edit: {kept}");
            model.note(Level::Info, None, text.clone());
            model.say(Notice::new(Tone::Good, text));
            walk::arrive(model, id);
        }
        Err(failure) => {
            model.note(Level::Warning, None, failure.message.clone());
            model.say(failure_notice(&failure));
        }
    }
}
