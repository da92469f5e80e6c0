//! Tests of `fal` through its public items, against scripted servers on loopback.

mod answers;
mod downloads;
mod errors;
mod faults;
mod following;
mod headless;
mod hostile;
mod parts;
mod presence;
mod prices;
mod secrets;
mod server;
mod submits;
mod uploads;
