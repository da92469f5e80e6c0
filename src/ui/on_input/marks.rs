//! Marked rows: what is done to one of them is done to all.

use std::collections::BTreeSet;

use super::super::Ui;
use super::super::keys::table::{Command, Stakes};
use super::super::overlay::confirm::Confirm;
use super::super::overlay::menu::Menu;
use super::super::overlay::{OverlayAction, trash};
use super::super::pane::Pane;
use super::super::panes::queue;
use crate::app::action::Action;
use crate::app::consent;
use crate::app::job::{Job, JobId, State};
use crate::app::model::Model;
use crate::schema::Usd;
use crate::tree::NodeId;
use crate::tree::index::NodeSummary;

impl Ui {
    pub(super) fn perform_marks(&mut self, model: &Model, command: Command) -> Vec<Action> {
        match command {
            Command::Star => {
                let star = |node, on| Action::Star { node, on };
                self.on_nodes(model, |summary| summary.starred, star)
            }
            Command::Trash => {
                let trash = |node, on| Action::Trash { node, on };
                let actions = self.on_nodes(model, |summary| summary.trashed, trash);
                self.ask_trash(model, actions)
            }
            _ => self.mark(model),
        }
    }

    /// `v`: marks the row, or takes the mark off, and goes to the next.
    fn mark(&mut self, model: &Model) -> Vec<Action> {
        match self.focus {
            Pane::Tree => {
                if let Some(current) = model.current {
                    flip(&mut self.selected_nodes, current.node);
                }
            }
            Pane::Queue => {
                if let Some(job) = self.selected_job(model) {
                    flip(&mut self.selected_jobs, job);
                }
            }
            Pane::Prompt | Pane::Form | Pane::Log | Pane::Canvas => return Vec::new(),
        }
        self.step_row(model, 1)
    }

    /// Takes all marks off; whether there were any.
    pub(super) fn unmark(&mut self) -> bool {
        let any = !self.selected_nodes.is_empty() || !self.selected_jobs.is_empty();
        self.selected_nodes.clear();
        self.selected_jobs.clear();
        any
    }

    /// `*` and `d`: the marked nodes in the tree, else the one on the canvas. Where they differ,
    /// all become what the first is not.
    fn on_nodes(
        &mut self,
        model: &Model,
        state: impl Fn(&NodeSummary) -> bool,
        action: impl Fn(NodeId, bool) -> Action,
    ) -> Vec<Action> {
        let is_listed = self.focus == Pane::Tree || self.sheet.is_some();
        let in_tree = is_listed && !self.selected_nodes.is_empty();
        let chosen: Vec<NodeId> = match in_tree {
            true => std::mem::take(&mut self.selected_nodes).into_iter().collect(),
            false => model.current.iter().map(|current| current.node).collect(),
        };
        let summaries: Vec<&NodeSummary> =
            chosen.iter().filter_map(|node| model.tree.get(*node)).collect();
        let Some(on) = summaries.first().map(|summary| !state(summary)) else {
            return Self::say("there is no picture");
        };
        let others = summaries.into_iter().filter(|summary| state(summary) != on);
        others.map(|summary| action(summary.id, on)).collect()
    }

    /// What would take more along than itself is asked about.
    pub(super) fn ask_trash(&mut self, model: &Model, actions: Vec<Action>) -> Vec<Action> {
        let thrown = actions.iter().filter_map(|action| match action {
            Action::Trash { node, on: true } => Some(*node),
            _ => None,
        });
        let thrown: BTreeSet<NodeId> = thrown.collect();
        match trash::ask(model, &thrown, actions.clone()) {
            Some(asks) => self.put_on_top(asks),
            None => actions,
        }
    }

    /// The marked jobs, else the selected one.
    pub(super) fn on_jobs(&mut self, model: &Model, command: Command) -> Vec<Action> {
        let jobs: Vec<JobId> = match self.selected_jobs.is_empty() {
            true => self.selected_job(model).into_iter().collect(),
            false => std::mem::take(&mut self.selected_jobs).into_iter().collect(),
        };
        if jobs.is_empty() {
            return Self::say("the queue is empty");
        }
        if let ([one], Command::Release) = (jobs.as_slice(), command)
            && model.jobs.get(one).is_some_and(|job| job.state == State::Unknown)
        {
            return self.put_on_top(maybe_paid(*one));
        }
        if let ([one], Command::Cancel) = (jobs.as_slice(), command)
            && model.jobs.get(one).is_some_and(|job| job.state.pause().is_some())
        {
            return self.put_on_top(unfetched(*one));
        }
        let act = |id: JobId| match (command, model.jobs.get(&id).map(|job| &job.state)) {
            (Command::Cancel, _) => Action::Cancel(id),
            (_, Some(State::Unknown)) => Action::Dismiss(id),
            _ => Action::Release(id),
        };
        let actions: Vec<Action> = jobs.into_iter().map(act).collect();
        match release_asks(model, &actions) {
            Some(asks) => self.put_on_top(asks),
            None => actions,
        }
    }

    /// The job that the queue's keys act on.
    pub fn selected_job(&self, model: &Model) -> Option<JobId> {
        queue::order(model).get(self.selected_job).copied()
    }
}

/// The one rule for what was saved before and leaves now.
fn release_asks(model: &Model, actions: &[Action]) -> Option<Confirm> {
    let released = |action: &Action| match action {
        Action::Release(id) => model.jobs.get(id),
        _ => None,
    };
    let jobs: Vec<&Job> = actions.iter().filter_map(released).collect();
    let of = |job: &&Job| {
        let later = job.spec.follow_ups.steps.iter().map(|step| step.price);
        [job.spec.price].into_iter().chain(later).collect::<Vec<_>>()
    };
    let prices: Vec<Option<Usd>> = jobs.iter().flat_map(of).collect();
    if consent::excess(model.confirm, &prices).is_empty() {
        return None;
    }
    let shown = |price: Option<Usd>| {
        price.map_or_else(|| "an unknown price".to_owned(), |price| price.to_string())
    };
    let title = format!("{} requests for {}", prices.len(), shown(prices.iter().copied().sum()));
    let line =
        |job: &&Job| format!("{} {} · {}", job.node, job.spec.recipe.prompt, shown(job.spec.price));
    let lines = jobs.iter().map(line).collect();
    Some(Confirm::new(title, lines, "they are sent", actions.to_vec(), Stakes::Costs))
}

/// What can be done about a request whose answer was lost.
fn maybe_paid(id: JobId) -> Menu {
    let action = |action| OverlayAction::Actions(vec![action]);
    let title = format!("{id} may be paid: look at the account's requests page first");
    let rows = vec![
        ('s', "send it again: asks first, costs again", action(Action::SendAgain(id))),
        ('d', "put it away: it was not made, or is not wanted", action(Action::Dismiss(id))),
    ];
    Menu::new(&title, rows)
}

/// What can be done about a result that does not come.
fn unfetched(id: JobId) -> Menu {
    let action = |action| OverlayAction::Actions(vec![action]);
    let title = format!("{id} is paid and waits for its result");
    let rows = vec![
        ('a', "ask for it now, at no cost", action(Action::Release(id))),
        ('c', "ask the service to cancel it, if it has not run yet", action(Action::Cancel(id))),
        ('d', "give it up: put it away, paid and not fetched", action(Action::Dismiss(id))),
    ];
    Menu::new(&title, rows)
}

pub(super) fn flip<T: Ord>(marked: &mut BTreeSet<T>, one: T) {
    if !marked.remove(&one) {
        marked.insert(one);
    }
}
