//! The command line, as one table: parser, help, completions and manual page come from it.
//!
//! Only shapes; what they mean is decided in `config` and `cli`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::options::Options;
use crate::graphics::protocol::Protocol;
use crate::simulator::fault;

/// A terminal workbench for FLUX.1 Kontext: say one change, see it, go on from any picture.
///
/// Without a command the workbench opens. Without a key it runs on the embedded simulator:
/// nothing is sent and nothing costs.
#[derive(Debug, Parser)]
#[command(name = "editree", version, subcommand_precedence_over_arg = true, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    /// Pictures to open, each for itself; the first is what the first edit goes on from.
    #[arg(value_name = "PICTURE")]
    pub pictures: Vec<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command understands.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Which service: `fal`, `sim`, or one of the config file.
    #[arg(long, global = true, value_name = "NAME", env = "EDITREE_PROFILE")]
    pub profile: Option<String>,
    /// Use the embedded simulator: no key, nothing is sent, nothing costs.
    #[arg(long, global = true, env = "EDITREE_SIM", conflicts_with = "profile",
          value_parser = clap::builder::FalseyValueParser::new())]
    pub sim: bool,
    /// Where the tree and its pictures are kept.
    #[arg(long, global = true, value_name = "DIR", env = "EDITREE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Config file to read instead of the usual one.
    #[arg(long, global = true, value_name = "FILE", env = "EDITREE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Which tree: `main`, or `simulator` on a simulator, unless named.
    #[arg(long, global = true, value_name = "NAME", env = "EDITREE_PROJECT")]
    pub project: Option<String>,
    /// How pictures are shown; found out from the terminal's answers unless named.
    #[arg(long, global = true, value_name = "HOW", env = "EDITREE_GRAPHICS",
          value_parser = Graphics::parser())]
    pub graphics: Option<Graphics>,
}

/// `--graphics`: a protocol, or none for what the terminal says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Graphics(pub Option<Protocol>);

