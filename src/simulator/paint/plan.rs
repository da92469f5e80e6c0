//! Which of the words the painter understands, and what each means it to do.
//!
//! Reads words only; where in the picture is decided while painting. Invariant: changes come in
//! the order in which their words stand, each once.

use super::backdrop::Backdrop;
use super::lettering::Spot;
use super::object::Object;
use super::style::Style;
use super::tone::Tone;
use super::weather::Weather;

mod prompt_parser;

use prompt_parser::{colour_in, colour_near, find_word, quotes, ratio_in};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Tone(Tone),
    Style(Style),
    Weather(Weather),
    Background(Backdrop),
    /// A quarter turn clockwise, this many times.
    Turn(u8),
    Mirror,
    /// Only the middle, in this ratio.
    Crop(u32, u32),
    Sharpen,
    Letters {
        text: String,
        spot: Spot,
        colour: Option<[u8; 3]>,
    },
    /// What stands for the first is covered and the second written there.
    Reletter {
        old: String,
        new: String,
    },
    /// With a colour where one was named.
    Object(Object, Option<[u8; 3]>),
    /// The thing that one sees first gets this colour.
    Recolour([u8; 3]),
    Remove,
    Frame(Option<[u8; 3]>),
    /// A part of the second picture stands on the first.
    Insert,
    Beside,
    /// Light and colours of the second picture.
    Borrow,
}

impl Change {
    /// For the request's log: what was done, and what was taken for what.
    pub fn describe(&self) -> String {
        match self {
            Self::Tone(tone) => format!("changed the light of the whole picture: {}", tone.name()),
            Self::Style(style) => format!("restyled the whole picture: {}", style.name()),
            Self::Weather(weather) => format!("let it be {}", weather.name()),
            Self::Background(backdrop) => {
                format!("took what is like the borders for the background: {}", backdrop.name())
            }
            Self::Turn(quarters) => format!("turned it by {} degrees", u32::from(*quarters) * 90),
            Self::Mirror => "mirrored it".into(),
            Self::Crop(width, height) => format!("cropped it to {width}:{height}"),
            Self::Sharpen => "sharpened it".into(),
            Self::Letters { text, spot, .. } => format!("wrote \"{text}\" {}", spot.name()),
            Self::Reletter { old, new } => {
                format!("took the calmest place for \"{old}\" and wrote \"{new}\" there")
            }
            Self::Object(object, _) => format!("drew a {} {}", object.name(), object.reason()),
            Self::Recolour(_) => "took what stands out most for the thing and coloured it".into(),
            Self::Remove => "took what stands out most for the thing and painted it over".into(),
            Self::Frame(_) => "put a frame around it".into(),
            Self::Insert => "put what stands out in the second picture onto the first".into(),
            Self::Beside => "put the pictures side by side".into(),
            Self::Borrow => "gave the first picture the light and colours of the second".into(),
        }
    }
}

/// In the order in which the words stand there. `pictures` is how many go in.
pub fn read(prompt: &str, pictures: usize) -> Vec<Change> {
    let mut reading = Reading { lower: prompt.to_lowercase(), found: Vec::new() };
    reading.lettering(prompt);
    reading.whole();
    reading.background();
    reading.objects();
    reading.thing();
    if pictures > 1 {
        reading.combine();
    }
    let mut found = reading.found;
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, change)| change).collect()
}

struct Reading {
    lower: String,
    found: Vec<(usize, Change)>,
}

impl Reading {
    fn take(&mut self, place: Option<usize>, change: Change) {
        let known = self.found.iter().any(|(_, other)| *other == change);
        if let (Some(place), false) = (place, known) {
            self.found.push((place, change));
        }
    }

    fn first_of(&self, words: &[&str]) -> Option<usize> {
        words.iter().filter_map(|word| find_word(&self.lower, word)).min()
    }

    fn has(&self, words: &[&str]) -> bool {
        self.first_of(words).is_some()
    }

    fn lettering(&mut self, prompt: &str) {
        let quoted = quotes(prompt);
        let Some((place, first)) = quoted.first().cloned() else {
            return;
        };
        if self.has(&["replace", "change"])
            && let Some((_, second)) = quoted.get(1)
        {
            let change = Change::Reletter { old: first, new: second.clone() };
            return self.take(Some(place), change);
        }
        let spot = Spot::read(&self.lower);
        let colour = colour_near(&self.lower, &["letters", "text", "strokes", "letter"]);
        self.take(Some(place), Change::Letters { text: first, spot, colour });
    }

