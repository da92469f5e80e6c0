//! A sweep in one line: `seed=1..4 guidance_scale=2.5,3.5 model=pro,max`, with count and price
//! while one types.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::{Overlay, OverlayAction, OverlayResult};
use crate::app::action::{Action, QueueAction};
use crate::app::draft::grid::{Grid, Refusal, axis};
use crate::app::draft::prompt_expansion::escape;
use crate::app::model::Model;
use crate::schema::price::Quote;
use crate::schema::{Problem, regions};
use crate::tree::{Input, Recipe};
use crate::ui::cells::{put, wrapped};
use crate::ui::line_input::LineInput;
use crate::ui::theme::Theme;

#[derive(Debug)]
pub struct Sweep {
    line: LineInput,
    /// What is swept: the prompt and its input picture.
    base: String,
    /// Names of the parameters that can be varied.
    axes: String,
    recipes: Vec<Recipe>,
    told: Result<String, String>,
}

impl Sweep {
    pub fn new(model: &Model) -> Self {
        let told = Err(String::new());
        let (base, axes) = (String::new(), String::new());
        let mut sweep =
            Self { line: LineInput::new("seed=1..4"), base, axes, recipes: Vec::new(), told };
        sweep.refresh(model);
        sweep
    }
}

impl Sweep {
    /// What stands below the line, in so many columns.
    fn lines(&self, columns: u16, theme: Theme) -> Vec<(String, Style)> {
        let (told, style) = match &self.told {
            Ok(told) => (format!("{told} · Enter to review"), theme.text()),
            Err(problem) => (problem.clone(), theme.error()),
        };
        let axes = match self.axes.is_empty() {
            true => String::new(),
            false => format!("what can be varied: {}", self.axes),
        };
        let also = "words vary too: {red|blue} in the prompt · S then shows all side by side";
        let dim = theme.dim();
        let parts = [(&*told, style), (&*self.base, dim), (&*axes, dim), (also, dim)];
        let columns = usize::from(columns.saturating_sub(2));
        let told = parts.iter().filter(|(text, _)| !text.is_empty());
        let lines = told.flat_map(|(text, style)| {
            wrapped(text, columns).into_iter().map(move |line| (line, *style))
        });
        lines.collect()
    }
}

impl Overlay for Sweep {
    fn title(&self) -> &str {
        "sweep · one request for each combination"
    }

    fn keys(&self) -> &'static [(&'static str, &'static str)] {
        match self.recipes.is_empty() {
            true => &[("type", "KEY=VALUE,VALUE")],
            false => &[("Enter", "review"), ("Tab", "next field")],
        }
    }

    fn rows(&self) -> usize {
        self.rows_in(u16::MAX)
    }

    fn rows_in(&self, columns: u16) -> usize {
        1 + self.lines(columns, Theme::default()).len()
    }

    fn on_key(&mut self, key: KeyEvent) -> OverlayResult {
        match key.code {
            KeyCode::Esc => return OverlayResult::Close,
            KeyCode::Enter if self.told.is_ok() && !self.recipes.is_empty() => {
                let sweep = Action::Queue(QueueAction::Grid(std::mem::take(&mut self.recipes)));
                return OverlayResult::Accept(OverlayAction::Actions(vec![sweep]));
            }
            _ => drop(self.line.on_key(&key)),
        }
        OverlayResult::Keep
    }

    fn on_paste(&mut self, text: &str) -> OverlayResult {
        self.line.paste(text);
        OverlayResult::Keep
    }

    fn refresh(&mut self, model: &Model) {
        self.recipes.clear();
        let Some((grid, from)) = base(model) else {
            (self.base, self.axes) = (String::new(), String::new());
            let why = "nothing to vary yet: write a prompt, or go to a picture that was generated";
            self.told = Err(why.into());
            return;
        };
        let boxes: Vec<&str> = grid.regions.iter().map(|region| region.words.as_str()).collect();
        let words = if grid.prompt.is_empty() { boxes.join("; ") } else { grid.prompt.clone() };
        self.base = format!("{from}: {words}");
        self.axes = axes(model, &grid);
        self.told = match plan(model, grid, self.line.text()) {
            Ok((recipes, cost)) => {
                self.recipes = recipes;
                Ok(format!("{} requests · {}", self.recipes.len(), model.told(cost)))
            }
            Err(problem) => Err(problem.to_string()),
        };
    }

    fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) -> Option<Position> {
        let cursor = self.line.draw(area, buffer, " ");
        for (y, (line, style)) in (1..area.height).zip(self.lines(area.width, theme)) {
            put(buffer, area, 1, y, &line, style);
        }
        Some(cursor)
    }
}

/// The draft if it has a prompt, else the recipe of the current picture.
fn base(model: &Model) -> Option<(Grid, String)> {
    let without_seed = |mut values: crate::tree::Values| {
        values.remove("seed");
        values
    };
    if !model.draft.prompt.trim().is_empty() {
        let parent = model.draft.parent.map(Input::Picture);
        let inputs: Vec<Input> =
            parent.into_iter().chain(model.draft.references.iter().cloned()).collect();
        let from = match model.draft.parent {
            Some(parent) => format!("from {}", parent.node),
            None => "from text".into(),
        };
        let grid = Grid {
            models: vec![model.endpoint().ok()?.id.clone()],
            prompt: model.draft.prompt.clone(),
            axes: Vec::new(),
            base: without_seed(model.values()),
            regions: model.draft.regions.clone(),
            pictures: inputs.len(),
            inputs,
        };
        return Some((grid, from));
    }
    let node = model.current_node()?;
    let recipe = node.recipe.clone()?;
    let (words, regions) = match regions::read(&recipe.prompt) {
        Some(parsed) => (parsed.words, parsed.regions),
        None => (recipe.prompt.clone(), Vec::new()),
    };
    let grid = Grid {
        models: vec![recipe.endpoint.clone()],
        prompt: escape(&words),
        regions,
        axes: Vec::new(),
        base: without_seed(recipe.values),
        pictures: recipe.inputs.len(),
        inputs: recipe.inputs,
    };
    let short = model.catalogue.find(&recipe.endpoint).ok().map(|it| it.short.clone());
    let with = short.map_or(String::new(), |short| format!(" with {short}"));
    Some((grid, format!("{} again{with}", node.id)))
}

/// Applies the typed axes to the base.
fn plan(model: &Model, mut grid: Grid, text: &str) -> Result<(Vec<Recipe>, Quote), Problem> {
    for word in text.split_whitespace() {
        let (name, values) = axis(word)?;
        match name.as_str() {
            "model" => grid.models = values,
            _ => grid.axes.push((name, values)),
        }
    }
    let (cells, _) = grid.cells(&model.catalogue).map_err(Refusal::in_words)?;
    let recipes: Vec<Recipe> = cells.into_iter().map(|cell| cell.recipe).collect();
    let quote = recipes.iter().map(|recipe| model.quote(recipe)).sum();
    Ok((recipes, quote))
}

/// Names of the parameters that the endpoint lets one vary.
fn axes(model: &Model, grid: &Grid) -> String {
    const DULL: [&str; 6] =
        ["prompt", "image_url", "image_urls", "sync_mode", "num_images", "output_format"];
    let endpoint = grid.models.first().and_then(|id| model.catalogue.find(id).ok());
    let params = endpoint.map(|endpoint| endpoint.params.iter().map(|param| param.name.as_str()));
    let names = params.into_iter().flatten().filter(|name| !DULL.contains(name));
    names.chain(["model"]).map(|name| format!("{name}=")).collect::<Vec<_>>().join(" ")
}
