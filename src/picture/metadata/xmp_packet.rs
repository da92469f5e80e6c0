//! Our recipe in an XMP packet: a packet of our own, or merged into the one that a file has.
//!
//! Invariant: taking it off again gives the very packet from before, as long as no other program
//! has written the packet anew.

use super::super::texts::NAMESPACE;
use super::escaped;

const END: &str = "</rdf:RDF>";
const HEAD: &str = "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
     <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
     xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n";
const TAIL: &str = "\n</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>";

/// The recipe, and how the picture came to be (IPTC Photo Metadata: Digital Source Type).
fn description(recipe: Option<&str>, source: Option<&str>) -> String {
    let recipe = recipe.map_or_else(String::new, |recipe| {
        format!("<editree:recipe>{}</editree:recipe>", escaped(recipe))
    });
    let source = source.map_or_else(String::new, |source| {
        format!(
            "<Iptc4xmpExt:DigitalSourceType \
             xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\">{source}\
             </Iptc4xmpExt:DigitalSourceType>"
        )
    });
    format!(
        "<rdf:Description rdf:about=\"\" xmlns:editree=\"{NAMESPACE}\">{recipe}{source}\
         </rdf:Description>"
    )
}

/// A packet of our own.
pub(super) fn new(recipe: Option<&str>, source: Option<&str>) -> String {
    format!("{HEAD}{}{TAIL}", description(recipe, source))
}

/// The packet with ours in it. `None`: it is no packet as programs write them.
pub(super) fn merged(packet: &str, recipe: Option<&str>, source: Option<&str>) -> Option<String> {
    let at = packet.rfind(END)?;
    let (before, behind) = packet.split_at_checked(at)?;
    // A picture says once how it came to be.
    let source = source.filter(|_| !packet.contains("DigitalSourceType"));
    Some(format!("{before}{}{behind}", description(recipe, source)))
}

/// The packet without ours, empty if there was none; `None`: it is not in it as we write it.
pub(super) fn unmerged(packet: &str) -> Option<String> {
    let start = format!("<rdf:Description rdf:about=\"\" xmlns:editree=\"{NAMESPACE}\">");
    let at = packet.find(&start)?;
    let end = at + packet.get(at..)?.find("</rdf:Description>")? + "</rdf:Description>".len();
    let (before, behind) = (packet.get(..at)?, packet.get(end..)?);
    Some(if before == HEAD && behind == TAIL { String::new() } else { format!("{before}{behind}") })
}