    fn whole(&mut self) {
        for (words, change) in WHOLE {
            let place = self.first_of(words);
            self.take(place, change.clone());
        }
        if let Some(place) = self.first_of(&["rotate", "turn"])
            && (self.has(&["degrees", "upside down", "clockwise", "rotate"]))
        {
            let quarters = match () {
                () if self.has(&["180", "upside down"]) => 2,
                () if self.has(&["270", "counterclockwise", "counter-clockwise", "left"]) => 3,
                () => 1,
            };
            self.take(Some(place), Change::Turn(quarters));
        }
        if let Some(place) = self.first_of(&["crop"]) {
            let (width, height) = ratio_in(&self.lower).unwrap_or((1, 1));
            self.take(Some(place), Change::Crop(width, height));
        }
        if let Some(place) = self.first_of(&["frame", "border"]) {
            let colour = colour_near(&self.lower, &["frame", "border"]);
            self.take(Some(place), Change::Frame(colour));
        }
    }

    fn background(&mut self) {
        let Some(place) = self.first_of(&["background", "backdrop"]) else {
            return;
        };
        let backdrop = if self.has(&["blur", "blurred", "blurry", "out of focus", "bokeh"]) {
            Backdrop::Blurred
        } else if self.has(&["remove", "delete", "erase", "transparent", "white"]) {
            Backdrop::White
        } else {
            Backdrop::read(&self.lower)
        };
        // "a beach at sunset" behind the object does not tint the whole picture.
        self.found.retain(|(_, change)| !matches!(change, Change::Tone(_) | Change::Weather(_)));
        self.take(Some(place), Change::Background(backdrop));
    }

    fn objects(&mut self) {
        let is_backdrop = self.found.iter().any(|(_, c)| matches!(c, Change::Background(_)));
        for (words, object) in OBJECTS {
            let place = self.first_of(words).filter(|_| !is_backdrop);
            let named = place.is_some_and(|place| self.is_wanted(place));
            if named {
                let colour = colour_near(&self.lower, words);
                self.take(place, Change::Object(object, colour));
            }
        }
    }

    /// "Make the hat green" is about a hat that is there; "add a hat" is not.
    fn is_wanted(&self, place: usize) -> bool {
        let before = self.lower.get(..place).unwrap_or_default();
        let verb = prompt_parser::last_of(
            before,
            &["add", "put", "draw", "with", "place", "give", "wearing", "a"],
        );
        let other = prompt_parser::last_of(before, &["remove", "delete", "erase", "the"]);
        verb.is_some() && verb >= other
    }

    /// What is done to "the" thing of the picture.
    fn thing(&mut self) {
        let removes = self.first_of(&["remove", "erase", "delete", "get rid of"]);
        let is_background = self.has(&["background", "backdrop"]);
        if !is_background {
            self.take(removes, Change::Remove);
        }
        let is_other = |change: &Change| {
            matches!(
                change,
                Change::Object(..)
                    | Change::Letters { .. }
                    | Change::Background(_)
                    | Change::Frame(_)
            )
        };
        let is_grey = self.found.iter().any(|(_, change)| *change == Change::Tone(Tone::Grey));
        if is_grey || self.found.iter().any(|(_, change)| is_other(change)) {
            return;
        }
        let Some((place, colour)) = colour_in(&self.lower) else {
            return;
        };
        let change = match self.has(&["it", "everything", "picture", "image", "photo"]) {
            true => Change::Tone(Tone::Tint(colour)),
            false => Change::Recolour(colour),
        };
        self.take(Some(place), change);
    }

    fn combine(&mut self) {
        let style =
            self.first_of(&["style of", "colors of", "colours of", "look of", "style from"]);
        if style.is_some() {
            return self.take(style, Change::Borrow);
        }
        let onto = ["on top of", "onto", "on the", "wearing", "put", "place", "into"];
        let insert = self.first_of(&onto).filter(|_| !self.has(&["side by side", "beside each"]));
        if insert.is_some() {
            // The duckling comes from the second picture; drawing another would be one too many.
            self.found.retain(|(_, change)| !matches!(change, Change::Object(..)));
            return self.take(insert, Change::Insert);
        }
        self.found.insert(0, (0, Change::Beside));
    }
}

