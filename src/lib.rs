//! editree: a terminal workbench for FLUX.1 Kontext. **This page is the map.**
//!
//! The program without input/output is one value, [`workbench::Workbench`], with
//! `step(event) -> effects` and `view(area) -> frame`. The [`runtime`] waits for events, stamps
//! them with the time, steps, performs the effects as tasks, and presents the frame. A frame is
//! text cells plus a list of picture placements; only [`terminal`] turns those into bytes.
//! The headless commands drive the same model through the same runtime, without a screen.
//!
//! ```text
//!  keys, paste, resize, signals         task events · results  · timers · link acks
//!             │                                      │
//!             ▼                                      ▼
//!  ┌────────────────────────────  runtime  ───────────────────────────────┐
//!  │   wait ─► stamp with time ─► step ─► perform effects ─► present       │
//!  └──────────┬──────────────────────────────▲────────┬─────────┬──────────┘
//!             │ Event                 Effects │        │ tasks   │ Frame
//!             ▼                               │        ▼         ▼
//!  ┌──────────── workbench (pure) ────────────┴──┐   store    terminal ─► bytes
//!  │ ui.on_input(event) ─► Actions               │   fal ──HTTP──► service | gateway | simulator
//!  │ app.update(model, message) ─► Effects       │   picture, graphics (off the loop)
//!  │ ui.view(model, ui, area) ─► Frame           │
//!  └─────────────────────────────────────────────┘
//! ```
//!
//! # Who may use whom
//!
//! This table is the layering rule; `tests/it/architecture.rs` parses it and checks every
//! `crate::` path below `src`.
//!
//! | module | what it is | may use | never |
//! |---|---|---|---|
//! | `text` | which letters may reach a terminal | – | IO, time, ratatui |
//! | `lru` | a memory with a bound | – | IO, time, ratatui |
//! | `limits` | how much of a file is read, and how one is opened | – | our other modules |
//! | `schema` | endpoints and parameters as data, prices, size forecast | `text` | IO, time, ratatui |
//! | `tree` | the document: nodes, parents, recipes, marks, decisions | `schema` | IO, time, ratatui |
//! | `app` | `Model` and `update(&mut Model, Message) -> Vec<Effect>` | `schema`, `tree` | IO, time, ratatui, tokio |
//! | `ui` | `on_input`, `view`: modes, commands, keys, panes, overlays, layout, theme | `app`, `tree`, `schema`, `text` | IO, time, tokio |
//! | `workbench` | `step` and `view`: the program without IO | `app`, `ui`, `tree` | IO, time, tokio |
//! | `picture` | decoding with limits, fit, orientation, metadata; comparing, aligning, healing | – | terminal, network |
//! | `graphics` | pixels to bytes or cells, and what the terminal can do | – | our other modules |
//! | `terminal` | raw mode and its sure undoing, input, `present(frame)` | `ui`, `graphics`, `text`, `lru` | `app` |
//! | `fal` | the client of the service's protocol | – | our other modules |
//! | `store` | SQLite and media files; one thread owns the writing connection | `limits`, `app`, `tree`, `schema`, `picture` | `ui`, `fal` |
//! | `simulator` | the service's HTTP, queue, ledger and painter, on loopback | `lru`, `schema`, `picture` | `fal` |
//! | `runtime` | the loop; one `match` from effect to task; providers | `text`, `lru`, `limits`, `schema`, `tree`, `app`, `ui`, `workbench`, `picture`, `graphics`, `terminal`, `fal`, `store`, `simulator` | – |
//! | `config` | arguments, environment and config file become one `Config` | `limits`, `schema`, `ui`, `graphics`, `fal`, `simulator` | – |
//! | `cli` | the headless commands | everything | – |
//!
//! # What a change costs
//!
//! The files of each, besides tests and, where it says so, one of its own. A match or a table that
//! lacks something does not compile; `tests/it/architecture.rs` checks that this page is true.
//!
//! | change | files |
//! |---|---|
//! | an endpoint | `src/schema/endpoints` |
//! | a kind of parameter | `src/schema/kind.rs`, `src/schema/kind/range.rs`, `src/schema/import/property.rs` |
//! | a way to count money | `src/schema/price.rs` |
//! | a terminal protocol | its own, `src/graphics/protocol.rs`, `src/graphics/detect.rs`, `src/graphics/terminals.rs` |
//! | a kind of failure | `src/app/failure.rs`, `src/runtime/convert.rs` |
//! | … that the service tells of | also `src/fal/error.rs`, `src/fal/error_body.rs` |
//! | … after which a job moves elsewhere than to Failed | also `src/app/job/sending.rs` |
//! | a fault of the simulator | `src/simulator/fault.rs`, `src/simulator/apply_fault.rs` |
//! | … that depends on the request | also `src/simulator/queue.rs`, `src/simulator/state.rs` |
//! | a column of the nodes | `src/store/migrations.rs`, `src/store/nodes.rs`, `src/store/description.rs`, `src/tree.rs` |
//! | a pane | its own, `src/ui/panes.rs` |
//! | an overlay | its own, `src/ui/overlay.rs` |
//! | a command of the workbench | its row below `src/ui/command` or in its pane |
//! | … that changes the model | also `src/app/action.rs` and the feature: `src/app/dispatch.rs` leads there |
//! | … that acts otherwise in a mode | its row asks `ui.mode` (`src/ui/mode.rs`) |
//! | a subcommand | its own, `src/config/arguments.rs`, `src/cli.rs` |
//!
//! # Invariants
//!
//! | # | invariant | held by |
//! |---|---|---|
//! | I1 | no paid request leaves before its row is durable; at most one send per job without consent | `tests/it/jobs.rs` |
//! | I2 | every task ends exactly once | `src/runtime/tasks.rs` |
//! | I3 | jobs move only along the table in [`app::job`]; a finished job never changes | `tests/it/jobs.rs` |
//! | I4 | `view` is read-only, idempotent, and total for any size | `tests/it/screens.rs` |
//! | I5 | placements lie inside their slot, never under an overlay, never on the last row | `tests/it/screens.rs` |
//! | I6 | `schema`, `tree`, `app`, `ui`, `workbench` do no IO and ask no clock | `tests/it/architecture.rs` |
//! | I7 | the key is in no frame, log, error, row, export or `Debug` text, and goes to no host but the profile's | `tests/e2e/headless.rs` |
//! | I8 | simulator and client share no code | `tests/it/architecture.rs` |
//! | I9 | "run" is offered if and only if the draft is valid; otherwise the reason is on screen | `tests/it/scenarios/offered.rs` |
//! | I10 | no text from a server or file reaches the terminal unsanitised | `tests/it/screens.rs` |
//! | I11 | no handler of a key waits | `tests/e2e/typing.rs` |

#![doc = include_str!("glossary.md")]

pub mod app;
pub mod cli;
pub mod config;
pub mod fal;
pub mod graphics;
pub mod limits;
pub mod lru;
pub mod picture;
pub mod runtime;
pub mod schema;
pub mod simulator;
pub mod store;
pub mod terminal;
pub mod text;
pub mod tree;
pub mod ui;
pub mod workbench;