impl Graphics {
    fn parser() -> impl TypedValueParser<Value = Self> {
        let words = std::iter::once("auto").chain(Protocol::flags());
        PossibleValuesParser::new(words).map(|word| Self(Protocol::by_flag(&word)))
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// One request without the workbench; progress on stderr, result on stdout.
    Run(Box<Run>),
    /// Serve the simulator on loopback, for the official clients and for tests.
    Simulate(Simulate),
    /// Print a picture into the scrollback.
    Show {
        /// A node (`n12`, `n12.2`, `@`) or a file.
        #[arg(value_name = "NODE|FILE")]
        what: String,
    },
    /// The endpoints and what they cost.
    #[command(args_conflicts_with_subcommands = true)]
    Models {
        #[command(subcommand)]
        command: Option<Models>,
        #[arg(long)]
        json: bool,
    },
    /// The parameters of one endpoint.
    Schema {
        /// A full endpoint id or a short name, such as `pro`.
        model: String,
        #[arg(long)]
        json: bool,
    },
    /// What the store holds.
    Tree {
        /// Only this node and what comes from it.
        node: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// A node as code that makes it again, or as a recipe; on stdout.
    Export(Export),
    /// Pictures that editree or another tool has made, with their recipes and their places in the
    /// tree; in any order.
    Import {
        /// Pictures, and folders that are searched for pictures, such as another store's `media`.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// The steps that led to a picture, done again to other pictures; called again, it goes on.
    Replay(Replay),
    /// One picture under many settings, as single requests; called again, it goes on.
    Sweep(Sweep),
    /// A branch as one page of HTML: pictures, words, differences, cost.
    Report {
        /// The branch's last picture: `n12`, `n12.2`, or `@` for the newest.
        node: String,
        /// Where the page goes; `-` is stdout.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// What is not finished yet.
    Jobs {
        #[arg(long)]
        json: bool,
    },
    /// Follow jobs to their end.
    Wait {
        /// Jobs, as `editree jobs` names them.
        #[arg(value_name = "ID", required_unless_present = "all")]
        jobs: Vec<String>,
        /// Everything that is not finished.
        #[arg(long)]
        all: bool,
        /// Also send what was saved but never sent. This costs money.
        #[arg(long)]
        send: bool,
        #[arg(long)]
        json: bool,
    },
    /// Ask the service to cancel a job, or drop one that was not sent.
    Cancel {
        #[arg(value_name = "ID")]
        job: String,
        #[arg(long)]
        json: bool,
    },
    /// Keep a key for a profile, drop it, or tell where it comes from.
    #[command(subcommand)]
    Key(KeyCommand),
    /// What differs between two pictures: where, how much, how strongly.
    Compare(Compare),
    /// Take back from the parent what an edit did not mean to change; local and free.
    Heal(Heal),
    /// Terminal, config, key source, store and service: what was found, and what mends it.
    Doctor {
        #[arg(long)]
        json: bool,
    },
    /// The whole store, all projects with every picture, as one file.
    Backup {
        /// The file to make; one that is there is left alone.
        file: PathBuf,
        #[arg(long)]
        json: bool,
    },
    /// The store that a backup holds, checked to the last byte before anything changes.
    Restore {
        file: PathBuf,
        /// Also where there is a store already; that is moved aside, not removed.
        #[arg(long)]
        replace: bool,
        #[arg(long)]
        json: bool,
    },
    /// List the pictures that nothing needs and those that lay in the trash for 30 days, and remove
    /// them when agreed to.
    Gc {
        /// Only list them.
        #[arg(long)]
        dry_run: bool,
        /// Remove what is listed without asking; a script needs it.
        #[arg(long, conflicts_with = "dry_run")]
        yes: bool,
    },
    /// Completions for a shell, on stdout.
    Completions { shell: Shell },
    /// The manual page, on stdout.
    Man,
}

#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Read a key, check it with the service for nothing, and keep it in the system's keyring.
    ///
    /// It is typed unseen, or comes from standard input.
    Set {
        /// Keep it in a file that only you can read instead.
        #[arg(long)]
        file: bool,
        /// Keep it without asking the service.
        #[arg(long)]
        no_check: bool,
    },
    /// Drop the key that is kept.
    Unset,
    /// Tell where the key comes from; the key itself is never shown.
    Where {
        /// Also ask the service whether it accepts the key, for nothing.
        #[arg(long)]
        check: bool,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Models {
    /// Learn any other endpoint from its OpenAPI document.
    Add {
        /// The document, the address of a model's page, or the model's full id.
        #[arg(value_name = "URL|FILE")]
        what: String,
        /// The name it is served under, where the document does not say it: `fal-ai/my-app`.
        #[arg(long = "as", value_name = "OWNER/NAME")]
        owner: Option<String>,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub struct Run {
    /// A full endpoint id or a short name; without one the number of pictures decides.
    #[arg(short, long, value_name = "MODEL")]
    pub model: Option<String>,
    /// An input picture: a file, an address, or a node; may be repeated.
    #[arg(short, long, value_name = "FILE|URL|NODE")]
    pub input: Vec<String>,
    /// A parameter; `editree schema MODEL` lists them; may be repeated.
    #[arg(short, long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Copy the picture here (`-`: its bytes to stdout); several get a number before the ending.
    ///
    /// The name may hold {node} {picture} {seed} {model} {prompt} {date} {time} {ext}: such a copy
    /// never takes the place of a file, and where it went is printed.
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// One JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Check everything and print the request; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Run and answer in one call; cannot be picked up after a crash.
    #[arg(long, conflicts_with_all = ["no_wait", "webhook"])]
    pub sync: bool,
    /// Leave as soon as the service has it; `editree wait` picks it up.
    #[arg(long)]
    pub no_wait: bool,
    /// The service also tells this address when it is done.
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// Send even when the budget of the config file is used up.
    #[arg(long)]
    pub over_budget: bool,
    /// What to change.
    pub prompt: String,
    #[command(flatten)]
    pub options: Options,
}

/// How several requests are sent.
#[derive(Clone, Debug, Args)]
pub struct Batch {
    /// One JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Print the requests and the price; send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Send without asking, however many requests these are.
    #[arg(long)]
    pub yes: bool,
    /// Send even when the budget of the config file is used up.
    #[arg(long)]
    pub over_budget: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// Where the branch ends: `n12`, or `@` for the newest.
    pub node: String,
    /// Other pictures to begin with: files or nodes.
    #[arg(required = true, value_name = "PICTURE")]
    pub pictures: Vec<String>,
    #[command(flatten)]
    pub batch: Batch,
}

#[derive(Clone, Debug, Args)]
pub struct Sweep {
    /// Endpoints, by full id or short name; may be repeated.
    #[arg(short, long, value_name = "MODEL", value_delimiter = ',')]
    pub model: Vec<String>,
    /// An input picture: a file, an address, or a node; may be repeated.
    #[arg(short, long, value_name = "FILE|URL|NODE")]
    pub input: Vec<String>,
    /// A parameter and its values: `seed=1..4`, `guidance_scale=2.5,3.5`; may be repeated. Without
    /// a seed all have seed 1.
    #[arg(short, long, value_name = "KEY=VALUES")]
    pub set: Vec<String>,
    /// Also put all results on one labelled sheet.
    #[arg(short, long, value_name = "FILE.png")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub batch: Batch,
    /// What to change; `{red|blue}` and `{1..4}` in it are one more axis.
    pub prompt: String,
}

#[derive(Clone, Debug, Args)]
pub struct Export {
    /// A node: `n12`, or `@` for the newest.
    pub node: String,
    /// In which language; each program reads the key from FAL_KEY.
    #[arg(long = "as", value_enum, default_value_t = As::Curl)]
    pub language: As,
    /// With all steps that led to it, each feeding the next.
    #[arg(long)]
    pub chain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum As {
    Curl,
    Python,
    Javascript,
    Json,
    Recipe,
}

#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// A node (`n12`, `n12.2`, `@`) or a file.
    #[arg(value_name = "A")]
    pub a: String,
    /// What is compared with it.
    #[arg(value_name = "B")]
    pub b: String,
    /// One JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Also draw the differences into this PNG file.
    #[arg(long, value_name = "FILE.png")]
    pub heat: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct Heal {
    /// The edited picture: a node or a file.
    pub child: String,
    /// What it was made from; a node knows its own.
    #[arg(long, value_name = "NODE|FILE")]
    pub parent: Option<String>,
    /// Write the PNG here (`-`: its bytes to stdout); otherwise the child's name with `-healed`.
    /// The name may hold {node}, {prompt} and the other words of `run -o`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How much is taken back: 0 only what is surely the same, 100 all but strong changes.
    #[arg(long, value_name = "PERCENT", default_value_t = 50,
          value_parser = clap::value_parser!(u8).range(0..=100))]
    pub strength: u8,
    /// One JSON object on stdout and nothing else.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Simulate {
    /// Where to listen; loopback only.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// How much faster than the usual queue and inference times.
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub speed: f32,
    /// A fault to make, such as `result:504*6`; may be repeated. `--help` lists all.
    #[arg(long, value_name = "SPEC", long_help = fault::help())]
    pub fault: Vec<String>,
    /// Play the service's own hosts too, over TLS behind a proxy on loopback, so that its Python
    /// client runs without a line changed; the authority to trust is written to DIR/ca.pem.
    #[arg(long, value_name = "DIR")]
    pub tls: Option<PathBuf>,
    /// One line of JSON once it listens.
    #[arg(long)]
    pub json: bool,
}