/// Changes of all of it, by their words; longer words before those they contain.
const WHOLE: &[(&[&str], Change)] = &[
    (
        &["black and white", "black-and-white", "grayscale", "greyscale", "monochrome"],
        Change::Tone(Tone::Grey),
    ),
    (&["sepia"], Change::Tone(Tone::Sepia)),
    (&["warmer", "warm"], Change::Tone(Tone::Warm)),
    (&["colder", "cooler", "cold"], Change::Tone(Tone::Cold)),
    (&["brighter", "bright", "lighter"], Change::Tone(Tone::Bright)),
    (&["darker"], Change::Tone(Tone::Dark)),
    (&["night", "nighttime", "midnight"], Change::Weather(Weather::Night)),
    (&["sunset", "golden hour", "dusk"], Change::Weather(Weather::Sunset)),
    (&["snow", "snowy", "snowing", "winter"], Change::Weather(Weather::Snow)),
    (&["rain", "rainy", "raining"], Change::Weather(Weather::Rain)),
    (&["fog", "foggy", "mist", "misty"], Change::Weather(Weather::Fog)),
    (&["sharpen", "sharper"], Change::Sharpen),
    (&["mirror", "mirrored", "flip", "flipped"], Change::Mirror),
    (&["oil painting", "oil paint", "impressionist"], Change::Style(Style::Oil)),
    (&["watercolour", "watercolor"], Change::Style(Style::Watercolour)),
    (&["pencil sketch", "pencil", "sketch", "charcoal"], Change::Style(Style::Pencil)),
    (&["pixel art", "pixelated", "8-bit"], Change::Style(Style::Pixels)),
    (&["poster", "pop art"], Change::Style(Style::Poster)),
    (&["line art", "line drawing", "ink drawing", "outline"], Change::Style(Style::Lines)),
    (&["claymation", "clay", "plasticine"], Change::Style(Style::Clay)),
    (&["vintage", "old photo", "retro", "antique"], Change::Style(Style::Vintage)),
];

const OBJECTS: [(&[&str], Object); 12] = [
    (&["donut", "doughnut"], Object::Donut),
    (&["hat"], Object::Hat),
    (&["sun"], Object::Sun),
    (&["moon"], Object::Moon),
    (&["balloon", "balloons"], Object::Balloon),
    (&["star"], Object::Star),
    (&["heart"], Object::Heart),
    (&["tree"], Object::Tree),
    (&["duckling", "bird", "duck"], Object::Bird),
    (&["flower"], Object::Flower),
    (&["cloud"], Object::Cloud),
    (&["glasses", "sunglasses"], Object::Glasses),
];

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 3] = [214, 40, 40];
    const GREEN: [u8; 3] = [50, 160, 70];

    fn letters(text: &str) -> Vec<Change> {
        vec![Change::Letters { text: text.into(), spot: Spot::Bottom, colour: None }]
    }

    #[test]
    fn words_are_found_whole_and_in_order() {
        let grey = Change::Tone(Tone::Grey);
        assert_eq!(read("Make it black and white", 1), std::slice::from_ref(&grey));
        assert_eq!(read("Keep that sunset", 1), [Change::Weather(Weather::Sunset)]);
        let hat = Change::Object(Object::Hat, Some(RED));
        assert_eq!(read("Add a red hat, then make it black and white", 1), [hat, grey]);
        assert_eq!(read("Put it somewhere else", 1), []);
    }

    #[test]
    fn lettering_is_what_stands_in_quotes_of_any_kind() {
        assert_eq!(read("write “Hello” on it", 1), letters("Hello"));
        let reletter = Change::Reletter { old: "joy".into(), new: "fal".into() };
        assert_eq!(read("replace ‘joy’ by ‘fal\"", 1), [reletter]);
        assert_eq!(
            read("The word \"FLUX\" is painted over it in big, white brush strokes", 0),
            [Change::Letters {
                text: "FLUX".into(),
                spot: Spot::Middle,
                colour: Some([245, 245, 245])
            }]
        );
    }

    #[test]
    fn a_colour_goes_to_the_thing_that_is_named_or_to_all_of_it() {
        assert_eq!(read("Change the car color to green", 1), [Change::Recolour(GREEN)]);
        assert_eq!(read("make the hat green", 1), [Change::Recolour(GREEN)]);
        assert_eq!(read("make it red", 1), [Change::Tone(Tone::Tint(RED))]);
    }

    #[test]
    fn the_words_about_a_background_stay_with_it() {
        let change = |backdrop| vec![Change::Background(backdrop)];
        assert_eq!(read("Blur the background", 1), change(Backdrop::Blurred));
        assert_eq!(read("Remove the background", 1), change(Backdrop::White));
        assert_eq!(
            read("Replace the background with a beach at sunset", 1),
            change(Backdrop::Beach)
        );
    }

    #[test]
    fn two_pictures_are_combined_as_the_words_say() {
        let words = "Put the little duckling on top of the woman's t-shirt.";
        assert_eq!(read(words, 2), [Change::Insert]);
        assert_eq!(read("Show them side by side", 2), [Change::Beside]);
        assert_eq!(read("Use the style of image 2", 2), [Change::Borrow]);
    }
}
