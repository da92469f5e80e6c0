//! `simulate`: the embedded simulator as a server of its own.

use tokio::signal::unix::{SignalKind, signal};

use super::session::executor;
use super::{CommandError, catalogue, code, print, print_json};
use crate::config;
use crate::config::arguments::{Common, Simulate};
use crate::simulator::{self, Settings};

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn simulate(common: &Common, arguments: Simulate) -> Result<u8, CommandError> {
    let settings = Settings {
        catalogue: catalogue::catalogue(&config::data_dir(common)),
        listen: arguments.listen,
        speed: arguments.speed,
        tls: arguments.tls.clone(),
        ..Settings::default()
    };
    executor()?.block_on(async {
        let running = simulator::start(settings).await;
        let hint = match arguments.speed > 0.0 {
            true => "use --listen 127.0.0.1:PORT; port 0 picks a free one",
            false => "--speed 2 is twice as fast as usual",
        };
        let running = running.map_err(|error| CommandError::usage(error.to_string()).hint(hint))?;
        for word in &arguments.fault {
            running.inject(word).map_err(|error| {
                CommandError::usage(error)
                    .hint("for example --fault submit:503*2 --fault artifacts:off")
            })?;
        }
        if arguments.json {
            print_json(&running.describe_json())?;
        } else {
            print(running.describe().as_bytes())?;
        }
        let mut terminate = signal(SignalKind::terminate()).map_err(|error| {
            CommandError::new(code::INTERNAL, format!("cannot listen to signals: {error}"))
        })?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        Ok(0)
    })
}
