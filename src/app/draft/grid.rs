//! A grid of settings: every combination of some values, each a request of its own.
//!
//! Pure. `sweep` on the command line and `B` in the workbench mean the same by the same words.

use crate::app::draft::prompt_expansion::range::numbers;
use crate::app::draft::prompt_expansion::{self, expand};
use crate::schema::regions::Region;
use crate::schema::{Catalogue, Endpoint, Problem};
use crate::tree::{Input, Recipe, Values};

/// More are surely a slip, and each costs.
pub const MAX_CELLS: usize = 200;

/// What is varied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Endpoints by full id or short name, at least one.
    pub models: Vec<String>,
    /// Braces in it are one more axis.
    pub prompt: String,
    /// Parameters and their values, as they were typed.
    pub axes: Vec<Axis>,
    /// The same in all cells, where the endpoint knows it and no axis names it.
    pub base: Values,
    pub inputs: Vec<Input>,
    /// For the endpoints that take boxes.
    pub regions: Vec<Region>,
    /// How many pictures that will be, where they are not known yet.
    pub pictures: usize,
}

/// A parameter's name and its values.
pub type Axis = (String, Vec<String>);

/// One combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub recipe: Recipe,
    /// What tells it from the others.
    pub label: String,
}

/// Why a combination cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The parameter, or empty for the request as a whole.
    pub field: String,
    pub problem: Problem,
}

impl Refusal {
    fn of(field: &str, problem: Problem) -> Self {
        Self { field: field.to_owned(), problem }
    }

    /// With the parameter's name in front.
    pub fn in_words(self) -> Problem {
        match self.field.as_str() {
            "" => self.problem,
            field => {
                Problem::new(format!("`{field}`: {}", self.problem.message), self.problem.hint)
            }
        }
    }
}

impl Grid {
    /// Every combination, and how many values the last of the axes has. Two that are the same are
    /// one.
    pub fn cells(&self, catalogue: &Catalogue) -> Result<(Vec<Cell>, usize), Refusal> {
        let find = |name: &String| {
            catalogue
                .find(name)
                .map_err(|unknown| Refusal::of("", Problem::new(unknown.to_string(), None)))
        };
        let models: Vec<&Endpoint> = self.models.iter().map(find).collect::<Result<_, _>>()?;
        let axes = self.axes(&models);
        let prompts = expand(&self.prompt);
        if prompts.len() > prompt_expansion::MAX_VARIANTS {
            return Err(too_many());
        }
        let mut cells: Vec<Cell> = Vec::new();
        for endpoint in &models {
            for prompt in &prompts {
                for settings in combinations(&axes) {
                    let recipe = self.recipe(catalogue, endpoint, prompt, &settings)?;
                    if cells.iter().any(|cell| cell.recipe == recipe) {
                        continue;
                    }
                    let mut parts = Vec::new();
                    parts.extend((models.len() > 1).then(|| endpoint.short.clone()));
                    parts.extend((prompts.len() > 1).then(|| prompt.clone()));
                    parts.extend(varying(&axes, &settings));
                    cells.push(Cell { recipe, label: parts.join(", ") });
                    if cells.len() > MAX_CELLS {
                        return Err(too_many());
                    }
                }
            }
        }
        let last = axes.iter().rev().map(|(_, all)| all.len()).find(|count| *count > 1);
        let others = if prompts.len() > 1 { prompts.len() } else { models.len() };
        Ok((cells, last.unwrap_or(others)))
    }

    /// With a seed wherever one is taken: repeatable, and found again after a crash.
    fn axes(&self, models: &[&Endpoint]) -> Vec<Axis> {
        let mut axes = self.axes.clone();
        let is_taken = models.iter().any(|endpoint| endpoint.has_seed());
        if is_taken && !axes.iter().any(|(name, _)| name == "seed") {
            axes.push(("seed".into(), vec!["1".into()]));
        }
        axes
    }

    fn recipe(
        &self,
        catalogue: &Catalogue,
        endpoint: &Endpoint,
        prompt: &str,
        settings: &[(String, String)],
    ) -> Result<Recipe, Refusal> {
        let mut values = endpoint.adopted(&self.base);
        let seeds = |name: &String| self.axes.iter().any(|(axis, _)| axis == name);
        for (name, text) in settings {
            // The seed that nobody asked for is for those that take one.
            if name == "seed" && !endpoint.has_seed() && (self.models.len() > 1 || !seeds(name)) {
                continue;
            }
            endpoint
                .set(&mut values, name, text)
                .map_err(|problem| Refusal::of(name, hinted(endpoint, name, problem)))?;
        }
        let prompt = match endpoint.regions {
            Some(form) => form.write(prompt, &self.regions),
            None => prompt.trim().to_owned(),
        };
        let problems = catalogue.problems(endpoint, &prompt, &values, self.pictures);
        if let Some((field, problem)) = problems.into_iter().next() {
            return Err(Refusal::of(&field, problem));
        }
        Ok(Recipe { endpoint: endpoint.id.clone(), prompt, values, inputs: self.inputs.clone() })
    }
}

/// A setting that cannot be: what would.
fn hinted(endpoint: &Endpoint, name: &str, problem: Problem) -> Problem {
    if name == "seed" && !endpoint.has_seed() {
        let text = format!("`{}` takes no seed", endpoint.short);
        let hint = "`take {1..4}` in the prompt";
        return Problem::new(text, Some(hint.into()));
    }
    let usual = || format!("`editree schema {}` lists its settings", endpoint.short);
    Problem { hint: Some(problem.hint.unwrap_or_else(usual)), ..problem }
}

/// Reads `KEY=VALUES`: `seed=1..4`, `guidance_scale=2.5,3.5`.
pub fn axis(text: &str) -> Result<Axis, Problem> {
    let (name, values) =
        text.split_once('=').filter(|(_, values)| !values.is_empty()).ok_or_else(|| {
            Problem::new(
                format!("`{text}` is not KEY=VALUES"),
                Some("for example seed=1..4".into()),
            )
        })?;
    Ok((name.trim().to_owned(), choices(values)))
}

/// `1..4`, `2..4..0.5`, `2.5,3.5`, or one value. Never many more than are allowed.
fn choices(text: &str) -> Vec<String> {
    let listed = || text.split(',').map(|value| value.trim().to_owned()).collect();
    numbers(text, MAX_CELLS + 1).unwrap_or_else(listed)
}

/// Settings that are not the same in all cells.
fn varying(axes: &[Axis], settings: &[(String, String)]) -> Vec<String> {
    let varies = |(name, _): &&(String, String)| {
        axes.iter().any(|(axis, all)| axis == name && all.len() > 1)
    };
    settings.iter().filter(varies).map(|(name, value)| format!("{name} {value}")).collect()
}

fn combinations(axes: &[Axis]) -> Vec<Vec<(String, String)>> {
    axes.iter().fold(vec![Vec::new()], |all, (name, values)| {
        let with = |begun: &Vec<(String, String)>| {
            let begun = begun.clone();
            values.iter().map(move |value| {
                let mut settings = begun.clone();
                settings.push((name.clone(), value.clone()));
                settings
            })
        };
        all.iter().flat_map(with).take(MAX_CELLS + 1).collect()
    })
}

fn too_many() -> Refusal {
    let text = format!("more than {MAX_CELLS} requests");
    Refusal::of("", Problem::new(text, Some("use fewer; each one costs".into())))
}
