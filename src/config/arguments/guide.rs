//! The commands by which the program tells of itself: help, manual, completions, config.
//!
//! Only shapes; what they print is decided in `cli`.

use std::path::PathBuf;

use clap::Subcommand;
use clap_complete::Shell;

/// What the program tells of itself.
#[derive(Debug, Subcommand)]
pub enum Guide {
    /// Print completions for a shell.
    Completions { shell: Shell },
    /// Print the manual page, of editree or of a command.
    Man {
        /// A command, and its subcommand.
        #[arg(value_name = "COMMAND")]
        words: Vec<String>,
        /// Write the pages of all commands into this folder instead.
        #[arg(long, value_name = "DIR", conflicts_with = "words")]
        all: Option<PathBuf>,
    },
    /// Show where the config file is and whether it can be used.
    Config {
        /// Print an annotated example instead.
        #[arg(long)]
        example: bool,
    },
    /// Print the help of a command, or a page about a topic such as `keys` or `money`.
    Help {
        /// A topic, or a command and its subcommand.
        #[arg(value_name = "TOPIC|COMMAND")]
        words: Vec<String>,
    },
}
