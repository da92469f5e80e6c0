//! The program without input and output: an event in, effects out, a frame at any time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::tree::Timestamp;
use crate::ui::frame::Frame;
use crate::ui::input::Input;
use crate::ui::on_input::typed_text::Due;
use crate::ui::plain::typed::Lines;
use crate::ui::{Graphics, Ui};

/// What may happen, stamped with its time by the runtime.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    pub kind: EventKind,
}

#[derive(Clone, Debug)]
pub enum EventKind {
    /// Everything that one read of the terminal brought, in order.
    Terminal(Vec<crossterm::event::Event>),
    /// What was typed where there is no screen.
    Lines(Lines),
    /// No line will come any more.
    InputEnded,
    /// What is now known of the terminal.
    Graphics(Graphics),
    Message(Message),
    /// No key has come for as long as [`Workbench::wakes_at`] said.
    Rested,
}

#[derive(Debug)]
pub struct Workbench {
    pub model: Model,
    pub ui: Ui,
}

impl Workbench {
    /// Takes one event. Performs nothing: the effects say what shall be done, in order.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        self.model.now = event.at;
        let mut effects = match event.kind {
            EventKind::Terminal(batch) => self.take_inputs(Input::group(batch)),
            EventKind::Lines(lines) => {
                app::note_keypress(&mut self.model);
                let actions = self.ui.on_lines(&self.model, &lines);
                self.act(actions)
            }
            EventKind::InputEnded => {
                let actions = self.ui.on_end_of_input(&self.model);
                self.act(actions)
            }
            EventKind::Graphics(graphics) => {
                self.ui.graphics = graphics;
                Vec::new()
            }
            EventKind::Message(message) => app::update(&mut self.model, message),
            EventKind::Rested => {
                let due = self.ui.rested(&self.model);
                self.take_due(due)
            }
        };
        for action in self.ui.reconcile(&self.model) {
            effects.extend(app::update(&mut self.model, Message::Action(action)));
        }
        effects
    }

    /// When keys that are held act by themselves: [`EventKind::Rested`] is to be told then.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        self.ui.wakes_at()
    }

    /// What the screen shall show. Changes nothing, any size will do.
    pub fn view(&self, area: Rect) -> Frame {
        self.view_onto(Buffer::default(), area)
    }

    /// The same in the room of cells that nobody needs any more; what they say does not matter.
    pub fn view_onto(&self, spare: Buffer, area: Rect) -> Frame {
        self.ui.view(&self.model, spare, area)
    }

    /// One by one, so that each input meets the model that the one before has left.
    fn take_inputs(&mut self, inputs: Vec<Input>) -> Vec<Effect> {
        let mut effects = Vec::new();
        app::note_keypress(&mut self.model);
        self.ui.foresee(&self.model, &inputs);
        for input in inputs {
            let due = self.ui.due(&self.model, &input);
            effects.extend(self.take_due(due));
            let actions = self.ui.on_input(&self.model, input);
            effects.extend(self.act(actions));
        }
        effects
    }

    /// Keys that were held, as if they came now.
    fn take_due(&mut self, (keys, said): Due) -> Vec<Effect> {
        let mut effects = self.act(said);
        for key in keys {
            let actions = self.ui.on_held_key(&self.model, key);
            effects.extend(self.act(actions));
        }
        effects
    }

    /// The next key must find the text area and the selection as the model then says.
    fn act(&mut self, actions: Vec<Action>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for action in actions {
            effects.extend(app::update(&mut self.model, Message::Action(action)));
        }
        for action in self.ui.reconcile(&self.model) {
            effects.extend(app::update(&mut self.model, Message::Action(action)));
        }
        effects
    }
}
